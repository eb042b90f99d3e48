"""The cells behind a sum and their history, from rows written here by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest

from pipelines.warehouse import Workshop
from pipelines.warehouse.trace import Contribution, Selection, trace_sum
from tests.warehouse.test_store import answer, basic_return

CORRECTION = {
    "year": 2023, "number": 1, "line": 2, "return_asked_zh": "单位“甲”", "return_id": "new",
    "item_id": "x", "old_text": "5", "found_text": "5", "new_text": "50",
    "new_value": Decimal(50), "new_state": "reported", "confirmed_by": "张三",
    "confirmed_on": dt.date(2024, 5, 20), "means_zh": "", "reason_zh": "漏零",
    "status": "applied", "status_zh": "",
}  # fmt: skip
RULING = {
    "year": 2023, "number": 1, "line": 9, "return_asked_zh": "文件“甲.xlsx”",
    "decision_zh": "以本份为准", "return_id": "new", "other_return_id": "twin", "unit_id": "甲",
    "decided_by": "李四", "decided_on": dt.date(2024, 5, 21), "reason_zh": "电话核实",
    "status": "applied", "status_zh": "",
}  # fmt: skip
EXPLANATION = {
    "explanation_id": "e1", "year": 2023, "finding_id": "", "rule_id": "G12", "unit_id": "甲",
    "unit_name": "甲", "venue_name": "", "items": ["x", "y"], "figures": "5",
    "reason_code": "01", "text_zh": "机构合并", "source": "respondent", "by_zh": "王五",
    "file": "查询单.xlsx", "sheet": "查询单", "cell": "H8", "state": "holds",
    "state_reason_zh": "",
}  # fmt: skip


@pytest.fixture(scope="module")
def workshop() -> Iterator[Workshop]:
    returns = [
        basic_return("old", unit_id="甲", revision=1, status="superseded",
                     status_reason_zh="已更正"),
        basic_return("new", unit_id="甲", revision=2, status="queried"),
        basic_return("twin", unit_id="甲", revision=2, status="duplicate"),
        basic_return("venue", unit_id="甲", venue_name="甲 馆", is_venue=True),
        basic_return("venue_old", unit_id="甲", venue_name="甲馆", is_venue=True,
                     status="superseded"),
        basic_return("other", unit_id="乙", prefecture_code="220200"),
        basic_return("back", unit_id="丙", status="rejected"),
        basic_return("sum", unit_id="丁", role="summary"),
    ]  # fmt: skip
    answers = [
        answer("old", "x", "4", "reported"),
        answer("new", "x", "5", "reported"),
        answer("new", "y", "2", "reported"),
        answer("twin", "x", "6", "reported"),
        answer("venue", "x", None, "not_applicable"),
        answer("venue_old", "x", "1", "reported"),
        answer("other", "x", "7", "reported"),
        answer("other", "y", None, "blank"),
        answer("back", "x", "1000", "reported"),
        answer("sum", "x", "62", "reported"),
    ]
    with Workshop() as made:
        made.load("returns", returns)
        made.load("answers", answers)
        made.load("corrections", [CORRECTION])
        made.load("rulings", [RULING])
        made.load("explanations", [EXPLANATION])
        yield made


def traced(workshop: Workshop, chosen: Selection, **signs: bool) -> dict[str, Contribution]:
    trace = trace_sum(workshop, chosen, signs)
    return {f"{one.return_id} {one.item_id}": one for one in trace.contributions}


def test_what_counts_is_listed_largest_first_and_summed(workshop: Workshop) -> None:
    trace = trace_sum(workshop, Selection(2023), {"x": False})
    assert [one.return_id for one in trace.contributions] == ["new", "other", "venue"]
    # 50 as corrected, 7, and "-" as 0; not the 1000 sent back, not the sum's 62.
    assert trace.total == 57
    assert trace.contributions[0].raw_text == "5"
    assert trace.contributions[0].corrected


def test_a_subtracted_item_and_a_blank_cell(workshop: Workshop) -> None:
    trace = trace_sum(workshop, Selection(2023), {"x": False, "y": True})
    assert trace.total == 57 - 2
    blank = traced(workshop, Selection(2023), y=False)["other y"]
    assert (blank.amount, blank.state) == (None, "blank")


def test_nobody_is_no_zero(workshop: Workshop) -> None:
    trace = trace_sum(workshop, Selection(2023, {"unit_id": "乙"}), {"y": False})
    assert len(trace.contributions) == 1
    assert trace.total is None


def test_a_selection_keeps_what_fits_all_its_conditions(workshop: Workshop) -> None:
    chosen = Selection(2023, {"prefecture_code": "220200", "department_id": "education"})
    assert list(traced(workshop, chosen, x=False)) == ["other x"]
    assert not traced(workshop, Selection(2022), x=False)


def test_one_sent_back_is_shown_when_asked_for_and_never_added(workshop: Workshop) -> None:
    chosen = Selection(2023, {"unit_id": "丙"}, with_rejected=True)
    trace = trace_sum(workshop, chosen, {"x": False})
    assert [one.counts for one in trace.contributions] == [False]
    assert trace.total is None


def test_the_history_of_a_cell(workshop: Workshop) -> None:
    history = traced(workshop, Selection(2023), x=False)["new x"].history
    assert [(one.revision, one.status, one.raw_text) for one in history.earlier] == [
        (1, "superseded", "4"),
        (2, "duplicate", "6"),
    ]
    assert [one.confirmed_by for one in history.corrections] == ["张三"]
    assert [one.text_zh for one in history.explanations] == ["机构合并"]
    assert [one.decision_zh for one in history.rulings] == ["以本份为准"]


def test_a_venue_has_its_own_history(workshop: Workshop) -> None:
    history = traced(workshop, Selection(2023), x=False)["venue x"].history
    assert [one.raw_text for one in history.earlier] == ["1"]
    assert not history.corrections
    assert not history.explanations

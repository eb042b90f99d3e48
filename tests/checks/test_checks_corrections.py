"""Corrections in the checks: rules see the figure in force, and what was not applied is asked."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from checks_bench import Bench, Judged

from pipelines.checks import evaluate
from pipelines.survey import load_survey
from pipelines.warehouse import Workshop, arrow_table

GOOD = {
    "fund_raised": "500", "fund_raised_government": "400", "fund_raised_donation": "20",
    "fund_raised_own": "50", "fund_raised_other": "30",
}  # fmt: skip


def correction(return_id: str, item_id: str, old: str, new: str, **changes: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "year": 2023, "number": 1, "line": 3, "return_asked_zh": f"单位“{return_id}”",
        "return_id": return_id, "item_id": item_id, "old_text": old, "found_text": old,
        "new_text": new, "new_value": Decimal(new), "new_state": "reported",
        "confirmed_by": "张三", "confirmed_on": dt.date(2024, 5, 20), "means_zh": "电话",
        "reason_zh": "漏写一个零", "status": "applied", "status_zh": "",
    }  # fmt: skip
    return {**row, **changes}


def judged(bench: Bench, *corrections: dict[str, Any]) -> Judged:
    workshop = Workshop()
    for name in ("returns", "answers", "covers"):
        workshop.load(name, arrow_table(name, getattr(bench, name)))
    workshop.load("corrections", arrow_table("corrections", corrections))
    evaluate(workshop, bench.survey)
    return Judged(workshop)


@pytest.fixture(scope="module")
def outcomes() -> tuple[Judged, Judged]:
    """The same returns judged as reported, and with their corrections in force."""
    bench = Bench(load_survey())
    bench.add({**GOOD, "fund_raised": "50"}, fill="0", return_id="mends")
    bench.add(GOOD, fill="0", return_id="breaks")
    bench.add({**GOOD, "fund_raised": "约500"}, fill="0", return_id="unclear")
    bench.add(GOOD, year=2022, fill="0", return_id="before", unit_id="u")
    bench.add(GOOD, fill="0", return_id="now", unit_id="u")
    entries = [
        correction("mends", "fund_raised", "50", "500"),
        correction("breaks", "fund_raised", "500", "600", number=2),
        correction("unclear", "fund_raised", "约500", "500", number=3),
        correction("before", "fund_raised", "500", "100", year=2022),
    ]
    return judged(bench), judged(bench, *entries)


def test_a_rule_judges_the_corrected_figure(outcomes: tuple[Judged, Judged]) -> None:
    before, after = outcomes
    assert before.found("J01", "mends")
    assert not after.found("J01", "mends")


def test_a_correction_can_break_a_rule_and_the_finding_shows_both_figures(
    outcomes: tuple[Judged, Judged],
) -> None:
    before, after = outcomes
    assert not before.found("J01", "breaks")
    observed = after.one("J01", "breaks")["observed"][0]
    assert "600" in observed
    assert "500”" in observed


def test_an_unreadable_cell_is_settled_by_its_correction(
    outcomes: tuple[Judged, Judged],
) -> None:
    before, after = outcomes
    assert before.found("G03", "unclear")
    assert not after.found("G03", "unclear")
    assert not after.found("J01", "unclear")


def test_last_years_correction_is_what_this_year_is_compared_with(
    outcomes: tuple[Judged, Judged],
) -> None:
    before, after = outcomes
    assert not before.found("G12", "now")
    assert "fund_raised" in {item for one in after.found("G12", "now") for item in one["items"]}


def test_what_was_not_applied_is_a_finding_of_the_office(bench: Bench) -> None:
    one = bench.add(GOOD, fill="0")
    why = "原值应为“60”，现在是“500”"
    done = judged(
        bench,
        correction(one, "fund_raised", "60", "600", status="guard_failed", status_zh=why),
        correction(one, "fund_raised_own", "50", "55", number=2, line=12),
    )
    found = done.one("C01")
    assert why in found["message_zh"]
    assert "第 3 行" in found["message_zh"]
    assert (found["return_id"], found["severity"], found["must_correct"]) == ("", "query", True)
    assert done.counts("C01") == (2, 1, 1, 0)


def test_without_corrections_nothing_is_asked(outcomes: tuple[Judged, Judged]) -> None:
    assert outcomes[0].counts("C01") == (0, 0, 0, 0)

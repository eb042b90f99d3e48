"""The form is found by its words: moved, retyped, renamed, reordered, in one sheet or many."""

from __future__ import annotations

import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.survey import Survey, load_survey
from tests.intake.writing import YEAR, Layout, Office, filled, saved, workbook

HEADERS = Layout().headers


@pytest.mark.parametrize(
    "layout",
    [
        Layout(one_sheet=True),
        Layout(down=9, right=4),
        Layout(columns=("label", "unit", "value")),
        Layout(columns=("code", "previous", "value", "unit", "label")),
        Layout(columns=("label", "code", "previous", "note", "value")),
        Layout(headers={**HEADERS, "value": "本年实际", "label": "指标", "previous": "去年数"}),
        Layout(headers={**HEADERS, "value": f"{YEAR}年", "previous": f"{YEAR - 1}年"}),
        Layout(headers={**HEADERS, "label": "指 标\n名　称", "value": " 数\u00a0量 \ufeff"}),
    ],
    ids=[
        "one sheet",
        "shifted",
        "no code",
        "reordered",
        "value last",
        "renamed",
        "years",
        "spaced",
    ],
)
def test_the_layout_does_not_matter(office: Office, survey: Survey, layout: Layout) -> None:
    edition = survey.edition_of(YEAR)
    answers = {item.item_id: n + 1 for n, item in enumerate(edition.items)}
    book, cells = workbook(edition, answers, layout=layout)
    received = office.receive(saved(book))
    assert received.file["status"] == "loaded", received.file["reason_zh"]
    assert {i: (a["value"], (a["sheet"], a["cell"])) for i, a in received.answers.items()} == {
        item: (Decimal(value), cells[item]) for item, value in answers.items()
    }


def test_labels_retyped_in_many_ways(office: Office, survey: Survey) -> None:
    retyped = {
        "staff_full_time": "一、科普\u3000专职人员（人）",
        "staff_full_time_women": "女　性",
        "staff_part_time_women": "（3）其中:女性",
        "volunteers": "注册科普(技)志愿者",
        "science_centers": "1.科技馆",
        "fund_raised_government_special": "其中：\n科普专项经费",
        "lectures": "科普讲座举办次数",
    }
    layout = Layout(labels=retyped, columns=("label", "value"))
    values = {item: n + 1 for n, item in enumerate(retyped)}
    received = office.receive(filled(survey, layout, **values))
    assert received.file["status"] == "loaded", received.file["reason_zh"]
    assert {item: received.answers[item]["value"] for item in values} == values
    assert "略有不同" in received.answers["lectures"]["notes"][0]


def test_a_label_under_two_parents_is_told_apart_by_the_parent(
    office: Office, survey: Survey
) -> None:
    layout = Layout(columns=("label", "value"))
    received = office.receive(
        filled(survey, layout, staff_full_time_women=4, staff_part_time_women=15)
    )
    assert received.answers["staff_full_time_women"]["value"] == 4
    assert received.answers["staff_part_time_women"]["value"] == 15


def test_where_code_and_label_disagree_the_label_decides_and_it_is_noted(
    office: Office, survey: Survey
) -> None:
    """The codes of 2014: KJ200 was 使用额 and KJ300 科技活动周; in 2021 the other way round."""
    layout = Layout(codes={"week_fund_raised": "KJ300", "fund_used": "KJ200"})
    received = office.receive(filled(survey, layout, week_fund_raised=7, fund_used=90))
    assert received.answers["week_fund_raised"]["value"] == 7
    assert received.answers["fund_used"]["value"] == 90
    assert "代码 KJ200 与指标名称不符" in received.answers["fund_used"]["notes"][0]


def test_a_code_without_its_label_is_taken_with_a_note(office: Office, survey: Survey) -> None:
    received = office.receive(filled(survey, Layout(labels={"lectures": ""}), lectures=3))
    assert received.answers["lectures"]["value"] == 3
    assert "按代码" in received.answers["lectures"]["notes"][0]


def test_a_known_code_with_a_foreign_label_stops_the_file(office: Office, survey: Survey) -> None:
    layout = Layout(labels={"fund_used": "培训支出"})
    assert office.receive(filled(survey, layout, fund_used=3)).refusal == "K409"


def test_two_columns_for_this_year_stop_the_file(office: Office, survey: Survey) -> None:
    layout = Layout(headers={**HEADERS, "note": "本年数"})
    assert office.receive(filled(survey, layout, fund_used=3)).refusal == "K409"


def test_an_item_filled_twice_and_differently_stops_the_file(
    office: Office, survey: Survey
) -> None:
    book, cells = workbook(survey.edition_of(YEAR), {"lectures": 5})
    copy = book.copy_worksheet(book[cells["lectures"][0]])
    assert office.receive(saved(book)).file["status"] == "loaded"
    copy[cells["lectures"][1]] = 6
    received = office.receive(saved(book))
    assert received.refusal == "K409"
    assert cells["lectures"][1] in received.file["reason_zh"]


def test_a_hidden_sheet_never_wins(office: Office, survey: Survey) -> None:
    book, cells = workbook(survey.edition_of(YEAR), {"lectures": 5})
    copy = book.copy_worksheet(book[cells["lectures"][0]])
    copy[cells["lectures"][1]] = 6
    copy.sheet_state = "hidden"
    assert office.receive(saved(book)).answers["lectures"]["value"] == 5


def test_a_form_on_a_hidden_sheet_is_read_and_noted(office: Office, survey: Survey) -> None:
    book, cells = workbook(survey.edition_of(YEAR), {"lectures": 5})
    book[cells["lectures"][0]].sheet_state = "hidden"
    answer = office.receive(saved(book)).answers["lectures"]
    assert answer["value"] == 5
    assert answer["notes"] == ["来自隐藏的工作表"]


def test_a_two_row_header_with_last_year_beside(office: Office, survey: Survey) -> None:
    book, _ = workbook(survey.edition_of(YEAR), {"lectures": 5})
    for sheet in book.worksheets[1:]:
        header = next(c for row in sheet.iter_rows() for c in row if c.value == "数量")
        sheet.insert_rows(header.row + 1)
        sheet.merge_cells(start_row=header.row, end_row=header.row, start_column=4, end_column=5)
        sheet.cell(header.row + 1, 4, "本年")
        sheet.cell(header.row + 1, 5, "上年")
    received = office.receive(saved(book))
    assert received.answers["lectures"]["value"] == 5
    assert all(a["value"] != 999 for a in received.answers.values())


figures = st.one_of(
    st.integers(0, 10**9),
    st.decimals(0, 10**6, places=2).map(float),
    st.sampled_from(["-", None, "约500", "１２", "#REF!", "=A1+1", "3万", "1,200"]),
)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_whatever_is_written_comes_back(data: st.DataObject) -> None:
    """Random answers, at random places, in shuffled columns: value, state and address return."""
    survey = load_survey_once()
    edition = survey.edition_of(YEAR)
    names = data.draw(st.permutations(["label", "code", "unit", "value", "previous", "note"]))
    layout = Layout(
        columns=names,
        down=data.draw(st.integers(0, 12)),
        right=data.draw(st.integers(0, 30)),
        one_sheet=data.draw(st.booleans()),
    )
    drawn: dict[str, Any] = {item.item_id: data.draw(figures) for item in edition.items}
    for form in edition.forms:
        drawn[edition.items_of(form.form_id)[0].item_id] = 1
    book, cells = workbook(edition, drawn, layout=layout)
    with tempfile.TemporaryDirectory() as folder:
        received = Office(Path(folder), survey).receive(saved(book))
    assert received.file["status"] == "loaded", received.file["reason_zh"]
    for item_id, cell in drawn.items():
        answer = received.answers[item_id]
        assert (answer["sheet"], answer["cell"]) == cells[item_id]
        assert (answer["state"], answer["value"]) == expected(cell)


def expected(cell: object) -> tuple[str, Decimal | None]:
    fixed = {"１２": Decimal(12), "1,200": Decimal(1200)}
    if cell is None:
        return "blank", None
    if cell == "-":
        return "not_applicable", None
    if isinstance(cell, str):
        return ("reported", fixed[cell]) if cell in fixed else ("unreadable", None)
    value = Decimal(str(cell))
    return ("reported", value) if value else ("zero", Decimal(0))


_SURVEY: list[Survey] = []


def load_survey_once() -> Survey:
    if not _SURVEY:
        _SURVEY.append(load_survey())
    return _SURVEY[0]

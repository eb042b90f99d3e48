"""What could be read in two ways is refused with a sentence; what is odd and clear is read."""

from __future__ import annotations

from typing import Any

import openpyxl
import pytest

from pipelines.survey import Survey
from pipelines.survey.models import Edition
from tests.intake.writing import COVER, YEAR, Layout, Office, Received, filled, saved, workbook

HEADERS = Layout().headers


def book_of(survey: Survey, layout: Layout | None = None, **answers: object) -> tuple[Any, Any]:
    return workbook(survey.edition_of(YEAR), answers, layout=layout)


def header_cells(book: Any, word: str) -> list[Any]:
    return [c for sheet in book for row in sheet.iter_rows() for c in row if c.value == word]


def refused(office: Office, data: bytes, *words: str, code: str = "K409") -> Received:
    received = office.receive(data)
    assert received.refusal == code, received.file["reason_zh"]
    for word in words:
        assert word in received.file["reason_zh"]
    return received


# -- which column, which row ---------------------------------------------------------------------


def test_a_header_with_last_year_alone_is_refused(office: Office, survey: Survey) -> None:
    layout = Layout(columns=("label", "code", "previous"))
    refused(office, filled(survey, layout), "只有上年数", "A5")


def test_a_form_without_its_header_is_refused(office: Office, survey: Survey) -> None:
    book, _ = book_of(survey, lectures=3)
    for word in HEADERS.values():
        for cell in header_cells(book, word):
            cell.value = None
    refused(office, saved(book), "找不到", "表头")


def test_figures_glued_to_their_labels_are_refused(office: Office, survey: Survey) -> None:
    book = openpyxl.Workbook()
    for row, item in enumerate(survey.edition_of(YEAR).items, 1):
        book.active.cell(row, 1, f"{item.label_zh} {row}{item.unit}")
    refused(office, saved(book), "写在同一格", "A1")


def test_a_hidden_column_of_figures_alone_is_read_and_noted(office: Office, survey: Survey) -> None:
    book, cells = book_of(survey, lectures=3)
    book[cells["lectures"][0]].column_dimensions["D"].hidden = True
    answer = office.receive(saved(book)).answers["lectures"]
    assert (answer["value"], answer["notes"]) == (3, ["来自隐藏的列"])


def test_a_hidden_column_never_wins(office: Office, survey: Survey) -> None:
    layout = Layout(headers={**HEADERS, "previous": "本年数"})
    assert office.receive(filled(survey, layout, lectures=3)).refusal == "K409"
    book, _ = book_of(survey, layout, lectures=3)
    for sheet in book.worksheets[1:]:
        sheet.column_dimensions["E"].hidden = True
    answer = office.receive(saved(book)).answers["lectures"]
    assert (answer["value"], answer["notes"]) == (3, [])


def test_a_hidden_copy_is_not_read_for_a_visible_form_that_is_unclear(
    office: Office, survey: Survey
) -> None:
    book, cells = book_of(survey, lectures=3)
    sheet = book[cells["lectures"][0]]
    book.copy_worksheet(sheet).sheet_state = "hidden"
    for cell in header_cells(book, "指标名称"):
        if cell.parent is sheet:
            cell.value = None
    refused(office, saved(book), "找不到", "表头")


def test_a_hidden_row_is_read_and_noted(office: Office, survey: Survey) -> None:
    book, cells = book_of(survey, lectures=3)
    sheet, cell = cells["lectures"]
    book[sheet].row_dimensions[book[sheet][cell].row].hidden = True
    answer = office.receive(saved(book)).answers["lectures"]
    assert (answer["value"], answer["notes"]) == (3, ["来自隐藏的行"])


def test_a_figure_merged_over_two_items_is_refused(office: Office, survey: Survey) -> None:
    book, cells = book_of(survey, lectures=3, lectures_online=2)
    sheet, cell = cells["lectures"]
    row = book[sheet][cell].row
    book[sheet].merge_cells(f"D{row}:D{row + 1}")
    refused(office, saved(book), "合并到了", "科普（技）讲座线上举办次数", f"D{row + 1}")


def test_a_figure_merged_over_its_remark_is_read(office: Office, survey: Survey) -> None:
    book, cells = book_of(survey, lectures=3)
    sheet, cell = cells["lectures"]
    row = book[sheet][cell].row
    book[sheet].merge_cells(f"D{row}:F{row}")
    assert office.receive(saved(book)).answers["lectures"]["value"] == 3


def test_a_figure_in_a_column_without_header_is_refused(office: Office, survey: Survey) -> None:
    book, cells = book_of(survey, Layout(columns=("label", "code", "unit", "value")), lectures=3)
    sheet, cell = cells["lectures"]
    row = book[sheet][cell].row
    book[sheet].cell(row, 4).value, book[sheet].cell(row, 5).value = None, 3
    refused(office, saved(book), "没有表头", f"E{row}")


def test_a_label_merged_over_two_figures_is_refused(office: Office, survey: Survey) -> None:
    book, cells = book_of(survey, lectures=3, lectures_online=2)
    sheet, cell = cells["lectures"]
    row = book[sheet][cell].row
    for column in "AB":
        book[sheet].merge_cells(f"{column}{row}:{column}{row + 1}")
    refused(office, saved(book), f"D{row + 1}")


def test_an_unknown_item_with_an_unclear_figure_is_refused(office: Office, survey: Survey) -> None:
    book, cells = book_of(survey)
    sheet = book[cells["lectures"][0]]
    row = sheet.max_row + 1
    sheet.cell(row, 1, "元宇宙体验次数")
    sheet.cell(row, 4, "约500")
    refused(office, saved(book), "元宇宙体验次数", f"D{row}")


def test_a_number_in_the_column_of_units_is_refused(office: Office, survey: Survey) -> None:
    book, cells = book_of(survey)
    sheet, cell = cells["lectures"]
    book[sheet].cell(book[sheet][cell].row, 3, 120)
    refused(office, saved(book), "计量单位一栏里填了数")


def test_a_header_repeated_at_a_page_break_changes_nothing(office: Office, survey: Survey) -> None:
    layout = Layout(columns=("label", "value"))
    book, cells = book_of(survey, layout, staff_part_time_women=15, staff_full_time_women=4)
    sheet, cell = cells["staff_part_time_women"]
    row = book[sheet][cell].row
    book[sheet].insert_rows(row)
    book[sheet].cell(row, 1, "指标名称")
    book[sheet].cell(row, 2, "数量")
    received = office.receive(saved(book))
    assert received.file["status"] == "loaded", received.file["reason_zh"]
    assert received.answers["staff_part_time_women"]["value"] == 15
    assert received.answers["staff_full_time_women"]["value"] == 4


#: A form of its own, with two items under the first.
STAFF = {"staff_full_time": 12, "staff_full_time_women": 5, "staff_part_time": 30}


def with_sum(survey: Survey, label: str, figure: object, row: int | None = None) -> bytes:
    """A questionnaire with a row more, at the end of the form of staff or before its ``row``."""
    book, cells = book_of(survey, **STAFF)
    sheet = book[cells["staff_full_time"][0]]
    if row is None:
        row = sheet.max_row + 1
    else:
        sheet.insert_rows(row)
    sheet.cell(row, 1, label)
    sheet.cell(row, 4, figure)
    return saved(book)


@pytest.mark.parametrize(
    ("label", "figure", "row"),
    [
        ("合计", 42, None),  # 12 + 30, the women among the 12
        ("合计", 47, None),  # the whole column, as =SUM() has it
        ("总计", "42", None),
        ("合计", 42, 6),  # before the first item
    ],
)
def test_a_row_that_sums_the_others_is_kept_apart(
    office: Office, survey: Survey, label: str, figure: object, row: int | None
) -> None:
    received = office.receive(with_sum(survey, label, figure, row))
    assert received.file["status"] == "loaded", received.file["reason_zh"]
    assert {item: received.answers[item]["value"] for item in STAFF} == STAFF
    noted = [row for row in received.answers.values() if any(label in n for n in row["notes"])]
    assert len(noted) == 1
    assert len(received.answers) == len(survey.edition_of(YEAR).items)


@pytest.mark.parametrize(("label", "figure"), [("合计", 43), ("小计", 1000), ("合计", "约42")])
def test_a_row_of_an_unknown_sum_is_refused(
    office: Office, survey: Survey, label: str, figure: object
) -> None:
    refused(office, with_sum(survey, label, figure), f"“{label}”")


def test_a_sum_of_sums_is_kept_apart(office: Office, survey: Survey) -> None:
    book, cells = book_of(survey, **STAFF)
    sheet = book[cells["staff_full_time"][0]]
    at = sheet.max_row + 1
    for n, (label, figure) in enumerate((("小计", 42), ("总计", 42))):
        sheet.cell(at + n, 1, label)
        sheet.cell(at + n, 4, figure)
    assert office.receive(saved(book)).file["status"] == "loaded"


def with_column(survey: Survey, header: str, figure: object, at: int = 4) -> bytes:
    """A column more in every form, to the left of the figures or (5) to their right."""
    book, _ = book_of(survey, lectures=3)
    for sheet in book.worksheets[1:]:
        sheet.insert_cols(at)
        sheet.cell(5, at, header)
        for row in range(6, sheet.max_row + 1):
            sheet.cell(row, at, figure)
    return saved(book)


@pytest.mark.parametrize("at", [4, 5, 7])
@pytest.mark.parametrize(
    "header", ["计划数", f"{YEAR}年计划数", "本年计划", "预算数", f"{YEAR + 1}年计划", "市级掌握数"]
)
def test_planned_figures_are_not_taken_and_noted(
    office: Office, survey: Survey, header: str, at: int
) -> None:
    received = office.receive(with_column(survey, header, 88, at))
    assert received.answers["lectures"]["value"] == 3, received.file
    assert all(header in row["notes"][0] for row in received.answers.values())


def test_a_blank_column_beside_is_not_worth_a_note(office: Office, survey: Survey) -> None:
    for header in ("计划数", "核定数"):
        received = office.receive(with_column(survey, header, None))
        assert received.answers["lectures"]["value"] == 3
        assert not any(row["notes"] for row in received.answers.values())


@pytest.mark.parametrize("header", ["核定数", "更正数", "调整后", f"{YEAR}年审核数"])
def test_a_column_that_may_replace_the_figures_is_refused(
    office: Office, survey: Survey, header: str
) -> None:
    refused(office, with_column(survey, header, 88, 5), "以哪一列为准")


def test_a_form_of_planned_figures_alone_is_refused(office: Office, survey: Survey) -> None:
    book, _ = book_of(survey, Layout(headers={**HEADERS, "value": "计划数"}), lectures=3)
    refused(office, saved(book), "没有本年数一列")


def test_planned_and_actual_figures_under_one_header(office: Office, survey: Survey) -> None:
    book, cells = book_of(survey, lectures=3)
    for sheet in book.worksheets[1:]:
        sheet.insert_rows(6)
        sheet.cell(5, 4, f"{YEAR}年")
        sheet.cell(5, 5, f"{YEAR}年")
        sheet.cell(6, 4, "实际")
        sheet.cell(6, 5, "计划")
    received = office.receive(saved(book))
    sheet, cell = cells["lectures"]
    assert received.answers["lectures"]["value"] == 3
    assert received.answers["lectures"]["cell"] == f"D{int(cell[1:]) + 1}"


def test_figures_in_the_second_column_of_a_merged_header(office: Office, survey: Survey) -> None:
    layout = Layout(columns=("label", "value", "unit"), headers={**HEADERS, "unit": ""})
    book, cells = book_of(survey, layout, lectures=3)
    for sheet in book.worksheets[1:]:
        sheet.merge_cells("B5:C5")
    assert office.receive(saved(book)).answers["lectures"]["value"] == 3
    sheet, cell = cells["lectures"]
    row = book[sheet][cell].row
    book[sheet].cell(row, 2).value, book[sheet].cell(row, 3).value = None, 3
    refused(office, saved(book), "没有填在本年数一列", f"C{row}")


def test_labels_split_over_a_heading_and_the_rows_beneath(office: Office, survey: Survey) -> None:
    split = {
        "lectures": "举办次数",
        "lectures_attendance": "参加人数",
        "competitions": "举办次数",
        "competitions_attendance": "参加人数",
    }
    values = {item: n + 1 for n, item in enumerate(split)}
    book, cells = book_of(survey, Layout(columns=("label", "value"), labels=split), **values)
    for item, heading in (("competitions", "科普（技）竞赛"), ("lectures", "科普（技）讲座")):
        sheet, cell = cells[item]
        row = book[sheet][cell].row
        book[sheet].insert_rows(row)
        book[sheet].cell(row, 1, heading)
    received = office.receive(saved(book))
    assert received.file["status"] == "loaded", received.file["reason_zh"]
    assert {item: received.answers[item]["value"] for item in values} == values


# -- a label under several parents ---------------------------------------------------------------


def swap_rows(book: Any, one: tuple[str, str], other: tuple[str, str]) -> None:
    sheet = book[one[0]]
    first, second = sheet[one[1]].row, sheet[other[1]].row
    for a, b in zip(sheet[first], sheet[second], strict=True):
        a.value, b.value = b.value, a.value


SWAPPED = {"staff_full_time_women": 4, "staff_part_time_women": 15}


def test_parents_swapped_over_their_parts_are_refused(office: Office, survey: Survey) -> None:
    book, cells = book_of(survey, Layout(columns=("label", "value")), **SWAPPED)
    swap_rows(book, cells["staff_full_time"], cells["staff_part_time"])
    refused(office, saved(book), "行序与表样不同")


def test_rows_in_disorder_are_told_by_their_codes(office: Office, survey: Survey) -> None:
    book, cells = book_of(survey, **SWAPPED)
    swap_rows(book, cells["staff_full_time_women"], cells["volunteers"])
    swap_rows(book, cells["staff_part_time_women"], cells["staff_full_time_rural"])
    received = office.receive(saved(book))
    assert received.file["status"] == "loaded", received.file["reason_zh"]
    assert {item: received.answers[item]["value"] for item in SWAPPED} == SWAPPED


def test_rows_in_disorder_are_told_by_full_names(office: Office, survey: Survey) -> None:
    edition = survey.edition_of(YEAR)
    layout = Layout(
        columns=("label", "value"), labels={i.item_id: i.name_zh for i in edition.items}
    )
    book, cells = book_of(survey, layout, **SWAPPED)
    swap_rows(book, cells["staff_full_time_women"], cells["staff_part_time_women"])
    received = office.receive(saved(book))
    assert {item: received.answers[item]["value"] for item in SWAPPED} == SWAPPED


def test_a_code_that_contradicts_the_place_is_refused(office: Office, survey: Survey) -> None:
    items = survey.edition_of(YEAR).item
    one, other = (items[item].code for item in SWAPPED)
    layout = Layout(codes={"staff_full_time_women": other, "staff_part_time_women": one})
    refused(office, filled(survey, layout, **SWAPPED), "代码与所在位置")


# -- units of measure ----------------------------------------------------------------------------


def test_a_label_that_states_another_unit_is_refused(office: Office, survey: Survey) -> None:
    for label in ("年度科普经费筹集额（元）", "年度科普经费筹集额（单位：千元）"):
        layout = Layout(labels={"fund_raised": label})
        refused(office, filled(survey, layout, fund_raised=5), "元”", "不作换算")


@pytest.mark.parametrize("word", ["数量（元）", "本年数（亿元）"])
def test_a_header_that_states_another_unit_is_refused(
    office: Office, survey: Survey, word: str
) -> None:
    layout = Layout(headers={**HEADERS, "value": word})
    refused(office, filled(survey, layout, fund_raised=5), "不作换算")


def test_a_heading_that_states_another_unit_is_refused(office: Office, survey: Survey) -> None:
    book, cells = book_of(survey, fund_raised=5)
    book[cells["fund_raised"][0]]["D3"] = "金额单位：元"
    refused(office, saved(book), "表上写明单位是“元”")
    book[cells["fund_raised"][0]]["D3"] = "（单位：人、个、万元）"
    assert office.receive(saved(book)).file["status"] == "loaded"


def test_a_row_of_another_unit_is_refused_or_noted(office: Office, survey: Survey) -> None:
    book, cells = book_of(survey, staff_part_time_person_days=5, staff_full_time=7)
    sheet, cell = cells["staff_full_time"]
    book[sheet].cell(book[sheet][cell].row, 3, "人次")
    answer = office.receive(saved(book)).answers["staff_full_time"]
    assert answer["notes"] == ["计量单位写的是“人次”，表样是“人”"]
    sheet, cell = cells["staff_part_time_person_days"]
    book[sheet].cell(book[sheet][cell].row, 3, "人月")
    refused(office, saved(book), "人月", "人天")


# -- whose it is ---------------------------------------------------------------------------------


def test_a_form_that_names_another_unit_than_the_cover_is_refused(
    office: Office, survey: Survey
) -> None:
    book, cells = book_of(survey, lectures=3)
    book[cells["lectures"][0]]["A2"] = "填报单位：长春市朝阳区教育局（某馆）"
    assert office.receive(saved(book)).file["status"] == "loaded"
    book[cells["lectures"][0]]["A2"] = "填报单位：延吉市文化馆"
    refused(office, saved(book), "延吉市文化馆", "A2")


def test_two_units_named_in_one_line_are_refused(office: Office, survey: Survey) -> None:
    book, cells = book_of(survey, lectures=3)
    sheet = book[cells["lectures"][0]]
    sheet["A2"], sheet["E2"] = "填报单位：延吉市文化馆", "填报单位：延吉市图书馆"
    refused(office, saved(book), "两个单位名称", "E2")


def stack(edition: Edition, covers: list[dict[str, object]], titles: list[str]) -> Any:
    """Whole returns one under the other in one sheet."""
    book = openpyxl.Workbook()
    for cover, title in zip(covers, titles, strict=True):
        layout = Layout(one_sheet=True, title=title)
        part, _ = workbook(edition, {"lectures": len(title)}, {**COVER, **cover}, layout)
        below = book.active.max_row + 2
        for row in part.active.iter_rows():
            for cell in row:
                if cell.value is not None:
                    book.active.cell(below + cell.row, cell.column, cell.value)
    return book


def test_returns_stacked_in_one_sheet_are_told_apart(office: Office, survey: Survey) -> None:
    edition = survey.edition_of(YEAR)
    covers: list[dict[str, object]] = [
        {"unit_name": "长春市朝阳区教育局"},
        {"unit_name": "长春市科技馆", "is_venue": "是", "venue_name": "一馆"},
        {"unit_name": "长春市科技馆", "is_venue": "是", "venue_name": "二馆"},
    ]
    titles = ["科普统计调查表", f"科普统计调查表{YEAR}年度", "科普调查表"]
    received = office.receive(saved(stack(edition, covers, titles)))
    assert received.file["status"] == "loaded", received.file["reason_zh"]
    assert received.file["returns"] == 3
    assert len({row["return_id"] for row in received.returns}) == 3
    values = {
        (row["return_id"], row["value"])
        for row in received.tables["answers"].to_pylist()
        if row["item_id"] == "lectures"
    }
    assert sorted(value for _, value in values) == sorted(len(title) for title in titles)


def test_the_year_of_every_stacked_return_is_looked_at(office: Office, survey: Survey) -> None:
    covers: list[dict[str, object]] = [{}, {"unit_name": "长春市科技馆"}]
    titles = [f"科普统计调查表（{YEAR}年度）", f"科普统计调查表（{YEAR - 1}年度）"]
    refused(office, saved(stack(survey.edition_of(YEAR), covers, titles)), code="K406")


# -- which edition -------------------------------------------------------------------------------


@pytest.mark.parametrize(("form_year", "inbox"), [(2014, YEAR), (YEAR, 2015)])
def test_a_form_of_another_edition_is_refused_by_name(
    office: Office, survey: Survey, form_year: int, inbox: int
) -> None:
    theirs, ours = survey.edition_of(form_year), survey.edition_of(inbox)
    answers = {item.item_id: 3 for item in theirs.items}
    book, _ = workbook(theirs, answers, layout=Layout(title="科普统计调查表"))
    office.root.inbox(inbox).mkdir(parents=True, exist_ok=True)
    office.put("县区/报表.xlsx", saved(book), inbox)
    received = Received(office.take_in())
    assert received.refusal == "K417"
    assert theirs.edition_id in received.file["reason_zh"]
    assert ours.edition_id in received.file["reason_zh"]
    assert str(inbox) in received.file["advice_zh"]


# -- items across --------------------------------------------------------------------------------


def rows(*lines: list[object]) -> bytes:
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(line)
    return saved(book)


LABELS: list[object] = ["科普专职人员", "科普兼职人员", "年度科普经费筹集额"]


def test_two_rows_of_figures_without_a_word_are_refused(office: Office) -> None:
    cover: list[list[object]] = [["单位名称", "长春市科技馆"], []]
    refused(office, rows(*cover, LABELS, [1, 2, 3], [4, 5, 6]), "不止一行数", "A5")


def test_units_beside_each_other_are_refused_unless_said(office: Office) -> None:
    lines: list[list[object]] = [[label, 1, 2] for label in LABELS]
    refused(office, rows(["指标名称", "某市科技馆", "某市图书馆"], *lines), "没有数量一列", "A1")
    received = office.receive(rows(["单位名称", "某市科技馆", "某市图书馆"], *lines))
    assert [row["unit_name"] for row in received.returns] == ["某市科技馆", "某市图书馆"]


def test_units_beside_each_other_under_a_common_word(office: Office) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["指标名称", "代码", "单位名称", None])
    sheet.append([None, None, "某市科技馆", "某市图书馆"])
    for n, label in enumerate(LABELS, 1):
        sheet.append([label, None, n, n + 10])
    for area in ("A1:A2", "B1:B2", "C1:D1"):
        sheet.merge_cells(area)
    received = office.receive(saved(book))
    assert received.file["status"] == "loaded", received.file["reason_zh"]
    found = received.tables["answers"].to_pylist()
    assert {(a["item_id"], a["cell"], int(a["value"])) for a in found} == {
        ("staff_full_time", "C3", 1),
        ("staff_part_time", "C4", 2),
        ("fund_raised", "C5", 3),
        ("staff_full_time", "D3", 11),
        ("staff_part_time", "D4", 12),
        ("fund_raised", "D5", 13),
    }


# -- summary tables ------------------------------------------------------------------------------

HEAD: list[object] = ["单位名称", *LABELS]


def test_a_sum_that_is_named_like_a_unit_is_refused(office: Office) -> None:
    units: list[list[object]] = [["甲局", 1, 2, 3], ["乙局", 4, 5, 6]]
    refused(office, rows(HEAD, *units, ["直属系统", 5, 7, 9]), "直属系统", "几家之和", "B4")
    refused(office, rows(HEAD, ["直属系统", 5, 7, 9], *units), "直属系统", "B2")
    received = office.receive(rows(HEAD, *units, ["丙局", 5, 7, 8]))
    assert [row["role"] for row in received.returns] == ["basic"] * 3


def test_one_unit_name_merged_over_two_rows_is_refused(office: Office) -> None:
    book = openpyxl.Workbook()
    for line in (HEAD, ["甲局", 1, 2, 3], [None, 4, 5, 6]):
        book.active.append(line)
    book.active.merge_cells("A2:A3")
    refused(office, saved(book), "合并了几行", "B3")


def test_a_row_without_a_name_under_a_merged_place_is_refused(office: Office) -> None:
    book = openpyxl.Workbook()
    for line in (["县区", *HEAD], ["朝阳区", "甲局", 1, 2, 3], [None, None, 4, 5, 6]):
        book.active.append(line)
    book.active.merge_cells("A2:A3")
    refused(office, saved(book), "没有单位名称", "C3")


def test_names_repeated_beside_the_figures_must_agree(office: Office) -> None:
    head: list[object] = [*HEAD, "单位名称", "科普画廊"]
    agreeing: list[list[object]] = [["甲局", 1, 2, 3, "甲局", 4], ["乙局", 5, 6, 7, "乙局", 8]]
    assert office.receive(rows(head, *agreeing)).file["returns"] == 2
    crossed: list[list[object]] = [["甲局", 1, 2, 3, "乙局", 8], ["乙局", 5, 6, 7, "甲局", 4]]
    refused(office, rows(head, *crossed), "左右两栏的单位名称", "E2")


def test_items_over_two_sheets_are_one_return_a_unit(office: Office) -> None:
    book = openpyxl.Workbook()
    for line in (HEAD, ["甲局", 1, 2, 3], ["乙局", 4, 5, 6]):
        book.active.append(line)
    second = book.create_sheet()
    for line in (["单位名称", "科普画廊", "科普宣传专用车", "科技馆"], ["乙局", 7, 8, 9],
                 ["甲局", 10, 11, 12]):  # fmt: skip
        second.append(line)
    received = office.receive(saved(book))
    assert [row["unit_name"] for row in received.returns] == ["甲局", "乙局"]
    ids = {row["return_id"]: row["unit_name"] for row in received.returns}
    galleries = {
        ids[a["return_id"]]: int(a["value"])
        for a in received.tables["answers"].to_pylist()
        if a["item_id"] == "display_galleries"
    }
    assert galleries == {"甲局": 10, "乙局": 7}


def test_an_item_said_twice_and_differently_in_summaries_is_refused(office: Office) -> None:
    book = openpyxl.Workbook()
    second = book.create_sheet()
    for sheet, figure in ((book.active, 1), (second, 9)):
        sheet.append(HEAD)
        sheet.append(["甲局", figure, 2, 3])
    refused(office, saved(book), "同一指标填了两处")


def test_rows_that_sum_others_in_many_words(office: Office) -> None:
    sums = [
        "小计",
        "省本级",
        "州本级",
        "其中：县直",
        "教育部门",
        "一、长春市",
        "长春市（合计）",
        "市直单位",
    ]
    lines: list[list[object]] = [[name, 100, 200, 300] for name in sums]
    received = office.receive(rows(HEAD, ["甲局", 1, 2, 3], *lines))
    roles = {row["unit_name"]: row["role"] for row in received.returns}
    assert roles == {"甲局": "basic", **dict.fromkeys(sums, "summary")}


# -- units of measure, wherever they are said ----------------------------------------------------

YUAN = [
    "单位：元", "（单位：元）", "金额单位：元", "单位：人、元", "单位：元（人民币）",
    "单位：人民币元",
    "单位：RMB", "（单位：美元）", "单位：万美元", "单位：圆", "单位：千元", "注：经费以元为单位",
    "注：本表金额单位为元", "（经费按元填列）",
]  # fmt: skip


@pytest.mark.parametrize("said", YUAN)
@pytest.mark.parametrize("under", [False, True])
def test_a_unit_said_anywhere_on_a_sheet_of_several_forms_is_heeded(
    office: Office, survey: Survey, said: str, under: bool
) -> None:
    """Over the third form or at the very end, where the tables above seem to go on."""
    book, cells = book_of(survey, Layout(one_sheet=True), fund_raised=120)
    sheet = book.worksheets[0]
    if under:
        sheet.cell(sheet.max_row + 2, 1, said)
    else:
        top = int(cells["fund_raised"][1].strip("ABCDEFGH")) - 2
        sheet.insert_rows(top)
        sheet.cell(top, 4, said)
    refused(office, saved(book), "程序不作换算")


@pytest.mark.parametrize("said", ["单位：万元", "（单位：人民币万元）", "以万元为单位", "单位：人"])
def test_the_right_unit_said_anywhere_changes_nothing(
    office: Office, survey: Survey, said: str
) -> None:
    book, _ = book_of(survey, Layout(one_sheet=True), fund_raised=120)
    book.worksheets[0].cell(book.worksheets[0].max_row + 2, 1, said)
    assert office.receive(saved(book)).answers["fund_raised"]["value"] == 120


def test_a_unit_said_on_the_cover_holds_for_the_forms(office: Office, survey: Survey) -> None:
    for said, status in (("（金额单位：元）", "rejected"), ("（金额单位：万元）", "loaded")):
        book, _ = book_of(survey, fund_raised=120)
        book.worksheets[0]["A2"] = said
        assert office.receive(saved(book)).file["status"] == status


@pytest.mark.parametrize("unit", ["元（人民币）", "元/年", "人民币元", "RMB", "圆", "美元"])
def test_another_unit_of_money_in_its_column_is_refused(
    office: Office, survey: Survey, unit: str
) -> None:
    book, _ = book_of(survey, fund_raised=120)
    for cell in header_cells(book, "万元"):
        cell.value = unit
    refused(office, saved(book), "程序不作换算")


def test_our_own_unit_of_money_in_other_words_is_read(office: Office, survey: Survey) -> None:
    for unit in ("人民币万元", "万元（人民币）", "RMB万元"):
        book, _ = book_of(survey, fund_raised=120)
        for cell in header_cells(book, "万元"):
            cell.value = unit
        received = office.receive(saved(book))
        assert received.answers["fund_raised"]["value"] == 120, received.file


def test_a_unit_over_a_summary_table_is_heeded(office: Office, survey: Survey) -> None:
    items = ("fund_raised", "fund_raised_government", "fund_raised_own", "lectures")
    for said, status in (("单位：元", "rejected"), ("单位：万元", "loaded")):
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.append([f"{YEAR}年度科普经费汇总表"])
        sheet.append([None, None, None, said])
        names = [survey.edition_of(YEAR).item[item].name_zh for item in items]
        sheet.append(["单位名称", "所在地", *names])
        sheet.append(["朝阳区教育局", "长春市朝阳区", 120, 80, 40, 3])
        sheet.append(["朝阳区科协", "长春市朝阳区", 50, 21, 13, 7])
        received = office.receive(saved(book))
        assert received.file["status"] == status, received.file["reason_zh"]

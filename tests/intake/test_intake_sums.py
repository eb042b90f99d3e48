"""Sums sent in place of, or beside, the returns of units: read, kept apart, and never added."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

import openpyxl
import pytest

from pipelines.survey import Survey
from tests.intake.writing import COVER, YEAR, Layout, Office, Received, saved, workbook

LABELS = [
    "科普专职人员", "科普兼职人员", "注册科普（技）志愿者", "科技馆", "科普画廊",
    "年度科普经费筹集额", "年度科普经费使用额", "科技馆年累计免费开放天数",
]  # fmt: skip


def forms(survey: Survey, *units: tuple[str, int]) -> bytes:
    """One sheet a unit; every figure of a unit is its factor times the number of the item."""
    items = survey.edition_of(YEAR).items
    book = openpyxl.Workbook()
    book.remove(book.active)
    for n, (name, factor) in enumerate(units):
        answers = {item.item_id: factor * (k + 10) for k, item in enumerate(items)}
        cover = {**COVER, "unit_name": name, "uscc": None}
        one, _ = workbook(survey.edition_of(YEAR), answers, cover, Layout(one_sheet=True))
        sheet = book.create_sheet(f"表{n + 1}")
        for row in one.active.iter_rows():
            for cell in row:
                sheet[cell.coordinate] = cell.value
    return saved(book)


def table(rows: Sequence[Sequence[object]], head: Sequence[str] = ("单位名称",)) -> Any:
    book = openpyxl.Workbook()
    for line in ([*head, *LABELS], *rows):
        book.active.append(list(line))
    return book


def roles(received: Received) -> dict[str, str]:
    assert received.file["status"] == "loaded", received.file["reason_zh"]
    return {row["unit_name"]: row["role"] for row in received.returns}


def questions(received: Received) -> list[Mapping[str, Any]]:
    return list(received.tables["identity_questions"].to_pylist())


def figures(seed: int) -> list[int]:
    chance = random.Random(seed)
    return [chance.randint(11, 300) for _ in LABELS]


def added(*rows: Sequence[int]) -> list[int]:
    return [sum(column) for column in zip(*rows, strict=True)]


# -- forms ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["合计", "长春市朝阳区汇总", "长春市朝阳区", "各单位合计（2家）"])
def test_a_form_of_the_sum_beside_forms_of_units_does_not_count(
    office: Office, survey: Survey, name: str
) -> None:
    received = office.receive(forms(survey, ("甲局", 3), ("乙局", 4), (name, 7)))
    assert roles(received) == {"甲局": "basic", "乙局": "basic", name: "summary"}
    assert questions(received) == []


def test_a_form_that_adds_up_but_is_named_like_a_unit_is_refused(
    office: Office, survey: Survey
) -> None:
    received = office.receive(forms(survey, ("甲局", 3), ("乙局", 4), ("区属系统", 7)))
    assert received.refusal == "K409"
    assert "区属系统" in received.file["reason_zh"]


def test_forms_that_do_not_add_up_are_units(office: Office, survey: Survey) -> None:
    received = office.receive(forms(survey, ("甲局", 3), ("乙局", 4), ("区属系统", 8)))
    assert set(roles(received).values()) == {"basic"}


def test_a_form_of_a_sum_alone_becomes_a_question_that_a_ruling_settles(
    office: Office, survey: Survey
) -> None:
    received = office.receive(forms(survey, ("长春市朝阳区", 3)))
    assert roles(received) == {"长春市朝阳区": "summary"}
    (question,) = questions(received)
    assert question["kind"] == "sum_alone"
    assert "不计入" in question["message_zh"]
    ruling = (
        f"- 文件: {question['file']}\n  内容: {question['content']}\n  认定: 不是同一单位\n"
        "  认定人: 某人\n  认定日期: 2024-05-20\n  原因: 区政府办公室自己的表\n"
    )
    office.put("认定.yaml", ruling.encode())
    settled = Received(office.take_in())
    assert roles(settled) == {"长春市朝阳区": "basic"}
    assert questions(settled) == []


def test_rows_of_places_alone_become_one_question(office: Office) -> None:
    book = table([["朝阳区", *figures(1)], ["南关区", *figures(2)]], ("地区",))
    received = office.receive(saved(book))
    assert [row["role"] for row in received.returns] == ["summary", "summary"]
    (question,) = questions(received)
    assert question["kind"] == "sums_alone"
    assert "2 行" in question["message_zh"]


def test_a_cover_without_a_name_does_not_add_to_the_return_before_it(
    office: Office, survey: Survey
) -> None:
    edition = survey.edition_of(YEAR)
    halves = [frozenset(f.form_id for f in edition.forms[:3]), frozenset(
        f.form_id for f in edition.forms[3:])]  # fmt: skip
    covers = [COVER, {**COVER, "unit_name": None, "uscc": None, "department": "气象部门"}]
    book = openpyxl.Workbook()
    book.remove(book.active)
    for n, (drop, cover) in enumerate(zip(halves, covers, strict=True)):
        half, _ = workbook(edition, {}, cover, Layout(drop=drop))
        for sheet in half.worksheets:
            copy = book.create_sheet(f"{sheet.title[:8]}{n}")
            for row in sheet.iter_rows():
                for cell in row:
                    copy[cell.coordinate] = cell.value
    assert office.receive(saved(book)).refusal == "K407"


# -- rows of tables ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["合计（2家）", "合计数", "共2家单位", "Total", "以上合计", "科协组织", "计"]
)
def test_words_for_a_sum(office: Office, name: str) -> None:
    one, other = figures(1), figures(2)
    # One figure off: the name alone says what the row is.
    wrong = [n + 1 for n in added(one, other)]
    received = office.receive(saved(table([["甲局", *one], ["乙局", *other], [name, *wrong]])))
    assert roles(received)[name] == "summary"


@pytest.mark.parametrize("place", [0, 2])
@pytest.mark.parametrize("slip", [0, 5, 7])
def test_a_sum_with_one_figure_off_is_still_seen(office: Office, place: int, slip: int) -> None:
    one, other = figures(1), figures(2)
    whole = added(one, other)
    whole[slip] += 1
    rows: list[list[object]] = [["甲局", *one], ["乙局", *other]]
    rows.insert(place, ["直属系统", *whole])
    received = office.receive(saved(table(rows)))
    assert received.refusal == "K409"
    assert "直属系统" in received.file["reason_zh"]


def test_a_subtotal_of_one_unit_is_seen_by_its_figures(office: Office) -> None:
    rows = [["甲局", *figures(1)], ["直属系统", *figures(1)], ["乙局", *figures(2)]]
    assert office.receive(saved(table(rows))).refusal == "K409"


def test_half_of_the_figures_adding_up_is_no_sum(office: Office) -> None:
    one, other = figures(1), figures(2)
    whole = added(one, other)
    rows = [["甲局", *one], ["乙局", *other], ["丙局", *whole[:4], *(n + 1 for n in whole[4:])]]
    assert set(roles(office.receive(saved(table(rows)))).values()) == {"basic"}


def test_a_sum_named_over_merged_columns_or_under_another_heading(office: Office) -> None:
    one, other = figures(1), figures(2)
    head = ("序号", "单位名称", "部门")
    rows = [[1, "甲局", "教育部门", *one], [2, "乙局", "气象部门", *other],
            ["合计", None, None, *added(one, other)]]  # fmt: skip
    book = table(rows, head)
    assert roles(office.receive(saved(book))) == {
        "甲局": "basic",
        "乙局": "basic",
        "合计": "summary",
    }
    book.active.merge_cells("A4:C4")
    assert roles(office.receive(saved(book)))["合计"] == "summary"


def test_a_figure_merged_over_two_units_or_two_items_is_refused(office: Office) -> None:
    for area, blank in (("B2:B3", "B3"), ("B2:C2", "C2")):
        book = table([["甲局", *figures(1)], ["乙局", *figures(2)]])
        book.active[blank] = None
        book.active.merge_cells(area)
        received = office.receive(saved(book))
        assert received.refusal == "K409"
        assert blank in received.file["reason_zh"]


def test_figures_in_a_column_without_header_are_refused(office: Office) -> None:
    book = table([["甲局", *figures(1)], ["乙局", *figures(2)]])
    book.active.cell(3, len(LABELS) + 2, 8)
    assert office.receive(saved(book)).refusal == "K409"


def test_a_column_of_telephones_is_left_alone(office: Office) -> None:
    book = table([["甲局", *figures(1)]])
    for row, cell in ((1, "办公电话"), (2, 85000000)):
        book.active.cell(row, len(LABELS) + 2, cell)
    assert roles(office.receive(saved(book))) == {"甲局": "basic"}


# -- units across --------------------------------------------------------------------------------


def across(top: str, names: Sequence[str]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    if top:
        sheet.append(["指标名称", top])
        sheet.append([None, *names])
        sheet.merge_cells("A1:A2")
        sheet.merge_cells(start_row=1, start_column=2, end_row=1, end_column=1 + len(names))
    else:
        sheet.append(["指标名称", *names])
    for label, one, other in zip(LABELS, figures(1), figures(2), strict=True):
        cells = {"甲局": one, "乙局": other, "合计": one + other}
        sheet.append([label, *(cells[name] for name in names)])
    return saved(book)


@pytest.mark.parametrize("names", [["甲局", "乙局", "合计"], ["合计", "甲局", "乙局"]])
def test_a_sum_beside_the_columns_of_units_is_not_taken_for_them(
    office: Office, names: list[str]
) -> None:
    received = office.receive(across("单位名称", names))
    assert roles(received) == {"甲局": "basic", "乙局": "basic", "合计": "summary"}
    values = {int(a["value"]) for a in received.tables["answers"].to_pylist()}
    assert values == {*figures(1), *figures(2), *added(figures(1), figures(2))}


def test_a_sum_beside_columns_that_nothing_says_are_units_is_refused(office: Office) -> None:
    received = office.receive(across("", ["甲局", "乙局", "合计"]))
    assert received.refusal == "K409"
    assert "甲局" in received.file["reason_zh"]


# -- last year beside ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", [f"{YEAR - 1}年", "上年数", f"附：{YEAR - 1}"])
def test_a_sheet_named_after_last_year_is_refused(office: Office, name: str) -> None:
    book = table([["甲局", *figures(1)]])
    beside = book.create_sheet(name)
    for line in ([*["单位名称"], *LABELS], ["乙局", *figures(2)]):
        beside.append(line)
    received = office.receive(saved(book))
    assert received.refusal == "K406"
    assert name in received.file["reason_zh"]


@pytest.mark.parametrize("name", [f"{YEAR}年", f"{YEAR + 1}年报", "Sheet2022", "20221231"])
def test_other_names_of_sheets_say_nothing(office: Office, name: str) -> None:
    book = table([["甲局", *figures(1)]])
    book.active.title = name
    assert roles(office.receive(saved(book))) == {"甲局": "basic"}


def test_codes_without_names_are_refused_in_so_many_words(office: Office, survey: Survey) -> None:
    items = survey.edition_of(YEAR).items
    book = openpyxl.Workbook()
    book.active.append(["代码", "数量"])
    for n, item in enumerate(items):
        book.active.append([item.code, n])
    received = office.receive(saved(book))
    assert received.refusal == "K409"
    assert "没有指标名称一栏" in received.file["reason_zh"]


# -- rows and columns of a summary table that are of no unit, or of no item -----------------------

ASKED = ("lectures", "lectures_attendance", "exhibitions", "competitions")


def summary(
    survey: Survey, *rows: list[object], more: tuple[str, ...] = (), as_text: bool = False
) -> bytes:
    """Two units with four items across, and the given rows; as a workbook or as text."""
    names = [survey.edition_of(YEAR).item[item].name_zh for item in ASKED]
    table: list[list[object]] = [
        [f"{YEAR}年度科普活动汇总表"],
        ["单位名称", "所在地", *more, *names],
        *rows,
    ]
    if as_text:
        lines = [",".join("" if c is None else str(c) for c in row) for row in table]
        return "\n".join(lines).encode("gb18030")
    book = openpyxl.Workbook()
    for row in table:
        book.active.append(row)
    return saved(book)


UNITS: list[list[object]] = [
    ["朝阳区教育局", "长春市朝阳区", 11, 230, 5, 7],
    ["朝阳区科学技术局", "长春市朝阳区", 4, 90, 2, 16],
]


@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize(
    "name", ["上年数", "去年", f"{YEAR - 1}年", "同比", "同比增长（%）", "占比", "平均", "计划数"]
)
def test_rows_that_compare_are_nobodys(
    office: Office, survey: Survey, name: str, as_text: bool
) -> None:
    received = office.receive(
        summary(survey, *UNITS, [name, None, 9, 300, 6, 20], as_text=as_text), "表"
    )
    assert [row["unit_name"] for row in received.returns] == [row[0] for row in UNITS]
    figures = [row["value"] for row in received.tables["answers"].to_pylist()]
    assert sum(figures) == sum(number for row in UNITS for number in row[2:])  # type: ignore[misc]


@pytest.mark.parametrize("name", ["本年数", f"{YEAR}年"])
def test_a_row_of_this_year_and_no_unit_is_a_sum(office: Office, survey: Survey, name: str) -> None:
    received = office.receive(summary(survey, *UNITS, [name, None, 15, 320, 7, 23]), "表")
    assert [row["role"] for row in received.returns] == ["basic", "basic", "summary"]


@pytest.mark.parametrize("said", ["上年", f"{YEAR - 1}年", f"{YEAR - 1}年度"])
def test_a_row_that_says_another_year_beside_its_unit_is_refused(
    office: Office, survey: Survey, said: str
) -> None:
    rows = [
        [*row[:2], year, *row[2:]] for row, year in zip(UNITS, (f"{YEAR}年", said), strict=True)
    ]
    received = office.receive(summary(survey, *rows, more=("时期",)), "表")
    assert received.refusal == "K409"
    assert said in received.file["reason_zh"]


@pytest.mark.parametrize("as_text", [False, True])
def test_figures_of_an_unknown_item_are_refused_as_numbers_and_as_text(
    office: Office, survey: Survey, as_text: bool
) -> None:
    rows = [[*row[:2], 3, *row[2:]] for row in UNITS]
    data = summary(survey, *rows, more=("某新指标",), as_text=as_text)
    assert office.receive(data, "表").refusal == "K409"
    rows = [[*row[:2], "", *row[2:]] for row in UNITS]
    data = summary(survey, *rows, more=("某新指标",), as_text=as_text)
    assert len(office.receive(data, "表").returns) == 2

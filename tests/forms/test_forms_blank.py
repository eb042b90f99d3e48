"""The blank form: laid out as on paper, locked but for the cells to fill, prefilled when known."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from pipelines.errors import UnknownYearError
from pipelines.forms import write_blank_form
from pipelines.forms.layout import FormLayout
from pipelines.survey import Survey

UNIT = {
    "unit_name": "某市科学技术协会",
    "venue_name": "某市科技馆",
    "uscc": "91350100M000100Y43",
    "division_code": "220102",
    "department_id": "science_association",
    "level_id": "prefectural",
}


@pytest.fixture(scope="module")
def book(survey: Survey, tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    path = tmp_path_factory.mktemp("blank") / "表.xlsx"
    last_year = {"staff_full_time": "1200", "fund_raised": "12.5", "volunteers": "-"}
    write_blank_form(survey, 2023, path, unit=UNIT, last_year=last_year)
    return openpyxl.load_workbook(path)


@pytest.fixture(scope="module")
def at(survey: Survey) -> FormLayout:
    return FormLayout(survey.edition_of(2023), 2023)


def test_sheets_stand_in_the_order_of_the_paper_form(book: Workbook) -> None:
    visible = [sheet.title for sheet in book if sheet.sheet_state == "visible"]
    assert visible == [
        "填表说明",
        "封面",
        "KP-001 科普人员",
        "KP-002 科普场地",
        "KP-003 科普经费",
        "KP-004 科普传媒",
        "KP-005 科普活动",
        "KP-006 科学教育",
    ]
    assert [sheet.title for sheet in book if sheet.sheet_state == "hidden"] == ["代码表", "审核"]


def test_the_cover_names_survey_and_year_and_every_field_in_order(
    book: Workbook, survey: Survey
) -> None:
    cover = book["封面"]
    assert cover["A1"].value == "全国科普统计调查表（2023年度）"
    assert cover["A2"].value == "数据年度：2023年"
    labels = [cover.cell(row, 1).value for row in range(6, 6 + 16)]
    assert labels == [field.label_zh for field in survey.edition_of(2023).cover]


def test_a_form_gives_label_code_unit_and_number_of_the_table(book: Workbook) -> None:
    sheet = book["KP-003 科普经费"]
    assert sheet["A1"].value == "科普经费"
    assert [sheet.cell(row, 5).value for row in (2, 3, 4)] == [
        "表号：KP-003",
        "批准文号：国统制〔2022〕11号",
        "计量单位：万元",
    ]
    headers = [sheet.cell(5, column).value for column in range(1, 7)]
    assert headers == ["指标名称", "代码", "计量单位", "数量", "上年数", "审核提示"]
    assert [sheet.cell(7, column).value for column in (1, 2, 3)] == [
        "年度科普经费筹集额",
        "KJ100",
        "万元",
    ]
    assert sheet["A9"].value == "其中：科普专项经费"
    indents = [sheet.cell(row, 1).alignment.indent for row in (7, 8, 9)]
    assert indents[0] < indents[1] < indents[2]


def test_every_item_has_its_row(book: Workbook, survey: Survey, at: FormLayout) -> None:
    for item in survey.edition_of(2023).items:
        cell = at.figure(item.item_id)
        sheet = book[cell.sheet]
        row = [sheet.cell(cell.row + 1, column).value for column in (1, 2, 3)]
        assert row == [item.printed_label_zh, item.code or None, item.unit]


def test_only_cells_to_fill_are_open(book: Workbook, survey: Survey, at: FormLayout) -> None:
    edition = survey.edition_of(2023)
    fill = {at.figure(item.item_id).address for item in edition.items}
    fill |= {at.cover(field.field_id).address for field in edition.cover}
    for sheet in book:
        assert sheet.protection.sheet, sheet.title
        for row in sheet.iter_rows():
            for cell in row:
                open_ = f"{sheet.title}!{cell.coordinate}" in fill
                assert cell.protection.locked != open_, f"{sheet.title}!{cell.coordinate}"


def test_lists_offer_the_codes_of_the_year(book: Workbook, at: FormLayout) -> None:
    lists = {
        str(one.sqref): one.formula1
        for one in book["封面"].data_validations.dataValidation
        if one.type == "list"
    }
    wanted = {
        "region": "吉林省长春市南关区",
        "department": "科技管理部门",
        "level": "区县级",
        "is_venue": "是",
    }
    for field, choice in wanted.items():
        range_ = lists[at.cover(field).a1].removeprefix("代码表!").replace("$", "")
        offered = [cell.value for (cell,) in book["代码表"][range_]]
        assert choice in offered
        assert None not in offered
    assert len(book["代码表"]["A"]) >= 60


def test_figures_are_validated_and_dash_is_let_through(book: Workbook, at: FormLayout) -> None:
    rules = {str(one.sqref): one for one in book["KP-001 科普人员"].data_validations.dataValidation}
    cell = at.figure("staff_full_time").a1
    assert rules[cell].type == "custom"
    assert (
        rules[cell].formula1 == f'IF(ISNUMBER({cell}),AND({cell}>=0,{cell}=INT({cell})),{cell}="-")'
    )


def test_what_is_known_of_the_unit_is_filled_in(book: Workbook, at: FormLayout) -> None:
    cover = {
        field: book["封面"][at.cover(field).a1].value
        for field in (
            "unit_name",
            "uscc",
            "region",
            "department",
            "level",
            "is_venue",
            "venue_name",
        )
    }
    assert cover == {
        "unit_name": "某市科学技术协会",
        "uscc": "91350100M000100Y43",
        "region": "吉林省长春市南关区",
        "department": "科协组织",
        "level": "市级",
        "is_venue": "是",
        "venue_name": "某市科技馆",
    }


def test_last_year_stands_beside_the_cell(book: Workbook, at: FormLayout) -> None:
    shown = {}
    for item_id in ("staff_full_time", "fund_raised", "volunteers", "lectures"):
        cell = at.last_year(item_id)
        shown[item_id] = book[cell.sheet][cell.a1].value
    assert shown == {
        "staff_full_time": 1200,
        "fund_raised": 12.5,
        "volunteers": "-",
        "lectures": None,
    }


def test_pages_print_on_a4_one_page_wide_under_a_fixed_header(book: Workbook) -> None:
    for sheet in book:
        if sheet.title.startswith("KP-"):
            assert sheet.page_setup.paperSize == 9
            assert sheet.sheet_properties.pageSetUpPr.fitToPage
            # One page wide is the default and not written; 0 high means as many as needed.
            assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
            assert sheet.freeze_panes == "B7"
            assert sheet.print_area.startswith(f"'{sheet.title}'!$A$1:$E$")


@pytest.mark.parametrize("year", [2014, 2021, 2023])
def test_the_same_form_is_the_same_bytes(survey: Survey, tmp_path: Path, year: int) -> None:
    one, two = tmp_path / "一.xlsx", tmp_path / "二.xlsx"
    write_blank_form(survey, year, one)
    write_blank_form(survey, year, two)
    assert one.read_bytes() == two.read_bytes()


def test_a_year_without_edition_is_refused(survey: Survey, tmp_path: Path) -> None:
    with pytest.raises(UnknownYearError, match="没有 1999 年度的调查表"):
        write_blank_form(survey, 1999, tmp_path / "表.xlsx")

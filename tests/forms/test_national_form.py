"""Sheets to key into the national system, read back with an independent reader."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipelines import forms
from pipelines.survey import Survey
from pipelines.survey.notation import read_figure
from pipelines.warehouse import Snapshot, Workshop

YEAR = 2023
Write = Callable[..., Path]


def a_return(number: int, **changed: Any) -> dict[str, Any]:
    return {
        "return_id": f"r{number}",
        "submission_id": "s",
        "file": "表.xlsx",
        "sheet": "封面",
        "year": YEAR,
        "edition_id": "kp-2021",
        "layout": "questionnaire",
        "role": "basic",
        "unit_id": f"u{number}",
        "unit_name": f"单位{number}",
        "venue_name": "",
        "uscc": "",
        "is_venue": False,
        "division_code": "220102",
        "county_code": "220102",
        "prefecture_code": "220100",
        "department_id": "education",
        "level_id": "county",
        "channel": "county",
        "revision": 1,
        "fill_date": None,
        "status": "accepted",
        "status_reason_zh": "",
        "simulated": False,
        **changed,
    }


def answers(number: int, texts: dict[str, str]) -> list[dict[str, Any]]:
    rows = []
    for item_id, text in texts.items():
        reading = read_figure(text)
        rows.append(
            {
                "return_id": f"r{number}",
                "submission_id": "s",
                "item_id": item_id,
                "value": reading.value,
                "state": reading.state.value,
                "raw_text": text,
                "file": "表.xlsx",
                "sheet": "表",
                "cell": "E5",
                "notes": [],
            }
        )
    return rows


@pytest.fixture
def write(survey: Survey, tmp_path: Path) -> Write:
    def written(
        returns: list[dict[str, Any]],
        cells: list[dict[str, Any]],
        covers: list[dict[str, Any]] | None = None,
    ) -> Path:
        path, folder = tmp_path / "kepu.duckdb", tmp_path / "录入"
        with Workshop() as workshop:
            workshop.load("returns", returns)
            workshop.load("answers", cells)
            workshop.load("covers", covers or [])
            workshop.write_snapshot(path)
        with Snapshot(path) as snapshot:
            forms.write_national(snapshot, survey, YEAR, folder)
        return folder

    return written


def entered(path: Path) -> dict[str, tuple[Any, Any]]:
    """Value and hint by code of every item in a workbook."""
    found: dict[str, tuple[Any, Any]] = {}
    for sheet in openpyxl.load_workbook(path):
        if sheet.title != "封面":
            for row in sheet.iter_rows(min_row=5, values_only=True):
                found[str(row[1])] = (row[4], row[5] or "")
    return found


FIRST = {
    "staff_full_time": "12",
    "staff_full_time_qualified": "0",
    "staff_full_time_women": "-",
    "staff_full_time_rural": "",
    "staff_full_time_managers": "十来个",
    "fund_raised": "10.125",
}


def test_a_return_keeps_its_five_states(write: Write, survey: Survey) -> None:
    folder = write([a_return(1)], answers(1, FIRST))
    found = entered(folder / "县区" / "长春市" / "南关区" / "单位1.xlsx")
    item = survey.edition_of(YEAR).item
    at = {item_id: found[item[item_id].code] for item_id in FIRST}
    assert at["staff_full_time"] == (12, "")
    assert at["staff_full_time_qualified"] == (0, "")
    assert at["staff_full_time_women"] == ("-", "")
    assert at["staff_full_time_rural"] == (None, "")
    assert at["staff_full_time_managers"][0] is None
    assert "十来个" in at["staff_full_time_managers"][1]
    assert at["fund_raised"] == (10.125, "")
    missing = found[item["volunteers"].code]
    assert missing[0] is None
    assert "没有这一项" in missing[1]


def test_the_sheets_stand_in_the_order_of_the_form(write: Write, survey: Survey) -> None:
    folder = write([a_return(1)], [])
    edition = survey.edition_of(YEAR)
    book = openpyxl.load_workbook(folder / "县区" / "长春市" / "南关区" / "单位1.xlsx")
    assert book.sheetnames == ["封面", *(f"{f.code} {f.name_zh}" for f in edition.forms)]
    for form, sheet in zip(edition.forms, book.worksheets[1:], strict=True):
        codes = [row[1] or "" for row in sheet.iter_rows(min_row=5, values_only=True)]
        assert codes == [item.code for item in edition.items_of(form.form_id)]
        assert "内部资料" in str(sheet["A2"].value)


def test_the_province_is_the_sum_of_what_counts(write: Write, survey: Survey) -> None:
    folder = write(
        [a_return(1), a_return(2), a_return(3, status="rejected"), a_return(4, role="summary")],
        [
            *answers(1, {"staff_full_time": "12", "volunteers": "-", "lectures": "0"}),
            *answers(2, {"staff_full_time": "30", "volunteers": "-", "lectures": "-"}),
            *answers(3, {"staff_full_time": "1000"}),
            *answers(4, {"staff_full_time": "42"}),
        ],
    )
    found = entered(folder / "全省合计.xlsx")
    item = survey.edition_of(YEAR).item
    assert found[item["staff_full_time"].code] == (42, "2 份表有数")
    assert found[item["volunteers"].code] == ("-", "2 份表有数")
    assert found[item["lectures"].code] == (0, "2 份表有数")
    assert found[item["exhibitions"].code] == (None, "没有单位填报")
    assert found[item["science_centers_free_days"].code][0] is None
    assert not list(folder.rglob("单位3.xlsx"))


def test_every_return_has_a_line(write: Write, survey: Survey) -> None:
    folder = write(
        [a_return(1), a_return(2, venue_name="科技馆")],
        [*answers(1, FIRST), *answers(2, {"staff_full_time": "7"})],
    )
    edition = survey.edition_of(YEAR)
    book = openpyxl.load_workbook(folder / "逐单位总表.xlsx")
    rows = list(book.worksheets[1].iter_rows(values_only=True))
    codes = [item.code for item in edition.items_of(edition.forms[0].form_id)]
    assert list(rows[1][2:]) == codes
    by_name = {row[1]: row for row in rows[3:]}
    assert by_name["单位1"][2:7] == (12, 0, "-", None, None)
    assert by_name["单位2（科技馆）"][2] == 7
    assert book.sheetnames == ["封面", *(f"{f.code} {f.name_zh}" for f in edition.forms)]


def test_the_cover_is_as_it_was_filled(write: Write) -> None:
    cover = [
        {
            "return_id": "r1",
            "field_id": "unit_name",
            "raw_text": "=HYPERLINK(1)",
            "sheet": "",
            "cell": "",
        },
        {
            "return_id": "r1",
            "field_id": "phone",
            "raw_text": "0431-88888888",
            "sheet": "",
            "cell": "",
        },
    ]
    folder = write([a_return(1)], [], cover)
    sheet = openpyxl.load_workbook(folder / "县区" / "长春市" / "南关区" / "单位1.xlsx")["封面"]
    filled = {row[0].value: row[1] for row in sheet.iter_rows(min_row=5)}
    assert filled["联系电话"].value == "0431-88888888"
    assert filled["单位名称"].value == "=HYPERLINK(1)"
    assert filled["单位名称"].data_type == "s"


def test_two_returns_of_one_name_get_two_files(write: Write) -> None:
    folder = write([a_return(1, unit_name="甲"), a_return(2, unit_name="甲")], [])
    assert len(list((folder / "县区").rglob("甲*.xlsx"))) == 2


def test_figures_keep_their_digits(write: Write, survey: Survey) -> None:
    folder = write([a_return(1)], answers(1, {"staff_full_time": "2.5"}))
    path = folder / "县区" / "长春市" / "南关区" / "单位1.xlsx"
    cell = next(
        row[4]
        for row in openpyxl.load_workbook(path).worksheets[1].iter_rows(min_row=5)
        if row[1].value == survey.edition_of(YEAR).item["staff_full_time"].code
    )
    assert Decimal(str(cell.value)) == Decimal("2.5")
    assert cell.number_format == "General"
    code = survey.edition_of(YEAR).item["staff_full_time"].code
    assert entered(path)[code][1] == "有小数，先与填报单位核实再录"
    total = entered(folder / "全省合计.xlsx")[code]
    assert total == (2.5, "1 份表有数；有小数，先与填报单位核实再录")


def test_the_lines_are_printed_with_heads_and_names_on_every_page(write: Write) -> None:
    folder = write([a_return(1)], [])
    for sheet in openpyxl.load_workbook(folder / "逐单位总表.xlsx"):
        assert (sheet.print_title_rows, sheet.print_title_cols) == ("$2:$3", "$A:$B")
        assert sheet.page_setup.orientation == "landscape"
        assert "内部资料" in sheet.oddHeader.right.text

"""Every way to fill a cell comes out as the state it is, with its text and address."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from decimal import Decimal

import pytest

from pipelines.survey import Survey
from tests.intake.writing import YEAR, Layout, Office, filled, saved, workbook

ITEM = "fund_raised"


@pytest.mark.parametrize(
    ("cell", "state", "value", "raw"),
    [
        (500, "reported", Decimal(500), "500"),
        (0.1 + 0.2, "reported", Decimal("0.3"), "0.3"),
        (0, "zero", Decimal(0), "0"),
        ("0", "zero", Decimal(0), "0"),
        ("-", "not_applicable", None, "-"),
        ("－", "not_applicable", None, "－"),
        (None, "blank", None, ""),
        ("   ", "blank", None, ""),
        ("１，２００", "reported", Decimal(1200), "１，２００"),
        ("500万元", "reported", Decimal(500), "500万元"),
        ("约500", "unreadable", None, "约500"),
        ("3万", "unreadable", None, "3万"),
        ("5-10", "unreadable", None, "5-10"),
        ("NA", "unreadable", None, "NA"),
        ("None", "unreadable", None, "None"),
        ("无", "not_applicable", None, "无"),
        ("/", "not_applicable", None, "/"),
        ("——", "not_applicable", None, "——"),
        ("#REF!", "unreadable", None, "#REF!"),
        ("=SUM(B2:B9)", "unreadable", None, "=SUM(B2:B9)"),
        (True, "unreadable", None, "TRUE"),
        (1e20, "unreadable", None, "1E+20"),
        (dt.date(2023, 5, 6), "unreadable", None, "2023-05-06"),
    ],
)
def test_a_cell_comes_out_as_it_was_filled(
    office: Office, survey: Survey, cell: object, state: str, value: Decimal | None, raw: str
) -> None:
    received = office.receive(filled(survey, **{ITEM: cell, "staff_full_time": 7}))
    answer = received.answers[ITEM]
    assert (answer["state"], answer["value"], answer["raw_text"].strip()) == (state, value, raw)
    assert received.answers["staff_full_time"]["value"] == 7
    assert received.file["figures_in"] == received.file["figures_loaded"] == 106
    if state == "unreadable":
        assert answer["notes"], "an unreadable cell says why"


def test_blank_error_and_uncomputed_formula_are_three_things(
    office: Office, survey: Survey
) -> None:
    received = office.receive(
        filled(survey, fund_raised=None, fund_used="#DIV/0!", week_fund_raised="=1+1", lectures=3)
    )
    answers = received.answers
    assert answers["fund_raised"]["state"] == "blank"
    assert answers["fund_used"]["notes"] == ["单元格是错误值 #DIV/0!"]
    assert answers["week_fund_raised"]["notes"][0].startswith("公式没有计算结果")


def test_a_small_number_formatted_as_a_date_is_asked_about_with_its_number(
    office: Office, survey: Survey
) -> None:
    edition = survey.edition_of(YEAR)
    book, cells = workbook(edition, {})
    sheet, cell = cells["lectures"]
    book[sheet][cell] = 9
    book[sheet][cell].number_format = "yyyy-mm-dd"
    answer = office.receive(saved(book)).answers["lectures"]
    assert answer["state"] == "unreadable"
    assert "格内原数为 9" in answer["notes"][0]


def test_a_formula_with_a_stored_result_is_its_result(office: Office, survey: Survey) -> None:
    data = patched(
        filled(survey, fund_raised="=1+1"),
        rb"<f>1\+1</f><v ?/>|<f>1\+1</f><v></v>",
        b"<f>1+1</f><v>2</v>",
    )
    assert office.receive(data).answers["fund_raised"]["value"] == 2


def test_last_year_is_never_taken_for_this_year(office: Office, survey: Survey) -> None:
    received = office.receive(filled(survey, Layout(previous=4321), fund_raised=None, lectures=1))
    assert received.answers["fund_raised"]["state"] == "blank"
    assert all(row["value"] != 4321 for row in received.answers.values())


def test_a_lying_dimension_does_not_hide_rows(office: Office, survey: Survey) -> None:
    data = patched(filled(survey, lectures=5), rb'<dimension ref="[^"]*"', b'<dimension ref="A1"')
    assert office.receive(data).answers["lectures"]["value"] == 5


def test_a_faulty_style_does_not_hide_values(office: Office, survey: Survey) -> None:
    data = patched(filled(survey, lectures=5), rb"<fills[^>]*>", b"<fills><fill/>", "styles")
    assert office.receive(data).answers["lectures"]["value"] == 5


def test_cells_under_a_namespace_prefix_are_read_alike(office: Office, survey: Survey) -> None:
    data = filled(survey, fund_raised="#REF!", fund_used="=1+1", lectures=5)
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    data = patched(data, rb"<(/?)(?=[a-zA-Z])", rb"<\1x:")
    data = patched(data, b'xmlns="' + main, b'xmlns:x="' + main)
    answers = office.receive(data).answers
    assert answers["lectures"]["value"] == 5
    assert answers["fund_raised"]["raw_text"] == "#REF!"
    assert answers["fund_used"]["raw_text"] == "=1+1"


def test_cells_without_references_are_counted(office: Office, survey: Survey) -> None:
    data = filled(survey, Layout(down=0), fund_raised="#REF!", lectures=5)
    data = patched(data, rb'<c r="[A-Z]+[0-9]+"', b"<c")
    data = patched(data, rb'(<row) r="\d+"', rb"\1")
    answers = office.receive(data)
    # Without references a writer must write every cell and row; openpyxl leaves blanks out, so
    # such a file is either read or refused, and never read as blank.
    assert answers.file["status"] in {"loaded", "rejected"}
    if answers.file["status"] == "loaded":
        assert answers.answers["fund_raised"]["state"] == "unreadable"


def patched(data: bytes, pattern: bytes, replacement: bytes, part: str = "worksheets/") -> bytes:
    """The workbook with a change in the XML of its parts that openpyxl would not write."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            content = old.read(info)
            if part in info.filename and info.filename.endswith(".xml"):
                content = re.sub(pattern, replacement, content)
            new.writestr(info.filename, content)
    return out.getvalue()

"""A cell whose format shows another number than the file holds is asked about, never taken."""

from __future__ import annotations

import io
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter
import xlwt

from pipelines.intake.formats.number_formats import disguise_of
from pipelines.survey import Survey
from pipelines.survey.notation import read_figure
from tests.conftest import needs_office
from tests.intake.writing import YEAR, Office, saved, workbook


def formatted(survey: Survey, item: str, cell: object, code: str) -> bytes:
    book, cells = workbook(survey.edition_of(YEAR), {"lectures": 7})
    sheet, address = cells[item]
    book[sheet][address] = cell
    book[sheet][address].number_format = code
    return saved(book)


@pytest.mark.parametrize(
    ("item", "cell", "code", "raw", "why"),
    [
        ("fund_raised", 0.125, "0.0%", "12.5%", "百分数格式（格内原数为 0.125）"),
        ("staff_full_time", 0.12, "0%", "12%", "百分数"),
        ("staff_full_time", 12, "0.00%;-0.00%", "1200%", "百分数"),
        ("fund_raised", 30000, '0"万"', "30000万", "万"),
        ("fund_raised", 12345, '0!.0,"万"', "12345", "显示"),
        ("fund_raised", 12345, "#,##0.0,", "12345", "1000 分之一"),
        ("fund_raised", 5, '0"00"', "5", "显示的不是格内的数"),
        ("fund_raised", 500, '0"元"', "500元", "单位与表列不同"),
        ("lectures", 5, ";;;", "5", "隐藏"),
        ("lectures", 1234567, "000-0000", "1234567", "显示的不是格内的数"),
        ("lectures", 20000, '[>=10000]0.0,"千";0', "20000", "1000 分之一"),
        # A sign of currency is a unit: 元, where the form asks for 万元.
        ("fund_raised", 1200, "¥#,##0", "¥1200", "货币符号"),
        ("fund_raised", 1200, '"￥"#,##0.00', "￥1200", "货币符号"),
        ("fund_raised", 1200, "[$¥-804]#,##0.00", "¥1200", "货币符号"),
        ("fund_raised", 5, '_ "¥"* #,##0.00_ ;_ "¥"* \\-#,##0.00_ ;_ @_ ', "¥5", "货币符号"),
        ("fund_raised", 1200, '_("$"* #,##0.00_)', "$1200", "货币符号"),
        ("fund_raised", 1200, "[$USD] #,##0", "USD1200", "单位与表列不同"),
        ("lectures", 5, "¥0", "¥5", "货币符号"),
    ],
)
def test_what_shows_otherwise_is_unreadable(
    office: Office, survey: Survey, item: str, cell: object, code: str, raw: str, why: str
) -> None:
    received = office.receive(formatted(survey, item, cell, code))
    answer = received.answers[item]
    assert (answer["state"], answer["value"], answer["raw_text"]) == ("unreadable", None, raw)
    assert why in answer["notes"][-1]
    assert received.file["status"] == "loaded"


@pytest.mark.parametrize(
    ("item", "cell", "code", "value", "raw"),
    [
        ("fund_raised", 1234.5, "#,##0.00", "1234.5", "1234.5"),
        ("fund_raised", 5, '0"万元"', "5", "5万元"),
        ("lectures", 5, 'General"次"', "5", "5次"),
        ("lectures", 5, "0000", "5", "5"),
        ("lectures", 5, '0;-0;"-"', "5", "5"),
        ("lectures", 12345, "# ##0", "12345", "12345"),
        ("lectures", 5, "0;[Red]0", "5", "5"),
        ("lectures", 900, '[>=10000]0.0,"千";0', "900", "900"),
        ("fund_raised", 0.5, "# ?/?", "0.5", "0.5"),
    ],
)
def test_what_only_looks_different_is_read(
    office: Office, survey: Survey, item: str, cell: object, code: str, value: str, raw: str
) -> None:
    answer = office.receive(formatted(survey, item, cell, code)).answers[item]
    assert (answer["state"], answer["value"]) == ("reported", Decimal(value))
    assert answer["raw_text"] == raw


@pytest.mark.parametrize("number", [5, 6, 7, 8, 42, 44])
def test_currency_formats_that_go_by_their_number(
    office: Office, survey: Survey, number: int
) -> None:
    """Programs write no code for them: 货币 and 会计专用 of every workbook."""
    book = xlsxwriter_book(survey, number)
    answer = office.receive(book).answers["fund_raised"]
    assert (answer["state"], answer["raw_text"]) == ("unreadable", "¥1200")


def xlsxwriter_book(survey: Survey, number: int) -> bytes:
    """The usual questionnaire, copied by a writer that stores the format's number alone."""
    book, cells = workbook(survey.edition_of(YEAR), {"lectures": 7, "fund_raised": 1200})
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as copy:
        money = copy.add_format({"num_format": number})
        for source in book.worksheets:
            sheet = copy.add_worksheet(source.title)
            for line in source.iter_rows():
                for cell in line:
                    is_money = (source.title, cell.coordinate) == cells["fund_raised"]
                    if cell.value is not None:
                        place = (cell.row - 1, cell.column - 1)
                        sheet.write(*place, cell.value, money if is_money else None)
    return out.getvalue()


@pytest.mark.parametrize("text", ["¥1,200", "￥1200", "¥ 1200.00"])
def test_a_text_with_the_sign_and_a_number_formatted_with_it_say_the_same(
    office: Office, survey: Survey, text: str
) -> None:
    book, _ = workbook(survey.edition_of(YEAR), {"lectures": 7, "fund_raised": text})
    answer = office.receive(saved(book)).answers["fund_raised"]
    assert (answer["state"], answer["value"]) == ("unreadable", None)
    assert "货币符号" in answer["notes"][-1]


def test_the_sign_of_yuan_is_the_unit_of_an_item_in_yuan() -> None:
    disguise = disguise_of("¥#,##0.00")
    assert disguise is not None
    shown = disguise.of(1200.5)
    assert shown == "¥1200.5"
    assert read_figure(str(shown), unit="元").value == Decimal("1200.5")
    assert read_figure(str(shown), unit="万元").value is None


def test_a_zero_is_a_zero_however_it_shows(office: Office, survey: Survey) -> None:
    answer = office.receive(formatted(survey, "lectures", 0, '0;-0;"-"')).answers["lectures"]
    assert answer["state"] == "zero"


def test_binary_workbooks_are_asked_alike(office: Office, survey: Survey) -> None:
    edition = survey.edition_of(YEAR)
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("科普统计")
    for column, header in enumerate(("指标名称", "代码", "数量")):
        sheet.write(0, column, header)
    for row, item in enumerate(edition.items, 1):
        sheet.write(row, 0, item.printed_label_zh)
        sheet.write(row, 1, item.code)
        if item.item_id == "staff_full_time":
            sheet.write(row, 2, 0.12, xlwt.easyxf(num_format_str="0%"))
        elif item.item_id == "fund_raised":
            sheet.write(row, 2, 3, xlwt.easyxf(num_format_str='0"万"'))
        else:
            sheet.write(row, 2, 7)
    out = io.BytesIO()
    book.save(out)
    answers = office.receive(out.getvalue(), "县区/报表.xls").answers
    assert (answers["staff_full_time"]["state"], answers["staff_full_time"]["raw_text"]) == (
        "unreadable",
        "12%",
    )
    assert (answers["fund_raised"]["state"], answers["fund_raised"]["raw_text"]) == (
        "unreadable",
        "3万",
    )
    assert answers["lectures"]["value"] == 7


@pytest.mark.office
@needs_office
def test_open_documents_are_asked_alike(office: Office, survey: Survey, tmp_path: Path) -> None:
    source = tmp_path / "表.xlsx"
    book, cells = workbook(survey.edition_of(YEAR), {"lectures": 7})
    for item, value, code in (("staff_full_time", 0.12, "0%"), ("fund_raised", 3, '0"万"')):
        sheet, address = cells[item]
        book[sheet][address] = value
        book[sheet][address].number_format = code
    book.save(source)
    soffice = shutil.which("soffice")
    assert soffice
    command = [
        soffice, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless",
        "--convert-to", "ods", "--outdir", str(tmp_path), str(source),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    received = office.receive((tmp_path / "表.ods").read_bytes(), "县区/报表.ods")
    assert received.answers["staff_full_time"]["raw_text"] == "12%"
    assert received.answers["fund_raised"]["raw_text"] == "3万"
    for item in ("staff_full_time", "fund_raised"):
        assert received.answers[item]["state"] == "unreadable"
    assert received.answers["lectures"]["value"] == 7


@pytest.mark.parametrize("code", ["General", "0", "0.00", "@", "yyyy-mm-dd", "0.00E+00", "0_ "])
def test_usual_formats_cost_no_second_look(code: str) -> None:
    assert disguise_of(code) is None

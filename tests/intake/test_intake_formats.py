"""The same return in every format the line reads, and text in its encodings."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest
import xlwt

from pipelines.forms import write_blank_form
from pipelines.survey import Survey
from tests.conftest import needs_office
from tests.intake.writing import YEAR, Layout, Office, saved, workbook

ANSWERS: dict[str, object] = {
    "lectures": 5, "fund_raised": "１，２００", "fund_used": None, "exhibitions": 0,
    "volunteers": "约3", "week_fund_raised": 12.5,
}  # fmt: skip
WANT = {
    "lectures": ("reported", Decimal(5)),
    "fund_raised": ("reported", Decimal(1200)),
    "fund_used": ("blank", None),
    "exhibitions": ("zero", Decimal(0)),
    "volunteers": ("unreadable", None),
    "week_fund_raised": ("reported", Decimal("12.5")),
    "books_titles": ("not_applicable", None),
}


def rows(survey: Survey) -> list[list[object]]:
    book, _ = workbook(survey.edition_of(YEAR), ANSWERS, layout=Layout(one_sheet=True))
    return [list(row) for row in book.active.iter_rows(values_only=True)]


def said(office: Office, data: bytes, name: str) -> dict[str, tuple[str, Decimal | None]]:
    received = office.receive(data, name)
    assert received.file["status"] == "loaded", received.file["reason_zh"]
    return {item: (a["state"], a["value"]) for item, a in received.answers.items() if item in WANT}


def as_text(survey: Survey, delimiter: str) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerows([["" if cell is None else cell for cell in row] for row in rows(survey)])
    return out.getvalue()


@pytest.mark.parametrize(
    ("encoding", "delimiter", "name"),
    [
        ("utf-8", ",", "表.csv"),
        ("utf-8-sig", ",", "表.csv"),
        ("gb18030", ",", "表.csv"),
        ("gb18030", "\t", "表.xls"),
        ("utf-16", "\t", "表.txt"),
        ("utf-8", ";", "表.csv"),
    ],
)
def test_text_tables(
    office: Office, survey: Survey, encoding: str, delimiter: str, name: str
) -> None:
    assert said(office, as_text(survey, delimiter).encode(encoding), name) == WANT


@pytest.mark.parametrize("name", ["表.xls", "表.et", "表.xlsx"])
def test_binary_workbooks_whatever_they_are_called(
    office: Office, survey: Survey, name: str
) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("科普统计")
    for r, row in enumerate(rows(survey)):
        for c, cell in enumerate(row):
            if cell is not None:
                sheet.write(r, c, cell)
    out = io.BytesIO()
    book.save(out)
    assert said(office, out.getvalue(), name) == WANT


def test_a_formula_without_result_in_a_binary_workbook(office: Office, survey: Survey) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("科普统计")
    for r, row in enumerate(rows(survey)):
        for c, cell in enumerate(row):
            if row[0] == "科普画廊" and c == 3:
                sheet.write(r, c, xlwt.Formula("1+1"))
            elif cell is not None:
                sheet.write(r, c, cell)
    out = io.BytesIO()
    book.save(out)
    answer = office.receive(out.getvalue(), "表.xls").answers["display_galleries"]
    assert answer["state"] == "unreadable"
    assert "公式" in answer["notes"][0]


def test_our_own_blank_form_is_refused_as_blank_and_read_once_filled(
    office: Office, survey: Survey, tmp_path: Path
) -> None:
    import openpyxl

    path = write_blank_form(survey, YEAR, tmp_path / "空白.xlsx")
    assert office.receive(path.read_bytes()).refusal == "K408"
    book = openpyxl.load_workbook(path)
    for sheet in book.worksheets:
        if sheet.title.startswith("KP-"):
            for (cell,) in sheet.iter_rows(min_row=7, min_col=4, max_col=4):
                cell.value = cell.row
    received = office.receive(saved(book))
    assert received.file["status"] == "loaded", received.file["reason_zh"]
    assert len(received.answers) == 106
    assert all(a["cell"] == f"D{a['value']:.0f}" for a in received.answers.values())


@pytest.mark.office
@needs_office
@pytest.mark.parametrize("suffix", ["ods", "xls"])
def test_round_trips_through_libreoffice(
    office: Office, survey: Survey, tmp_path: Path, suffix: str
) -> None:
    answers = {**ANSWERS, "radio_hours": "=1/0", "tv_hours": "=1+1"}
    book, _ = workbook(survey.edition_of(YEAR), answers)
    source = tmp_path / "表.xlsx"
    book.save(source)
    soffice = shutil.which("soffice")
    assert soffice
    command = [
        soffice, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless",
        "--convert-to", suffix, "--outdir", str(tmp_path), str(source),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    data = (tmp_path / f"表.{suffix}").read_bytes()
    assert said(office, data, f"表.{suffix}") == WANT
    answers_read = office.receive(data, f"表.{suffix}").answers
    assert answers_read["tv_hours"]["value"] == 2
    assert answers_read["radio_hours"]["state"] == "unreadable"
    assert answers_read["radio_hours"]["raw_text"].startswith("#DIV/0!")

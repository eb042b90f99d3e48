"""What is suppressed is in no public product, and in the internal one it is."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import openpyxl
import pytest
from pypdf import PdfReader

from pipelines.indicators import Definitions
from pipelines.publish import bulletin, charts, workbook
from pipelines.publish.figures import Figures
from pipelines.publish.sentences import load_sentences
from pipelines.publish.words import Words
from pipelines.survey import Survey
from pipelines.warehouse import Snapshot

YEAR = 2023
JILIN, SIPING = "220200", "220300"


@pytest.fixture(scope="module")
def guarded(two_years: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two prefectures' staff are not published, nor last year's part-time staff of the province."""
    path = tmp_path_factory.mktemp("guarded") / "kepu.duckdb"
    shutil.copyfile(two_years, path)
    with duckdb.connect(str(path)) as con:
        con.execute(
            "INSERT INTO suppressions VALUES"
            f" ({YEAR}, 'staff_total', 'prefecture', '{JILIN}', '', 'primary', 'few'),"
            f" ({YEAR}, 'staff_total', 'prefecture', '{SIPING}', '', 'complementary', 'margin'),"
            f" ({YEAR - 1}, 'staff_part_time', 'province', '220000', '', 'primary', 'few')"
        )
    return path


@pytest.fixture
def opened(guarded: Path) -> Iterator[Snapshot]:
    with Snapshot(guarded) as snapshot:
        yield snapshot


@pytest.fixture
def figures(opened: Snapshot, survey: Survey, definitions: Definitions) -> Figures:
    return Figures(opened, survey, definitions, YEAR)


def cells(path: Path) -> dict[tuple[str, str, str], object]:
    """By sheet, row label and column head, for everything marked as a table."""
    found = {}
    for sheet in openpyxl.load_workbook(path):
        for table in sheet.tables.values():
            heads, *rows = sheet[table.ref]
            for label, *values in rows:
                for head, cell in zip(heads[1:], values, strict=True):
                    found[sheet.title, str(label.value), str(head.value)] = cell.value
    return found


def test_the_public_workbook_prints_x_and_says_why(
    opened: Snapshot, survey: Survey, definitions: Definitions, tmp_path: Path
) -> None:
    path = workbook.write(opened, survey, definitions, YEAR, tmp_path / "公开.xlsx")
    table = cells(path)
    assert table["市州主要指标", "吉林市", "科普人员（人）"] == "x"
    assert table["市州主要指标", "四平市", "科普人员（人）"] == "x"
    assert isinstance(table["市州主要指标", "长春市", "科普人员（人）"], int | float)
    sheet = openpyxl.load_workbook(path)["说明"]
    said = "".join(str(cell.value) for row in sheet for cell in row if cell.value)
    assert "“x”表示为保护填报单位资料不予公布" in said
    assert "内部资料" not in said


def test_the_internal_workbook_has_the_figure_and_says_what_it_is(
    opened: Snapshot, survey: Survey, definitions: Definitions, tmp_path: Path
) -> None:
    path = workbook.write(opened, survey, definitions, YEAR, tmp_path / "内.xlsx", internal=True)
    true = opened.rows(
        "SELECT value FROM indicator_values WHERE indicator_id = 'staff_total' AND year = ?"
        " AND breakdown = 'prefecture' AND member_id = ?",
        [YEAR, JILIN],
    )[0]["value"]
    assert cells(path)["市州主要指标", "吉林市", "科普人员（人）"] == pytest.approx(float(true))
    book = openpyxl.load_workbook(path)
    assert "内部资料" in "".join(str(c.value) for row in book["封面"] for c in row if c.value)
    assert all("内部资料" in str(sheet.oddHeader.right.text) for sheet in book)


def test_a_change_on_a_suppressed_year_is_not_told(
    figures: Figures, opened: Snapshot, survey: Survey, definitions: Definitions, tmp_path: Path
) -> None:
    words = Words(figures, load_sentences())
    assert words.change("staff_part_time") == "上年数不予公布"
    path = workbook.write(opened, survey, definitions, YEAR, tmp_path / "公开.xlsx")
    sheet = openpyxl.load_workbook(path)["主要指标"]
    row = next(row for row in sheet.iter_rows() if row[0].value == "科普兼职人员")
    assert [cell.value for cell in row[1:5]] == ["人", 35166, "x", "x"]


def test_nobody_is_first_or_last_beside_a_suppressed_value(figures: Figures) -> None:
    words = Words(figures, load_sentences())
    assert {m.member_id for m in figures.hidden("staff_total", "prefecture")} == {JILIN, SIPING}
    assert words.sentence({"say": "地区", "it": "staff_total", "by": "prefecture"}) == ""
    assert words.sentence({"say": "地区", "it": "fund_raised", "by": "prefecture"}) != ""
    assert words.rank("staff_total", "prefecture", "220100").endswith("不参加排名")


def test_no_public_page_has_the_suppressed_figure(
    opened: Snapshot, survey: Survey, definitions: Definitions, tmp_path: Path
) -> None:
    drawn = charts.draw(opened, survey, definitions, YEAR, tmp_path / "图")
    path = bulletin.write(opened, survey, definitions, YEAR, drawn, tmp_path / "公报.pdf")
    text = "".join(page.extract_text() for page in PdfReader(path).pages)
    for member in (JILIN, SIPING):
        value = opened.rows(
            "SELECT value FROM indicator_values WHERE indicator_id = 'staff_total' AND year = ?"
            " AND breakdown = 'prefecture' AND member_id = ?",
            [YEAR, member],
        )[0]["value"]
        assert f"{value:,.0f}" not in text
    assert "“x”表示为保护填报单位资料不予公布" in text

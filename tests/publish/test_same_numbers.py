"""Every figure of every public output of one run is that of ``public_indicator_values``, at the
rounding it is printed with; and where one figure is changed in a copy, it is found."""

from __future__ import annotations

import re
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from docx import Document

from pipelines.indicators import load_definitions
from pipelines.publish.briefs import write as write_briefs
from pipelines.publish.office import BUILT_IN
from pipelines.survey import Survey
from pipelines.warehouse import Snapshot
from tests.conftest import Province
from tests.publish.reading_back import Truth, appendix_names, figures_in, problems
from tests.publish.reading_outputs import (
    PIECE,
    draft,
    machine,
    package,
    package_rows,
    page,
    paragraphs_of,
    pdf_differs,
    pdf_text,
    printed,
    word,
)
from tests.publish.reading_places import briefs, chart_list

YEAR = 2023


@pytest.fixture(scope="module")
def reports(province: Province) -> Path:
    return province.root.report(YEAR)


@pytest.fixture(scope="module")
def truth(province: Province) -> Truth:
    return Truth(province.root.snapshot, YEAR, BUILT_IN)


def test_the_machine_edition(truth: Truth, reports: Path) -> None:
    claims = list(machine(truth, reports / "指标表.xlsx"))
    assert len(claims) > 5000
    assert problems(truth, claims) == []


def test_the_print_edition(truth: Truth, reports: Path, survey: Survey) -> None:
    names = dict(appendix_names(survey.edition_of(YEAR)))
    claims = list(printed(truth, reports / "指标表（印刷版）.xlsx", names))
    assert len(claims) > 5000
    assert problems(truth, claims) == []


def test_the_word_edition(truth: Truth, reports: Path) -> None:
    claims = list(word(truth, reports / "公报.docx"))
    assert len(claims) > 500
    assert problems(truth, claims) == []


def test_the_draft_and_the_text_that_is_printed_from_it(truth: Truth, reports: Path) -> None:
    path = reports / "公报文字稿.md"
    claims = list(draft(truth, path))
    assert len(claims) > 80
    assert problems(truth, claims) == []
    # Outside of the brackets there is no figure but the year.
    bare = PIECE.sub("", re.sub(r"<!--.*?-->", "", path.read_text(encoding="utf-8"), flags=re.S))
    assert set(figures_in(bare)) <= {str(YEAR)}
    said = {p.text for p in Document(str(reports / "公报.docx")).paragraphs}
    in_print = re.sub(r"\s", "", pdf_text(reports / "公报.pdf"))
    for paragraph in paragraphs_of(path):
        assert paragraph in said
        assert re.sub(r"\s", "", paragraph) in in_print


def test_the_pdf_prints_what_the_word_edition_says(reports: Path) -> None:
    text, document = pdf_text(reports / "公报.pdf"), Document(str(reports / "公报.docx"))
    assert pdf_differs(text, document) == []


@pytest.mark.parametrize("name", ["indicator_values.csv", "sdmx-indicator-values.csv"])
def test_the_data_package(name: str, truth: Truth, reports: Path) -> None:
    assert package(truth, reports / "数据包" / name) == []


def test_the_parquet_of_the_data_package_is_its_csv(reports: Path) -> None:
    """Parquet has one scale for a column, so that decimals do not tell the rounding."""
    texts, numbers = (
        {row[:5]: (Decimal(row[5]) if row[5] else None, row[6]) for row in package_rows(path)}
        for path in (reports / "数据包").glob("indicator_values.*")
    )
    assert len(texts) > 20000
    assert texts == numbers


def test_the_report_page(truth: Truth, reports: Path) -> None:
    claims = list(page(truth, reports / "index.html"))
    assert len(claims) > 20000
    assert problems(truth, claims) == []


def test_the_list_of_charts(truth: Truth, reports: Path) -> None:
    claims = list(chart_list(truth, reports / "图" / "图表说明.txt"))
    assert len(claims) > 150
    assert problems(truth, claims) == []


def test_what_is_said_of_pictures_is_what_the_list_says(reports: Path) -> None:
    listed = (reports / "图" / "图表说明.txt").read_text(encoding="utf-8-sig")
    pictures = Document(str(reports / "公报.docx")).inline_shapes
    said = [picture._inline.docPr.get("descr") for picture in pictures]
    assert len(said) > 10
    assert [text for text in said if text not in listed] == []


def test_the_briefs(truth: Truth, province: Province, survey: Survey, tmp_path: Path) -> None:
    """A dozen of them, printed from the run's snapshot: a run of the tests makes none."""
    asked = {"220100", "220300", "222400", "220104", "220182", "220421", "220822", "220721"}
    made = load_definitions().with_items(survey)
    with Snapshot(province.root.snapshot) as snapshot:
        written = write_briefs(
            snapshot, survey, made, YEAR, tmp_path, only={*asked, "association", "education"}
        )
    claims = list(briefs(truth, written))
    assert len(claims) > 300
    assert problems(truth, claims) == []


# A figure that is changed is found.


def altered(path: Path, folder: Path, old: str, new: str) -> Path:
    """A copy with one figure changed, in whatever part of a package it stands first."""
    copy = folder / path.name
    if path.suffix not in {".xlsx", ".docx"}:
        text = path.read_text(encoding="utf-8")
        assert old in text
        copy.write_text(text.replace(old, new, 1), encoding="utf-8")
        return copy
    with zipfile.ZipFile(path) as package, zipfile.ZipFile(copy, "w") as changed:
        left = 1
        for name in package.namelist():
            data = package.read(name)
            if left and old.encode() in data:
                data, left = data.replace(old.encode(), new.encode(), 1), 0
            changed.writestr(name, data)
    assert not left
    return copy


@pytest.fixture(scope="module")
def funds(truth: Truth) -> int:
    """经费筹集额 of 长春市, whole 万元."""
    value = truth.values["fund_raised", YEAR, "prefecture", "220100", ""]
    assert value is not None
    assert value == int(value)
    return int(value)


def test_a_changed_figure_is_found_in_the_workbooks(
    truth: Truth, reports: Path, funds: int, survey: Survey, tmp_path: Path
) -> None:
    names = dict(appendix_names(survey.edition_of(YEAR)))
    for name, read in (
        ("指标表.xlsx", lambda path: machine(truth, path)),
        ("指标表（印刷版）.xlsx", lambda path: printed(truth, path, names)),
    ):
        planted = altered(reports / name, tmp_path, f"<v>{funds}</v>", f"<v>{funds + 1}</v>")
        (found,) = problems(truth, list(read(planted)))
        assert "长春市" in found
        assert f"应为 {funds}" in found


def test_a_changed_figure_is_found_in_texts_and_data(
    truth: Truth, reports: Path, funds: int, tmp_path: Path
) -> None:
    document = altered(reports / "公报.docx", tmp_path, f"{funds:,}", f"{funds + 1:,}")
    (found,) = problems(truth, list(word(truth, document)))
    assert f"应为 {funds}" in found
    assert pdf_differs(pdf_text(reports / "公报.pdf"), Document(str(document))) != []
    for name, read, old in (
        ("公报文字稿.md", draft, "｜fund_raised.leaders"),
        ("index.html", page, f"|{funds:,}|"),
    ):
        text = (reports / name).read_text(encoding="utf-8")
        at = text.index(old) if old[0] == "|" else text.rindex("〔", 0, text.index(old))
        figure = next(m for m in re.finditer(r"\d[\d,.]*\d", text) if m.start() > at)[0]
        changed = figure[:-1] + str((int(figure[-1]) + 1) % 10)
        planted = altered(reports / name, tmp_path, text[at : at + 40],
                          text[at : at + 40].replace(figure, changed, 1))  # fmt: skip
        assert problems(truth, list(read(truth, planted))) != []
    charts = reports / "图" / "图表说明.txt"
    first = re.search(r"数据：长春市由([\d.]+)", charts.read_text(encoding="utf-8-sig"))
    assert first is not None
    changed = first[0].replace(first[1], f"{Decimal(first[1]) + 1}")
    found = problems(truth, list(chart_list(truth, altered(charts, tmp_path, first[0], changed))))
    assert len(found) == 1
    table = reports / "数据包" / "indicator_values.csv"
    line = f"fund_raised,{YEAR},prefecture,220100,_Z,{funds}"
    assert (
        len(package(truth, altered(table, tmp_path, line, f"{line[:-1]}{(funds + 1) % 10}"))) == 1
    )

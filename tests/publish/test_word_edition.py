"""The bulletin as a Word document: the same words and figures as the PDF, in real structure."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest
from docx import Document
from docx.oxml.ns import qn

from pipelines.indicators import Definitions
from pipelines.publish import bulletin, word_edition
from pipelines.publish.charts import ChartFile
from pipelines.survey import Survey
from pipelines.warehouse import Snapshot
from tests.publish.conftest import YEAR


def tiny_png() -> bytes:
    """One grey dot."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    body = zlib.compress(b"\0\x80")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.fixture(scope="module")
def charts(tmp_path_factory: pytest.TempPathFactory) -> list[ChartFile]:
    path = tmp_path_factory.mktemp("图") / "经费.png"
    path.write_bytes(tiny_png())
    return [ChartFile("funding_sources", path, "政府拨款占八成", "经费筹集额构成", "funding",
                      alt_zh="各来源的经费")]  # fmt: skip


@pytest.fixture(scope="module")
def composed(
    two_years: Path, survey: Survey, definitions: Definitions, charts: list[ChartFile]
) -> bulletin.Composed:
    with Snapshot(two_years) as snapshot:
        return bulletin.compose(snapshot, survey, definitions, YEAR, charts)


@pytest.fixture(scope="module")
def written(
    composed: bulletin.Composed, charts: list[ChartFile], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    path = tmp_path_factory.mktemp("文字版") / "公报.docx"
    return word_edition.write(composed.content, charts, path)


def test_it_says_what_was_composed(composed: bulletin.Composed, written: Path) -> None:
    content = composed.content
    document = Document(str(written))
    said = [paragraph.text for paragraph in document.paragraphs]
    assert said[0] == content["title"]
    headings = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    assert headings == ["要点", *(chapter["title"] for chapter in content["chapters"])]
    for chapter in content["chapters"]:
        assert set(chapter["paragraphs"]) <= set(said)
    tables = [i for c in content["chapters"] for i in c["items"] if i["kind"] != "chart"]
    found = document.tables[1:]  # the first is the headline figures
    assert len(found) == len(tables)
    for table, told in zip(found, tables, strict=True):
        body = [[cell.text for cell in row.cells] for row in table.rows][-len(told["rows"]) :]
        assert body == [[row["label"], *row["cells"]] for row in told["rows"]]
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    # 29512.50 万元 of 27866.00.
    cards = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert cards[0][:3] == ["科普经费筹集额", "2.95亿元", "比上年增长5.91%"]


def test_findings_stand_out_and_tables_have_one_note(
    composed: bulletin.Composed, written: Path
) -> None:
    document = Document(str(written))
    (first,) = (p for p in document.paragraphs if p.text == composed.content["headline"][0])
    assert [run.text for run in first.runs if run.bold] == [
        "2023年，全省科普经费筹集额2.95亿元，比上年增长5.91%。"
    ]
    tables = [i for c in composed.content["chapters"] for i in c["items"] if i["kind"] != "chart"]
    notes = [p.text for p in document.paragraphs if p.text.startswith("注：")]
    assert notes == [f"注：{''.join(item['notes'])}" for item in tables if item["notes"]]
    # What stands in a chapter without a number is no 表13-1.
    assert "附表1　主要指标解释" in [p.text for p in document.paragraphs]


def test_pictures_are_described_and_marks_stand_on_every_page(
    composed: bulletin.Composed, written: Path
) -> None:
    document = Document(str(written))
    (picture,) = document.inline_shapes
    assert picture._inline.docPr.get("descr") == "各来源的经费"
    assert "模拟数据" in document.sections[0].header.paragraphs[0].text
    assert document.core_properties.language == "zh-CN"
    assert document.core_properties.title == composed.content["title"]


def test_the_same_content_gives_the_same_bytes(
    composed: bulletin.Composed, written: Path, charts: list[ChartFile], tmp_path: Path
) -> None:
    again = word_edition.write(composed.content, charts, tmp_path / "b.docx")
    assert again.read_bytes() == written.read_bytes()


def test_a_year_with_nothing_says_so(
    survey: Survey, definitions: Definitions, tmp_path: Path, nothing: Path
) -> None:
    with Snapshot(nothing) as empty:
        composed = bulletin.compose(empty, survey, definitions, YEAR, ())
    document = Document(str(word_edition.write(composed.content, (), tmp_path / "公报.docx")))
    assert any("没有可公布的数据" in paragraph.text for paragraph in document.paragraphs)

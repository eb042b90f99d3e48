"""The 公报 PDF, read back as text."""

from __future__ import annotations

import io
from dataclasses import replace
from decimal import Decimal

import pytest
from pypdf import PdfReader

from pipelines.errors import FontError
from pipelines.publish import bulletin
from pipelines.publish.bulletin import cell_text
from pipelines.publish.charts import ChartFile
from pipelines.publish.tables import Number
from pipelines.survey import Survey
from pipelines.survey.reference import Divisions
from pipelines.warehouse import Snapshot

YEAR = 2023


def _charts(folder) -> list[ChartFile]:
    """Stand-ins: a plain picture a chart, so that this file tests no drawing."""
    from PIL import Image

    charts = []
    for name in ("funding_sources", "venues_visits", "staff_kinds", "media_new"):
        path = folder / f"图-{name}.png"
        Image.new("RGB", (1600, 700), "white").save(path)
        charts.append(ChartFile(name, path, "经费增长", f"图题{name}", "funding"))
    return charts


def _make(path, survey, definitions, folder) -> bytes:
    with Snapshot(path) as snapshot:
        made = bulletin.write(
            snapshot, survey, definitions, YEAR, _charts(folder), folder / "公报.pdf"
        )
    return made.read_bytes()


@pytest.fixture(scope="module")
def data(two_years, survey, definitions, tmp_path_factory):
    return _make(two_years, survey, definitions, tmp_path_factory.mktemp("公 报"))


@pytest.fixture(scope="module")
def reader(data):
    return PdfReader(io.BytesIO(data))


def _text(reader) -> str:
    return "".join("".join(page.extract_text().split()) for page in reader.pages)


def test_sentences_can_be_found_and_copied(reader):
    text = _text(reader)
    # 29512.50 万元 = 2.95 亿元; growth 5.9086 %; share 78.0009 against 79.9182
    assert "2023年，全省年度科普经费筹集额2.95亿元，比上年增长5.91%。" in text
    assert "占年度科普经费筹集额的78.00%，比上年下降1.92个百分点。" in text
    assert "应报调查表120份" in text


def test_every_page_is_marked(reader):
    assert 8 <= len(reader.pages) <= 16
    for page in reader.pages:
        assert "模拟数据" in page.extract_text()


def test_document_is_tagged_titled_and_bookmarked(reader):
    assert reader.metadata.title == "吉林省2023年度科普统计公报"
    assert reader.metadata.author == "吉林省科学技术厅"
    assert "/StructTreeRoot" in reader.trailer["/Root"]
    titles = [entry.title for entry in reader.outline if not isinstance(entry, list)]
    assert titles[:3] == ["要点", "一、科普经费", "二、科普场地"]


def test_fonts_are_embedded_and_subset(reader):
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].get_object().values():
            inner = font.get_object()["/DescendantFonts"][0].get_object()
            descriptor = inner["/FontDescriptor"].get_object()
            assert {"/FontFile2", "/FontFile3"} & descriptor.keys()
            assert inner["/BaseFont"][7] == "+"


def test_size(data):
    assert len(data) < 5_000_000


def test_same_snapshot_same_bytes(data, two_years, survey, definitions, tmp_path):
    assert _make(two_years, survey, definitions, tmp_path) == data


def test_markup_in_names_is_text(two_years, survey: Survey, definitions, tmp_path):
    odd = "#四平*市_[$1$]"
    rows = tuple(
        row.model_copy(update={"name_zh": odd}) if row.code == "220300" else row
        for row in survey.divisions.rows
    )
    renamed = replace(survey, divisions=Divisions(rows))
    text = _text(PdfReader(io.BytesIO(_make(two_years, renamed, definitions, tmp_path))))
    assert odd in text


def test_a_character_without_glyph_is_an_error(two_years, survey, definitions, tmp_path):
    rows = tuple(
        row.model_copy(update={"name_zh": "四平\U0001f600"}) if row.code == "220300" else row
        for row in survey.divisions.rows
    )
    renamed = replace(survey, divisions=Divisions(rows))
    with pytest.raises(FontError, match="U\\+1F600"):
        _make(two_years, renamed, definitions, tmp_path)


def test_one_real_year_without_nation(one_year, survey, definitions, tmp_path):
    text = _text(PdfReader(io.BytesIO(_make(one_year, survey, definitions, tmp_path))))
    assert "模拟" not in text
    assert "年度科普经费筹集额2.95亿元，上年无数据。" in text
    assert "全国无公布数" in text


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (Number(Decimal("-1.005"), 2), "−1.01"),
        (Number(Decimal("0.5"), 0, signed=True), "+1"),
        (Number(Decimal("-0.001"), 2, signed=True), "0.00"),
        (Number(Decimal(0), 0), "0"),
        ("…", "…"),
    ],
)
def test_cells_in_print(cell, text):
    assert cell_text(cell) == text

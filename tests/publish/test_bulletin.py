"""The 公报 PDF, read back as text."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from decimal import Decimal
from typing import ClassVar

import pytest
from pypdf import PdfReader

from pipelines.errors import FontError, SurveyDefinitionError
from pipelines.publish import bulletin
from pipelines.publish.charts import ChartFile
from pipelines.publish.office import data_file
from pipelines.publish.printed import cell_text
from pipelines.publish.table_book import load_tables
from pipelines.publish.tables import Number
from pipelines.survey import Survey
from pipelines.survey.reference import Divisions
from pipelines.warehouse import Snapshot, Workshop
from tests.publish.conftest import YEAR, _value


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
    assert "2023年，全省科普经费筹集额2.95亿元，比上年增长5.91%。" in text
    assert "占科普经费筹集额的78.00%，比上年下降1.92个百分点。" in text
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


class _Store(Workshop):
    """A workshop read like a snapshot: writing one costs more than all that is asked of it."""

    meta: ClassVar[dict[str, str]] = {}


def _content(path, survey, definitions) -> dict:
    """What is composed for the pages, for what needs no printing."""
    with Snapshot(path) as snapshot:
        return bulletin.compose(snapshot, survey, definitions, YEAR, ()).content


def test_one_real_year_without_nation(one_year, survey, definitions):
    text = json.dumps(_content(one_year, survey, definitions), ensure_ascii=False)
    assert "模拟" not in text
    assert "2023年，全省科普经费筹集额2.95亿元。其中" in text
    # said once, not after every figure
    assert "上年无数据" not in text
    assert text.count("没有2022年度的数据，不与上年比较。") == 1
    assert "全国无公布数" in text


def test_nothing_received_makes_a_short_truthful_bulletin(nothing, survey, definitions, tmp_path):
    reader = PdfReader(io.BytesIO(_make(nothing, survey, definitions, tmp_path)))
    text = _text(reader)
    assert "2023年度没有收到可以汇总的调查表，没有可公布的数据。" in text
    assert "没有应报名录，也没有收到调查表。" in text
    assert "一、统计范围与数据质量" in text
    for word in ("增长", "下降", "科普经费筹集额无数据", "模拟"):
        assert word not in text


def test_few_returns_are_not_called_the_province(one_year, survey, definitions, monkeypatch):
    monkeypatch.setattr("pipelines.publish.figures.FEW_RETURNS", 1000)
    content = _content(one_year, survey, definitions)
    assert content["headline"][0].endswith("份调查表的合计，不代表全省。")


def test_a_theme_without_figures_is_said_in_one_sentence(survey, definitions):
    """Money only, and camps that are not to be published; a hidden theme is no missing one."""
    row = _value(definitions, "fund_raised", YEAR, "province", "220000", "吉林省", Decimal(5))
    camps = {**row, "indicator_id": "camps", "flags": ["suppressed"]}
    with _Store() as store:
        store.load("indicator_values", [row, camps])
        content = bulletin.compose(store, survey, definitions, YEAR, ()).content
    said = {c["title"].split("、")[-1]: c["paragraphs"] for c in content["chapters"]}
    assert said["科普人员"] == ["收到的调查表中没有科普人员的数据。"]
    assert said["科学教育"] == ["为保护填报单位资料，科学教育的数据不予公布。"]
    assert said["科普经费"][0].startswith("2023年，全省科普经费筹集额5万元。")
    # Nothing to show of it either.
    assert [c["items"] for c in content["chapters"] if c["title"].endswith("科普人员")] == [[]]


def test_a_chart_stands_in_its_own_chapter(reader):
    pages = ["".join(page.extract_text().split()) for page in reader.pages]

    def page_of(text: str) -> int:
        return next(n for n, page in enumerate(pages[2:], 2) if text in page)

    chapters = ["一、科普经费", "二、科普场地", "三、科普人员", "四、科普活动"]
    captions = ["图1-1图题funding_sources", "图2-1图题venues_visits", "图3-1图题staff_kinds"]
    for n, caption in enumerate(captions):
        assert page_of(chapters[n]) <= page_of(caption) < page_of(chapters[n + 1])


def test_offices_own_files_are_used_everywhere(two_years, survey, definitions, tmp_path):
    from pipelines.publish import charts

    own = tmp_path / "调查制度" / "publish"
    own.mkdir(parents=True)
    for name, old, new in (
        ("office.yaml", "simulated_zh: 模拟数据", "simulated_zh: 演练数据"),
        ("sentences.yaml", "比上年增长{amount}", "同比增长{amount}"),
        ("charts.yaml", "caption: 科普经费筹集额构成", "caption: 经费从哪里来"),
        ("tables.yaml", "sheet_zh: 主要指标", "sheet_zh: 要览"),
        ("bulletin.yaml", "highlights: 要点", "highlights: 摘要"),
    ):
        text = data_file(name).read_text(encoding="utf-8")
        assert old in text
        (own / name).write_text(text.replace(old, new), encoding="utf-8")
    overlay = own.parent
    book = charts.load_book(overlay)
    first = book.model_copy(update={"charts": book.charts[:1]})
    with Snapshot(two_years) as snapshot:
        made = (snapshot, survey, definitions, YEAR)
        drawn = charts.draw(*made, tmp_path / "图", overlay, first)
        pages = bulletin.write(*made, drawn, tmp_path / "公报.pdf", overlay)
    # 29512.50/27866.00 = 1.0591; 23020/29512.5 = 78.0 %
    assert drawn[0].title_zh == "科普经费筹集额2.95亿元，同比增长5.91%，政府拨款占78.0%"
    text = _text(PdfReader(pages))
    for word in ("演练数据", "同比增长5.91%", "图1-1经费从哪里来", "摘要"):
        assert word in text
    assert "要览" in {spec.sheet_zh for spec in load_tables(overlay).tables}


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (Number(Decimal("1234567.5"), 2), "1,234,567.50"),
        (Number(Decimal("-1.005"), 2), "−1.01"),
        (Number(Decimal("0.5"), 0, signed=True), "+1"),
        (Number(Decimal("-0.001"), 2, signed=True), "0.00"),
        (Number(Decimal(0), 0), "0"),
        ("…", "…"),
    ],
)
def test_cells_in_print(cell, text):
    assert cell_text(cell) == text


def test_all_hidden_is_not_nothing_received(survey, definitions):
    """Somebody answered: that it is not to be published is another thing than nothing."""
    row = _value(definitions, "fund_raised", YEAR, "province", "220000", "吉林省", Decimal(5))
    with _Store() as store:
        store.load("indicator_values", [{**row, "flags": ["suppressed"]}])
        content = bulletin.compose(store, survey, definitions, YEAR, ()).content
    assert content["headline"] == ["为保护填报单位资料，2023年度的数据不予公布。"]
    assert content["cards"] == []


def test_without_charts_of_their_own_the_bulletin_needs_only_its_own():
    shown = bulletin.chart_book()
    assert {"funding_sources", "venues_counties"} <= {chart.id for chart in shown.charts}
    assert "findings_rules" not in {chart.id for chart in shown.charts}
    assert not any(chart.cuts for chart in shown.charts)


def test_an_office_file_that_lacks_a_word_is_refused_with_its_name(tmp_path):
    own = tmp_path / "publish"
    own.mkdir()
    text = data_file("bulletin.yaml").read_text(encoding="utf-8")
    (own / "bulletin.yaml").write_text(text.replace("  all_hidden:", "  hidden:"), encoding="utf-8")
    with pytest.raises(SurveyDefinitionError, match="缺少“all_hidden”"):
        bulletin.chart_book(tmp_path)

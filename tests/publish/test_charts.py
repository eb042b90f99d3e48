"""Charts through their public face: which are drawn, what their titles say, what is the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from pipelines.errors import SurveyDefinitionError
from pipelines.indicators import Definitions
from pipelines.publish.charts import ChartBook, ChartFile, draw, load_book
from pipelines.survey import Survey
from pipelines.warehouse import Snapshot

YEAR = 2023
_QUICK = ("funding_sources", "staff_places", "media_new", "venues_counties", "nation_funding")

Drawing = Callable[..., dict[str, ChartFile]]


@pytest.fixture(scope="module")
def drawn(survey: Survey, definitions: Definitions) -> Drawing:
    def run(path: Path, folder: Path, only: tuple[str, ...] = ()) -> dict[str, ChartFile]:
        book = load_book()
        if only:
            charts = tuple(chart for chart in book.charts if chart.id in only)
            book = book.model_copy(update={"charts": charts})
        with Snapshot(path) as snapshot:
            return {c.id: c for c in draw(snapshot, survey, definitions, YEAR, folder, book=book)}

    return run


@pytest.fixture(scope="module")
def all_charts(
    drawn: Drawing, two_years: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, ChartFile]:
    return drawn(two_years, tmp_path_factory.mktemp("图"))


def test_every_theme_and_the_quality_have_charts(all_charts: dict[str, ChartFile]) -> None:
    assert len(all_charts) >= 14
    themes = {chart.theme for chart in all_charts.values()}
    assert themes == {
        "funding", "venues", "personnel", "media", "activities", "national", "quality"
    }  # fmt: skip


def test_more_than_sixty_pictures_with_the_cuts(all_charts: dict[str, ChartFile]) -> None:
    made = [chart.path for chart in all_charts.values()]
    made += [path for chart in all_charts.values() for path in chart.cuts.values()]
    assert len(made) >= 60
    assert len(set(made)) == len(made)
    assert all(path.is_file() for path in made)


def test_cuts_have_their_pixels_and_the_page_its_printed_size(
    all_charts: dict[str, ChartFile],
) -> None:
    chart = all_charts["funding_per_head_places"]
    with Image.open(chart.cuts["square"]) as square, Image.open(chart.cuts["wide"]) as wide:
        assert square.size == (1080, 1080)
        assert wide.size == (1920, 1080)
    with Image.open(chart.path) as page:
        # As wide as the text of an A4 page, 156 mm, at 200 dots an inch: 1228.3
        assert page.width == 1228
        assert page.info["dpi"] == pytest.approx((200, 200), abs=0.1)
        assert page.info["Description"] == chart.alt_zh


def test_every_chart_is_told_in_words(all_charts: dict[str, ChartFile]) -> None:
    folder = next(iter(all_charts.values())).path.parent
    listing = (folder / "图表说明.txt").read_bytes().decode("utf-8-sig")
    for chart in all_charts.values():
        assert chart.alt_zh in listing
        assert chart.path.name in listing
        assert chart.title_zh.rstrip("。") in chart.alt_zh
        assert chart.caption in chart.alt_zh
    assert "\r\n" in listing
    alt = all_charts["funding_sources"].alt_zh
    assert alt.startswith("构成条图：科普经费筹集额构成。")
    # 23020/29512.5 = 78.00 %, 5062/29512.5 = 17.15 %
    assert "2023年政府拨款78.0%" in alt
    assert "2023年自筹资金17.2%" in alt
    assert alt.endswith("。模拟数据。")


def test_what_is_suppressed_is_in_no_word_of_a_chart(all_charts: dict[str, ChartFile]) -> None:
    # 东丰县 is place 28 of 60: share (60-27)/1830 of 29512.5 万元 is 532.19.
    told = all_charts["funding_places"].told
    assert "东丰县不公布" in told
    assert not any("532" in text for text in told)


def test_svg_are_as_many_and_readable(all_charts: dict[str, ChartFile]) -> None:
    for chart in all_charts.values():
        assert chart.svg is not None
        text = chart.svg.read_text(encoding="utf-8")
        assert text.startswith("<svg ")
        assert chart.title_zh[:4] in text


def test_files_are_numbered_named_and_png(all_charts: dict[str, ChartFile]) -> None:
    paths = [chart.path for chart in all_charts.values()]
    assert paths[0].name == "01-经费-筹集额构成.png"
    assert [int(path.name[:2]) for path in paths] == list(range(1, len(paths) + 1))
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in paths)


@pytest.mark.parametrize(
    ("chart", "title"),
    [
        # (29512.5-27866)/27866 = 5.909%; 23020/29512.5 = 78.0%
        ("funding_sources", "科普经费筹集额2.95亿元，比上年增长5.91%，政府拨款占78.0%"),
        # 12815/28120 = 45.57%, 10890/27020 = 40.30%; 5230/28120 = 18.60%
        ("funding_uses", "使用额中活动支出占45.6%，比上年提高5.3个百分点；其次为行政支出，占18.6%"),
        # (41286-42010)/42010 = -1.723%; 35166/41286 = 85.18%
        ("staff_kinds", "科普人员4.13万人，比上年下降1.72%，兼职人员占85.2%"),
        # 13105/2339.13 万人 is given as 5.6024 元; the nation published 5.76 元 for 2023
        ("funding_special_nation", "吉林省人均科普专项经费5.60元，低于全国0.16元"),
        ("attendance_online", "讲座线上参加人次占55.20%，比上年下降7.20个百分点"),
        ("nation_funding", "全国科普经费筹集额由2006年的46.83亿元增至2024年的222.20亿元"),
        ("association_system", "中国科协系统举办科普讲座由2008年的1240降至2011年的1080"),
    ],
)
def test_titles_say_the_finding(all_charts: dict[str, ChartFile], chart: str, title: str) -> None:
    assert all_charts[chart].title_zh == title


def test_a_suppressed_county_is_not_counted_as_missing(all_charts: dict[str, ChartFile]) -> None:
    # 白山市 has six county units that did not report; 东丰县 is suppressed, which is another thing.
    assert all_charts["venues_counties"].title_zh.endswith("；6个没有数据")


def test_the_same_snapshot_gives_the_same_bytes(
    drawn: Drawing, two_years: Path, tmp_path: Path, all_charts: dict[str, ChartFile]
) -> None:
    again = drawn(two_years, tmp_path, _QUICK)
    for name, other_chart in again.items():
        chart = all_charts[name]
        for one, other in (
            (chart.path, other_chart.path),
            (chart.svg, other_chart.svg),
            *zip(chart.cuts.values(), other_chart.cuts.values(), strict=True),
        ):
            assert one is not None
            assert other is not None
            assert one.read_bytes() == other.read_bytes(), name


def test_a_picture_has_no_clock_and_no_path_in_it(all_charts: dict[str, ChartFile]) -> None:
    for chart in all_charts.values():
        made = [chart.path.read_bytes(), *(path.read_bytes() for path in chart.cuts.values())]
        for content in made:
            assert b"kepu" in content[:400]
            assert b"tIME" not in content
            assert b"Creation Time" not in content
            assert str(chart.path.parent).encode() not in content


def test_an_office_may_change_a_title(tmp_path: Path) -> None:
    own = tmp_path / "publish" / "charts.yaml"
    own.parent.mkdir()
    own.write_text(_built_in().replace("科普经费筹集额构成", "经费从哪里来", 2), encoding="utf-8")
    assert load_book(tmp_path).charts[0].caption == "经费从哪里来"
    assert load_book().charts[0].caption == "科普经费筹集额构成"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("id: funding_uses", "id: funding_sources", "重复：funding_sources"),
        ("form: composition", "form: pie", "form"),
        ("bounds: [100, 200, 500, 1000]", "bounds: [400, 200]", "由小到大"),
        ("    breakdown: venue\n    internal: true\n", "    breakdown: venue\n", "内部资料"),
        (
            "    indicators: [venues_two_exhibition_area, visits_two_kinds]\n",
            "    indicators: [visits_two_kinds]\n",
            "两个指标",
        ),
        ("    cuts: [square, wide]", "    cuts: [round]", "cuts"),
        ("    matrix: 回收矩阵\n", "", "matrix"),
        ("labels: {staff_full_time:", "labels: {staff_half_time:", "不在 indicators 中"),
        ("    theme: funding\n", "    theme: funding\n    colour: red\n", "colour"),
    ],
)
def test_a_malformed_book_names_file_and_reason(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    own = tmp_path / "publish" / "charts.yaml"
    own.parent.mkdir()
    assert old in _built_in()
    own.write_text(_built_in().replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SurveyDefinitionError, match=r"charts\.yaml") as caught:
        load_book(tmp_path)
    assert reason in str(caught.value)


def test_every_indicator_of_the_book_is_defined(definitions: Definitions, survey: Survey) -> None:
    book: ChartBook = load_book()
    known = {d.indicator_id for d in definitions.asked_in(YEAR, survey.edition_of(YEAR))}
    series = {name.series_id for name in survey.series.values()}
    for chart in book.charts:
        allowed = series if chart.form in {"published", "series"} else known
        assert set(chart.indicators) <= allowed | known, chart.id


def _built_in() -> str:
    from pipelines.publish.office import data_file

    return data_file("charts.yaml").read_text(encoding="utf-8")

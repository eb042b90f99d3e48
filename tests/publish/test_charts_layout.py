"""How charts arrange things: runs of years, labels side by side, lines of text, marks and notes."""

from __future__ import annotations

import itertools
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.indicators import Definitions
from pipelines.publish import style
from pipelines.publish.charts import load_book
from pipelines.publish.charts.canvas import wrapped
from pipelines.publish.charts.composition import composition, spread
from pipelines.publish.charts.row_forms import ranking
from pipelines.publish.charts.scene import Picture, Scene
from pipelines.publish.charts.series import Point, runs, series
from pipelines.publish.figures import Figures
from pipelines.publish.office import load_office
from pipelines.publish.sentences import load_sentences
from pipelines.publish.words import Words
from pipelines.survey import Survey
from pipelines.warehouse import Snapshot


def _points(*years: int, anew: int = 0) -> list[Point]:
    return [Point(year, Decimal(1), year == anew) for year in years]


def _years(points: list[Point]) -> list[list[int]]:
    return [[point.year for point in run] for run in runs(points)]


def test_only_neighbouring_years_are_joined() -> None:
    assert _years(_points(2006, 2012, 2015, 2016, 2017)) == [[2006], [2012], [2015, 2016, 2017]]
    assert _years([]) == []


def test_a_break_parts_the_line() -> None:
    assert _years(_points(2019, 2020, 2021, anew=2020)) == [[2019], [2020, 2021]]


@given(
    st.lists(st.tuples(st.floats(0, 100), st.floats(1, 12)), min_size=1, max_size=7),
)
def test_labels_never_overlap_nor_leave_the_room(labels: list[tuple[float, float]]) -> None:
    centres, widths = sorted(c for c, _ in labels), [w for _, w in labels]
    places = spread(centres, widths, 0, 110)
    edges = [(p - w / 2, p + w / 2) for p, w in zip(places, widths, strict=True)]
    assert edges[0][0] >= -1e-6
    assert edges[-1][1] <= 110 + 1e-6
    assert all(a[1] <= b[0] + 1e-6 for a, b in itertools.pairwise(edges))


@given(st.text("科普经费统计，。；123%（）", min_size=1, max_size=200))
def test_wrapping_loses_nothing_and_starts_no_line_with_a_stop(text: str) -> None:
    lines = wrapped(text, 2.0, style.NOTE)
    assert "".join(lines) == text
    assert not any(line[0] in "，。；" for line in lines[1:-1])


def test_a_headline_breaks_where_it_pauses() -> None:
    title = "电视播出科普节目比上年增长4.70%，电台比上年下降10.76%，图书册数比上年下降10.28%"
    assert wrapped(title, 6.0, style.TITLE, at_pauses=True) == [
        "电视播出科普节目比上年增长4.70%，电台比上年下降10.76%，",
        "图书册数比上年下降10.28%",
    ]


def test_tints_grow_darker_in_grey_print() -> None:
    for colour in style.THEME_COLOURS.values():
        greys = [_grey(tint) for tint in style.tints(colour, 5)]
        assert greys == sorted(greys, reverse=True)
        assert min(a - b for a, b in itertools.pairwise(greys)) > 10


def _grey(colour: str) -> float:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue


@pytest.fixture
def scene(snapshot: Snapshot, survey: Survey, definitions: Definitions) -> Scene:
    return _scene(snapshot, survey, definitions)


def _scene(snapshot: Snapshot, survey: Survey, definitions: Definitions) -> Scene:
    figures = Figures(snapshot, survey, definitions, 2023)
    return Scene(figures, Words(figures, load_sentences()), load_office(), load_book().phrases)


def _picture(scene: Scene, chart_id: str) -> Picture:
    forms = {"composition": composition, "ranking": ranking, "series": series}
    chart = next(chart for chart in load_book().charts if chart.id == chart_id)
    return forms[chart.form](chart, scene)


def test_notes_name_source_scope_absence_and_simulation(scene: Scene) -> None:
    notes = "".join(_picture(scene, "funding_per_head_places").notes)
    assert "不是零：白山市" in notes
    assert "资料来源：吉林省2023年度科普统计调查" in notes
    assert "覆盖调查表" in notes
    assert "模拟数据" in notes


def test_published_figures_alone_are_not_called_simulated(scene: Scene) -> None:
    notes = "".join(_picture(scene, "nation_funding").notes)
    assert "模拟数据" not in notes
    assert "科学技术部" in notes
    assert "没有公布数的年份" in notes


def test_real_returns_of_one_year_say_that_nothing_is_compared(
    one_year: Path, survey: Survey, definitions: Definitions
) -> None:
    with Snapshot(one_year) as snapshot:
        picture = _picture(_scene(snapshot, survey, definitions), "staff_kinds")
    notes = "".join(picture.notes)
    assert "没有2022年度的数据，不作比较" in notes
    assert "模拟数据" not in notes
    assert "2022" not in picture.subtitle

"""How charts are laid out: nothing leaves the sheet or lies on anything else, whatever the figures;
nothing is set too small, and what colour says is said in grey print too."""

from __future__ import annotations

import itertools
import re
import shutil
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.indicators import Definitions
from pipelines.publish import style
from pipelines.publish.charts import drawings, load_book, svg
from pipelines.publish.charts.axis import Axis, from_zero, spread
from pipelines.publish.charts.canvas import PAGE, SQUARE, WIDE, Canvas, wrapped
from pipelines.publish.charts.composition import Part, composition, surely_largest
from pipelines.publish.charts.drawing import Box, Dot, Drawing, Line, Stamp, Text, width_of
from pipelines.publish.charts.plot import Point, runs
from pipelines.publish.charts.row_forms import ranking
from pipelines.publish.charts.rows import Row, RowChart
from pipelines.publish.charts.scene import Picture, Scale, Scene
from pipelines.publish.charts.series import series
from pipelines.publish.charts.strips import lifted
from pipelines.publish.figures import Figures
from pipelines.publish.office import load_office
from pipelines.publish.sentences import load_sentences
from pipelines.publish.words import Words
from pipelines.survey import Survey
from pipelines.warehouse import Snapshot

YEAR = 2023
Laid = list[tuple[Picture, Drawing]]

#: What may have become of the figures, as SQL on the made-up province.
_FATES = {
    "as reported": "",
    "nothing reported": "value = NULL, units_covered = 0",
    "all suppressed": "flags = ['suppressed']",
    "all zero": "value = 0",
    "one towers, all grown fourfold": "value = value * CASE WHEN member_id IN ('220721', '220800')"
    f" THEN 4000 WHEN year = {YEAR} THEN 4 ELSE 1 END",
    "huge": "value = 1e7 * value",
}


@pytest.fixture(scope="module", params=_FATES)
def laid_out(
    request: pytest.FixtureRequest,
    two_years: Path,
    survey: Survey,
    definitions: Definitions,
    tmp_path_factory: pytest.TempPathFactory,
) -> Laid:
    """Every chart in every format, public and internal; not painted."""
    path = tmp_path_factory.mktemp("命运") / "kepu.duckdb"
    shutil.copyfile(two_years, path)
    if _FATES[request.param]:
        with duckdb.connect(str(path)) as database:
            database.execute(
                f"UPDATE indicator_values SET {_FATES[request.param]} WHERE breakdown <> 'nation'"
            )
    with Snapshot(path) as snapshot:
        made = (snapshot, survey, definitions, YEAR)
        return [*drawings(*made), *drawings(*made, internal=True)]


def test_no_word_leaves_the_sheet_or_lies_on_another(laid_out: Laid) -> None:
    faults = [fault for _, drawing in laid_out for fault in _faults(drawing)]
    assert faults == []


def test_no_shape_leaves_the_sheet(laid_out: Laid) -> None:
    for _, drawing in laid_out:
        for mark in drawing.marks:
            if isinstance(mark, Box):
                assert mark.x >= 0
                assert mark.x + mark.width <= drawing.width + 0.01, drawing.name
                assert mark.width >= 0
            elif isinstance(mark, Dot):
                assert 0 < mark.x < drawing.width, drawing.name


def test_type_is_never_under_seven_points(laid_out: Laid) -> None:
    sizes = {text.size for _, drawing in laid_out for text in drawing.texts}
    assert min(sizes) >= 7


def test_what_is_made_up_says_so_across_the_plot_in_every_format(laid_out: Laid) -> None:
    for picture, drawing in laid_out:
        stamps = [mark for mark in drawing.marks if isinstance(mark, Stamp)]
        if picture.chart.shows_returns:
            assert "模拟数据" in stamps[0].text
            assert drawing.height * 0.2 < stamps[0].y < drawing.height * 0.8
            assert width_of(stamps[0].text, stamps[0].size, bold=True) > drawing.width * 0.2
            assert "模拟数据" in drawing.alt
        else:
            assert not stamps
        assert ("内部资料" in "".join(stamp.text for stamp in stamps)) is picture.chart.internal


def test_cuts_have_their_shape_and_still_name_the_source(laid_out: Laid) -> None:
    shapes = {"square": 1.0, "wide": 16 / 9}
    for picture, drawing in laid_out:
        form = drawing.name.rsplit("-", 1)[1]
        if form in shapes:
            assert drawing.width / drawing.height == pytest.approx(shapes[form])
            if picture.chart.shows_returns:
                assert "资料来源" in drawing.words
                assert "不得引用" in drawing.words


def _faults(drawing: Drawing) -> Iterator[str]:
    """Words outside the sheet, and words on words; a hair of overlap is not seen."""
    texts = sorted(((text.text, text.extent) for text in drawing.texts), key=lambda t: t[1][1])
    for said, (left, top, right, bottom) in texts:
        if left < 0.5 or right > drawing.width - 0.5 or top < 0 or bottom > drawing.height:
            yield f"{drawing.name}: “{said}” leaves the sheet"
    for n, (said, one) in enumerate(texts):
        for other_said, other in texts[n + 1 :]:
            if other[1] > one[3] - 0.6:
                break
            if min(one[2], other[2]) - max(one[0], other[0]) > 0.3:
                yield f"{drawing.name}: “{said}” lies on “{other_said}”"


# Pieces of which charts are made.


def _points(*years: int, anew: int = 0) -> list[Point]:
    return [Point(year, Decimal(1), year == anew) for year in years]


def _years(points: list[Point]) -> list[list[int]]:
    return [[point.year for point in run] for run in runs(points)]


def test_only_neighbouring_years_are_joined() -> None:
    assert _years(_points(2006, 2012, 2015, 2016, 2017)) == [[2006], [2012], [2015, 2016, 2017]]
    assert _years([]) == []


def test_a_break_parts_the_line() -> None:
    assert _years(_points(2019, 2020, 2021, anew=2020)) == [[2019], [2020, 2021]]


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(1, 12)), min_size=1, max_size=7))
def test_labels_never_overlap_nor_leave_the_room(labels: list[tuple[float, float]]) -> None:
    centres, widths = sorted(c for c, _ in labels), [w for _, w in labels]
    places = spread(centres, widths, 0, 110)
    edges = [(p - w / 2, p + w / 2) for p, w in zip(places, widths, strict=True)]
    assert edges[0][0] >= -1e-6
    assert edges[-1][1] <= 110 + 1e-6
    assert all(a[1] <= b[0] + 1e-6 for a, b in itertools.pairwise(edges))


@given(st.lists(st.floats(0, 30), min_size=1, max_size=12))
def test_dots_of_a_strip_hide_none_where_there_is_room(places: list[float]) -> None:
    lifts = lifted(sorted(places), 1.0, 20.0)
    dots = list(zip(sorted(places), lifts, strict=True))
    for (x, y), (other_x, other_y) in itertools.combinations(dots, 2):
        assert (x - other_x) ** 2 + (y - other_y) ** 2 >= 0.8**2 - 1e-9


@given(
    st.text("科普经费统计，。；123%（）", min_size=1, max_size=200),
    st.floats(20, 90),
    st.booleans(),
)
def test_wrapping_loses_nothing_and_starts_no_line_with_a_stop(
    text: str, room: float, at_pauses: bool
) -> None:
    lines = wrapped(text, room, style.NOTE, at_pauses=at_pauses)
    assert "".join(lines) == text
    # A run of stops longer than a line has nowhere else to go.
    if not re.search(r"[，。；）%]{3,}", text):
        assert not any(line[0] in "，。；" for line in lines[1:])


def test_no_number_is_parted_at_the_end_of_a_line() -> None:
    text = "覆盖调查表一百份，比上年增长1234567.89%，由2006年的46.83亿元增至222.20亿元"
    for room in range(22, 60, 3):
        lines = wrapped(text, room, style.NOTE)
        for number in ("1234567.89%", "46.83", "222.20", "2006"):
            assert sum(number in line for line in lines) == 1, (room, lines)


def test_a_headline_breaks_where_it_pauses() -> None:
    title = "电视播出科普节目比上年增长4.70%，电台比上年下降10.76%，图书册数比上年下降10.28%"
    assert wrapped(title, 152, style.TITLE, at_pauses=True) == [
        "电视播出科普节目比上年增长4.70%，电台比上年下降10.76%，",
        "图书册数比上年下降10.28%",
    ]


@pytest.mark.parametrize(
    ("high", "marks"),
    [
        (1.0, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (47.0, ["0", "10", "20", "30", "40"]),
        (5776.0, ["0", "2000", "4000"]),
        (3.0, ["0", "1", "2", "3"]),
    ],
)
def test_marks_of_an_axis_are_round(high: float, marks: list[str]) -> None:
    assert [text for _, text in Axis(0, high, 0, 100).ticks()] == marks


def test_bars_begin_at_zero_and_a_fall_below_it_goes_the_other_way() -> None:
    axis = from_zero([3.0, 8.0], 10, 90)
    assert axis.at(0) == 10
    assert axis.at(8.0) == 90
    below = from_zero([-2.0, 6.0], 10, 90)
    assert below.at(0) == 30
    assert from_zero([], 0, 10).at(0) == 0


def _row_chart(canvas_form: str, *values: int | None) -> Drawing:
    rows = [
        Row(f"单位{n}", None if v is None else Decimal(v), absent="不公布")
        for n, v in enumerate(values)
    ]
    chart = RowChart(rows, Scale(Decimal(1), "个", 0))
    formats = {"page": PAGE, "square": SQUARE, "wide": WIDE}
    spec = load_book().charts[0]
    picture = Picture(spec, "题", "副题", ("注。",), chart.body_mm, chart.paint)
    return Canvas(picture, formats[canvas_form], ()).laid_out()


@pytest.mark.parametrize("form", ["page", "square", "wide"])
def test_bars_are_as_long_as_their_figures_and_a_gap_is_hatched(form: str) -> None:
    drawing = _row_chart(form, 40, 10, None, 0)
    bars = [mark for mark in drawing.marks if isinstance(mark, Box)]
    full, quarter, gap, nothing = bars
    assert full.x == quarter.x == nothing.x
    assert quarter.width == pytest.approx(full.width / 4)
    assert nothing.width == 0
    assert gap.hatched
    assert not full.hatched
    assert "不公布" in drawing.words


def test_a_bar_below_zero_goes_left_and_its_figure_stands_beside_it() -> None:
    drawing = _row_chart("page", 40, -20)
    up, down = (mark for mark in drawing.marks if isinstance(mark, Box))
    assert down.x + down.width == pytest.approx(up.x)
    assert down.width == pytest.approx(up.width / 2)
    # With a true minus; the mark under the axis says it too.
    _, figure = (text for text in drawing.texts if text.text == "\u221220")
    assert down.y < figure.y < down.y + down.height
    assert figure.extent[2] <= down.x
    assert next(_faults(drawing), None) is None


def test_a_name_of_forty_characters_leaves_room_for_the_bars() -> None:
    name = "吉林省某某市某某区科学技术协会所属青少年科学技术活动中心暨科学技术普及教育基地"
    rows = [Row(name, Decimal(3)), Row("短", Decimal(4))]
    chart = RowChart(rows, Scale(Decimal(1), "个", 0))
    picture = Picture(load_book().charts[0], "题", "副题", (), chart.body_mm, chart.paint)
    drawing = Canvas(picture, SQUARE, ()).laid_out()
    bars = [mark for mark in drawing.marks if isinstance(mark, Box)]
    assert bars[0].x < 0.55 * drawing.width
    assert bars[1].width > 0.2 * drawing.width
    assert next(_faults(drawing), None) is None


def test_tints_grow_darker_in_grey_print() -> None:
    for colour in style.THEME_COLOURS.values():
        greys = [_grey(tint) for tint in style.tints(colour, 5)]
        assert greys == sorted(greys, reverse=True)
        assert min(a - b for a, b in itertools.pairwise(greys)) > 10


def test_what_stands_out_is_darker_than_the_rest_in_grey_print() -> None:
    for colour in (*style.THEME_COLOURS.values(), style.UP, style.DOWN):
        assert _grey(style.MIDDLE) - _grey(colour) > 25, colour


def test_shades_of_the_matrix_tell_more_from_less_in_grey_print(snapshot: Snapshot) -> None:
    from pipelines.publish.charts.matrix import Cell

    shades = [Cell(20, reported, reported).shade for reported in (20, 17, 5)]
    greys = [_grey(shade) for shade in shades]
    assert greys[0] - greys[1] > 20
    assert greys[1] - greys[2] > 20


def _grey(colour: str) -> float:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue


def test_a_drawing_as_svg_keeps_words_as_words_and_is_well_formed() -> None:
    from xml.etree import ElementTree

    drawing = Drawing(50, 20, "图-page", "题<1>", "说明 & 数据")
    drawing.text(1, 5, "经费<增长>", 9, align="right", halo=True)
    drawing.hatch(2, 2, 5, 5)
    drawing.line([(0, 0), (3, 3)], style.INK, dashed=True)
    drawing.dot(4, 4, 5, style.UP, shape="diamond")
    drawing.marks.append(Stamp(25, 10, "模拟数据", 20))
    root = ElementTree.fromstring(svg.written(drawing))
    space = "{http://www.w3.org/2000/svg}"
    assert root.findtext(f"{space}title") == "题<1>"
    assert root.findtext(f"{space}desc") == "说明 & 数据"
    assert [text.text for text in root.iter(f"{space}text")] == ["经费<增长>", "模拟数据"]
    assert "url(#图-page-hatch)" in {rect.get("fill") for rect in root.iter(f"{space}rect")}


def test_text_knows_how_wide_it_is() -> None:
    # A Chinese character is one em: 9 points are 3.175 mm.
    assert width_of("经费", 9) == pytest.approx(2 * 3.175)
    left, _, right, _ = Text(10, 0, "经费", 9, align="middle").extent
    assert [left, right] == pytest.approx([10 - 3.175, 10 + 3.175])


# What pictures say.


@pytest.mark.parametrize(
    ("shares", "surely"),
    [
        # 78 + 17 leave 5, which may all belong to the one not told: it cannot be among the two.
        ((78, 17, None), ["0", "1"]),
        # 40 + 30 leave 30: the untold may be as large as the second.
        ((40, 30, None), ["0"]),
        # 30 leaves 70.
        ((30, None, None), []),
        ((20, 50, 30), ["1", "2", "0"]),
    ],
)
def test_the_largest_part_is_named_only_where_no_untold_one_can_be_larger(
    shares: tuple[int | None, ...], surely: list[str]
) -> None:
    parts = [
        Part(str(n), None if share is None else Decimal(share)) for n, share in enumerate(shares)
    ]
    assert [part.label for part in surely_largest(parts)] == surely


@pytest.fixture
def scene(snapshot: Snapshot, survey: Survey, definitions: Definitions) -> Scene:
    return _scene(snapshot, survey, definitions)


def _scene(snapshot: Snapshot, survey: Survey, definitions: Definitions) -> Scene:
    figures = Figures(snapshot, survey, definitions, YEAR)
    return Scene(figures, Words(figures, load_sentences()), load_office(), load_book().phrases)


_FORMS: dict[str, Callable[..., Picture]] = {
    "composition": composition,
    "ranking": ranking,
    "series": series,
}


def _picture(scene: Scene, chart_id: str) -> Picture:
    chart = next(chart for chart in load_book().charts if chart.id == chart_id)
    return _FORMS[chart.form](chart, scene)


def test_notes_name_source_scope_absence_and_simulation(scene: Scene) -> None:
    picture = _picture(scene, "funding_per_head_places")
    notes, sources = "".join(picture.notes), "".join(picture.sources)
    assert "不是零：白山市" in notes
    assert "资料来源：吉林省2023年度科普统计调查" in sources
    assert "覆盖调查表" in sources
    assert "模拟数据" in sources


def test_published_figures_alone_are_not_called_simulated(scene: Scene) -> None:
    picture = _picture(scene, "nation_funding")
    notes = "".join((*picture.notes, *picture.sources))
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
    assert "比上年" not in picture.alt


def test_lines_and_dots_are_told_apart_without_colour() -> None:
    """The province's points stand beside the nation's line as diamonds."""
    drawing = Drawing(10, 10)
    drawing.dot(1, 1, 4, style.UP, shape="diamond")
    drawing.line([(0, 0), (1, 1)], style.DOWN)
    shapes = [mark.shape for mark in drawing.marks if isinstance(mark, Dot)]
    assert shapes == ["diamond"]
    assert [mark.dashed for mark in drawing.marks if isinstance(mark, Line)] == [False]

"""What each form of chart says and leaves unsaid, on a province whose figures are set by hand."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from pipelines.indicators import Definitions
from pipelines.publish.charts import drawings, load_book
from pipelines.publish.charts.drawing import Box, Dot, Drawing, Line
from pipelines.publish.charts.scene import Picture
from pipelines.survey import Survey
from pipelines.warehouse import Snapshot
from tests.conftest import Province

YEAR = 2023
#: 人均科普经费筹集额 of the nine prefectures, the year before and this year, in 元.
_PER_HEAD = {
    "220100": ("20.00", "22.50"), "220200": ("7.00", "6.50"), "220300": ("12.00", "12.00"),
    "220400": ("15.00", "19.00"), "220500": ("8.00", "8.40"), "220600": ("11.00", "10.00"),
    "220700": ("9.00", "9.90"), "220800": ("10.00", "10.60"), "222400": ("14.00", "14.70"),
}  # fmt: skip

#: A figure of a place, everything else as its 筹集额 has it.
_INSERT = (
    "INSERT INTO indicator_values SELECT $1, year, breakdown, member_id, member2_id, member_zh,"
    " $2, '', NULL, NULL, 5, 5, 1, [] FROM indicator_values WHERE indicator_id = 'fund_raised'"
    " AND year = $3 AND member_id = $4"
)

Look = Callable[..., tuple[Picture, Drawing]]


@pytest.fixture(scope="module")
def look(
    two_years: Path,
    survey: Survey,
    definitions: Definitions,
    tmp_path_factory: pytest.TempPathFactory,
) -> Look:
    """One chart of the book after some figures were set, on the page."""

    def run(
        chart_id: str,
        *changes: str,
        given: Mapping[str, Mapping[str, int]] | None = None,
        sql: str = "",
        internal: bool = False,
    ) -> tuple[Picture, Drawing]:
        path = tmp_path_factory.mktemp("式样") / "kepu.duckdb"
        shutil.copyfile(two_years, path)
        with duckdb.connect(str(path)) as database:
            for member, values in _PER_HEAD.items():
                for year, value in zip((YEAR - 1, YEAR), values, strict=True):
                    database.execute(
                        "UPDATE indicator_values SET value = ?, flags = [] WHERE year = ? AND"
                        " indicator_id = 'fund_raised_per_head' AND member_id = ?",
                        [Decimal(value), year, member],
                    )
            if sql:
                database.execute(sql)
            for indicator, values in (given or {}).items():
                for place, number in values.items():
                    database.execute(_INSERT, [indicator, Decimal(number), YEAR, place])
            for change in changes:
                database.execute(f"UPDATE indicator_values SET {change}")
        book = load_book()
        chart = next(chart for chart in book.charts if chart.id == chart_id)
        one = book.model_copy(update={"charts": (chart.model_copy(update={"cuts": ()}),)})
        with Snapshot(path) as snapshot:
            found = [*drawings(snapshot, survey, definitions, YEAR, book=one, internal=internal)]
        return found[0]

    return run


def test_a_slope_tells_who_rose_and_fell_and_draws_each(look: Look) -> None:
    picture, drawing = look("funding_slope")
    # Up: 长春、辽源、通化、松原、白城、延边; down: 吉林、白山; 四平 stays.  辽源 by 4.00.
    assert picture.title == "6个市（州）人均筹集额比上年增加，2个减少；辽源市增加最多，为4.00元"
    assert len([mark for mark in drawing.marks if isinstance(mark, Dot)]) == 18
    assert "长春市由20.00到22.50（+2.50元）" in picture.told
    assert "四平市由12.00到12.00（持平）" in picture.told


def test_a_slope_names_nobody_as_first_beside_a_value_not_told(look: Look) -> None:
    hide = "flags = ['suppressed'] WHERE indicator_id = 'fund_raised_per_head'"
    picture, _ = look("funding_slope", f"{hide} AND member_id = '220400' AND year = {YEAR}")
    assert "最多" not in picture.title
    assert "不予公布，未画出：辽源市。" in "".join(picture.notes)
    assert not any("辽源市" in text for text in picture.told)


def test_a_slope_joins_nothing_over_a_break(look: Look) -> None:
    whole = look("funding_slope")[1]
    broken = look(
        "funding_slope",
        f"flags = ['break'] WHERE indicator_id = 'fund_raised_per_head' AND year = {YEAR}"
        " AND member_id = '220100'",
    )[1]

    def joins(drawing: Drawing) -> int:
        return len([m for m in drawing.marks if isinstance(m, Line) and m.width == 1.6])

    assert (joins(whole), joins(broken)) == (9, 8)
    assert "口径调整，不比较" in broken.words


def test_the_first_of_a_ranking_stands_out_only_where_none_is_hidden(look: Look) -> None:
    funding = "#D55E00"

    def emphasised(drawing: Drawing) -> int:
        return len([m for m in drawing.marks if isinstance(m, Dot) and m.fill == funding])

    open_, hidden = (
        look("funding_per_head_places"),
        look(
            "funding_per_head_places",
            "flags = ['suppressed'] WHERE indicator_id = 'fund_raised_per_head'"
            f" AND member_id = '220500' AND year = {YEAR}",
        ),
    )
    assert emphasised(open_[1]) == 2
    assert open_[0].title.startswith("人均科普经费筹集额长春市最高，为吉林市的3.5倍")
    assert emphasised(hidden[1]) == 0
    assert hidden[0].title == "市（州）人均科普经费筹集额"
    assert [m.hatched for m in hidden[1].marks if isinstance(m, Box)] == [True]


def test_the_largest_of_pairs_is_not_named_beside_a_value_not_told(look: Look) -> None:
    # 科普讲座 812万, 专题展览 523万.
    assert look("attendance_kinds")[0].title.startswith("科普讲座参加人次最多，为812.00万人次")
    hide = "flags = ['suppressed'] WHERE breakdown = 'province' AND indicator_id = "
    picture, drawing = look("attendance_kinds", f"{hide}'trainings_attendance'")
    assert picture.title == "各类科普活动参加人次"
    assert "不公布" in drawing.words


def test_without_a_figure_a_chart_says_so_and_draws_nothing(look: Look) -> None:
    for chart in ("staff_peers", "staff_pyramid", "venues_scatter"):
        picture, drawing = look(chart)
        assert picture.blank, chart
        assert "没有数据" in "".join(picture.notes), chart
        assert not [mark for mark in drawing.marks if isinstance(mark, Dot)], chart
        assert any(mark.hatched for mark in drawing.marks if isinstance(mark, Box)), chart


def test_strips_give_each_group_its_own_middle(look: Look) -> None:
    """白城市's five county units have 10, 20, 30, 40 and 90; two of 四平市's have 5 and 7."""
    given = {"220802": 10, "220821": 20, "220822": 30, "220881": 40, "220882": 90}
    given |= {"220302": 5, "220303": 7}
    picture, drawing = look("staff_peers", given={"staff_per_10k": given})
    assert "白城市10.00—90.00，中位数30.00" in picture.told
    # Two have no middle; the other three of 四平市 are counted.
    assert "四平市5.00—7.00，3个无数据或不公布" in picture.told
    assert len([mark for mark in drawing.marks if isinstance(mark, Dot)]) == 7
    # 60 county units, 7 with a figure.
    assert "53个县（市、区）没有数据，未画出，不是零。" in picture.notes


def test_a_pyramid_has_one_scale_for_both_sides(look: Look) -> None:
    given = {
        "staff_full_time": {"220100": 100, "220200": 50},
        "staff_part_time": {"220100": 400, "220200": 200},
    }
    picture, drawing = look("staff_pyramid", given=given)
    # 35166/6120 = 5.746
    assert picture.title == "科普专职人员6120人，兼职人员3.52万人，兼职是专职的5.7倍"
    bars = [mark for mark in drawing.marks if isinstance(mark, Box) and not mark.hatched]
    widths = [bar.width for bar in bars]
    assert widths == pytest.approx([widths[0] * n for n in (1, 4, 0.5, 2)])
    assert picture.told[0] == "长春市专职人员100、兼职人员400"
    assert len([mark for mark in drawing.marks if isinstance(mark, Box) and mark.hatched]) == 14


def test_a_scatter_has_the_cross_of_medians_and_counts_what_is_not_drawn(look: Look) -> None:
    areas = {"220100": 9000, "220200": 100, "220300": 200, "220400": 300, "220500": 400}
    visits = {"220100": 90, "220200": 10, "220300": 20, "220400": 30, "220500": 500}
    areas |= {"220700": 0, "220800": 800}
    visits |= {"220700": 0, "220800": 80}
    given = {"venues_two_exhibition_area": areas, "visits_two_kinds": visits}
    own = "DELETE FROM indicator_values WHERE indicator_id = 'visits_two_kinds'"
    picture, drawing = look("venues_scatter", given=given, sql=own)
    # 松原市 has neither area nor visit; 白山市 and 延边 have no row.
    assert picture.title == "通化市参观人次最多，为500人次；长春市展厅面积最大，为9000平方米"
    assert "1个市（州）两项都是零，未画出。" in picture.notes
    assert "2个市（州）没有数据，未画出，不是零。" in picture.notes
    # Of 100 200 300 400 800 9000 and 10 20 30 80 90 500.
    assert "中位数350" in drawing.words
    assert "中位数55" in drawing.words
    assert len([mark for mark in drawing.marks if isinstance(mark, Dot)]) == 6


def test_single_venues_stand_on_internal_charts_only(
    two_years: Path, survey: Survey, definitions: Definitions
) -> None:
    with Snapshot(two_years) as snapshot:
        public = {p.chart.id for p, _ in drawings(snapshot, survey, definitions, YEAR)}
        internal = {
            p.chart.id for p, _ in drawings(snapshot, survey, definitions, YEAR, internal=True)
        }
    book = load_book()
    assert internal == {chart.id for chart in book.charts if chart.internal}
    assert internal
    assert not public & internal


def test_years_of_our_own_say_only_what_may_be_compared(look: Look) -> None:
    # 27866 万元 and 29512.5 万元.
    picture, _ = look("years_own")
    assert picture.title == "科普经费筹集额由2022年的2.79亿元增至2023年的2.95亿元"
    broken, drawing = look(
        "years_own",
        f"flags = ['break'] WHERE indicator_id = 'fund_raised' AND year = {YEAR}"
        " AND breakdown = 'province'",
    )
    assert broken.title == "历年主要指标"
    assert "2023年起口径调整，线在此断开" in "".join(broken.notes)
    lines = [m for m in drawing.marks if isinstance(m, Line) and m.width == 2.0]
    # Three of four plots have a line; the broken one has its two dots.
    assert len(lines) == 3
    assert len([m for m in drawing.marks if isinstance(m, Dot)]) == 8


def test_small_plots_of_places_hide_what_is_not_told(look: Look) -> None:
    picture, _ = look(
        "staff_panels",
        "flags = ['suppressed'] WHERE indicator_id = 'staff_per_10k' AND member_id = '220200'"
        f" AND year = {YEAR - 1} AND breakdown = 'prefecture'",
    )
    assert "有的年份不予公布：吉林市。" in "".join(picture.notes)
    assert picture.title == "各市（州）每万人口科普人员"
    jilin = next(text for text in picture.told if text.startswith("吉林市"))
    assert "2023年" in jilin
    assert "2022年" not in jilin


def test_a_map_of_zeros_names_no_first(look: Look) -> None:
    picture, _ = look(
        "funding_places", "value = 0 WHERE breakdown = 'county' AND indicator_id = 'fund_raised'"
    )
    assert picture.title == "县（市、区）科普经费筹集额"


def test_classes_of_a_map_stay_in_the_unit_of_their_bounds(look: Look) -> None:
    """A county of more than 1 亿元 must not turn bounds in 万元 into bounds in 亿元."""
    picture, drawing = look(
        "funding_places",
        f"value = 123456 WHERE breakdown = 'county' AND member_id = '220102' AND year = {YEAR}"
        " AND indicator_id = 'fund_raised'",
    )
    assert "县（市、区）按单位所在地" in picture.subtitle
    assert "，万元；" in picture.subtitle
    assert "南关区123456" in picture.told
    # 宽城区 is place 2 of 60: 59/1830 of 29512.5 is 951.50, between 500 and 1000.
    assert "宽城区952" in picture.told
    squares = [m for m in drawing.marks if isinstance(m, Box) and not m.hatched and m.width > 7]
    # All five classes are in use: shares run from 16.1 to 951.5, and one county is above 1000.
    assert len(squares) == 53
    assert [square.fill for square in squares].count("#D55E00") == 1
    assert len({square.fill for square in squares}) == 5


def test_a_first_year_says_one_year_and_compares_nothing(
    one_year: Path, survey: Survey, definitions: Definitions
) -> None:
    with Snapshot(one_year) as snapshot:
        pictures = {p.chart.id: p for p, _ in drawings(snapshot, survey, definitions, YEAR)}
    assert pictures["funding_sources"].title == "科普经费筹集额2.95亿元，政府拨款占78.0%"
    assert pictures["nation_funding"].title == "全国科普经费筹集额"
    assert pictures["nation_funding"].blank
    assert pictures["association_system"].blank
    assert "，2023年；" in pictures["years_own"].subtitle
    assert pictures["years_own"].title == "历年主要指标"
    assert pictures["funding_slope"].blank
    assert "没有2022年度的数据，不作比较。" in pictures["funding_slope"].notes
    assert not any("比上年" in p.title + p.alt for p in pictures.values())


def test_each_venue_is_one_dot_of_the_internal_chart(
    province: Province, survey: Survey, definitions: Definitions
) -> None:
    """Counted a second way: return by return, from what was filled in."""
    wanted = {"science_centers", "science_museums"}
    with Snapshot(province.root.snapshot) as snapshot:
        answers = snapshot.rows(
            "SELECT return_id, item_id, amount FROM counted_answers JOIN counted_returns"
            " USING (return_id) WHERE counted_answers.year = ? AND is_venue",
            [province.year],
        )
        made = [*drawings(snapshot, survey, definitions, province.year, internal=True)]
    visits: dict[str, Decimal] = {}
    areas: dict[str, Decimal] = {}
    for row in answers:
        for sums, what in ((visits, "visits"), (areas, "exhibition_area")):
            if row["item_id"] in {f"{kind}_{what}" for kind in wanted} and row["amount"]:
                sums[row["return_id"]] = sums.get(row["return_id"], Decimal(0)) + row["amount"]
    picture, drawing = next(pair for pair in made if pair[0].chart.id == "venues_each")
    dots = [mark for mark in drawing.marks if isinstance(mark, Dot)]
    assert len(dots) == len(visits.keys() | areas.keys()) == len(picture.told) > 3
    assert "内部资料" in picture.alt
    assert "不得对外提供" in "".join(picture.sources)

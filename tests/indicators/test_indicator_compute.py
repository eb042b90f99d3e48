"""A province small enough to reckon by hand: three counties, two departments, two years."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from indicator_province import Key, Province

from pipelines.indicators import Definitions
from pipelines.survey import Survey
from pipelines.warehouse import Workshop

NANGUAN, CHAOYANG, YANJI = "220102", "220104", "222401"
CHANGCHUN, YANBIAN, SIPING, TIEXI = "220100", "222400", "220300", "220302"
PROVINCIAL_UNITS = "22Z900"
Rows = dict[Key, dict[str, Any]]


def build(province: Province) -> Province:
    """2022: every state of a cell; 2021: a plain year before."""
    education = {"department": "education", "channel": "department"}
    province.add(
        2022,
        NANGUAN,
        {
            "staff_full_time": "10",
            "staff_part_time": "30",
            "volunteers": "5",
            "fund_raised": "100.25",
            "fund_raised_government": "80",
            "fund_raised_government_special": "40",
        },
        unit="a",
    )
    province.add(
        2022,
        NANGUAN,
        {
            "staff_full_time": "0",
            "staff_part_time": "-",
            "volunteers": "",
            "fund_raised": "约5",
            "fund_raised_government": "20",
        },
        status="queried",
        unit="b",
        **education,
    )
    province.add(
        2022,
        CHAOYANG,
        {"staff_full_time": "2", "staff_part_time": "", "volunteers": "", "fund_raised": "0.10"},
        unit="c",
        level="prefectural",
    )
    province.add(2022, YANJI, {"volunteers": "-"}, unit="d", **education)
    # Not counted: sent back, replaced, a sub-total.
    for status in ("rejected", "superseded", "duplicate"):
        province.add(2022, YANJI, {"staff_full_time": "1000"}, status=status)
    province.add(2022, YANJI, {"staff_full_time": "1000"}, role="summary")
    province.add(2021, NANGUAN, {"staff_full_time": "8", "volunteers": "4"}, unit="a")
    for unit, division in (("a", NANGUAN), ("b", NANGUAN), ("c", CHAOYANG), ("x", TIEXI)):
        province.expect(2022, division, unit)
    return province


@pytest.fixture(scope="module")
def rows(survey: Survey, definitions: Definitions) -> Rows:
    return build(Province(survey)).compute(definitions)


def row(rows: Rows, indicator: str, breakdown: str, member: str, year: int = 2022) -> Any:
    return rows[indicator, year, breakdown, member, ""]


def value(rows: Rows, indicator: str, breakdown: str, member: str, year: int = 2022) -> Any:
    return row(rows, indicator, breakdown, member, year)["value"]


def test_dash_counts_as_zero_and_blank_and_unreadable_do_not_count(rows: Rows) -> None:
    part_time = row(rows, "staff_part_time", "county", NANGUAN)
    assert (part_time["value"], part_time["units_covered"]) == (Decimal(30), 2)
    fund = row(rows, "fund_raised", "county", NANGUAN)
    assert (fund["value"], fund["units_covered"]) == (Decimal("100.25"), 1)
    volunteers = row(rows, "volunteers", "county", NANGUAN)
    assert (volunteers["value"], volunteers["units_covered"]) == (Decimal(5), 1)


def test_missing_is_not_zero(rows: Rows) -> None:
    """朝阳区: nobody gave volunteers. 延吉市: somebody said that there are none."""
    nobody = row(rows, "volunteers", "county", CHAOYANG)
    assert (nobody["value"], nobody["units_covered"]) == (None, 0)
    none = row(rows, "volunteers", "county", YANJI)
    assert (none["value"], none["units_covered"]) == (Decimal(0), 1)


def test_a_member_without_any_return_still_has_a_row(rows: Rows, survey: Survey) -> None:
    siping = row(rows, "staff_full_time", "prefecture", SIPING)
    assert (siping["value"], siping["units_covered"]) == (None, 0)
    assert (siping["units_expected"], siping["response_rate"]) == (1, Decimal(0))
    found = {key[3] for key in rows if key[:3] == ("staff_full_time", 2022, "county")}
    assert found == {d.code for d in survey.divisions.county_units(2022)}


def test_only_counted_returns_count(rows: Rows) -> None:
    assert value(rows, "staff_full_time", "county", YANJI) is None
    assert value(rows, "staff_full_time", "province", "220000") == 12


def test_response_is_of_the_register_and_missing_without_one(rows: Rows) -> None:
    province = row(rows, "staff_full_time", "province", "220000")
    assert (province["units_expected"], province["response_rate"]) == (4, Decimal("0.75"))
    last = row(rows, "staff_full_time", "province", "220000", 2021)
    assert (last["units_expected"], last["response_rate"]) == (None, None)
    unexpected = row(rows, "staff_full_time", "county", YANJI)
    assert (unexpected["units_expected"], unexpected["response_rate"]) == (0, None)


def test_ratio_is_sum_over_sum_never_a_mean_of_ratios(rows: Rows) -> None:
    """南关: 100 of 100.25 万元 from government; 朝阳: none of 0.10.  The mean would be half."""
    share = row(rows, "government_share", "prefecture", CHANGCHUN)
    assert (share["numerator"], share["denominator"]) == (Decimal(100), Decimal("100.35"))
    assert share["value"] == Decimal("99.651220727453911")  # 10000 / 100.35 = 99.65122072745391…


def test_a_sum_of_items_covers_a_return_once(rows: Rows) -> None:
    total = row(rows, "staff_total", "county", NANGUAN)
    assert (total["value"], total["units_covered"]) == (Decimal(40), 2)


def test_what_a_sum_lacks_is_said(rows: Rows) -> None:
    assert row(rows, "staff_total", "county", CHAOYANG)["value"] == Decimal(2)
    assert "partial" in row(rows, "staff_total", "county", CHAOYANG)["flags"]
    assert "partial" not in row(rows, "staff_total", "county", NANGUAN)["flags"]


def test_zero_denominator_gives_no_ratio(province: Province, definitions: Definitions) -> None:
    province.add(2022, NANGUAN, {"books_copies": "7", "books_titles": "0"})
    found = row(province.compute(definitions), "copies_per_book", "province", "220000")
    assert (found["numerator"], found["denominator"], found["value"]) == (7, 0, None)


def test_a_figure_that_rests_on_a_queried_return_is_provisional(rows: Rows) -> None:
    assert "provisional" in row(rows, "staff_full_time", "county", NANGUAN)["flags"]
    # The queried return left volunteers blank: that figure does not rest on it.
    assert "provisional" not in row(rows, "volunteers", "county", NANGUAN)["flags"]
    assert "provisional" not in row(rows, "staff_full_time", "county", CHAOYANG)["flags"]
    # A ratio rests on its denominator too.
    assert "provisional" in row(rows, "government_share", "county", NANGUAN)["flags"]


def test_per_head_divides_by_the_population_of_the_same_territory(rows: Rows) -> None:
    """2022: 40 万元 over the province's 2347.69 万人; 长春 906.54 万人; 南关 census 2020."""
    province = row(rows, "fund_special_per_head", "province", "220000")
    assert province["denominator"] == 23476900
    assert province["value"] == Decimal("0.017038024611426")  # 400000 / 23476900
    assert province["flags"] == []
    changchun = row(rows, "fund_special_per_head", "prefecture", CHANGCHUN)
    assert changchun["denominator"] == 9065400
    nanguan = row(rows, "fund_special_per_head", "county", NANGUAN)
    assert nanguan["denominator"] == 657682 + 408740  # with 净月 zone, which it carries
    assert nanguan["flags"] == ["census", "population_year:2020"]


def test_a_population_belongs_to_places_only(rows: Rows) -> None:
    with_population = {key[2] for key in rows if key[0] == "fund_special_per_head"}
    places = {"province", "prefecture", "county", "prefecture_apart", "county_apart"}
    assert with_population == places


def test_departments_levels_and_channels(rows: Rows) -> None:
    assert value(rows, "staff_full_time", "department", "science_association") == 12
    assert value(rows, "staff_full_time", "department", "education") == 0
    assert value(rows, "staff_full_time", "department", "health") is None
    assert value(rows, "staff_full_time", "level", "county") == 10
    assert value(rows, "staff_full_time", "level", "prefectural") == 2
    assert value(rows, "staff_full_time", "level", "central") is None
    assert value(rows, "staff_full_time", "channel", "county") == 12
    assert value(rows, "staff_full_time", "channel", "department") == 0


def test_cross_table_of_prefecture_and_department(rows: Rows) -> None:
    found = rows["staff_total", 2022, "prefecture_department", CHANGCHUN, "science_association"]
    assert found["value"] == 42
    assert found["member_zh"] == "长春市：科协组织"
    listed = {key[0] for key in rows if key[2] == "prefecture_department"}
    assert "staff_total" in listed
    assert "staff_full_time_women" not in listed


def test_units_that_sit_in_no_county_or_prefecture_close_the_totals(
    province: Province, definitions: Definitions
) -> None:
    province.add(2022, NANGUAN, {"staff_full_time": "1"})
    province.add(2022, CHANGCHUN, {"staff_full_time": "2"})
    province.add(2022, PROVINCIAL_UNITS, {"staff_full_time": "4"}, department="", level="")
    rows = province.compute(definitions)
    assert value(rows, "staff_full_time", "county", CHANGCHUN) == 2
    assert row(rows, "staff_full_time", "county", CHANGCHUN)["member_zh"] == "长春市（未落区县）"
    assert value(rows, "staff_full_time", "prefecture", CHANGCHUN) == 3
    assert value(rows, "staff_full_time", "prefecture", "none") == 4
    assert value(rows, "staff_full_time", "county", "none") == 4
    assert value(rows, "staff_full_time", "department", "none") == 4
    assert value(rows, "staff_full_time", "level", "none") == 4
    nowhere = row(rows, "staff_per_10k", "prefecture", "none")
    assert (nowhere["value"], nowhere["flags"]) == (None, ["no_population"])
    unplaced = row(rows, "staff_per_10k", "county", CHANGCHUN)
    assert (unplaced["numerator"], unplaced["denominator"], unplaced["value"]) == (2, None, None)


def test_changbaishan_and_zones_count_in_the_county_that_carries_them(
    province: Province, definitions: Definitions
) -> None:
    province.add(2022, "22Z600", {"volunteers": "3"})
    province.add(2022, "220171", {"volunteers": "4"})
    rows = province.compute(definitions)
    assert value(rows, "volunteers", "county", "222426") == 3
    assert value(rows, "volunteers", "prefecture", YANBIAN) == 3
    assert value(rows, "volunteers", "prefecture", CHANGCHUN) == 4


def test_free_days_are_averaged_over_venues(province: Province, definitions: Definitions) -> None:
    for days in ("300", "200", ""):
        province.add(2022, NANGUAN, {"science_centers": "1", "science_centers_free_days": days})
    found = row(province.compute(definitions), "science_centers_free_days", "county", NANGUAN)
    assert (found["numerator"], found["denominator"]) == (500, 3)
    assert found["units_covered"] == 2
    assert found["value"] == Decimal("166.666666666666666")


def test_a_break_is_flagged_against_the_year_loaded_before(
    province: Province, definitions: Definitions
) -> None:
    for year in (2015, 2021, 2022):
        province.add(year, NANGUAN, {"lectures": "3", "fund_raised": "1"})
    rows = province.compute(definitions)
    assert "break" in row(rows, "lectures", "province", "220000", 2021)["flags"]
    assert "break" not in row(rows, "lectures", "province", "220000", 2022)["flags"]
    assert "break" not in row(rows, "lectures", "province", "220000", 2015)["flags"]
    assert "break" not in row(rows, "fund_raised", "province", "220000", 2021)["flags"]


def test_an_item_not_asked_that_year_is_missing_and_says_so(
    province: Province, definitions: Definitions
) -> None:
    province.add(2015, NANGUAN, {"lectures": "3"})
    rows = province.compute(definitions)
    assert ("lectures", 2015, "province", "220000", "") in rows
    for indicator in ("lectures_online", "exhibits_share_of_use"):
        found = row(rows, indicator, "province", "220000", 2015)
        assert (found["value"], found["flags"]) == (None, ["not_asked"])
        assert {key[2] for key in rows if key[0] == indicator} == {"province"}


def test_gongzhuling_moves_with_its_code(province: Province, definitions: Definitions) -> None:
    province.add(2015, "220381", {"volunteers": "3"})
    province.add(2021, "220184", {"volunteers": "4"})
    rows = province.compute(definitions)
    assert value(rows, "volunteers", "prefecture", SIPING, 2015) == 3
    assert value(rows, "volunteers", "prefecture", CHANGCHUN, 2021) == 4


def test_the_catalogue_is_described(
    province: Province, survey: Survey, definitions: Definitions
) -> None:
    from pipelines.indicators import compute

    with Workshop() as workshop:
        compute(workshop, survey, definitions)
        described = {r["indicator_id"]: r for r in workshop.table("indicators").to_pylist()}
    items = {item.item_id for edition in survey.editions for item in edition.items}
    assert items <= set(described)
    assert all(r["unit"] and r["formula_zh"] and r["name_zh"] for r in described.values())


def test_the_same_returns_in_another_order_give_the_same_rows(
    survey: Survey, definitions: Definitions
) -> None:
    there, back = build(Province(survey)), build(Province(survey))
    back.returns.reverse()
    back.answers.reverse()
    assert list(there.compute(definitions).items()) == list(back.compute(definitions).items())

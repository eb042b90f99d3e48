"""Figures on three territories, never mixed: as divided in the year, apart, and constant."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from indicator_province import Key, Province

from pipelines.indicators import Definitions
from pipelines.indicators.population import Denominators
from pipelines.indicators.territory import Territory
from pipelines.survey import Survey

CHANGCHUN, SIPING, TONGHUA, YANBIAN = "220100", "220300", "220500", "222400"
MEIHEKOU, CHANGBAISHAN = "220581", "22Z600"
Rows = dict[Key, dict[str, Any]]


@pytest.fixture(scope="module")
def rows(survey: Survey, definitions: Definitions) -> Rows:
    province = Province(survey)
    province.add(2015, "220381", {"volunteers": "3", "fund_raised": "10"})  # 公主岭, in 四平
    province.add(2015, "220302", {"volunteers": "1", "fund_raised": "2"})
    province.add(2015, "220102", {"volunteers": "40", "fund_raised": "100"})
    province.add(2021, "220184", {"volunteers": "4", "fund_raised": "11"})  # 公主岭, in 长春
    province.add(2021, "220102", {"volunteers": "50", "fund_raised": "120"})
    province.add(2021, MEIHEKOU, {"volunteers": "7", "fund_raised": "1"})
    province.add(2021, "22Z581", {"volunteers": "8", "fund_raised": "1"})  # a zone of 梅河口
    province.add(2021, "220503", {"volunteers": "9", "fund_raised": "1"})
    province.add(2021, "22Z602", {"volunteers": "6", "fund_raised": "1"})  # 长白山池西, in 抚松
    return province.compute(definitions)


def value(rows: Rows, breakdown: str, member: str, year: int) -> Any:
    return rows["volunteers", year, breakdown, member, ""]["value"]


def test_gongzhuling_is_in_changchun_in_every_year_of_the_constant_series(rows: Rows) -> None:
    assert value(rows, "prefecture", SIPING, 2015) == 4
    assert value(rows, "prefecture_constant", SIPING, 2015) == 1
    assert value(rows, "prefecture_constant", CHANGCHUN, 2015) == 43
    assert value(rows, "county_constant", "220184", 2015) == 3
    assert value(rows, "prefecture_constant", CHANGCHUN, 2021) == 54
    assert ("volunteers", 2015, "county", "220184", "") not in rows


def test_a_prefecture_whose_counties_changed_is_not_compared(rows: Rows) -> None:
    for member in (CHANGCHUN, SIPING):
        flags = rows["volunteers", 2021, "prefecture", member, ""]["flags"]
        assert {"break", "territory_change"} <= set(flags)
    for breakdown, member in (("prefecture", TONGHUA), ("prefecture_constant", CHANGCHUN)):
        assert "break" not in rows["volunteers", 2021, breakdown, member, ""]["flags"]


def test_places_apart_are_taken_out_of_their_prefectures(rows: Rows) -> None:
    assert value(rows, "prefecture", TONGHUA, 2021) == 24
    assert value(rows, "prefecture_apart", TONGHUA, 2021) == 9
    assert value(rows, "prefecture_apart", MEIHEKOU, 2021) == 15
    assert value(rows, "prefecture_apart", CHANGBAISHAN, 2021) == 6
    assert value(rows, "prefecture", "220600", 2021) == 6
    assert value(rows, "prefecture_apart", "220600", 2021) is None
    named = rows["volunteers", 2021, "prefecture_apart", MEIHEKOU, ""]["member_zh"]
    assert named == "梅河口市"


def test_zones_stand_beside_the_counties_on_the_territory_apart(rows: Rows) -> None:
    assert value(rows, "county", MEIHEKOU, 2021) == 15
    assert value(rows, "county_apart", MEIHEKOU, 2021) == 7
    assert value(rows, "county_apart", "22Z581", 2021) == 8
    assert value(rows, "county", "220621", 2021) == 6
    assert value(rows, "county_apart", "220621", 2021) is None


@pytest.mark.parametrize("year", [2015, 2021])
def test_every_territory_adds_up_to_the_province(rows: Rows, year: int) -> None:
    whole = value(rows, "province", "220000", year)
    for breakdown in (
        "prefecture", "county", "prefecture_apart", "county_apart", "prefecture_constant",
        "county_constant",
    ):  # fmt: skip
        found = [
            row["value"] or Decimal(0)
            for key, row in rows.items()
            if key[:3] == ("volunteers", year, breakdown)
        ]
        assert sum(found) == whole, breakdown


def test_nothing_moved_means_no_second_series(survey: Survey, definitions: Definitions) -> None:
    province = Province(survey)
    for year in (2021, 2022):
        province.add(year, "220102", {"volunteers": "1"})
    assert not any(key[2].endswith("_constant") for key in province.compute(definitions))


def test_a_successor_is_followed_and_a_split_is_not(survey: Survey) -> None:
    territory = Territory(survey.divisions, 2021)
    assert territory.county_in("220381", 2015, 2021) == "220184"
    assert territory.county_in("220181", 2013, 2021) == "220113"  # 九台市, a district by now
    # Before a part of it went elsewhere (2005) the county was another place.
    assert territory.county_in("220381", 2004, 2021) == ""
    assert territory.changed(2015, 2021) == {CHANGCHUN, SIPING}
    assert territory.changed(2021, 2022) == frozenset()
    assert territory.changed(None, 2022) == frozenset()


def test_the_population_stands_on_the_territory_of_the_figure(survey: Survey) -> None:
    """As published for 2021: 通化 126.87 万人 without, 梅河口 50.25 万人 beside it."""
    denominators = Denominators(survey, Territory(survey.divisions, 2022))
    found = {
        (code, basis): residents.persons
        for code, basis in (
            (TONGHUA, "gb"), (TONGHUA, "apart"), (MEIHEKOU, "apart"),
            ("220105", "gb"), ("220105", "apart"),
        )
        if (residents := denominators.of(code, 2021, basis))
    }  # fmt: skip
    assert found == {
        (TONGHUA, "gb"): 1268700 + 502500,
        (TONGHUA, "apart"): 1268700,
        (MEIHEKOU, "apart"): 502500,
        # The county with the zone that it carries, and alone.
        ("220105", "gb"): 559966 + 429387,
        ("220105", "apart"): 559966,
    }


def test_a_place_with_other_borders_has_no_population_of_today(survey: Survey) -> None:
    """公主岭 moved in 2020: of 长春 in its borders of today nothing is known before."""
    denominators = Denominators(survey, Territory(survey.divisions, 2022))
    assert denominators.of(CHANGCHUN, 2019, "constant") is None
    assert denominators.of(CHANGCHUN, 2021, "constant") == denominators.of(CHANGCHUN, 2021)

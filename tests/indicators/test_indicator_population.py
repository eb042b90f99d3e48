"""Denominators: as first published, on one territory, and honest about stand-ins."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from pipelines.indicators.population import NATION, Denominators, Residents
from pipelines.survey import Survey
from pipelines.survey.reference import PROVINCE, Population


@pytest.fixture(scope="module")
def denominators(survey: Survey) -> Denominators:
    return Denominators(survey)


def persons(found: Residents | None) -> Decimal:
    assert found is not None
    return found.persons


def test_the_nation_uses_the_figure_first_published(denominators: Denominators) -> None:
    """2018 has two: 139538 万人 of the day and 140541 revised after the census."""
    assert denominators.of(NATION, 2018) == Residents(Decimal(1395380000))


def test_the_province_prefers_two_decimals(denominators: Denominators) -> None:
    assert persons(denominators.of(PROVINCE, 2021)) == Decimal(23753700)


def test_no_figure_of_the_day_no_denominator(denominators: Denominators) -> None:
    """2018 holds only the series revised later, and registered population: neither will do."""
    assert denominators.of(PROVINCE, 2018) is None
    assert denominators.of("220100", 2018) is None
    assert denominators.of("220102", 2018) is None


def test_the_province_too_uses_the_figure_of_the_day(denominators: Denominators) -> None:
    """2019: 2690.73 万人 by the bulletin of the day, 2448 once revised."""
    assert denominators.of(PROVINCE, 2019) == Residents(Decimal(26907300))


def test_a_year_without_figure_uses_the_latest_before(denominators: Denominators) -> None:
    assert denominators.of(PROVINCE, 2026) == Residents(
        Decimal(23173100), ("population_year:2024",)
    )
    assert denominators.of("220300", 2023) == Residents(Decimal(1769800), ("population_year:2021",))


def test_meihekou_is_put_back_into_tonghua(denominators: Denominators) -> None:
    """2021: 126.87 published without 梅河口, and its 50.25."""
    assert denominators.of("220500", 2021) == Residents(Decimal(1771200))


def test_changbaishan_is_split_as_the_census_splits_it(denominators: Denominators) -> None:
    """60700 people in 2021, 16507 of 61146 by the census in 白山: 16387, the rest in 延边."""
    baishan = denominators.of("220600", 2021)
    yanbian = denominators.of("222400", 2021)
    assert baishan == Residents(Decimal(923200 + 16387), ("population_split",))
    assert yanbian == Residents(Decimal(1912800 + 44313), ("population_split",))


def test_a_prefecture_without_its_zone_that_year_is_not_half_assembled(
    denominators: Denominators,
) -> None:
    """白山 2022 is published, 长白山 2022 is not: 2021 stands in rather than a mixed figure."""
    found = denominators.of("220600", 2022)
    assert found is not None
    assert found.flags == ("population_year:2021", "population_split")
    assert found.persons == 923200 + 16387


def test_prefectures_add_up_to_the_province_in_2021(
    survey: Survey, denominators: Denominators
) -> None:
    total = sum(persons(denominators.of(p.code, 2021)) for p in survey.divisions.prefectures(2021))
    assert total == persons(denominators.of(PROVINCE, 2021))


def test_a_county_is_the_census_with_the_zones_it_carries(
    survey: Survey, denominators: Denominators
) -> None:
    flags = ("census", "population_year:2020")
    # 朝阳区 carries the 高新 zone: its returns are counted there, so its people are too.
    assert denominators.of("220104", 2022) == Residents(Decimal(614021 + 460607), flags)
    assert denominators.of("220381", 2022) is None
    counties = survey.divisions.county_units(2022)
    assert sum(persons(denominators.of(c.code, 2022)) for c in counties) == 24073453


def test_a_census_year_is_said_to_be_one(denominators: Denominators) -> None:
    found = denominators.of("220100", 2020)
    assert found == Residents(Decimal(9066906), ("census", "population_year:2020"))


def test_without_any_population_there_is_none(survey: Survey) -> None:
    empty = Denominators(replace(survey, population=Population(())))
    assert empty.of(PROVINCE, 2022) is None
    assert empty.of("220100", 2022) is None

"""Population by vintage and territory: the denominators that reproduce what was published."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pipelines.survey import Survey
from pipelines.survey.published import load_national
from pipelines.survey.quantities import in_unit, round_half_up

CENT = Decimal("0.01")


def published(year: int, name: str) -> Decimal:
    (figure,) = {
        (row.value, row.unit)
        for row in load_national()
        if (row.year, row.region, row.name_zh) == (year, "全国", name)
    }
    base = {"亿元": "万元", "万人": "人", "万平方米": "平方米"}.get(figure[1], figure[1])
    value = in_unit(Decimal(figure[0]), figure[1], base)
    assert value is not None
    return value


def nation(survey: Survey, year: int) -> Decimal:
    figure = survey.population.first_published("000000", year)
    assert figure is not None
    return figure.persons


@pytest.mark.parametrize(
    ("year", "wan"),
    [
        (2006, 131448),
        (2012, 135404),
        (2014, 136782),
        (2015, 137462),
        (2016, 138271),
        (2017, 139008),
        (2018, 139538),
        (2019, 140005),
        (2020, 141212),
        (2021, 141260),
        (2022, 141175),
        (2023, 140967),
        (2024, 140828),
    ],
)
def test_national_population_of_the_day(survey: Survey, year: int, wan: int) -> None:
    assert nation(survey, year) == wan * 10_000


@pytest.mark.parametrize(
    ("year", "ratio"), [(2016, "99.26"), (2017, "96.60"), (2018, "95.51"), (2019, "94.79")]
)
def test_population_per_venue(survey: Survey, year: int, ratio: str) -> None:
    """138271 ÷ 1393 = 99.26 万人 a venue: only the figure first published gives it."""
    venues = published(year, "科技馆和科学技术类博物馆")
    assert round_half_up(nation(survey, year) / venues / 10_000, 2) == Decimal(ratio)


@pytest.mark.parametrize(("year", "ratio"), [(2012, "14.46"), (2015, "14.94")])
def test_staff_per_ten_thousand(survey: Survey, year: int, ratio: str) -> None:
    staff = published(year, "科普人员")
    assert round_half_up(staff / nation(survey, year) * 10_000, 2) == Decimal(ratio)


@pytest.mark.parametrize(("year", "ratio"), [(2012, "3.31"), (2015, "4.63")])
def test_special_fund_a_head(survey: Survey, year: int, ratio: str) -> None:
    special = published(year, "科普专项经费") * 10_000
    assert round_half_up(special / nation(survey, year), 2) == Decimal(ratio)


def test_venues_per_million(survey: Survey) -> None:
    per_million = nation(survey, 2006) / 1_000_000
    three = published(2006, "科普场馆（三类）")
    assert round_half_up(three / per_million, 2) == Decimal("0.65")
    two = published(2006, "科技馆") + published(2006, "科学技术类博物馆")
    assert round_half_up(two / per_million, 2) == Decimal("0.39")


def test_revised_population_is_never_the_denominator(survey: Survey) -> None:
    vintages = {row.vintage for row in survey.population.figures("000000", 2019)}
    assert vintages == {"first", "revised"}
    assert nation(survey, 2019) == 140005 * 10_000
    assert survey.population.first_published("220000", 2018) is None
    jilin = survey.population.first_published("220000", 2019)
    assert jilin is not None
    assert jilin.population_wan == Decimal("2690.73")


def test_the_more_exact_figure_of_the_province_is_taken(survey: Survey) -> None:
    figure = survey.population.first_published("220000", 2022)
    assert figure is not None
    assert figure.population_wan == Decimal("2347.69")


def test_territories_are_not_mixed(survey: Survey) -> None:
    population = survey.population
    gb = next(r for r in population.figures("220500", 2020) if r.series == "census_gb")
    split = next(r for r in population.figures("220500", 2020) if r.series == "census_published")
    meihekou = next(r for r in population.figures("220581", 2020) if r.series == "census_gb")
    assert gb.persons - split.persons == meihekou.persons == 509336
    assert population.first_published("220500", 2021, "gb") is None


def test_counties_add_up_to_their_prefectures(survey: Survey) -> None:
    census = {r.code: r.persons for r in survey.population.rows if r.series == "census_gb"}
    divisions = survey.divisions
    for prefecture in divisions.prefectures(2020):
        inside = sum(
            persons
            for code, persons in census.items()
            if code != prefecture.code and divisions.prefecture_of(code, 2020) == prefecture.code
        )
        assert inside == census[prefecture.code], prefecture.name_zh
    assert sum(census[row.code] for row in divisions.prefectures(2020)) == census["220000"]
    assert census["220000"] == 24073453


def test_every_figure_says_where_it_is_from(survey: Survey) -> None:
    known = {source.source_id for source in survey.reference_sources}
    assert {row.source for row in survey.population.rows} <= known
    for row in survey.divisions.rows:
        assert set(row.source.split(";")) <= known
    assert all(source.publisher_zh and source.title_zh for source in survey.reference_sources)

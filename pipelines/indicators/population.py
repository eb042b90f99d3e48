"""Population denominators: persons living in a place, on the territory its figures stand on.

The ratios that the releases print use the year-end resident population *as first published*.
Published prefecture figures leave out 梅河口 and 长白山, which our figures hold (returns are
located on the GB basis), so those are put back: a zone that lies in one prefecture whole, 长白山
(in 白山 and 延边) split as the 2020 census splits it.  Where a year lacks a figure the latest
earlier one stands in, then the 2020 census, and the flags say so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from pipelines.indicators.territory import Basis, Territory, territories
from pipelines.survey import Survey
from pipelines.survey.reference import PROVINCE, PopulationFigure

NATION = "000000"

_EARLIEST = 2000


@dataclass(frozen=True, slots=True)
class Residents:
    """``flags`` name what is unusual about the figure; empty for the year's own, as published.

    ``figures`` are the published ones that it was made from.
    """

    persons: Decimal
    flags: tuple[str, ...] = ()
    figures: tuple[PopulationFigure, ...] = field(default=(), compare=False, repr=False)


class Denominators:
    """Resident population of nation, province, prefectures and county units by year."""

    def __init__(self, survey: Survey, territory: Territory | None = None) -> None:
        """``territory`` knows the places of the last year, for the basis ``constant``."""
        self._population = survey.population
        self._divisions = survey.divisions
        self._provinces = frozenset(p.code for p in survey.provinces) - {PROVINCE}
        self._territory = territory
        self._found: dict[tuple[str, int, Basis], Residents | None] = {}

    def of(self, code: str, year: int, basis: Basis = "gb") -> Residents | None:
        """The denominator for a place and data year; None when there is none on its territory."""
        key = (code, year, basis)
        if key not in self._found:
            self._found[key] = self._on(basis, code, year)
        return self._found[key]

    def _on(self, basis: Basis, code: str, year: int) -> Residents | None:
        if basis == "apart":
            return self._apart(code, year)
        if basis == "constant" and self._is_other_place(code, year):
            return None
        return self._of(code, year)

    def _is_other_place(self, code: str, year: int) -> bool:
        """Whether the place had other borders in ``year`` than in the last year."""
        territory = self._territory
        return territory is not None and code in territory.changed(year, territory.last)

    def _apart(self, code: str, year: int) -> Residents | None:
        """Residents without the places that stand apart: as published, else of the census."""
        row = self._divisions.get(code, year)
        if row is None:
            return None
        if row.level in ("county", "zone") and code not in territories().apart:
            return self._own_census(code, year, "census_gb")
        for earlier in range(year, _EARLIEST, -1):
            figure = self._population.first_published(code, earlier, "published")
            if figure is not None:
                stale = () if earlier == year else (f"population_year:{earlier}",)
                return Residents(figure.persons, stale, (figure,))
        if not any(self._zones_of(code)) and row.level == "prefecture":
            return self._of(code, year)
        return self._own_census(code, year, "census_published")

    def _own_census(self, code: str, year: int, series: str) -> Residents | None:
        """The latest census of exactly this place."""
        own = [
            r
            for r in self._population.rows
            if r.code == code and r.series == series and r.year <= year
        ]
        if not own:
            return None
        figure = max(own, key=lambda r: r.year)
        return Residents(figure.persons, ("census", f"population_year:{figure.year}"), (figure,))

    def _of(self, code: str, year: int) -> Residents | None:
        if code == NATION or code in self._provinces:
            figure = self._population.first_published(code, year)
            return Residents(figure.persons, figures=(figure,)) if figure else None
        is_county = bool(self._divisions.county_of(code, year))
        for earlier in range(year, _EARLIEST, -1) if not is_county else ():
            found = self._resident(code, earlier)
            if found:
                stale = () if earlier == year else (f"population_year:{earlier}",)
                return Residents(found.persons, (*stale, *found.flags), found.figures)
        return self._latest_census(code, year)

    def _resident(self, code: str, year: int) -> Residents | None:
        """First-published residents of exactly this year, brought to the GB territory."""
        whole = self._population.first_published(code, year, "gb")
        if whole or code == PROVINCE:
            return Residents(whole.persons, figures=(whole,)) if whole else None
        figure = self._population.first_published(code, year, "published")
        if figure is None:
            return None
        persons, flags, figures = figure.persons, [], [figure]
        for zone in self._zones_of(code):
            apart = self._population.first_published(zone, year, "published")
            if apart is None:
                return None
            share = self._share(zone, code)
            figures.append(apart)
            persons += _rounded(apart.persons * share.numerator, share.denominator)
            if share != 1:
                flags.append("population_split")
        return Residents(persons, tuple(flags), tuple(figures))

    def _latest_census(self, code: str, year: int) -> Residents | None:
        """Census of the place with the zones it carries, if a census lies behind ``year``."""
        own = [r for r in self._census if r.code == code and r.year <= year]
        if not own:
            return None
        figure = max(own, key=lambda r: r.year)
        carried = [
            r for r in self._census if r.year == figure.year and self._carrier(r.code, year) == code
        ]
        flags = ("census", f"population_year:{figure.year}")
        figures = (figure, *carried)
        return Residents(sum((r.persons for r in figures), Decimal(0)), flags, figures)

    def _carrier(self, code: str, year: int) -> str:
        """County that carries a zone; "" for anything that stands for itself."""
        county = self._divisions.county_of(code, year)
        return county if county != code else ""

    @cached_property
    def _census(self) -> tuple[PopulationFigure, ...]:
        return tuple(r for r in self._population.rows if r.series == "census_gb")

    @cached_property
    def _homes(self) -> dict[str, tuple[str, ...]]:
        """Zones that published figures leave apart, with the prefectures they lie in."""
        published = [r for r in self._population.rows if r.territory == "published"]
        homes: dict[str, tuple[str, ...]] = {}
        for figure in published:
            row = self._divisions.get(figure.code, figure.year)
            if row and row.level != "prefecture":
                homes[row.code] = tuple(sorted(self._prefectures_of(row.code, figure.year)))
        return homes

    def _prefectures_of(self, zone: str, year: int) -> set[str]:
        inside = [r.code for r in self._divisions.rows if r.parent_code == zone]
        return {self._divisions.prefecture_of(code, year) for code in inside or [zone]}

    def _zones_of(self, prefecture: str) -> Iterator[str]:
        return (zone for zone, homes in self._homes.items() if prefecture in homes)

    def _share(self, zone: str, prefecture: str) -> Fraction:
        """Part of a zone that lies in a prefecture, by what the census puts back there."""
        homes = self._homes[zone]
        if homes == (prefecture,):
            return Fraction(1)
        apart = {home: self._put_back(home) for home in homes}
        return Fraction(apart[prefecture], sum(apart.values()))

    def _put_back(self, prefecture: str) -> int:
        """Census residents on the GB territory less those on the published one."""
        of_series = {
            r.series: r.persons
            for r in self._population.rows
            if r.code == prefecture and r.vintage == "census"
        }
        return int(of_series["census_gb"] - of_series["census_published"])


def _rounded(numerator: Decimal, denominator: int) -> Decimal:
    """Whole persons: a split of residents is an estimate and claims no fractions of one."""
    return (numerator / denominator).to_integral_value()

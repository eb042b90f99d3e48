"""The world of the survey, with dates: divisions, departments, levels, population.

Years are data years.  A division or department is valid in a year when
``valid_from <= year < valid_to`` (both open when empty): lists stand as of 31 December.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict

from pipelines.survey.notation import normalise_text

PROVINCE = "220000"


def _listed(value: object) -> object:
    return tuple(part for part in value.split(";") if part) if isinstance(value, str) else value


def _optional(value: object) -> object:
    return None if value == "" else value


Listed = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Year = Annotated[int | None, BeforeValidator(_optional)]
OptionalDecimal = Annotated[Decimal | None, BeforeValidator(_optional)]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))


class _Dated(_Row):
    valid_from: Year = None
    valid_to: Year = None

    def valid_in(self, year: int) -> bool:
        after_start = self.valid_from is None or self.valid_from <= year
        return after_start and (self.valid_to is None or year < self.valid_to)


class Division(_Dated):
    """A place: province, prefecture, county unit, or a zone that reports like one."""

    code: str
    code_type: Literal["gbt2260", "nbs_zone", "pseudo"]
    name_zh: str
    level: Literal[
        "province", "prefecture", "prefecture_equiv", "county", "zone", "provincial_units"
    ]
    kind: str
    parent_code: str
    status: Literal["current", "historical"]
    successor_code: Listed = ()
    map_to: str = ""
    aliases: Listed = ()
    note: str = ""
    source: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name_zh, *self.aliases)


class Department(_Dated):
    """A category of 机构主管部门; ``code`` is empty where the current code table is not public."""

    department_id: str
    name_zh: str
    code: str = ""
    successor_id: Listed = ()
    aliases: Listed = ()
    evidence: Literal["sourced", "inferred"]
    note: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name_zh, *self.aliases)


class Level(_Row):
    """单位级别."""

    level_id: Literal["central", "provincial", "prefectural", "county"]
    name_zh: str
    aliases: Listed = ()


class PopulationFigure(_Row):
    """One population number of one place and year, in one vintage on one territory."""

    year: int
    code: str
    series: str
    population_wan: Decimal
    population_persons: OptionalDecimal = None
    basis: str
    vintage: Literal["first", "revised", "census", "register"]
    territory: str
    source: str
    confidence: Literal["high", "medium", "low"]
    note: str = ""

    @property
    def persons(self) -> Decimal:
        if self.population_persons is not None:
            return self.population_persons
        return self.population_wan * 10_000


@dataclass(frozen=True)
class Divisions:
    rows: tuple[Division, ...]

    def get(self, code: str, year: int) -> Division | None:
        """The division with this code valid in ``year``."""
        return next((r for r in self.rows if r.code == code and r.valid_in(year)), None)

    def prefectures(self, year: int) -> tuple[Division, ...]:
        """The prefectures on the GB basis, in code order."""
        return self._at("prefecture", year)

    def county_units(self, year: int) -> tuple[Division, ...]:
        """The county units of GB/T 2260, in code order."""
        return self._at("county", year)

    def county_of(self, code: str, year: int) -> str:
        """GB county unit that carries ``code`` on the GB basis; "" when there is none.

        Zones and 长白山 are carried by the county that ``map_to`` names; a prefecture or
        the province sits in no county.
        """
        for _ in range(4):
            row = self.get(code, year)
            if row is None:
                return ""
            if row.level == "county":
                return row.code
            if not row.map_to:
                return ""
            code = row.map_to
        return ""

    def prefecture_of(self, code: str, year: int) -> str:
        """GB prefecture of ``code``; "" for the province and units located in none."""
        row = self.get(self.county_of(code, year) or code, year)
        while row is not None and row.level != "prefecture":
            row = self.get(row.parent_code, year) if row.parent_code else None
        return row.code if row else ""

    def resolve(self, text: str, year: int) -> Division | None:
        """The division that a code, a name or a full path (吉林省长春市朝阳区) means.

        None when nothing fits, or when a name fits more than one place: a person decides.
        """
        return self._resolver(year).resolve(text)

    def _resolver(self, year: int) -> _DivisionResolver:
        found = self._resolvers.get(year)
        if found is None:
            found = self._resolvers[year] = _DivisionResolver(self, year)
        return found

    @cached_property
    def _resolvers(self) -> dict[int, _DivisionResolver]:
        return {}

    def _at(self, level: str, year: int) -> tuple[Division, ...]:
        rows = [r for r in self.rows if r.level == level and r.valid_in(year)]
        return tuple(sorted(rows, key=lambda r: r.code))


@dataclass
class _DivisionResolver:
    """Name → division for one year; built once, since every return asks."""

    divisions: Divisions
    year: int
    _cache: dict[str, Division | None] = field(default_factory=dict)

    def resolve(self, text: str) -> Division | None:
        if text not in self._cache:
            self._cache[text] = self._resolve(text)
        return self._cache[text]

    def _resolve(self, text: str) -> Division | None:
        plain = _compact(text)
        if not plain:
            return None
        by_code = self.divisions.get(plain, self.year)
        if by_code:
            return by_code
        paths = self._by_path.get(plain) or self._by_path.get(plain.removeprefix("中国"))
        return next(iter(paths.values())) if paths and len(paths) == 1 else None

    @cached_property
    def _by_path(self) -> dict[str, dict[str, Division]]:
        """Every way to write a place: own names, and names of ancestors before it."""
        ways: dict[str, dict[str, Division]] = {}
        for row in self.divisions.rows:
            if row.valid_in(self.year):
                for way in self._ways(row):
                    ways.setdefault(way, {})[row.code] = row
        return ways

    def _ways(self, row: Division) -> set[str]:
        names = {_compact(name) for name in row.names}
        ways = set(names)
        parent = self.divisions.get(row.parent_code, self.year) if row.parent_code else None
        if parent:
            ways |= {above + name for above in self._ways(parent) for name in names}
            grandparent = parent.parent_code
            top = self.divisions.get(grandparent, self.year) if grandparent else None
            if top:
                ways |= {_compact(above) + name for above in top.names for name in names}
        return ways


@dataclass(frozen=True)
class Departments:
    rows: tuple[Department, ...]

    def active(self, year: int) -> tuple[Department, ...]:
        """Departments of the list in force in ``year``, in printed order."""
        return tuple(r for r in self.rows if r.valid_in(year))

    def get(self, department_id: str, year: int) -> Department | None:
        return next((r for r in self.active(year) if r.department_id == department_id), None)

    def resolve(self, text: str, year: int) -> Department | None:
        """The department that a code or a name means in ``year``; None when none or several."""
        found = {r.department_id: r for r in self.active(year) if _means(r, text)}
        return next(iter(found.values())) if len(found) == 1 else None

    def retired(self, text: str, year: int) -> Department | None:
        """A department that ``text`` meant once and no longer does, with its successors."""
        return next((r for r in self.rows if not r.valid_in(year) and _means(r, text)), None)


@dataclass(frozen=True)
class Population:
    rows: tuple[PopulationFigure, ...]

    def first_published(
        self, code: str, year: int, territory: str | None = None
    ) -> PopulationFigure | None:
        """Year-end resident population as first published: the denominator of every ratio."""
        found = [
            r
            for r in self.rows
            if r.code == code
            and r.year == year
            and r.vintage == "first"
            and territory in (None, r.territory)
        ]
        precise = [r for r in found if r.series == "resident_province_2dp"]
        return next(iter(precise or found), None)

    def figures(self, code: str, year: int) -> tuple[PopulationFigure, ...]:
        """Every figure held for a place and year, all vintages and territories."""
        return tuple(r for r in self.rows if r.code == code and r.year == year)


def _means(row: Department, text: str) -> bool:
    plain = _compact(text)
    if row.code and (plain == row.code or plain.lstrip("0") == row.code.lstrip("0") != ""):
        return True
    names = {_compact(name) for name in row.names}
    if plain in names:
        return True
    return bool(row.code) and any(plain == row.code + name for name in names)


def _compact(text: str) -> str:
    return "".join(normalise_text(text)[0].split())

"""The world of the survey, with dates: divisions, levels, population, tile maps.

Years are data years; divisions and departments are valid in some of them (see ``dated``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Literal

from pipelines.survey.dated import Dated, Listed, OptionalDecimal, Row, compact

PROVINCE = "220000"

#: A six-digit code (or one of twelve digits that ends in zeros) before or after a name.
_CODE_AT_EDGE = re.compile(
    r"(?P<before>22[0-9Z]\d{3})(?:0{6})?(?P<rest_after>\D*)"
    r"|(?P<rest_before>\D*)(?P<after>22[0-9Z]\d{3})(?:0{6})?"
)


class Division(Dated):
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


class Level(Row):
    """单位级别."""

    level_id: Literal["central", "provincial", "prefectural", "county"]
    name_zh: str
    aliases: Listed = ()


class PopulationFigure(Row):
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


class Tile(Row):
    """A square of a tile map: row 0 is north, column 0 is west; no boundary is drawn.

    ``optional`` tiles are units that a published table may list beside the prefectures
    (梅河口, 长白山); a grid on the GB basis has none.
    """

    grid: Literal["county", "prefecture9", "prefecture11"]
    code: str
    name_zh: str
    label_zh: str
    parent_code: str
    row: int
    col: int
    lon: Decimal
    lat: Decimal
    optional: bool


class Province(Row):
    """A province with its group in 《中国科普统计》 (东 11, 中 8, 西 12) and in NBS tables."""

    code: str
    name_zh: str
    short_zh: str
    name_en: str
    region3: Literal["东部", "中部", "西部"]
    region4: Literal["东部", "中部", "西部", "东北"]


class ReferenceSource(Row):
    """Where a row of the reference files was taken from."""

    source_id: str
    publisher_zh: str
    title_zh: str
    published_on: str
    licence: str


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

    def formerly(self, text: str, year: int) -> Division | None:
        """The division that a text meant before ``year``, and means no more; the latest."""
        ends = sorted({r.valid_to for r in self.rows if r.valid_to and r.valid_to <= year})
        # A change takes effect within its year: the year before is the last that is sure.
        found = (self.resolve(text, end - 1) for end in reversed(ends))
        return next((division for division in found if division), None)

    def successors(self, division: Division, year: int) -> tuple[Division, ...]:
        """What a former division has become, as far as it is one of that year."""
        found = (self.get(code, year) for code in division.successor_code)
        return tuple(one for one in found if one)

    def is_place(self, text: str, year: int) -> bool:
        """Whether a text names a division and nothing more: 镇赉县, and not 镇赉县教育局."""
        return self._resolver(year).is_place(text)

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
            self._cache[text] = self._resolve(compact(text))
        return self._cache[text]

    def is_place(self, text: str) -> bool:
        return self._named(compact(text)) is not None

    def _resolve(self, plain: str) -> Division | None:
        match = _CODE_AT_EDGE.fullmatch(plain)
        if match is None:
            return self._named(plain) or self._addressed(plain)
        by_code = self.divisions.get(match["before"] or match["after"], self.year)
        name = match["rest_after"] if match["before"] else match["rest_before"]
        if not name:
            return by_code
        # A code and a name that contradict each other are a question, not an answer.
        return by_code if by_code is not None and by_code == self._named(name) else None

    def _named(self, plain: str) -> Division | None:
        return _only(self._by_way.get(plain) or self._by_way.get(plain.removeprefix("中国")))

    def _addressed(self, plain: str) -> Division | None:
        """The county at the head of a longer address (吉林省长春市朝阳区红旗街道…).

        Only where the head leaves no doubt: a county, city or district in full, under a name above
        it unless it is a county of its own.
        """
        for end in range(len(plain) - 1, 2, -1):
            head = plain[:end]
            found = self._by_way.get(head)
            if found and head[-1] in "区县市":
                row = _only(found)
                if row is None or row.level != "county":
                    return None
                return None if row.kind == "市辖区" and head in self._bare else row
        return None

    @cached_property
    def _rows(self) -> list[Division]:
        return [row for row in self.divisions.rows if row.valid_in(self.year)]

    @cached_property
    def _bare(self) -> frozenset[str]:
        """Names without any name above them."""
        return frozenset(compact(row.name_zh) for row in self._rows)

    @cached_property
    def _by_way(self) -> dict[str, dict[str, Division]]:
        """Every way to write a place: own names, and names of ancestors before it."""
        ways: dict[str, dict[str, Division]] = {}
        for row in self._rows:
            for way in self._ways(row):
                ways.setdefault(way, {})[row.code] = row
        return ways

    def _ways(self, row: Division) -> set[str]:
        names = {compact(name) for name in row.names}
        ways = set(names)
        above = row.parent_code
        while above:
            parent = self.divisions.get(above, self.year)
            if parent is None:
                break
            ways |= {compact(name) + way for name in parent.names for way in ways}
            above = parent.parent_code
        return ways


def _only(found: dict[str, Division] | None) -> Division | None:
    return next(iter(found.values())) if found and len(found) == 1 else None


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

"""The territories a figure can stand on, and where every place belongs on each of them.

``gb``        the division of the year: 梅河口 in 通化, zones in the county around them
``apart``     梅河口 and 长白山 beside the prefectures, zones beside the counties
``constant``  the division of the last year loaded, for every year: 公主岭 always in 长春

The same return stands once on each of them, so members of two are never added up.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from pipelines.survey.documents import YamlDocument
from pipelines.survey.reference import Division, Divisions

Basis = Literal["gb", "apart", "constant"]

#: Member for what a breakdown cannot place.
NONE = "none"

#: Kinds of division that stand for themselves among the counties of the territory ``apart``.
_COUNTY_LIKE = ("county", "zone", "prefecture_equiv")


class _Territories(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    names: dict[Basis, str]
    apart: tuple[str, ...]


@cache
def territories() -> _Territories:
    """What ``territory.yaml`` says."""
    document = YamlDocument(Path(__file__).parent / "territory.yaml")
    return document.model(_Territories, document.data)


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a year as a member of every territorial breakdown."""

    prefecture: str
    county: str
    prefecture_apart: str
    county_apart: str
    prefecture_constant: str
    county_constant: str


@dataclass(frozen=True)
class Territory:
    """Places by the divisions of their year; ``last`` is the year whose division is constant."""

    divisions: Divisions
    last: int

    def place(self, year: int, division: str, county: str, prefecture: str) -> Place:
        """Where a return stands that was located at ``division``, in county and prefecture."""
        home = self._apart_home(division, year) or self._apart_home(county, year)
        now = self.county_now(county, year) if county else ""
        prefecture_now = self._prefecture_now(county, now, prefecture, year)
        return Place(
            prefecture=prefecture or NONE,
            county=county or prefecture or NONE,
            prefecture_apart=home or prefecture or NONE,
            county_apart=self._itself(division, year) or county or prefecture or NONE,
            prefecture_constant=prefecture_now or NONE,
            county_constant=now or prefecture_now or NONE,
        )

    def county_now(self, county: str, year: int) -> str:
        """The county of the last year that holds the whole of this one; "" when there is none."""
        return self.county_in(county, year, self.last)

    def county_in(self, county: str, year: int, later: int) -> str:
        """The same for any later year: successors are followed as long as there is one."""
        row = self.divisions.get(county, year)
        for _ in range(len(self.divisions.rows)):
            if row is None:
                return ""
            if row.valid_in(later):
                return self.divisions.county_of(row.code, later)
            whole = [code for code in row.successor_code if "[" not in code]
            parts = [code for code in row.successor_code if _parted(code, year, later)]
            row = self._row(whole[0]) if len(whole) == 1 and not parts else None
        return ""

    def changed(self, before: int | None, year: int) -> frozenset[str]:
        """Prefectures whose counties are not those of the year ``before``."""
        if before is None:
            return frozenset()
        changed: set[str] = set()
        for county in self.divisions.county_units(before):
            was = self.divisions.prefecture_of(county.code, before)
            successor = self.county_in(county.code, before, year)
            now = self.divisions.prefecture_of(successor, year) if successor else ""
            if now and now != was:
                changed |= {was, now}
        return frozenset(changed)

    def moved(self, year: int) -> bool:
        """Whether any county of the year is by now another, or belongs elsewhere."""
        return any(
            (self.county_now(county.code, year), self.last_prefecture(county.code, year))
            != (county.code, self.divisions.prefecture_of(county.code, year))
            for county in self.divisions.county_units(year)
        )

    def last_prefecture(self, county: str, year: int) -> str:
        """The prefecture of the last year that a county of ``year`` lies in."""
        return self._prefecture_now(county, self.county_now(county, year), "", year)

    @cached_property
    def _latest(self) -> dict[str, Division]:
        """The latest row of every code."""
        return {row.code: row for row in self.divisions.rows}

    def _row(self, code: str) -> Division | None:
        return self._latest.get(code)

    def _apart_home(self, code: str, year: int) -> str:
        """The place that stands apart and holds ``code``; "" for everything else."""
        for _ in range(4):
            if code in territories().apart:
                return code
            row = self.divisions.get(code, year)
            if row is None or row.level in ("prefecture", "province", "county"):
                return ""
            code = row.parent_code
        return ""

    def _itself(self, division: str, year: int) -> str:
        row = self.divisions.get(division, year)
        return row.code if row is not None and row.level in _COUNTY_LIKE else ""

    def _prefecture_now(self, county: str, now: str, prefecture: str, year: int) -> str:
        if now:
            return self.divisions.prefecture_of(now, self.last)
        if not county:
            return prefecture if self.divisions.get(prefecture, self.last) else ""
        return self._common_prefecture(county)

    def _common_prefecture(self, county: str) -> str:
        """Of a county that was split: the one prefecture that all its parts went to."""
        row = self._row(county)
        parts = [code.partition("[")[0] for code in row.successor_code] if row else []
        found = {self.divisions.prefecture_of(code, self.last) for code in parts}
        return found.pop() if len(found) == 1 else ""


def _parted(successor: str, year: int, later: int) -> bool:
    """Whether a part went there (``220104[2005]``) after ``year``: the rest is another place."""
    _, marked, when = successor.rstrip("]").partition("[")
    return bool(marked) and year < int(when) <= later

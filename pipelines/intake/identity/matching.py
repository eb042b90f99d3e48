"""Match a return to the register of units: by credit code, else by name within its division.

What does not match, or matches more than one unit, keeps an id of its own and becomes a question;
units that look like it are listed for the person who decides and are never used.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from pipelines.intake.identity.identities import Identity, WrittenNames
from pipelines.intake.identity.identity_words import identity_words
from pipelines.intake.identity.lookalikes import Lookalikes
from pipelines.intake.identity.near import same_unit
from pipelines.intake.identity.register_units import Unit
from pipelines.intake.layouts.labels import plain_name
from pipelines.survey import Survey

_COLUMNS = [
    "year", "unit_id", "unit_name", "venue_name", "uscc", "division_code", "county_code", "row",
]  # fmt: skip


@dataclass(frozen=True)
class Match:
    """Whose a return is.  ``kind`` names the question that it leaves; "" when it leaves none."""

    unit_id: str
    kind: str = ""
    unit: Unit | None = None
    candidates: tuple[Unit, ...] = ()


class Register:
    """The registers of all years, to be asked return by return."""

    def __init__(self, table: pa.Table, names: WrittenNames) -> None:
        self._names = names
        self._searched: dict[int, Lookalikes] = {}
        self._units: dict[int, dict[str, Unit]] = defaultdict(dict)
        for row in table.select(_COLUMNS).to_pylist():
            self._add(row)
        self._by_name: dict[tuple[int, str, str], list[Unit]] = defaultdict(list)
        for year, units in self._units.items():
            for unit in units.values():
                for division in sorted(unit.divisions):
                    name = self._names.of(unit.name, division, year)
                    self._by_name[year, division, name].append(unit)

    def _add(self, row: dict[str, Any]) -> None:
        units = self._units[row["year"]]
        unit = units.get(row["unit_id"])
        if unit is None:
            unit = units[row["unit_id"]] = Unit(
                row["unit_id"], row["unit_name"], row["uscc"], row["division_code"], row["row"]
            )  # fmt: skip
        unit.venues.add(plain_name(row["venue_name"]))
        unit.divisions.add(row["division_code"])
        unit.counties.add(row["county_code"])

    def _lookalikes(self, year: int) -> Lookalikes:
        if year not in self._searched:
            self._searched[year] = Lookalikes(self._units[year].values(), self._names, year)
        return self._searched[year]

    def covers(self, year: int) -> bool:
        """Whether the year has a register to match with."""
        return bool(self._units.get(year))

    def unit(self, year: int, asked: str) -> list[Unit]:
        """The units that an id, a credit code or a full name in a ruling means."""
        units = self._units.get(year, {})
        if asked in units:
            return [units[asked]]
        name = plain_name(asked)
        return [u for u in units.values() if plain_name(u.name) == name or u.uscc == name.upper()]

    def match(self, identity: Identity, year: int, otherwise: str) -> Match:
        """Whose a return is; ``otherwise`` stands for a unit that gives neither code nor name."""
        name = self._names.of(identity.unit_name, identity.division_code, year)
        own = identity.uscc or f"{identity.division_code}|{name or otherwise}"
        if not self.covers(year) or not (identity.uscc or name):
            return Match(own)
        named = self._by_name.get((year, identity.division_code, name), []) if name else []
        coded = self._units[year].get(identity.uscc) if identity.uscc else None
        if coded:
            return self._of_code(identity, name, coded, named)
        if len(named) > 1:
            return Match(identity.uscc or f"{own}|?", "ambiguous_unit", None, tuple(named))
        if named and named[0].uscc and identity.uscc:
            return Match(own, "code_differs", None, (named[0],))
        if named:
            return _with_venue(Match(named[0].unit_id, "", named[0]), identity)
        return Match(own, "unknown_unit", None, self._lookalikes(year).of(identity))

    def _of_code(self, identity: Identity, name: str, unit: Unit, named: list[Unit]) -> Match:
        others = [one for one in named if one.unit_id != unit.unit_id]
        if others and unit not in named:
            # The code says one unit, the name another: neither is taken.
            both = (unit, *others)
            return Match(f"{identity.uscc}|{name}", "code_of_another", None, both)
        if identity.unit_name and not same_unit(
            plain_name(identity.unit_name), plain_name(unit.name)
        ):
            return Match(unit.unit_id, "name_differs", unit, (unit,))
        elsewhere = identity.county_code not in unit.counties and "" not in unit.counties
        if identity.county_code and elsewhere:
            return Match(unit.unit_id, "place_differs", unit, (unit,))
        return _with_venue(Match(unit.unit_id, "", unit), identity)


def describe(units: Iterable[Unit], survey: Survey, year: int) -> list[str]:
    """Candidates as a person reads them."""
    said = []
    for unit in units:
        place = survey.divisions.get(unit.division_code, year)
        said.append(
            identity_words().candidate.format(
                id=unit.unit_id,
                name=unit.name,
                place=place.name_zh if place else identity_words().places["unknown"],
                row=unit.row,
            )
        )
    return said


def _with_venue(match: Match, identity: Identity) -> Match:
    unit, venue = match.unit, plain_name(identity.venue_name)
    if unit is None or not venue or venue in unit.venues:
        return match
    return Match(match.unit_id, "unknown_venue", unit, (unit,))

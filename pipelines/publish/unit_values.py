"""What single units reported, summed as an indicator sums it: for internal papers only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pipelines.publish.movements import Part

if TYPE_CHECKING:
    from pipelines.indicators.definition import Definition
    from pipelines.publish.figures import Figures

#: A unit and its venue.
UnitKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit, or a venue of it, as it last named itself."""

    key: UnitKey
    name_zh: str


class UnitValues:
    """Level indicators of every unit in a data year and the one before."""

    def __init__(self, figures: Figures, definitions: Iterable[Definition]) -> None:
        self._figures = figures
        self._items = sorted({item for d in definitions for item, _ in d.items_above})

    def parts(self, definition: Definition) -> list[Part[Unit]]:
        """Every unit that has a value in either year, by name and id."""
        year = self._figures.year
        this, last = self._sums(definition, year), self._sums(definition, year - 1)
        keys = sorted(this.keys() | last.keys(), key=lambda key: (self.names[key], key))
        return [Part(Unit(key, self.names[key]), this.get(key), last.get(key)) for key in keys]

    def total(self, definition: Definition, year: int, keys: Iterable[UnitKey]) -> Decimal:
        """What the given units reported together."""
        sums = self._sums(definition, year)
        return sum((sums[key] for key in keys if key in sums), Decimal(0))

    def reported(self, key: UnitKey, year: int) -> bool:
        """Whether a return of the unit counts, whatever is filled in."""
        return (year, *key) in self._returned

    @cached_property
    def _returned(self) -> frozenset[tuple[int, str, str]]:
        rows = self._figures.snapshot.rows(
            "SELECT DISTINCT year, unit_id, venue_name FROM counted_returns"
        )
        return frozenset((row["year"], row["unit_id"], row["venue_name"]) for row in rows)

    @cached_property
    def names(self) -> dict[UnitKey, str]:
        """The names of this year's returns before those of last year's."""
        return {key: name for rows in self._rows.values() for key, name, _, _ in rows}

    def _sums(self, definition: Definition, year: int) -> dict[UnitKey, Decimal]:
        """By unit; one with nothing filled in of what the indicator sums has no value."""
        signs = dict(definition.items_above)
        sums: dict[UnitKey, Decimal] = {}
        for key, _, item, amount in self._rows[year]:
            if item in signs:
                sums[key] = sums.get(key, Decimal(0)) + (-amount if signs[item] else amount)
        return sums

    @cached_property
    def _rows(self) -> dict[int, list[tuple[UnitKey, str, str, Decimal]]]:
        year = self._figures.year
        found = self._figures.snapshot.rows(
            "SELECT r.year, r.unit_id, r.venue_name, any_value(r.unit_name ORDER BY r.return_id)"
            " AS unit_name, a.item_id, sum(a.amount) AS amount"
            " FROM counted_answers a JOIN returns r USING (return_id)"
            " WHERE r.year IN (?, ?) AND list_contains(?, a.item_id) AND a.amount IS NOT NULL"
            " GROUP BY r.year, r.unit_id, r.venue_name, a.item_id"
            " ORDER BY r.year, r.unit_id, r.venue_name, a.item_id",
            [year - 1, year, self._items],
        )
        rows: dict[int, list[Any]] = defaultdict(list, {year - 1: [], year: []})
        for row in found:
            venue = row["venue_name"]
            name = f"{row['unit_name']}（{venue}）" if venue else row["unit_name"]
            key = (row["unit_id"], venue)
            rows[row["year"]].append((key, name, row["item_id"], row["amount"]))
        return dict(rows)

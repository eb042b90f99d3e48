"""What a release tells together with an earlier one, though each alone gives nothing away.

    published   a cell that is sensitive in the one stands in the other, with that figure or one
                that comes too close to it
    together    a cell that is sensitive can be worked out from what either of the two shows
    difference  so few units changed between the two that the difference of a cell is theirs

What has been released cannot be taken back: this is asked before a release is frozen.  A figure
that both have unchanged is taken to be known to be unchanged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipelines.indicators.cube import Group, Sum
from pipelines.indicators.definition import Definitions
from pipelines.indicators.disclosure.audit import unsafe
from pipelines.indicators.disclosure.contributions import Store, unit_amounts
from pipelines.indicators.disclosure.protection import Year, year_of
from pipelines.indicators.disclosure.quantities import sides_of
from pipelines.indicators.disclosure.table import Flags, LinkedTable
from pipelines.indicators.disclosure.thresholds import Thresholds, load_thresholds
from pipelines.indicators.territory import Territory
from pipelines.survey import Survey

if TYPE_CHECKING:
    import pyarrow as pa

#: Figures that differ by less, relative to themselves, are the same.
_SAME = 1e-9

_HIDDEN_SQL = """
SELECT indicator_id, breakdown, member_id, member2_id FROM suppressions WHERE year = ?
"""
_HAS_SUPPRESSIONS_SQL = """
SELECT count(*) AS n FROM information_schema.tables WHERE table_name = 'suppressions'
"""
_CHANGED_SQL = """
WITH now AS (SELECT * FROM now_amounts JOIN now_groups USING (class)),
    before AS (SELECT * FROM before_amounts JOIN before_groups USING (class)),
    changed AS (
        SELECT quantity, member FROM now FULL JOIN before USING (quantity, member, unit_id)
        WHERE now.amount IS DISTINCT FROM before.amount
    )
SELECT quantity, member FROM changed JOIN disclosure_fewest USING (quantity)
GROUP BY quantity, member HAVING count(*) < any_value(fewest) ORDER BY quantity, member
"""
_YEARS_SQL = "SELECT year FROM returns UNION SELECT year FROM units"


@dataclass(frozen=True, order=True)
class Told:
    """A cell of which two releases tell too much; ``kind`` as in the head of this module."""

    kind: str
    year: int
    indicator_id: str
    breakdown: str
    member_id: str
    member2_id: str


def compare(
    now: Store,
    before: Store,
    survey: Survey,
    definitions: Definitions,
    overlay: Path | None = None,
) -> list[Told]:
    """Everything that the two tell together, of every year that both have."""
    catalogue, thresholds = definitions.with_items(survey), load_thresholds(overlay)
    years = [{int(r["year"]) for r in each.few_rows(_YEARS_SQL)} for each in (now, before)]
    found: set[Told] = set()
    for year in sorted(years[0] & years[1]):
        sides = [
            _Version(each, cells)
            for each, known in zip((now, before), years, strict=True)
            if (
                cells := year_of(
                    each,
                    survey,
                    catalogue,
                    Territory(survey.divisions, max(known)),
                    year,
                    thresholds,
                )
            )
        ]
        if len(sides) == 2:
            found |= set(_of_year(sides[0], sides[1], thresholds))
    return sorted(found)


def _of_year(now: _Version, before: _Version, thresholds: Thresholds) -> Iterator[Told]:
    """Both ways: the earlier one may have kept to itself what this one shows."""
    yield from now.told_with(before)
    yield from before.told_with(now)
    yield from _differences(now, before, thresholds)


@dataclass
class _Version:
    """A year as one release shows it."""

    snapshot: Store
    cells: Year
    table: LinkedTable = field(init=False)

    def __post_init__(self) -> None:
        self.table = self.cells.linking.table()

    @cached_property
    def shown(self) -> dict[tuple[Sum, Group], float]:
        """The amounts that can be read off, by quantity and member: a level, or either side of
        a ratio, which is not shown unless both may be."""
        found: dict[tuple[Sum, Group], float] = {}
        hidden = self._hidden
        linking, groups_of = self.cells.linking, self.cells.partitions.groups_of
        for definition in self.cells.quantities.definitions:
            breakdowns = self.cells.quantities.shown[definition.indicator_id]
            for side in sides_of(definition):
                places = linking.cell_of[self.cells.number[side]]
                for place in np.flatnonzero(places >= 0):
                    amount = float(self.cells.found.amount[places[place]])
                    for group in groups_of[place]:
                        if (
                            group[0] in breakdowns
                            and (definition.indicator_id, *group) not in hidden
                        ):
                            found[side, group] = amount
        return found

    @cached_property
    def _hidden(self) -> set[tuple[str, str, str, str]]:
        if not self.snapshot.few_rows(_HAS_SUPPRESSIONS_SQL)[0]["n"]:
            return set()
        return {
            tuple(row.values()) for row in self.snapshot.few_rows(_HIDDEN_SQL, [self.cells.year])
        }

    def told_with(self, other: _Version) -> Iterator[Told]:
        """Sensitive cells of this version that it and the other tell together."""
        sensitive = np.zeros(self.table.size, dtype=bool)
        sensitive[: len(self.cells.rule)] = self.cells.rule > 0
        known, close = self._known(other)
        for cell in np.flatnonzero(sensitive & close):
            yield from self._told("published", int(cell))
        own, _ = self._known(self)
        if (known & ~own).any():
            hidden = ~known & ~self.table.unpublished
            told = unsafe(self.table, hidden)
            for cell in told[sensitive[told] & ~close[told]]:
                yield from self._told("together", int(cell))

    def _known(self, other: _Version) -> tuple[Flags, Flags]:
        """The cells that this version or the other shows; those hidden here that the other shows
        with a figure that comes closer than the need."""
        known, close = np.zeros((2, self.table.size), dtype=bool)
        linking, need = self.cells.linking, self.table.need
        for number, quantity in enumerate(linking.names):
            for place in np.flatnonzero(linking.cell_of[number] >= 0):
                cell = linking.cell_of[number, place]
                amount = float(self.cells.found.amount[cell])
                groups = self.cells.partitions.groups_of[place]
                if any((quantity, group) in self.shown for group in groups):
                    known[cell] = True
                    continue
                there = [other.shown[quantity, g] for g in groups if (quantity, g) in other.shown]
                known[cell] = any(abs(a - amount) <= _SAME * abs(amount) for a in there)
                close[cell] = any(abs(a - amount) < need[cell] for a in there)
        return known, close

    def _told(self, kind: str, cell: int) -> Iterator[Told]:
        quantity = self.cells.names[self.cells.found.quantity[cell]]
        groups = self.cells.partitions.groups_of[self.cells.found.place[cell]]
        yield from _named(kind, self.cells, quantity, groups)


def _named(kind: str, cells: Year, quantity: Sum, groups: Iterable[Group]) -> Iterator[Told]:
    """The indicators by which a quantity is shown, levels if there are any."""
    using = [d for d in cells.quantities.definitions if quantity in sides_of(d)]
    levels = [d for d in using if d.kind == "level"]
    for definition in levels or using:
        shown = cells.quantities.shown[definition.indicator_id]
        for group in groups:
            if group[0] in shown:
                yield Told(kind, cells.year, definition.indicator_id, *group)


def _differences(now: _Version, before: _Version, thresholds: Thresholds) -> Iterator[Told]:
    """Cells that both show, changed by fewer units than may stand in a cell."""
    quantities = sorted(set(now.cells.names) & set(before.cells.names))
    numbers: dict[Group, int] = {}
    tables: dict[str, Any] = {"disclosure_fewest": _fewest(now.cells, quantities, thresholds)}
    for name, version in (("now", now), ("before", before)):
        cells = version.cells
        tables[f"{name}_amounts"] = unit_amounts(version.snapshot, quantities, cells.members)
        tables[f"{name}_groups"] = _numbered(cells, numbers)
    con = now.snapshot.con
    for name, table in tables.items():
        con.register(name, table)
    try:
        changed = con.execute(_CHANGED_SQL).fetchall()
    finally:
        for name in tables:
            con.unregister(name)
    groups = list(numbers)
    for quantity, number in changed:
        key = (quantities[quantity], groups[number])
        there, here = before.shown.get(key), now.shown.get(key)
        if there is not None and here is not None and abs(there - here) > _SAME * abs(here):
            yield from _named("difference", now.cells, key[0], [key[1]])


def _numbered(cells: Year, numbers: dict[Group, int]) -> pa.Table:
    """The members that each class is, by numbers that both versions share."""
    import pyarrow as pa

    pairs = [
        (place, numbers.setdefault(group, len(numbers)))
        for place, groups in enumerate(cells.partitions.groups_of)
        for group in groups
    ]
    classes, members = zip(*pairs, strict=True) if pairs else ((), ())
    return pa.table(
        {"class": pa.array(classes, pa.int64()), "member": pa.array(members, pa.int64())}
    )


def _fewest(cells: Year, quantities: list[Sum], thresholds: Thresholds) -> pa.Table:
    """By quantity how many units must be in a cell; what is open needs none."""
    import pyarrow as pa

    kinds = thresholds.kinds
    fewest = [
        0
        if thresholds.is_open(quantity)
        else (kinds.money if cells.quantities.is_money(quantity) else kinds.count).fewest
        for quantity in quantities
    ]
    return pa.table({"quantity": range(len(quantities)), "fewest": pa.array(fewest, pa.int64())})

"""Sums over every breakdown, in one pass over the answers.

DuckDB only adds (exact DECIMAL) and counts; see ``grouping`` for how.  Blank and unreadable
amounts are skipped by a sum and not covered by its count; where nobody gave a figure the sum is
missing, never zero.

Numerators and denominators are signed sums of items.  Such a sum adds up from its items; the
returns that cover it do not, since a return is covered once however many of the items it gives.
Those are counted over one line a return, which holds a bit for every sum it gives something of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from pipelines.indicators.arithmetic import add
from pipelines.indicators.definition import Definition, SignedItem
from pipelines.indicators.grouping import grouped, located, numbered, temporary
from pipelines.indicators.territory import Territory
from pipelines.warehouse import Workshop

#: (breakdown, member, second member)
Group = tuple[str, str, str]

#: A sum, by the items it adds or subtracts.
Sum = tuple[SignedItem, ...]


class Cell(NamedTuple):
    """``covered`` returns gave a figure of the sum; ``queried`` of them await an answer."""

    amount: Decimal | None = None
    covered: int = 0
    queried: int = 0


@dataclass(frozen=True, slots=True)
class Response:
    """Register entries ``expected``, and those of them with a counted return."""

    expected: int
    answered: int


#: Responses by year and group.
Responses = dict[tuple[int, Group], Response]

NOBODY = Cell()


@dataclass(slots=True)
class Slice:
    """One group in one year: its returns, cells by item, coverage of the sums of several items."""

    returns: int = 0
    coverage: Mapping[Sum, tuple[int, int]] = field(default_factory=dict)
    items: dict[str, Cell] = field(default_factory=dict)
    _sums: dict[Sum, Cell] = field(default_factory=dict)

    def cell(self, items: Sum) -> Cell:
        """What the members of the group gave of a sum."""
        found = self._sums.get(items)
        if found is None:
            found = self._sums[items] = self._added(items)
        return found

    def covers(self, item_id: str) -> bool:
        return self.items.get(item_id, NOBODY).covered > 0

    def _added(self, items: Sum) -> Cell:
        if _is_plain(items):
            return self.items.get(items[0][0], NOBODY)
        amount: Decimal | None = None
        for item_id, negative in items:
            part = self.items.get(item_id, NOBODY).amount
            if part is not None:
                amount = add(amount or Decimal(0), -part if negative else part)
        return Cell(amount, *self.coverage.get(items, (0, 0)))


@dataclass(frozen=True)
class Cube:
    """Slices by year and group."""

    slices: dict[int, dict[Group, Slice]]

    def slice(self, year: int, group: Group) -> Slice:
        return self.slices.get(year, {}).get(group) or Slice()

    def groups(self, year: int) -> set[Group]:
        """Everyone in the year of whom there is a return."""
        return set(self.slices.get(year, ()))


#: Sums that one column of bits has room for.
_BITS = 60
#: Rows of a result that are brought over at a time.
_BATCH = 1_000
#: Exact sums do not depend on which thread adds first.
_THREADS = 2


def build_cube(
    workshop: Workshop, territory: Territory, asked: Mapping[int, Iterable[Definition]]
) -> tuple[Cube, Responses]:
    """Every sum that the definitions asked in each year rest on, and who was asked."""
    sums = sorted({s for definitions in asked.values() for s in _sums(definitions)})
    with workshop.threads(_THREADS), located(workshop, territory):
        cube = Cube(_slices(workshop, sums))
        return cube, _responses(workshop)


def _sums(definitions: Iterable[Definition]) -> set[Sum]:
    return {side for d in definitions for side in (d.items_above, d.items_below) if side}


def _is_plain(items: Sum) -> bool:
    return len(items) == 1 and not items[0][1]


def _slices(workshop: Workshop, sums: Sequence[Sum]) -> dict[int, dict[Group, Slice]]:
    several = [items for items in sums if not _is_plain(items)]
    names = sorted({item_id for items in sums for item_id, _ in items})
    con = workshop.con
    try:
        temporary(workshop, "cube_items", _numbered_items(names, several), _item_types(several))
        con.execute(f"CREATE TEMP TABLE cube_returns AS {_RETURNS_SQL}")
        slices = _covered(workshop, several)
        for year, *group, items, amounts, covered, waiting in _fetched(workshop, _AMOUNTS_SQL):
            exact = [None if amount is None else Decimal(amount) for amount in amounts]
            cells = map(Cell, exact, covered, waiting)
            found = zip((names[item] for item in items), cells, strict=True)
            slices[year][tuple(group)].items.update(found)
        return slices
    finally:
        con.execute("DROP TABLE IF EXISTS cube_returns")
        con.execute("DROP TABLE IF EXISTS cube_items")


_RETURNS_SQL = numbered("counted_returns", "t.return_id, t.status = 'queried' AS queried")
_BY_ITEM_SQL = grouped(
    "SELECT r.*, i.item, a.amount FROM current_answers a"
    " JOIN cube_items i USING (item_id) JOIN cube_returns r USING (return_id)",
    ("year", "item"),
    {
        "amount": "sum(amount)",
        "covered": "count(amount)",
        "waiting": "count(amount) FILTER (queried)",
    },
)
# Amounts come over as text: that is four times as fast as DuckDB's own decimals, and as exact.
_AMOUNTS_SQL = f"""
SELECT year, breakdown, member, member2,
    list(item), list(amount::VARCHAR), list(covered), list(waiting)
FROM ({_BY_ITEM_SQL}) GROUP BY year, breakdown, member, member2
"""


def _item_types(several: Sequence[Sum]) -> dict[str, str]:
    masks = {f"mask{n}": "UBIGINT" for n in range(len(several) // _BITS + 1)}
    return {"item_id": "VARCHAR", "item": "USMALLINT", **masks}


def _numbered_items(names: Sequence[str], several: Sequence[Sum]) -> list[dict[str, object]]:
    """Items with their numbers, and in bits the sums of several items that they are part of."""
    rows: list[dict[str, Any]] = [
        {"item_id": name, "item": n, **dict.fromkeys(list(_item_types(several))[2:], 0)}
        for n, name in enumerate(names)
    ]
    by_name = {row["item_id"]: row for row in rows}
    for n, items in enumerate(several):
        for item_id, _ in items:
            by_name[item_id][f"mask{n // _BITS}"] |= 1 << n % _BITS
    return rows


def _covered(workshop: Workshop, several: Sequence[Sum]) -> dict[int, dict[Group, Slice]]:
    """A slice for everyone of whom there is a return, as yet without its items."""
    masks = list(_item_types(several))[2:]
    bits = ", ".join(f"bit_or(i.{mask}) AS {mask}" for mask in masks)
    source = f"""
    SELECT r.* EXCLUDE (return_id), m.* EXCLUDE (return_id) FROM cube_returns r LEFT JOIN (
        SELECT a.return_id, {bits} FROM current_answers a JOIN cube_items i USING (item_id)
        WHERE a.amount IS NOT NULL AND ({" + ".join(f"i.{mask}" for mask in masks)}) > 0
        GROUP BY a.return_id
    ) m USING (return_id)
    """
    measures = {"returns": "count(*)"}
    for n in range(len(several)):
        given = f"(mask{n // _BITS} & {1 << n % _BITS}) > 0"
        measures[f"covered{n}"] = f"count(*) FILTER ({given})"
        measures[f"waiting{n}"] = f"count(*) FILTER ({given} AND queried)"
    slices: dict[int, dict[Group, Slice]] = {}
    for year, *rest in _fetched(workshop, grouped(source, ("year",), measures)):
        counts = rest[3:]
        pairs = zip(counts[1::2], counts[2::2], strict=True)
        coverage = dict(zip(several, pairs, strict=True))
        slices.setdefault(year, {})[tuple(rest[:3])] = Slice(counts[0], coverage)
    return slices


# A register entry has answered when a counted return bears its unit and its venue.
_RESPONSES_SQL = grouped(
    numbered("expected_units", "t.returned"),
    ("year",),
    {"expected": "count(*)", "answered": "count(*) FILTER (returned)"},
)


def _responses(workshop: Workshop) -> Responses:
    """Expected and answered by year and group; nothing for a year without a register."""
    return {
        (year, tuple(group)): Response(expected, answered)
        for year, *group, expected, answered in _fetched(workshop, _RESPONSES_SQL)
    }


def _fetched(workshop: Workshop, sql: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a result, a batch at a time."""
    result = workshop.con.execute(sql)
    while batch := result.fetchmany(_BATCH):
        yield from batch

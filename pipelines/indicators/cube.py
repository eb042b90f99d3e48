"""Sums over every breakdown, in one pass over the answers.

Numerators and denominators are signed sums of items, and many indicators share one (科普人员 is a
level and the base of four ratios): the cube holds each different sum once.  DuckDB groups the
counted answers by GROUPING SETS; it only adds (exact DECIMAL) and counts.  Blank and unreadable
amounts are skipped by a sum and not covered by its count; where nobody gave a figure the sum is
NULL, never zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import pyarrow as pa

from pipelines.indicators.breakdowns import BREAKDOWNS, DIMENSIONS
from pipelines.indicators.definition import Definition, SignedItem
from pipelines.warehouse import Workshop

#: (breakdown, member, second member)
Group = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Cell:
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

_NOBODY = Cell()


#: A sum, by the items it adds or subtracts.
Sum = tuple[SignedItem, ...]


@dataclass(frozen=True)
class Cube:
    """Cells by sum, year and group."""

    cells: dict[tuple[Sum, int, Group], Cell]

    def cell(self, items: Sum, year: int, group: Group) -> Cell:
        """What the members of a group gave of a sum."""
        return self.cells.get((items, year, group), _NOBODY)

    def groups(self, year: int) -> set[Group]:
        """Everyone in the year of whom there is anything."""
        return {group for _, found, group in self.cells if found == year}


_SUMMANDS = pa.schema(
    [
        ("year", pa.int64()),
        ("sum_id", pa.int64()),
        ("item_id", pa.string()),
        ("negative", pa.bool_()),
    ]
)

_DIMENSIONS = ", ".join(DIMENSIONS)
_GROUPING_SETS = ", ".join(f"({', '.join(('sum_id', 'year', *b.dimensions))})" for b in BREAKDOWNS)

# A return first becomes one amount a sum, so that it is covered once however many items that adds.
_CUBE_SQL = f"""
WITH per_return AS (
    SELECT s.sum_id, a.year, a.return_id, {_DIMENSIONS}, a.status = 'queried' AS queried,
        sum(CASE WHEN s.negative THEN -a.amount ELSE a.amount END) AS amount
    FROM counted_answers a JOIN summands s USING (year, item_id)
    GROUP BY ALL
)
SELECT sum_id, year, grouping({_DIMENSIONS}) AS mask, {_DIMENSIONS},
    sum(amount), count(amount), count(amount) FILTER (queried)
FROM per_return GROUP BY GROUPING SETS ({_GROUPING_SETS})
"""

_RESPONSE_SETS = ", ".join(f"({', '.join(('year', *b.dimensions))})" for b in BREAKDOWNS)

# A register entry has answered when a counted return bears its unit and its venue.
_RESPONSE_SQL = f"""
WITH answered AS (SELECT DISTINCT year, unit_id, venue_name FROM counted_returns)
SELECT u.year, grouping({_DIMENSIONS}) AS mask, {_DIMENSIONS}, count(*), count(a.unit_id)
FROM units u LEFT JOIN answered a USING (year, unit_id, venue_name)
GROUP BY GROUPING SETS ({_RESPONSE_SETS})
"""


def build_cube(workshop: Workshop, asked: dict[int, tuple[Definition, ...]]) -> Cube:
    """Every sum that the definitions asked in each year rest on."""
    sums = sorted({items for definitions in asked.values() for items in _sums(definitions)})
    numbers = {items: number for number, items in enumerate(sums)}
    summands = pa.Table.from_pylist(
        [
            {"year": year, "sum_id": numbers[items], "item_id": item_id, "negative": negative}
            for year, definitions in asked.items()
            for items in _sums(definitions)
            for item_id, negative in items
        ],
        schema=_SUMMANDS,
    )
    workshop.con.register("summands", summands)
    try:
        found = workshop.con.execute(_CUBE_SQL).fetchall()
    finally:
        workshop.con.unregister("summands")
    width = len(DIMENSIONS)
    return Cube(
        {
            (sums[sum_id], year, _group(mask, rest[:width])): Cell(*rest[width:])
            for sum_id, year, mask, *rest in found
        }
    )


def build_responses(workshop: Workshop) -> Responses:
    """Expected and answered by year and group; nothing for a year without a register."""
    width = len(DIMENSIONS)
    return {
        (year, _group(mask, rest[:width])): Response(*rest[width:])
        for year, mask, *rest in workshop.con.execute(_RESPONSE_SQL).fetchall()
    }


def _sums(definitions: Iterable[Definition]) -> set[Sum]:
    return {side for d in definitions for side in (d.items_above, d.items_below)}


def _mask(dimensions: tuple[str, ...]) -> int:
    """What SQL grouping() gives: a bit set for every dimension summed over, first is highest."""
    bits = "".join("0" if d in dimensions else "1" for d in DIMENSIONS)
    return int(bits, 2)


_BY_MASK = {_mask(b.dimensions): b for b in BREAKDOWNS}


def _group(mask: int, values: list[str]) -> Group:
    breakdown = _BY_MASK[mask]
    return (breakdown.name, *breakdown.key_of(dict(zip(DIMENSIONS, values, strict=True))))

"""Rows of ``indicator_values`` gathered into an Arrow table, column by column.

There are very many, and most of what they say is said by many of them: a member's own columns are
written once and taken for each of its rows, as are indicators, units and marks.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from pipelines.warehouse.schema import TABLES

if TYPE_CHECKING:
    import pyarrow as pa

Flags = tuple[str, ...]


class Shared(NamedTuple):
    """What all rows of a member in a year have in common."""

    year: int
    breakdown: str
    member_id: str
    member2_id: str
    member_zh: str
    units_expected: int | None
    response_rate: Decimal | None


class Row(NamedTuple):
    """What an indicator adds to it."""

    indicator_id: str
    value: Decimal | None
    unit: str
    numerator: Decimal | None
    denominator: Decimal | None
    units_covered: int
    flags: Flags


@dataclass
class Rows:
    """Rows member by member."""

    _shared: list[Shared] = field(default_factory=list)
    _members: list[int] = field(default_factory=list)
    _rows: list[Row] = field(default_factory=list)

    def add(self, shared: Shared, rows: Iterable[Row]) -> None:
        before = len(self._rows)
        self._rows.extend(rows)
        self._members.extend([len(self._shared)] * (len(self._rows) - before))
        self._shared.append(shared)

    def table(self) -> pa.Table:
        """The rows as the declared table."""
        import pyarrow as pa

        schema = TABLES["indicator_values"].arrow_schema
        members = pa.array(self._members, pa.int32())
        shared = dict(zip(Shared._fields, zip(*self._shared, strict=True), strict=True))
        own = dict(zip(Row._fields, zip(*self._rows, strict=True), strict=True))
        columns = {}
        for name in schema.names:
            kind = schema.field(name).type
            if name in shared:
                columns[name] = pa.array(shared[name], kind).take(members)
            elif name in ("indicator_id", "unit", "flags"):
                columns[name] = _repeated(own[name], kind)
            else:
                columns[name] = pa.array(own[name], kind)
        return pa.table(columns, schema=schema)


def _repeated(values: Iterable[Hashable], kind: pa.DataType) -> pa.Array:
    """A column of few different values."""
    import pyarrow as pa

    numbers: dict[Any, int] = {}
    places = [numbers.setdefault(value, len(numbers)) for value in values]
    return pa.array(list(numbers), kind).take(pa.array(places, pa.int32()))

"""What a built table is made of: cells, columns, rows, and the marks for values that are not there.

A built table is neutral: the workbook prints its numbers as numbers, the bulletin as text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from pipelines.publish.table_book import TableSpec
from pipelines.survey.quantities import (
    MISSING_MARK,
    NOT_APPLICABLE_MARK,
    SUPPRESSED_MARK,
)

MARKS_ZH = {
    MISSING_MARK: "无数据",
    NOT_APPLICABLE_MARK: "不适用或没有该项",
    SUPPRESSED_MARK: "为保护填报单位资料不予公布",
}
#: Behind a figure that cannot be compared with those of earlier years.
BREAK_MARK = "※"


@dataclass(frozen=True, slots=True)
class Number:
    """A figure for a cell, unrounded, with the decimals it is printed at, and a mark behind it.

    ``flags`` are those of the value: what a note has to say of it.
    """

    value: Decimal
    decimals: int
    signed: bool = False
    mark: str = ""
    flags: frozenset[str] = frozenset()


class Missing(str):
    """The mark of a value that is not there, which remembers why."""

    reason: str

    def __new__(cls, reason: str) -> Missing:
        self = super().__new__(cls, MISSING_MARK)
        self.reason = reason
        return self


Cell = Number | str


@dataclass(frozen=True, slots=True)
class Column:
    """``lines`` is the head as it is broken where a page is narrow; ``group`` stands above it;
    ``key`` is the indicator that the column is of."""

    head: str
    unit: str = ""
    textual: bool = False
    lines: tuple[str, ...] = ()
    group: str = ""
    key: str = ""

    @property
    def full_head(self) -> str:
        return f"{self.group}：{self.head}" if self.group else self.head


@dataclass(frozen=True, slots=True)
class Row:
    """``key`` is the indicator that the row is of."""

    label: str
    cells: tuple[Cell, ...]
    total: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with everything that stands on, in and under it."""

    spec: TableSpec
    title: str
    stub: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    source: str = ""

    @property
    def unit(self) -> str:
        """The unit of the whole table, when all its figures have the same one."""
        units = {column.unit for column in self.columns if not column.textual}
        return next(iter(units)) if len(units) == 1 else ""

    @property
    def marks(self) -> tuple[str, ...]:
        """Marks used in the table, to be explained under it."""
        used = {cell for row in self.rows for cell in row.cells if isinstance(cell, str)}
        return tuple(mark for mark in MARKS_ZH if mark in used)

    def parts(self) -> Iterator[Table]:
        """The table as it is printed: what does not fit beside each other becomes a 续表."""
        width = self.spec.columns_per_part or len(self.columns) or 1
        starts = range(0, len(self.columns), width)
        for number, start in enumerate(starts):
            piece = slice(start, start + width)
            last = start + width >= len(self.columns)
            name = f"（续表{number if len(starts) > 2 else ''}）" if number else ""
            yield replace(
                self,
                title=f"{self.title}{name}",
                columns=self.columns[piece],
                rows=tuple(replace(row, cells=row.cells[piece]) for row in self.rows),
                notes=self.notes if last else (),
                source=self.source if last else "",
            )

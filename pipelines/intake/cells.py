"""Cells of any spreadsheet as plain Python values with addresses.

A cell is ``""``, text, a number, a bool, a date or time, or a ``Flaw``: what stands in a cell whose
value cannot be had.  Blank, error and formula without a stored result are three things; the
native reader returns the empty string for all of them, so the file's own records are asked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

Range = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Flaw:
    """A cell without a usable value: the text to show for it, and why."""

    text: str
    note: str


Cell = str | float | int | bool | dt.date | dt.time | dt.timedelta | Flaw
Rows = list[list[Cell]]
#: What really stands in a cell that reads as blank; None when it is blank.
FlawAt = Callable[[int, int], Flaw | None]


def error_cell(text: str) -> Flaw:
    return Flaw(text, f"单元格是错误值 {text}")


def uncomputed_cell(formula: str) -> Flaw:
    return Flaw(f"={formula}", "公式没有计算结果，请用 Excel/WPS 打开另存")


class Sheet:
    """One sheet: dense rows from A1, read when first asked for; merged ranges on demand."""

    def __init__(
        self,
        name: str,
        load: Callable[[], tuple[Rows, FlawAt | None]],
        *,
        hidden: bool = False,
        date1904: bool = False,
        find_merged: Callable[[], list[Range]] | None = None,
    ) -> None:
        self.name = name
        self.hidden = hidden
        self.date1904 = date1904
        self._load = load
        self._find_merged = find_merged
        self._flaw_at: FlawAt | None = None

    @cached_property
    def rows(self) -> Rows:
        """The cells as the native reader gives them; ``at`` also knows what it hides."""
        rows, self._flaw_at = self._load()
        return rows

    @cached_property
    def merged(self) -> list[Range]:
        """Merged ranges as ((top, left), (bottom, right))."""
        return self._find_merged() if self._find_merged else []

    def at(self, row: int, column: int) -> Cell:
        """The cell; blank outside the sheet."""
        rows = self.rows
        if row < len(rows) and column < len(rows[row]):
            cell = rows[row][column]
            if cell != "":
                return cell
        return (self._flaw_at(row, column) if self._flaw_at else None) or ""

    def plain(self, row: int, column: int) -> Cell:
        """The cell as the native reader gives it: enough for labels, and costs no second look."""
        rows = self.rows
        return rows[row][column] if row < len(rows) and column < len(rows[row]) else ""

    def filled(self, row: int, column: int) -> Cell:
        """The plain cell, or the first cell of the merged range that covers it."""
        value = self.plain(row, column)
        if value != "":
            return value
        for (top, left), (bottom, right) in self.merged:
            if top <= row <= bottom and left <= column <= right:
                return self.plain(top, left)
        return value

    def merged_from(self, row: int, column: int) -> tuple[int, int]:
        """Last row and column of the merged range whose first cell this is; else the cell."""
        for start, end in self.merged:
            if start == (row, column):
                return end
        return row, column

    @property
    def is_blank(self) -> bool:
        return all(cell == "" for row in self.rows for cell in row)

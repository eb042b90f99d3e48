"""Cells of any spreadsheet as plain Python values with addresses.

A cell is ``""``, text, a number, a bool, a date or time, or a ``Flaw``: what stands in a cell whose
value cannot be had.  Blank, error and formula without a stored result are three things; the
native reader returns the empty string for all of them, so the file's own records are asked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from pipelines.intake.vocabulary import vocabulary
from pipelines.survey.addresses import address

Range = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Flaw:
    """A cell without a usable value: the text to show for it, and why."""

    text: str
    note: str


Cell = str | float | int | bool | dt.date | dt.time | dt.timedelta | Flaw
Rows = list[list[Cell]]
#: What really stands in a cell (row, column, text) that reads as blank or text; None when it is
#: just that.
FlawAt = Callable[[int, int, str], Flaw | None]


@dataclass(frozen=True, slots=True)
class Asides:
    """What a person opening the file would not notice: hidden rows and columns, remarks on cells.

    Counted from 0.  ``remarks`` are notes on cells that read well, such as a formula that refers
    to another file.
    """

    rows: Collection[int] = frozenset()
    columns: Collection[int] = frozenset()
    remarks: Mapping[tuple[int, int], str] = field(default_factory=dict)


NO_ASIDES = Asides()


def error_cell(text: str) -> Flaw:
    return Flaw(text, f"单元格是错误值 {text}")


def uncomputed_cell(formula: str) -> Flaw:
    return Flaw(f"={formula}", "公式没有计算结果，请用 Excel/WPS 打开另存")


class Sheet:
    """One sheet: dense rows from A1, read when first asked for; merged ranges on demand.

    ``outside_tables`` marks the text that stands between the tables of a document: headings and
    lines such as 单位名称：××, one a row.
    """

    def __init__(
        self,
        name: str,
        load: Callable[[], tuple[Rows, FlawAt | None]],
        *,
        hidden: bool = False,
        date1904: bool = False,
        outside_tables: bool = False,
        find_merged: Callable[[], list[Range]] | None = None,
        find_asides: Callable[[], Asides] | None = None,
    ) -> None:
        self.name = name
        self.hidden = hidden
        self.date1904 = date1904
        self.outside_tables = outside_tables
        self._load = load
        self._find_merged = find_merged
        self._find_asides = find_asides
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

    @cached_property
    def asides(self) -> Asides:
        """Hidden rows and columns, and remarks on cells."""
        return self._find_asides() if self._find_asides else NO_ASIDES

    @cached_property
    def has_notes(self) -> bool:
        """Whether ``notes_at`` has anything to say of any cell: asked once a table, not a cell."""
        asides = self.asides
        return bool(self.hidden or asides.rows or asides.columns or asides.remarks)

    def hidden_at(self, row: int, column: int) -> str:
        """The note on a cell that nobody sees: its sheet, row or column is hidden; else ""."""
        words = vocabulary().hidden_notes
        if self.hidden:
            return words["sheet"]
        in_row, in_column = row in self.asides.rows, column in self.asides.columns
        if in_row or in_column:
            return words["both" if in_row and in_column else "row" if in_row else "column"]
        return ""

    def notes_at(self, row: int, column: int) -> tuple[str, ...]:
        """What an answer taken from this cell must say of it."""
        found = (self.hidden_at(row, column), self.asides.remarks.get((row, column), ""))
        return tuple(note for note in found if note)

    def address(self, row: int, column: int) -> str:
        """The A1 address of a cell."""
        return address(row, column)

    def at(self, row: int, column: int) -> Cell:
        """The cell; blank outside the sheet.  What reads as text or blank may be a flaw."""
        cell = self.plain(row, column)
        if type(cell) is str and self._flaw_at:
            cell = self._flaw_at(row, column, cell) or cell
        return cell

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
        return self._merged_ends.get((row, column), (row, column))

    @cached_property
    def _merged_ends(self) -> dict[tuple[int, int], tuple[int, int]]:
        return dict(reversed(self.merged))

    @property
    def is_blank(self) -> bool:
        return all(cell == "" for row in self.rows for cell in row)

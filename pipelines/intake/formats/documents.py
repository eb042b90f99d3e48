"""Tables that stand in a running document (a web page, a Word file) as sheets.

Each table is a sheet of its own, 表格 1, 表格 2 …, its cells counted as a person counts them in the
table.  The text between the tables is kept as sheets too, a line a row: a title, a year and lines
such as 单位名称：×× often stand there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pipelines.errors import OversizedFileError
from pipelines.intake.formats.cells import Asides, Cell, Flaw, FlawAt, Range, Rows, Sheet
from pipelines.intake.vocabulary import vocabulary

_WIDEST = 16384
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
#: Several labelled values in one line: 单位名称：甲    填表日期：某日.
_NEXT_LABEL = re.compile(r"(?:\t+|[ \u00a0\u3000]{2,})(?=[^\s：:]{2,20}[：:])")
#: A mark crossed out, or a figure: what must not be read when it is in doubt.
#: A table inside a cell with no more text than this is no form.
_SMALL = 40
_SHORT = 2


@dataclass(slots=True)
class Table:
    """A table being filled cell by cell, spans taken into account."""

    name: str = ""
    hidden: bool = False
    frames_others: bool = False
    rows: Rows = field(default_factory=list)
    merged: list[Range] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    remarks: dict[tuple[int, int], str] = field(default_factory=dict)
    #: Columns that a cell of an earlier row reaches down into, and to before which row.
    _busy: dict[int, int] = field(default_factory=dict)

    def start_row(self, hidden: bool = False) -> None:
        if hidden:
            self.hidden_rows.add(len(self.rows))
        self.rows.append([])

    def add(
        self, cell: Cell, across: int = 1, down: int = 1, at: int | None = None
    ) -> tuple[int, int]:
        """Put a cell at the next free place of the row (or at a column); returns where it is."""
        row, line = len(self.rows) - 1, self.rows[-1]
        column = len(line) if at is None else at
        while at is None and self._busy.get(column, 0) > row:
            column += 1
        if column + across > _WIDEST:
            raise OversizedFileError("表格的列数太多，不可能是报表")
        line.extend([""] * (column + across - len(line)))
        line[column] = cell
        if down > 1:
            self._busy.update((column + n, row + down) for n in range(across))
        if across > 1 or down > 1:
            self.merged.append(((row, column), (row + down - 1, column + across - 1)))
        return row, column

    def finish(self) -> None:
        """Make the rows equally wide and end merged ranges with the table."""
        width = max((len(line) for line in self.rows), default=0)
        if width * len(self.rows) > vocabulary().limits.sheet_cells:
            raise OversizedFileError("表格的格数太多，不可能是报表")
        for line in self.rows:
            line.extend([""] * (width - len(line)))
        last = len(self.rows) - 1
        self.merged = [(start, (min(end[0], last), end[1])) for start, end in self.merged]

    def filled(self) -> list[Cell]:
        """What stands in the table, without the blank cells."""
        return [cell for line in self.rows for cell in line if _told(cell)]

    @property
    def asides(self) -> Asides:
        return Asides(self.hidden_rows, self.hidden_columns, self.remarks)


class Document:
    """Tables and the lines between them, in reading order."""

    def __init__(self) -> None:
        self._parts: list[Table | list[str]] = []

    def add_line(self, line: str) -> None:
        if not line.strip():
            return
        if not self._parts or isinstance(self._parts[-1], Table):
            self._parts.append([])
        lines = self._parts[-1]
        assert isinstance(lines, list)
        lines.append(line)

    def add_table(self, table: Table) -> None:
        """A table takes its place when it begins; it may be filled later."""
        self._parts.append(table)

    @property
    def tables(self) -> list[Table]:
        return [part for part in self._parts if isinstance(part, Table)]

    def sheets(self) -> list[Sheet]:
        """Every table and every run of lines as a sheet."""
        found, number, count = [], 0, len(self.tables)
        for part in self._parts:
            if isinstance(part, Table):
                number += 1
                found.append(table_sheet(part, part.name or f"表格 {number}"))
            else:
                name = f"表格 {number + 1} 前的文字" if number < count else "表格后的文字"
                rows: Rows = [list(_NEXT_LABEL.split(line)) for line in part]
                found.append(_sheet(name, rows, outside_tables=True))
        return found


def table_sheet(table: Table, name: str) -> Sheet:
    """One table as a sheet."""
    table.finish()
    flaws = _flaws(table.rows)
    return Sheet(
        name,
        lambda: (table.rows, flaws),
        hidden=table.hidden,
        outside_tables=table.frames_others,
        find_merged=lambda: table.merged,
        find_asides=lambda: table.asides,
    )


def raised(text: str, lowered: bool = False) -> str:
    """Digits set above or below the line, as characters that say so: 10² is not 102."""
    return text.translate(_LOWERED if lowered else _RAISED)


def in_doubt(text: str, note: str) -> Cell:
    """A cell of which it is not clear which text holds: a label may be, a figure never."""
    plain = text.strip()
    if plain and (len(plain) <= _SHORT or any(char.isdigit() for char in plain)):
        return Flaw(plain, note)
    return text


def around(cell: Cell, tables: Iterable[Table]) -> Cell:
    """A cell that has tables in it: a small one is its figure split up, a large one a form."""
    inner = [one for table in tables for one in table.filled()]
    text = " ".join(map(_told, inner))
    own = _told(cell)
    is_label = len(own) > 1 and not any(char.isdigit() for char in own)
    if not inner or len(text) > _SMALL or is_label:
        return cell
    if not own and len(inner) == 1:
        return inner[0]
    return Flaw(f"{own} {text}".strip(), vocabulary().cell_notes["framing"])


def _told(cell: Cell) -> str:
    return (cell.text if isinstance(cell, Flaw) else str(cell)).strip()


def _sheet(name: str, rows: Rows, *, outside_tables: bool) -> Sheet:
    return Sheet(name, lambda: (rows, None), outside_tables=outside_tables)


def _flaws(rows: Rows) -> FlawAt | None:
    """Flaws are kept beside the rows, which then hold what the other readers' rows hold."""
    found: Mapping[tuple[int, int], Flaw] = {
        (r, c): cell
        for r, line in enumerate(rows)
        for c, cell in enumerate(line)
        if isinstance(cell, Flaw)
    }
    for r, c in found:
        rows[r][c] = ""
    return (lambda row, column, _: found.get((row, column))) if found else None

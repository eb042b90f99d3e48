"""A workbook of plain lists: a title, marks of what it is, heads, rows, notes; one look for all.

For office workbooks that are lists rather than yearbook tables.  The same content gives the same
bytes.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from pipelines.publish.excel import Styles, columns_of, excel_book
from pipelines.survey.quantities import round_half_up

_SONG, _HEI = "宋体", "黑体"
_INK, _WARN, _HEAD, _LINE = "#1F2933", "#C8452D", "#E8EDF2", "#9AA5B1"
_A4, _A3 = 9, 8
#: Row of a sheet where the heads stand.
HEADS = 2


@dataclass(frozen=True, slots=True)
class Figure:
    """A number to be shown at so many decimals; the cell holds it rounded half up."""

    value: Decimal
    decimals: int = 0
    signed: bool = False


Cell = Figure | str | None


@dataclass(frozen=True, slots=True)
class Head:
    """A column; ``align`` of its texts (numbers stand right)."""

    text: str
    width: float
    align: Literal["left", "center"] = "left"


@dataclass(frozen=True, slots=True)
class Line:
    """A row; ``shades`` are background colours by column."""

    cells: tuple[Cell, ...]
    bold: bool = False
    shades: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One list.  ``upright`` heads are written from top to bottom over narrow columns."""

    name: str
    title: str
    heads: tuple[Head, ...]
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()
    frozen_columns: int = 1
    upright_from: int | None = None
    large: bool = False
    one_page: bool = False


class ListBook:
    """One workbook being written; ``marks`` stand on every sheet and every printed page."""

    def __init__(self, book: Any, title: str, marks: Sequence[str]) -> None:
        self._book = book
        self._title = title
        self._marks = "　".join(marks)
        self._style = Styles(book, font_name=_SONG, font_size=10, font_color=_INK)

    def write(self, sheet: Sheet) -> None:
        page = self._book.add_worksheet(sheet.name)
        page.hide_gridlines(2)
        page.set_row(0, 26)
        page.write_string(0, 0, sheet.title, self._style(font_name=_HEI, font_size=15))
        page.write_string(1, 0, self._marks, self._style(font_size=9, bold=True, font_color=_WARN))
        self._heads(page, sheet)
        for row, line in enumerate(sheet.lines, HEADS + 1):
            page.set_row(row, _height(line, sheet.heads))
            for column, cell in enumerate(line.cells):
                self._cell(page, row, column, cell, line, sheet.heads[column])
        small = self._style(font_size=9)
        for offset, note in enumerate(sheet.notes):
            text = f"注：{note}" if not offset else note
            page.write_string(HEADS + 2 + len(sheet.lines) + offset, 0, text, small)
        page.freeze_panes(HEADS + 1, sheet.frozen_columns)
        page.repeat_rows(HEADS)
        if not sheet.upright_from and sheet.lines:
            page.autofilter(HEADS, 0, HEADS + len(sheet.lines), len(sheet.heads) - 1)
        self._print_setup(page, sheet)

    def _heads(self, page: Any, sheet: Sheet) -> None:
        upright = len(sheet.heads) if sheet.upright_from is None else sheet.upright_from
        look = {"font_name": _HEI, "align": "center", "text_wrap": True, "bg_color": _HEAD}
        for column, head in enumerate(sheet.heads):
            page.set_column(column, column, head.width)
            turned = {"rotation": 270, "valign": "top"} if column >= upright else {}
            page.write_string(HEADS, column, head.text, self._boxed(**(look | turned)))
        longest = max((len(head.text) for head in sheet.heads[upright:]), default=0)
        page.set_row(HEADS, 14.5 * longest + 8 if longest else 30)

    def _cell(self, page: Any, row: int, column: int, cell: Cell, line: Line, head: Head) -> None:
        look: dict[str, Any] = {"bold": True} if line.bold else {}
        if column in line.shades:
            look["bg_color"] = line.shades[column]
        match cell:
            case None:
                page.write_blank(row, column, None, self._boxed(**look))
            case str():
                indent = {"indent": 1} if head.align == "left" else {}
                style = self._boxed(align=head.align, text_wrap=True, **indent, **look)
                page.write_string(row, column, cell, style)
            case Figure(value, decimals, signed):
                digits = "#,##0" + (f".{'0' * decimals}" if decimals else "")
                aligned = "center" if head.align == "center" else "right"
                shown = f"+{digits};-{digits};{digits}" if signed else digits
                style = self._boxed(align=aligned, num_format=shown, **look)
                page.write_number(row, column, float(round_half_up(value, decimals)), style)

    def _print_setup(self, page: Any, sheet: Sheet) -> None:
        page.set_paper(_A3 if sheet.large else _A4)
        page.set_landscape()
        page.set_margins(left=0.5, right=0.5, top=0.8, bottom=0.7)
        page.fit_to_pages(1, 1 if sheet.one_page else 0)
        # A space ends the size of the letters: a title may begin with a year.
        page.set_header(f"&L&9 {self._title}&R&9 {self._marks}")
        page.set_footer("&C&9第 &P 页，共 &N 页")

    def _boxed(self, **look: Any) -> Any:
        return self._style(border=1, border_color=_LINE, **look)


@contextlib.contextmanager
def list_book(path: Path, title: str, office: str, marks: Sequence[str]) -> Iterator[ListBook]:
    """A new workbook at ``path``; raises PublicationError where it cannot be written."""
    with excel_book(path, title, office, comments="　".join(marks)) as book:
        yield ListBook(book, title, marks)


def _height(line: Line, heads: tuple[Head, ...]) -> float:
    """Room for the longest text: nothing fits a wrapped row for a reader that does not lay out."""
    needed = [
        math.ceil(columns_of(cell) / (head.width - 1))
        for cell, head in zip(line.cells, heads, strict=True)
        if isinstance(cell, str)
    ]
    return 5 + 13.5 * max(1, *needed) if needed else 18.5


def lines(rows: Iterable[Sequence[Cell]]) -> tuple[Line, ...]:
    """Plain rows without shades."""
    return tuple(Line(tuple(row)) for row in rows)

"""指标表.xlsx, the machine edition: every indicator table to filter, calculate from and hear read.

By the checklist for accessible spreadsheets: one table a sheet, marked as a table with one row of
heads; the title in A1; contents with links; notes on a sheet of their own; nothing merged, hidden
or empty.  Columns bear the full names of indicators, those of the data package, with their units.
Figures are numbers, rounded for publication.  No row in it is about a single respondent.
``print_book`` writes the same tables as the yearbook prints them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.publish.excel import (
    Styles,
    columns_of,
    excel_book,
    height_of,
    lines_in,
    number_format,
)
from pipelines.publish.table_model import Cell, Column, Number, Row, Table
from pipelines.publish.workbook_contents import Contents, contents_of
from pipelines.survey.quantities import round_half_up

if TYPE_CHECKING:
    from pipelines.indicators.definition import Definitions
    from pipelines.survey import Survey
    from pipelines.warehouse import Snapshot

_FONT, _SIZE = "微软雅黑", 12
_INK, _LINK, _WARN = "#1F2933", "#1B4F8F", "#A3341F"
#: Widths in digits of the normal font; a column of long texts is held to ``_TEXT_MOST``.
_NUMBER_WIDTH, _LEAST_TEXT, _TEXT_MOST, _PROSE = 16.0, 12.0, 60.0, 100.0
_STYLE = "Table Style Light 1"
_A4 = 9
#: Row of the heads on a sheet that is a plain list: below title and link.
_LIST_TOP = 2
_NOT_IN_NAMES = re.compile(r"\W")


def write(
    snapshot: Snapshot,
    survey: Survey,
    definitions: Definitions,
    year: int,
    path: Path,
    overlay: Path | None = None,
    *,
    internal: bool = False,
) -> Path:
    """Write the workbook of a data year to ``path``; the same snapshot gives the same bytes.

    ``internal``: with the values that are not published, marked so on every sheet.
    """
    contents = contents_of(snapshot, survey, definitions, year, overlay, internal=internal)
    office = contents.office
    with excel_book(
        path,
        contents.title,
        office.office_zh,
        language=office.language,
        keywords="、".join(office.keywords_zh),
        comments="　".join(contents.standing),
    ) as book:
        _Writer(book, contents).write()
    return path


@dataclass
class _Writer:
    """One workbook being written."""

    book: Any
    contents: Contents
    #: Tables so far.
    marked: int = 0

    def write(self) -> None:
        sheets, words = self.contents.words.sheets, self.contents.words.machine
        cover, index, notes = (
            self.book.add_worksheet(name) for name in (sheets.cover, sheets.contents, sheets.notes)
        )
        self._cover(cover)
        title = words.contents.format(count=len(self.contents.tables))
        self._list(index, "contents", title, words.contents_heads, list(self._index()))
        for row, (_, table) in enumerate(self.contents.tables, _LIST_TOP + 1):
            self._link(index, row, 2, table.spec.sheet_zh, table.title)
        self._list(notes, "notes", words.notes, words.notes_heads, list(self._notes()))
        for name, table in self.contents.tables:
            self._table(self.book.add_worksheet(table.spec.sheet_zh), table, name)
        cover.activate()

    @cached_property
    def style(self) -> Styles:
        return Styles(self.book, font_name=_FONT, font_size=_SIZE, font_color=_INK)

    def _cover(self, sheet: Any) -> None:
        """One column, read from the top."""
        contents, words = self.contents, self.contents.words.machine
        edition = words.edition + ("" if contents.figures.internal else words.beside)
        sheet.set_column(0, 0, _PROSE)
        head, warn = self.style(bold=True), self.style(bold=True, font_color=_WARN, text_wrap=True)
        self._title(sheet, words.cover.format(title=contents.title))
        row = 1
        for said in contents.standing:
            self._prose(sheet, row, said, warn)
            row += 1
        for label, text in contents.facts(edition):
            sheet.write_string(row, 0, label, head)
            self._prose(sheet, row + 1, text, self.style(text_wrap=True, valign="top"))
            row += 2
        self._page(sheet)

    def _index(self) -> Iterator[tuple[str | int, ...]]:
        for name, table in self.contents.tables:
            whole = self._for_machines(table)
            size = (len(whole.rows), len(whole.columns) + 1)
            yield name, table.spec.theme, table.title, *size

    def _notes(self) -> Iterator[tuple[str | int, ...]]:
        """Every note once, with the tables it is for; marks are explained in the notes."""
        words = self.contents.words.machine
        for said, number in self._numbers.items():
            names = [n for n, t in self.contents.tables if said in t.notes]
            everywhere = len(names) == len(self.contents.tables)
            where = words.all_tables if everywhere else "、".join(names)
            yield words.note.format(number=number), said, where

    @cached_property
    def _numbers(self) -> dict[str, int]:
        said = (note for _, table in self.contents.tables for note in table.notes)
        return {note: n for n, note in enumerate(dict.fromkeys(said), 1)}

    def _list(
        self,
        sheet: Any,
        name: str,
        title: str,
        heads: Sequence[str],
        rows: Sequence[tuple[str | int, ...]],
    ) -> None:
        """A sheet that is a plain list, marked as a table too."""
        self._title(sheet, title)
        self._back(sheet, 1, self.contents.words.sheets.cover)
        widths = [_text_width([str(row[n]) for row in rows], head) for n, head in enumerate(heads)]
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        for row, values in enumerate(rows, _LIST_TOP + 1):
            needed = 1
            for column, value in enumerate(values):
                style = self.style(text_wrap=True, valign="top")
                sheet.write(row, column, value, style)
                needed = max(needed, lines_in(str(value), widths[column], size=_SIZE))
            sheet.set_row(row, height_of(needed, size=_SIZE))
        self._marked_up(sheet, name, _LIST_TOP, heads, len(rows))
        self._page(sheet, repeat=_LIST_TOP)

    def _table(self, sheet: Any, given: Table, name: str) -> None:
        table = self._for_machines(given)
        self._title(sheet, f"{name} {table.title}")
        above = list(self._above(given, table))
        for row, said in enumerate(above, 1):
            look = {"font_color": _WARN, "bold": True} if said in self.contents.marks else {}
            sheet.write_string(row, 0, said, self.style(**look))
        if given.notes:
            place = f"internal:'{self.contents.words.sheets.notes}'!A1"
            look = self.style(font_color=_LINK, underline=1)
            sheet.write_url(len(above), 0, place, look, above[-1])
        top = len(above) + 2
        self._back(sheet, top - 1, self.contents.words.sheets.contents)
        heads = _distinct([table.stub, *(_head(column) for column in table.columns)])
        widths = self._widths(table, heads)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        for offset, line in enumerate(table.rows, top + 1):
            self._row(sheet, offset, line, table, widths)
        self._marked_up(sheet, given.spec.id, top, heads, len(table.rows))
        tallest = max(lines_in(h, w, size=_SIZE) for h, w in zip(heads, widths, strict=True))
        sheet.set_row(top, height_of(tallest, size=_SIZE))
        self._page(sheet, repeat=top)

    def _above(self, given: Table, table: Table) -> Iterator[str]:
        """What stands between title and table, a line each; the notes last."""
        words = self.contents.words.machine
        yield from self.contents.marks
        first = len(self.contents.marks) + 4 + bool(given.notes) + bool(table.source)
        single = self._single(table)
        if single:
            yield words.of_indicator.format(name=single)
        size = {"rows": len(table.rows), "columns": len(table.columns) + 1}
        yield words.summary.format(first=first + bool(single), **size)
        if table.source:
            yield table.source
        numbers = [words.note.format(number=self._numbers[note]) for note in given.notes]
        if numbers:
            yield words.see_notes.format(notes="、".join(numbers))

    def _single(self, table: Table) -> str:
        """The indicator that the whole table is of, where it has no heads or rows of its own."""
        spec = table.spec
        of_one = spec.layout == "cross" or (spec.layout == "series" and spec.by)
        if not of_one or isinstance(spec.indicators, str) or not spec.indicators:
            return ""
        return self.contents.figures.definition(spec.indicators[0]).name_zh

    def _for_machines(self, table: Table) -> Table:
        """Full names, no mark behind a figure but in a column of its own."""
        columns = [self._named(column) for column in table.columns]
        rows = list(table.rows)
        if any(isinstance(cell, Number) and cell.mark for row in rows for cell in row.cells):
            words = self.contents.words.machine
            remarks = [self._remark(row, columns) for row in rows]
            columns.append(Column(words.remark, textual=True))
            rows = [
                replace(row, cells=(*row.cells, said))
                for row, said in zip(rows, remarks, strict=True)
            ]
        return replace(table, columns=tuple(columns), rows=tuple(rows))

    def _named(self, column: Column) -> Column:
        if not column.key:
            return replace(column, head=column.full_head, group="")
        return replace(column, head=self.contents.figures.definition(column.key).name_zh, group="")

    def _remark(self, row: Row, columns: Sequence[Column]) -> str:
        words = self.contents.words.machine
        marked: dict[str, list[str]] = {}
        for cell, column in zip(row.cells, columns, strict=True):
            if isinstance(cell, Number) and cell.mark:
                marked.setdefault(cell.mark, []).append(column.head)
        return "；".join(
            words.marked.format(mark=mark, heads=f"{'、'.join(heads)}{words.broken}")
            for mark, heads in marked.items()
        )

    def _row(self, sheet: Any, at: int, row: Row, table: Table, widths: Sequence[float]) -> None:
        look: dict[str, Any] = {"bold": True} if row.total else {}
        sheet.write_string(at, 0, row.label, self.style(text_wrap=True, **look))
        needed = lines_in(row.label, widths[0], size=_SIZE)
        for column, (cell, head) in enumerate(zip(row.cells, table.columns, strict=True), 1):
            self._cell(sheet, at, column, cell, head, look)
            if isinstance(cell, str):
                needed = max(needed, lines_in(cell, widths[column], size=_SIZE))
        sheet.set_row(at, height_of(needed, size=_SIZE))

    def _cell(
        self, sheet: Any, row: int, column: int, cell: Cell, head: Column, look: dict[str, Any]
    ) -> None:
        if isinstance(cell, Number):
            style = self.style(num_format=number_format(cell, marked=False), **look)
            sheet.write_number(row, column, float(round_half_up(cell.value, cell.decimals)), style)
            return
        if cell.isdecimal():  # a year: sorted and compared as the number that it is
            sheet.write_number(row, column, int(cell), self.style(num_format="0", **look))
            return
        aligned = {"text_wrap": True, "indent": 1} if head.textual else {"align": "right"}
        text = cell or self.contents.words.machine.empty
        sheet.write_string(row, column, text, self.style(**aligned, **look))

    def _marked_up(self, sheet: Any, name: str, top: int, heads: Sequence[str], rows: int) -> None:
        """A table for screen readers and programs; its number keeps the name apart from others."""
        bold = self.style(bold=True, text_wrap=True, bottom=1, valign="bottom")
        self.marked += 1
        sheet.add_table(
            top, 0, top + max(rows, 1), len(heads) - 1,
            {
                "name": f"t{self.marked}_{_NOT_IN_NAMES.sub('_', name)}",
                "columns": [{"header": head, "header_format": bold} for head in heads],
                "autofilter": False,
                "style": _STYLE,
                "banded_rows": False,
            },
        )  # fmt: skip

    def _widths(self, table: Table, heads: Sequence[str]) -> list[float]:
        stub = _text_width([row.label for row in table.rows], heads[0])
        return [
            stub,
            *(
                _text_width([str(row.cells[n]) for row in table.rows], heads[n + 1])
                if column.textual
                else _NUMBER_WIDTH
                for n, column in enumerate(table.columns)
            ),
        ]

    def _title(self, sheet: Any, title: str) -> None:
        sheet.set_row(0, 24)
        sheet.write_string(0, 0, title, self.style(bold=True, font_size=16))

    def _prose(self, sheet: Any, row: int, text: str, style: Any) -> None:
        sheet.write_string(row, 0, text, style)
        sheet.set_row(row, height_of(lines_in(text, _PROSE, size=_SIZE), size=_SIZE))

    def _back(self, sheet: Any, row: int, place: str) -> None:
        self._link(sheet, row, 0, place, self.contents.words.machine.back.format(place=place))

    def _link(self, sheet: Any, row: int, column: int, place: str, said: str) -> None:
        look = self.style(font_color=_LINK, underline=1, text_wrap=bool(column), valign="top")
        sheet.write_url(row, column, f"internal:'{place}'!A1", look, said)

    def _page(self, sheet: Any, repeat: int | None = None) -> None:
        """For who prints it all the same: one page wide, heads repeated, marks on every page."""
        sheet.set_paper(_A4)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        if repeat is not None:
            sheet.repeat_rows(repeat)
        # A space ends the size of the letters: a title may begin with a year.
        marks = "　".join(self.contents.marks)
        sheet.set_header(f"&L&9 {self.contents.title}&R&9 {marks}")


def _head(column: Column) -> str:
    return f"{column.head}（{column.unit}）" if column.unit else column.head


def _distinct(heads: Sequence[str]) -> list[str]:
    """A table has no two columns of one name, whatever the case of their letters."""
    seen: Counter[str] = Counter()
    named = []
    for head in heads:
        seen[head.lower()] += 1
        count = seen[head.lower()]
        named.append(head if count == 1 else f"{head}（{count}）")
    return named


def _text_width(texts: Sequence[str], head: str) -> float:
    longest = max([columns_of(text) for text in (*texts, head)], default=0)
    return max(_LEAST_TEXT, min(_TEXT_MOST, longest * _SIZE / 10.5 + 2))

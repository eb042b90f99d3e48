"""指标表（印刷版）.xlsx, the print edition: the tables as the yearbook looks, ready for the press.

Group heads over their columns, the unit at the right above, three lines, notes under the table;
what does not fit beside each other goes on as 续表, each on a sheet and pages of its own, with
heads repeated.  The figures are those of ``workbook``, which is for everything but printing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.publish.charts.canvas import wrapped
from pipelines.publish.excel import Styles, excel_book, height_of, lines_in, number_format
from pipelines.publish.print_layout import Layout, layouts, pages_of
from pipelines.publish.table_model import Cell, Column, Number
from pipelines.publish.workbook_contents import Contents, contents_of
from pipelines.survey.quantities import round_half_up

if TYPE_CHECKING:
    from pipelines.indicators.definition import Definitions
    from pipelines.survey import Survey
    from pipelines.warehouse import Snapshot

_SONG, _HEI = "宋体", "黑体"
_INK, _GREY, _LINK, _WARN = "#1F2933", "#5A646E", "#1B4F8F", "#C8452D"
_SIZE, _HEAD_SIZE, _NOTE_SIZE = 10.5, 10, 9
#: Lines of a three-line table: above and below; under the heads, and under a group of them.
_OUTER, _INNER = 2, 1
_SHEET_NAME = 31
_FACT_WIDTH, _INCH_MM = 66.0, 25.4


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
    """Write the print edition of a data year to ``path``; the same snapshot, the same bytes."""
    contents = contents_of(snapshot, survey, definitions, year, overlay, internal=internal)
    office = contents.office
    with excel_book(
        path,
        contents.title,
        office.office_zh,
        language=office.language,
        font=_SONG,
        keywords="、".join(office.keywords_zh),
        comments="　".join(contents.standing),
    ) as book:
        _Writer(book, contents).write()
    return path


@dataclass(frozen=True, slots=True)
class _Page:
    """One sheet: a table or a 续表 of it."""

    name: str
    sheet: str
    layout: Layout


@dataclass
class _Writer:
    """One workbook being written."""

    book: Any
    contents: Contents

    def write(self) -> None:
        sheets = self.contents.words.sheets
        cover, index = (
            self.book.add_worksheet(sheets.cover), self.book.add_worksheet(sheets.contents),
        )  # fmt: skip
        self._cover(cover)
        self._index(index)
        for page in self._pages:
            self._table(self.book.add_worksheet(page.sheet), page)
        cover.activate()

    @cached_property
    def style(self) -> Styles:
        return Styles(self.book, font_name=_SONG, font_size=_SIZE, font_color=_INK)

    @cached_property
    def _pages(self) -> list[_Page]:
        words, pages = self.contents.words, []
        for name, table in self.contents.tables:
            for n, layout in enumerate(layouts(table, words.print, words.widths)):
                more = f"（续{n}）" if n else ""
                sheet = table.spec.sheet_zh[: _SHEET_NAME - len(more)] + more
                pages.append(_Page(name, sheet, layout))
        return pages

    def _cover(self, sheet: Any) -> None:
        contents = self.contents
        sheet.hide_gridlines(2)
        for column, width in enumerate((4, 18, _FACT_WIDTH)):
            sheet.set_column(column, column, width)
        sheet.set_row(2, 36)
        sheet.write(2, 1, contents.title, self.style(font_name=_HEI, font_size=22, bold=True))
        row = 3
        for said in contents.standing:
            sheet.write(row, 1, said, self.style(font_size=12, bold=True, font_color=_WARN))
            row += 1
        for label, text in contents.facts(contents.words.print.edition):
            row += 1
            sheet.write(row, 1, label, self.style(font_name=_HEI, valign="top"))
            sheet.write(row, 2, text, self.style(text_wrap=True, valign="top"))
            sheet.set_row(row, height_of(lines_in(text, _FACT_WIDTH)))
        sheet.print_area(0, 0, row, 2)
        self._page_setup(sheet)
        sheet.fit_to_pages(1, 1)

    def _index(self, sheet: Any) -> None:
        """A line a table; 续表 stand behind theirs."""
        words = self.contents.words.print
        sheet.hide_gridlines(2)
        for column, width in enumerate((8, 14, 60)):
            sheet.set_column(column, column, width)
        sheet.set_row(0, 28)
        sheet.write(0, 0, words.contents, self.style(font_name=_HEI, font_size=16))
        for column, head in enumerate(words.contents_heads):
            look = self.style(font_name=_HEI, top=_OUTER, bottom=_INNER)
            sheet.write(2, column, head, look)
        first = [next(own) for _, own in groupby(self._pages, key=lambda page: page.name)]
        for row, page in enumerate(first, 3):
            line = {"bottom": _OUTER} if page is first[-1] else {}
            table = page.layout.table
            sheet.write(row, 0, page.name, self.style(**line))
            sheet.write(row, 1, table.spec.theme, self.style(**line))
            link = self.style(font_color=_LINK, underline=1, text_wrap=True, **line)
            sheet.write_url(row, 2, f"internal:'{page.sheet}'!A1", link, table.title)
        sheet.freeze_panes(3, 0)
        sheet.repeat_rows(2)
        sheet.print_area(0, 0, 2 + len(first), 2)
        self._page_setup(sheet)
        sheet.fit_to_pages(1, 0)

    def _table(self, sheet: Any, page: _Page) -> None:
        layout, table = page.layout, page.layout.table
        sheet.hide_gridlines(2)
        for column, width in enumerate(layout.widths):
            sheet.set_column(column, column, width)
        last = len(table.columns)
        above = self._above(sheet, page)
        first, heads = self._heads(sheet, layout, above)
        heights = [self._row(sheet, first + n, n, layout) for n in range(len(table.rows))]
        notes = self._notes(sheet, first + len(table.rows), layout)
        end = first + len(heights) + len(notes) - 1
        sheet.freeze_panes(first, 1)
        sheet.repeat_rows(0, first - 1)
        sheet.print_area(0, 0, end, last)
        margins = self.contents.words.print.margins
        sheet.fit_to_pages(1, pages_of(layout, heads, sum([*heights, *notes]), margins))
        self._page_setup(sheet, layout)

    def _above(self, sheet: Any, page: _Page) -> int:
        """Title across the table; marks at the left, the unit at the right; the row below."""
        table, last = page.layout.table, len(page.layout.table.columns)
        title = self.style(font_name=_HEI, font_size=14, align="center", text_wrap=True)
        said = f"{page.name}　{table.title}"
        self._across(sheet, (0, 0, 0, last), said, title)
        sheet.set_row(0, height_of(lines_in(said, sum(page.layout.widths), size=14), size=16))
        marks = "　".join(self.contents.marks)
        if marks:
            look = self.style(font_size=_NOTE_SIZE, bold=True, font_color=_WARN)
            sheet.write_string(1, 0, marks, look)
        if table.unit:
            unit = self.contents.words.print.unit.format(unit=table.unit)
            sheet.write_string(1, last, unit, self.style(font_size=_NOTE_SIZE, align="right"))
        sheet.set_row(1, 15)
        return 2

    def _heads(self, sheet: Any, layout: Layout, top: int) -> tuple[int, float]:
        """Groups over names over units, between the first and the second of the three lines.

        Returns the row of the first figures, and the height of all that is repeated.
        """
        table = layout.table
        grouped = any(column.group for column in table.columns)
        units = not table.unit and any(column.unit for column in table.columns)
        names, last = top + grouped, top + grouped + units
        look = {"font_name": _HEI, "font_size": _HEAD_SIZE, "align": "center", "text_wrap": True}
        stub = self.style(**look, bottom=_INNER, top=_OUTER)
        self._across(sheet, (top, 0, last, 0), table.stub, stub)
        above = [self._groups(sheet, layout, top)] if grouped else []
        tallest = 1
        for n, column in enumerate(table.columns, 1):
            start = top if grouped and not column.group else names
            lines = ({"top": _OUTER} if start == top else {}) | (
                {} if units else {"bottom": _INNER}
            )
            self._across(sheet, (start, n, names, n), column.head, self.style(**look, **lines))
            tallest = max(tallest, lines_in(column.head, layout.widths[n], size=_HEAD_SIZE))
            if units:
                self._unit(sheet, last, n, column)
        named = max(24.0, height_of(tallest, size=_HEAD_SIZE))
        heights = [*above, named, *([14.0] if units else [])]
        for n, height in enumerate(heights):
            sheet.set_row(top + n, height)
        return last + 1, sum(heights) + 45

    def _groups(self, sheet: Any, layout: Layout, row: int) -> float:
        """Each name over all of its columns; returns the height that the longest needs."""
        look = self.style(
            font_name=_HEI, font_size=_HEAD_SIZE, align="center", text_wrap=True,
            top=_OUTER, bottom=_INNER,
        )  # fmt: skip
        start, tallest = 1, 1
        for name, columns in groupby(layout.table.columns, key=lambda column: column.group):
            end = start + len(list(columns))
            if name:
                place = (row, start, row, end - 1)
                self._across(sheet, place, name, look)
                width = sum(layout.widths[start:end])
                tallest = max(tallest, lines_in(name, width, size=_HEAD_SIZE))
            start = end
        return height_of(tallest, size=_HEAD_SIZE)

    def _unit(self, sheet: Any, row: int, column: int, head: Column) -> None:
        said = self.contents.words.print.unit_under_head.format(unit=head.unit) if head.unit else ""
        look = self.style(bottom=_INNER, align="center", font_size=_NOTE_SIZE, font_color=_GREY)
        sheet.write(row, column, said, look)

    def _across(self, sheet: Any, place: tuple[int, int, int, int], said: str, look: Any) -> None:
        """One head over all cells of its place."""
        row, column, last_row, last_column = place
        if (row, column) == (last_row, last_column):
            sheet.write_string(row, column, said, look)
        else:
            sheet.merge_range(*place, said, look)

    def _row(self, sheet: Any, at: int, n: int, layout: Layout) -> float:
        table = layout.table
        row = table.rows[n]
        line: dict[str, Any] = {"bottom": _OUTER} if n == len(table.rows) - 1 else {}
        if row.total:
            line |= {"bold": True}
        sheet.write_string(at, 0, row.label, self.style(text_wrap=True, **line))
        needed = lines_in(row.label, layout.widths[0])
        for column, cell in enumerate(row.cells, 1):
            head = table.columns[column - 1]
            self._cell(sheet, at, column, cell, head, line, layout.widths[column])
            if isinstance(cell, str) and head.textual:
                needed = max(needed, lines_in(cell, layout.widths[column]))
        height = height_of(needed)
        sheet.set_row(at, height)
        return height

    def _cell(
        self, sheet: Any, row: int, column: int, cell: Cell, head: Column,
        line: dict[str, Any], width: float,
    ) -> None:  # fmt: skip
        if isinstance(cell, Number):
            value = float(round_half_up(cell.value, cell.decimals))
            style = self.style(num_format=number_format(cell), align="right", **line)
            sheet.write_number(row, column, value, style)
        elif not cell:
            sheet.write_blank(row, column, None, self.style(**line))
        elif cell.isdecimal():  # a year
            style = self.style(num_format="0", align="center", **line)
            sheet.write_number(row, column, int(cell), style)
        elif head.textual:
            align = "left" if width >= self.contents.words.widths.text_wide else "center"
            sheet.write_string(row, column, cell, self.style(align=align, text_wrap=True, **line))
        else:
            sheet.write_string(row, column, cell, self.style(align="right", **line))

    def _notes(self, sheet: Any, row: int, layout: Layout) -> list[float]:
        """Notes and source, broken where the table ends: a longer line would be cut off."""
        table, small = layout.table, self.style(font_size=_NOTE_SIZE)
        notes = [*table.notes, table.source] if table.source else list(table.notes)
        if table.notes:
            notes[0] = self.contents.words.print.note.format(note=notes[0])
        lines = [line for note in notes for line in wrapped(note, layout.width, _NOTE_SIZE)]
        for n, line in enumerate(lines):
            sheet.write_string(row + n, 0, line, small)
            sheet.set_row(row + n, 13)
        return [13.0] * len(lines)

    def _page_setup(self, sheet: Any, layout: Layout | None = None) -> None:
        words = self.contents.words.print
        paper = layout.paper if layout else words.papers[0]
        sheet.set_paper(paper.paper)
        if paper.landscape:
            sheet.set_landscape()
        margins = words.margins.model_dump()
        sheet.set_margins(**{side: size / _INCH_MM for side, size in margins.items()})
        sheet.center_horizontally()
        marks = "　".join(self.contents.marks)
        # A space ends the size of the letters: a title may begin with a year.
        sheet.set_header(f"&L&9 {self.contents.title}&R&9 {marks}")
        sheet.set_footer(f"&C&9 {words.footer}")

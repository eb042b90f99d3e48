"""指标表.xlsx: every indicator table of a year as a workbook to read, print and calculate from.

Figures are numbers with number formats, rounded for publication; units stand in the heads; marks
for values that are not there are explained.  No row in it is about a single respondent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from pipelines.errors import Place, PublicationError
from pipelines.publish.figures import Figures
from pipelines.publish.office import Office, load_office
from pipelines.publish.sentences import load_sentences
from pipelines.publish.table_book import load_tables
from pipelines.publish.tables import MARKS_ZH, Cell, Number, Table, build
from pipelines.publish.words import Words
from pipelines.survey.quantities import round_half_up

if TYPE_CHECKING:
    from pipelines.indicators.definition import Definitions
    from pipelines.survey import Survey
    from pipelines.warehouse import Snapshot

#: Workbooks carry a creation time; ours is fixed so that the same data give the same bytes.
_CREATED = datetime(2000, 1, 1, tzinfo=UTC)
_FONT = "宋体"
_HEAD_FONT = "黑体"
_INK = "#1F2933"
_GREY = "#8A94A0"
_WARN = "#C8452D"
_CONTENTS_SHEET = "目录"
_COVER_SHEET = "封面"
#: Above this many columns a sheet prints over several pages rather than too small to read.
_ONE_PAGE_COLUMNS = 16
_PORTRAIT_COLUMNS = 7
#: Widths in characters of the normal font.
_STUB_WIDTH = 26
_NUMBER_WIDTH = 12.5
#: Characters of a head that stand beside each other in such a column.
_HEAD_CHARACTERS = 6
_TEXT_WIDTHS = {"计量单位": 9, "增减单位": 10, "全国数年份": 10, "依据": 12, "处理": 9, "层级": 13}
_WIDE_TEXT = 46


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
    import xlsxwriter
    from xlsxwriter.exceptions import XlsxWriterException

    figures = Figures(snapshot, survey, definitions, year, internal=internal)
    office = load_office(overlay)
    tables = _tables(figures, office, overlay)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        book = xlsxwriter.Workbook(
            str(path),
            {
                "default_date_format": "yyyy-mm-dd",
                "strings_to_formulas": False,
                "strings_to_urls": False,
            },
        )
        _Writer(book, Words(figures, load_sentences(overlay)), office, tables).write()
        book.close()
    except (OSError, XlsxWriterException) as error:
        raise PublicationError(
            f"指标表写不出（{error}）", "请关闭正在打开的同名文件后重试", Place(file=path.name)
        ) from error
    return path


def _tables(figures: Figures, office: Office, overlay: Path | None) -> list[Table]:
    book = load_tables(overlay)
    source = office.source(figures.year)
    built = (build(book, spec, figures, source) for spec in book.tables if spec.workbook)
    return [table for table in built if table.rows]


class _Writer:
    """One workbook being written."""

    def __init__(self, book: Any, words: Words, office: Office, tables: list[Table]) -> None:
        self.book = book
        self.words = words
        self.figures = words.figures
        self.office = office
        self.tables = tables
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def write(self) -> None:
        title = self.office.workbook_title(self.figures.year)
        self.book.set_properties(
            {
                "title": title,
                "author": self.office.office_zh,
                "company": self.office.office_zh,
                "keywords": "、".join(self.office.keywords_zh),
                "comments": self.office.simulated_note_zh if self.figures.simulated else "",
                "created": _CREATED,
            }
        )
        cover = self.book.add_worksheet(_COVER_SHEET)
        contents = self.book.add_worksheet(_CONTENTS_SHEET)
        self._cover(cover, title)
        self._contents(contents)
        for name, table in self._named():
            self._table(self.book.add_worksheet(table.spec.sheet_zh), table, name)
        cover.activate()

    def _named(self) -> Iterator[tuple[str, Table]]:
        """Tables with their number: their own, or the next in order."""
        number = 0
        for table in self.tables:
            number += not table.spec.number_zh
            yield table.spec.number_zh or f"表{number}", table

    def style(self, **properties: Any) -> Any:
        """One format object a look: xlsxwriter writes each object once."""
        look = {"font_name": _FONT, "font_size": 10.5, "font_color": _INK, "valign": "vcenter"}
        look |= properties
        key = tuple(sorted(look.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format(look)
        return self._formats[key]

    def _cover(self, sheet: Any, title: str) -> None:
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 4)
        sheet.set_column(1, 1, 18)
        sheet.set_column(2, 2, 66)
        sheet.set_row(2, 36)
        sheet.write(2, 1, title, self.style(font_name=_HEAD_FONT, font_size=22, bold=True))
        row = 3
        for mark in self._standing():
            sheet.write(row, 1, mark, self.style(font_size=12, bold=True, font_color=_WARN))
            row += 1
        for label, text in self._facts():
            row += 1
            sheet.write(row, 1, label, self.style(font_name=_HEAD_FONT, valign="top"))
            sheet.write(row, 2, text, self.style(text_wrap=True, valign="top"))
            sheet.set_row(row, 16.5 * (1 + len(text) // 38))
        self._print_setup(sheet, landscape=False, one_wide=True)

    def _standing(self) -> list[str]:
        """What must be said of the whole workbook before anything else."""
        office, figures = self.office, self.figures
        simulated = f"{office.simulated_zh}：{office.simulated_note_zh}"
        provisional = f"{office.provisional_zh}：{office.provisional_note_zh}"
        kept = f"{office.internal_zh}：{office.internal_note_zh}"
        return [
            *([kept] if figures.internal else []),
            *([simulated] if figures.simulated else []),
            *([provisional] if figures.provisional else []),
        ]

    def _facts(self) -> list[tuple[str, str]]:
        figures = self.figures
        meta = figures.meta
        edition = figures.survey.edition_of(figures.year)
        facts = [
            ("编制单位", self.office.office_zh),
            ("数据年度", f"{figures.year}年，上年数为{figures.year - 1}年"),
            ("统计范围", self.office.scope_zh.format(edition=edition.title_zh)),
            ("回收与审核", self.words.response()),
            ("数据截止", meta.get("data_as_of", "")),
            ("数据指纹", meta.get("fingerprint", "")),
            ("符号", "；".join(f"“{mark}”{text}" for mark, text in MARKS_ZH.items()) + "。"),
            ("舍入", "表内数字按四舍五入取到所示位数，分项之和可能与合计略有出入。"),
        ]  # fmt: skip
        return [(label, text) for label, text in facts if text]

    def _contents(self, sheet: Any) -> None:
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 8)
        sheet.set_column(1, 1, 14)
        sheet.set_column(2, 2, 52)
        sheet.write(0, 0, _CONTENTS_SHEET, self.style(font_name=_HEAD_FONT, font_size=16))
        heads = ("表号", "主题", "表题")
        for column, head in enumerate(heads):
            sheet.write(2, column, head, self._head_style())
        last = len(self.tables)
        link = self.style(font_color="#1B4F8F", underline=1)
        for number, (name, table) in enumerate(self._named(), 1):
            row = 2 + number
            line: dict[str, Any] = {"bottom": 2} if number == last else {}
            sheet.write(row, 0, name, self.style(**line))
            sheet.write(row, 1, table.spec.theme, self.style(**line))
            place = f"internal:'{table.spec.sheet_zh}'!A1"
            style = self.style(font_color="#1B4F8F", underline=1, **line) if line else link
            sheet.write_url(row, 2, place, style, table.title)
        sheet.freeze_panes(3, 0)
        sheet.repeat_rows(2)
        self._print_setup(sheet, landscape=False, one_wide=True)

    def _table(self, sheet: Any, table: Table, name: str) -> None:
        """A table, its 续表 below each other, each on a page of its own when printed."""
        sheet.hide_gridlines(2)
        self._widths(sheet, table)
        parts, row, pages = list(table.parts()), 0, []
        for part in parts:
            if row:
                pages.append(row)
            row = self._part(sheet, part, name, row) + 2
        if len(parts) == 1:
            first = 5 if any(column.group for column in table.columns) else 4
            sheet.freeze_panes(first, 1)
            sheet.repeat_rows(2, first - 1)
        else:
            sheet.freeze_panes(0, 1)
            sheet.set_h_pagebreaks(pages)
        columns = max(len(part.columns) for part in parts)
        if columns > _ONE_PAGE_COLUMNS:
            sheet.repeat_columns(0)
        wide = sum(self._width(column.head, column.textual) for column in parts[0].columns)
        self._print_setup(
            sheet,
            landscape=columns > _PORTRAIT_COLUMNS or wide > 80,
            one_wide=columns <= _ONE_PAGE_COLUMNS,
        )

    def _part(self, sheet: Any, table: Table, name: str, top: int) -> int:
        """Write a table from row ``top`` on; returns the row below it."""
        sheet.set_row(top, 26)
        title = self.style(font_name=_HEAD_FONT, font_size=14)
        sheet.write(top, 0, f"{name} {table.title}", title)
        sheet.write_url(
            top + 1, 0, f"internal:'{_CONTENTS_SHEET}'!A1",
            self.style(font_size=9, font_color="#1B4F8F", underline=1), "返回目录",
        )  # fmt: skip
        mark = "　".join(self._short_marks())
        if mark:
            sheet.write(top + 1, 1, mark, self.style(font_size=9, bold=True, font_color=_WARN))
        first = self._heads(sheet, table, top + 2)
        for offset, row in enumerate(table.rows):
            line: dict[str, Any] = {"bottom": 2} if offset == len(table.rows) - 1 else {}
            if row.total:
                line["bold"] = True
            sheet.write(first + offset, 0, row.label, self.style(text_wrap=True, **line))
            for column, cell in enumerate(row.cells, 1):
                self._cell(sheet, first + offset, column, cell, table, line)
        return self._feet(sheet, first + len(table.rows), table)

    def _heads(self, sheet: Any, table: Table, row: int) -> int:
        """Names above, units below, between the first and the second of the three lines.

        Groups of columns stand above their names.  Returns the row of the first figures.
        """
        grouped = any(column.group for column in table.columns)
        line: dict[str, Any] = {} if grouped else {"top": 2}
        if grouped:
            self._groups(sheet, table, row)
            row += 1
        top = self.style(font_name=_HEAD_FONT, align="center", text_wrap=True, font_size=10, **line)
        longest = max([len(c.head) for c in table.columns if not c.textual], default=0)
        sheet.set_row(row, max(42, 14 * -(-longest // _HEAD_CHARACTERS)))
        stub = self.style(font_name=_HEAD_FONT, align="left", font_size=10, **line)
        sheet.write(row, 0, table.stub, stub)
        sheet.write(row + 1, 0, "", self.style(bottom=1))
        for column, head in enumerate(table.columns, 1):
            sheet.write(row, column, head.head, top)
            unit = f"（{head.unit}）" if head.unit else ""
            unit_style = self.style(bottom=1, align="center", font_size=9, font_color=_GREY)
            sheet.write(row + 1, column, unit, unit_style)
        return row + 2

    def _groups(self, sheet: Any, table: Table, row: int) -> None:
        """Neighbouring columns of one group under one name, which runs over the empty cells
        beside it: nothing is merged, so that the sheet can be sorted and read by programs."""
        look = {"font_name": _HEAD_FONT, "font_size": 10, "top": 2}
        plain, lined = self.style(**look), self.style(bottom=4, **look)
        sheet.write(row, 0, "", plain)
        above = ""
        for column, head in enumerate(table.columns, 1):
            name = head.group if head.group != above else ""
            sheet.write(row, column, name, lined if head.group else plain)
            above = head.group

    def _cell(
        self, sheet: Any, row: int, column: int, cell: Cell, table: Table, line: dict[str, Any]
    ) -> None:
        if isinstance(cell, Number):
            value = float(round_half_up(cell.value, cell.decimals))
            style = self.style(num_format=_number_format(cell), align="right", **line)
            sheet.write_number(row, column, value, style)
        elif table.columns[column - 1].textual:
            wide = self._width(table.columns[column - 1].head, True) == _WIDE_TEXT
            align = "left" if wide else "center"
            sheet.write_string(row, column, cell, self.style(align=align, text_wrap=True, **line))
        else:
            sheet.write_string(row, column, cell, self.style(align="right", **line))

    def _feet(self, sheet: Any, row: int, table: Table) -> int:
        """Notes and source, broken where the table ends: a longer line would widen the page."""
        small = self.style(font_size=9)
        wide = self._stub_width(table) + sum(self._width(c.head, c.textual) for c in table.columns)
        notes = [f"注：{table.notes[0]}" if table.notes else "", *table.notes[1:], table.source]
        for line in (line for note in notes for line in wrap(note, max(24, int(wide / 1.9)))):
            row += 1
            sheet.write(row, 0, line, small)
        return row

    def _widths(self, sheet: Any, table: Table) -> None:
        sheet.set_column(0, 0, self._stub_width(table))
        for column, head in enumerate(table.columns, 1):
            sheet.set_column(column, column, self._width(head.head, head.textual))

    def _stub_width(self, table: Table) -> int:
        longest = max([len(row.label) for row in table.rows], default=0)
        return max(12, min(_STUB_WIDTH + 12, 2 * longest + 2))

    def _width(self, head: str, textual: bool) -> float:
        return _TEXT_WIDTHS.get(head, _WIDE_TEXT) if textual else _NUMBER_WIDTH

    def _head_style(self) -> Any:
        return self.style(font_name=_HEAD_FONT, top=2, bottom=1)

    def _short_marks(self) -> Iterable[str]:
        if self.figures.internal:
            yield self.office.internal_zh
        if self.figures.simulated:
            yield self.office.simulated_zh
        if self.figures.provisional:
            yield self.office.provisional_zh

    def _print_setup(self, sheet: Any, *, landscape: bool, one_wide: bool) -> None:
        sheet.set_paper(9)
        if landscape:
            sheet.set_landscape()
        sheet.set_margins(left=0.7, right=0.7, top=0.8, bottom=0.8)
        if one_wide:
            sheet.fit_to_pages(1, 0)
        marks = "　".join(self._short_marks())
        title = self.office.workbook_title(self.figures.year)
        sheet.set_header(f"&L&9{title}&R&9{marks}")
        sheet.set_footer("&C&9第 &P 页，共 &N 页")


def _number_format(cell: Number) -> str:
    digits = "#,##0" + (f".{'0' * cell.decimals}" if cell.decimals else "")
    digits += f'"{cell.mark}"' if cell.mark else ""
    return f"+{digits};-{digits};{digits}" if cell.signed else digits

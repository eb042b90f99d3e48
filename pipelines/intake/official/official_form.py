"""Read an office's own blank form: which tables it has and what each row is called.

Nothing is interpreted here beyond the page: labels, codes and units as printed, how deep a label
is indented, whether 其中 stands before it.  A form in which somebody has filled figures is refused.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipelines.errors import OfficialFormError, Place, UnreadableFileError
from pipelines.intake.formats.cells import Cell, Sheet
from pipelines.intake.formats.guarded import reading
from pipelines.intake.formats.sniff import Format, sniff
from pipelines.intake.formats.workbooks import read_sheets
from pipelines.intake.layouts.entries import Entry, row_entries
from pipelines.intake.layouts.figures import read_cell
from pipelines.intake.layouts.labels import plain_label
from pipelines.intake.layouts.lexicon import Lexicon
from pipelines.intake.layouts.marks import find_marks, stated_years
from pipelines.intake.official.blank_tables import BlankTable, find_blank_tables
from pipelines.intake.official.form_titles import form_name, texts_above
from pipelines.survey.models import Edition
from pipelines.survey.notation import State

_APPROVAL = re.compile(r"(?:批准文号|文号):(\S{4,40})")
_OF_WHICH = re.compile(r"^(?:[\s\u3000]|[\d一二三四五六七八九十]{1,3}[.、)）])*[(（]?其中")
_DEEP_SPACE = "\u3000"
_ADVICE = "请换成没有密码、能用 Excel 或 WPS 打开的空白调查表，另存为 .xlsx 后再试"


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """One row of the blank form that asks a figure."""

    sheet: str
    entry: Entry
    depth: int
    of_which: bool


@dataclass(slots=True)
class PrintedForm:
    """One table of the blank form, in printed order."""

    code: str
    name: str
    rows: list[PrintedRow] = field(default_factory=list)

    def is_called(self, code: str, name: str) -> bool:
        """Whether a table of this number and name is this form."""
        if code and self.code:
            return code == self.code
        return bool(name) and name == self.name


@dataclass(slots=True)
class OfficialForm:
    """Everything a blank form says."""

    name: str
    forms: list[PrintedForm]
    years: dict[int, str]
    approval: str
    notes: list[str]


def read_official_form(path: Path, edition: Edition, year: int) -> OfficialForm:
    """The blank form in ``path``; ``edition`` lends the words by which tables are known.

    Raises UnreadableFileError's kinds and OfficialFormError.
    """
    data = _bytes_of(path)
    try:
        with reading():
            kind = sniff(data)
            sheets = [sheet for sheet in read_sheets(data, kind) if not sheet.hidden]
            return _Reader(path.name, edition, year).read(sheets, _indents(data, kind))
    except UnreadableFileError as error:
        error.place = Place(path.name, error.place.sheet, error.place.cell)
        # What the reader advises is for a respondent who has sent a return.
        error.advice = _ADVICE
        raise


class _Reader:
    """One blank form being read."""

    def __init__(self, name: str, edition: Edition, year: int) -> None:
        self._lexicon = Lexicon(edition, year)
        self._form = OfficialForm(name, [], {}, "", [])

    def read(self, sheets: Sequence[Sheet], styled: _Indents | None) -> OfficialForm:
        if styled is None:
            self._form.notes.append("单元格格式已损坏，缩进没有读到，上下级请逐项核对")
        indents = styled or {}
        covers: set[str] = set()
        titles: list[str] = []
        for sheet in sheets:
            marks = find_marks(sheet, self._lexicon)
            for year, cell in stated_years(sheet, marks):
                self._form.years.setdefault(year, f"{sheet.name}!{cell}")
            covers |= {mark.word.cover.field_id for mark in marks if mark.word.cover}
            if sheet.outside_tables:
                # In a document the title of a table is a line of text before it.
                titles = list(texts_above(sheet, 0, len(sheet.rows)))
                continue
            asked = 0
            for table in find_blank_tables(sheet, marks, self._lexicon):
                asked = self._read_table(sheet, table, asked, titles, indents)
                titles = []
        if not any(form.rows for form in self._form.forms):
            raise OfficialFormError(
                "里面没有调查表的指标：没有找到带“指标名称”和“代码”或“计量单位”表头的表",
                "请换成下发的空白调查表",
                Place(self._form.name),
            )
        self._note_cover(covers)
        self._settle_codes()
        return self._form

    def _note_cover(self, seen: set[str]) -> None:
        """The cover is taken over from the known edition: say what this one does not ask."""
        wanted = [field for field in self._lexicon.edition.cover if field.required]
        lacking = [field.label_zh for field in wanted if field.field_id not in seen]
        if seen and lacking:
            self._form.notes.append(f"封面沿用已有版本，空白表上没有见到：{'、'.join(lacking)}")

    def _settle_codes(self) -> None:
        """A code names one item.  Line numbers that begin anew in every table are no codes."""
        cells: dict[str, list[PrintedRow]] = {}
        for row in (row for form in self._form.forms for row in form.rows):
            if row.entry.code:
                cells.setdefault(row.entry.code, []).append(row)
        twice = {code: rows for code, rows in cells.items() if len(rows) > 1}
        if not twice:
            return
        if not all(code.isdigit() for code in twice):
            code, rows = next((c, r) for c, r in twice.items() if not c.isdigit())
            where = "、".join(f"{row.sheet}!{row.entry.cell}" for row in rows)
            raise OfficialFormError(
                f"代码 {code} 用了 {len(rows)} 次：{where}",
                "请在空白表上改正代码后重试",
                Place(self._form.name),
            )
        self._form.notes.append("各表的代码是从头编的行号，不能区分指标，没有采用")
        for form in self._form.forms:
            form.rows = [
                replace(row, entry=replace(row.entry, code="")) if row.entry.code.isdigit() else row
                for row in form.rows
            ]

    def _read_table(
        self, sheet: Sheet, table: BlankTable, asked: int, titles: list[str], indents: _Indents
    ) -> int:
        """Add a table; its title stands below row ``asked``, the last of the table above.  Returns
        the last row of this one."""
        rows = list(self._rows(sheet, table, indents))
        if not rows:
            return asked
        self._add(rows, [*texts_above(sheet, asked, table.top), *titles])
        return table.first + rows[-1].entry.at + 1

    def _add(self, rows: list[PrintedRow], texts: list[str]) -> None:
        """Add the rows to the form they belong to; a table without a title goes on with the one
        before in its sheet."""
        approval = next((m[1] for t in texts if (m := _APPROVAL.search(t))), "")
        self._form.approval = self._form.approval or approval
        sheet = rows[0].sheet
        code, name = form_name(sheet, texts, self._lexicon)
        for form in reversed(self._form.forms):
            if form.is_called(code, name) or (not (code or name) and form.rows[-1].sheet == sheet):
                form.rows += rows
                return
        self._form.forms.append(PrintedForm(code, name, rows))

    def _rows(self, sheet: Sheet, table: BlankTable, indents: _Indents) -> Iterator[PrintedRow]:
        entries = row_entries(sheet, table, self._lexicon)
        coded = any(entry.code for entry in entries)
        for entry in entries:
            row = table.first + entry.at
            _assert_blank(sheet, table, row, self._form.name)
            merged_unit = _merged_unit(sheet, table, row)
            if not _asks(entry, coded, merged_unit, self._lexicon):
                continue
            entry = replace(entry, unit=entry.unit or merged_unit)
            column = _label_column(sheet, table, row)
            raw = sheet.plain(row, column)
            depth = _depth(raw, column - table.labels.start) + indents.get(
                (sheet.name, row, column), 0
            )
            yield PrintedRow(
                sheet.name, entry, depth, bool(type(raw) is str and _OF_WHICH.match(raw))
            )


def _bytes_of(path: Path) -> bytes:
    if not path.is_file():
        problem = "是文件夹，不是文件" if path.is_dir() else "没有这个文件"
        raise OfficialFormError(problem, "请核对文件名和位置", Place(file=str(path)))
    try:
        return path.read_bytes()
    except OSError as error:
        raise OfficialFormError(
            "文件读不出来", "请关闭打开它的程序，并检查读取权限", Place(file=str(path))
        ) from error


def _asks(entry: Entry, coded: bool, merged_unit: str, lexicon: Lexicon) -> bool:
    """Whether a row asks a figure: it has a code or a unit, or is known; else it is a heading."""
    if not entry.texts:
        return bool(entry.code)
    known = bool(lexicon[entry.label].items)
    return bool(entry.code or entry.unit or known or (merged_unit and not coded))


def _merged_unit(sheet: Sheet, table: BlankTable, row: int) -> str:
    """The unit of a row; one merged over several rows holds for each of them."""
    cell = sheet.filled(row, table.unit) if table.unit is not None else ""
    return cell.strip() if type(cell) is str else ""


def _assert_blank(sheet: Sheet, table: BlankTable, row: int, file: str) -> None:
    """A blank form has no figures; a sum that shows 0 is none."""
    cell: Cell = sheet.at(row, table.value) if table.value is not None else ""
    if cell == "":
        return
    state = read_cell(cell, "", frozenset({"-"}))[1]
    if state in (State.REPORTED, State.NOT_APPLICABLE) and not _is_column_mark(sheet, table, row):
        where = sheet.address(row, table.value or 0)
        raise OfficialFormError(
            "已经填了数，不是空白表",
            "请换成没有填数的空白调查表",
            Place(file, sheet.name, where),
        )


def _is_column_mark(sheet: Sheet, table: BlankTable, row: int) -> bool:
    """The line 甲 乙 丙 1 2 under a header."""
    label = sheet.plain(row, table.labels.start)
    return type(label) is str and plain_label(label) in "甲乙丙丁"


def _label_column(sheet: Sheet, table: BlankTable, row: int) -> int:
    filled = [c for c in table.labels if sheet.plain(row, c) not in ("", None)]
    return filled[-1] if filled else table.labels.start


def _depth(raw: Cell, columns_in: int) -> int:
    """How far a label is indented, in characters of Chinese width, columns counting as two."""
    if type(raw) is not str:
        return 2 * columns_in
    lead = raw[: len(raw) - len(raw.lstrip())]
    wide = lead.count(_DEEP_SPACE)
    return 2 * columns_in + 2 * wide + (len(lead) - wide)


#: How far labels are indented by their cell's format, by sheet, row and column from 0.
_Indents = dict[tuple[str, int, int], int]


def _indents(data: bytes, kind: Format) -> _Indents | None:
    """Indentation set in the format of cells, which no reader of values gives; None when the
    formats of the file are damaged."""
    if kind is not Format.XLSX:
        return {}
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(data))
    except Exception:  # whatever is damaged beside the texts: they are read, and a note says so
        return None
    return {
        (sheet.title, cell.row - 1, cell.column - 1): int(cell.alignment.indent)
        for sheet in book.worksheets
        for line in sheet.iter_rows()
        for cell in line
        if cell.value is not None and cell.alignment is not None and cell.alignment.indent
    }

"""Workbooks to key into the national system: a return at a time, in the order of the form.

What stands in the column to enter is what the return says now: a number, ``-``, or nothing; 0 is
a number.  What cannot be read is left empty and said beside the cell.  The province in total has a
workbook of the same order, and all returns stand in one more, a line each.  These hold single
returns: they are for the office only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

from pipelines.errors import Place, StorageError, refusal_zh
from pipelines.forms import look
from pipelines.forms.formset import file_name, folder_of, free_path
from pipelines.forms.wording import NationalWords, national_words
from pipelines.survey import Edition, Form, Item, Survey
from pipelines.warehouse import Snapshot

TOTAL_FILE = "全省合计.xlsx"
LINES_FILE = "逐单位总表.xlsx"

#: A row of the database.
Row = dict[str, Any]
#: First row of a sheet with an item.
_FIRST = 4
#: The same where a line is a return.
_LINES_FIRST = 3
#: Returns whose figures are held at a time.
_BATCH = 500


@dataclass(frozen=True)
class Entry:
    """What is to be entered for an item, and what is to be known about it."""

    value: Decimal | str | None
    hint: str = ""


@dataclass(frozen=True)
class Written:
    """How many returns were written, and how many are not to be entered."""

    returns: int
    left_out: int


def write_national(snapshot: Snapshot, survey: Survey, year: int, folder: Path) -> Written:
    """Write the workbooks of a data year under ``folder``."""
    from xlsxwriter.exceptions import FileCreateError

    writer = _Writer(snapshot, survey, year, folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        returns = writer.returns()
        writer.total()
    except (OSError, FileCreateError) as error:
        refused = refusal_zh(error) if isinstance(error, OSError) else "有文件正被其他程序使用"
        raise StorageError(
            f"录入表写不进去（{refused}）", "请检查磁盘空间和写权限", Place(file=str(folder))
        ) from error
    left_out = snapshot.rows(
        "SELECT count(*) AS n FROM returns WHERE year = ? AND role = 'basic'"
        " AND status = 'rejected'",
        [year],
    )[0]["n"]
    return Written(returns, left_out)


class _Writer:
    def __init__(self, snapshot: Snapshot, survey: Survey, year: int, folder: Path) -> None:
        self.snapshot = snapshot
        self.survey = survey
        self.year = year
        self.folder = folder
        self.edition = survey.edition_of(year)
        self.words = national_words()
        self.simulated = snapshot.meta.get("simulated") == "yes"

    def returns(self) -> int:
        """A workbook for every counted return, and the lines of all of them."""
        taken: set[Path] = set()
        with _book(self.folder / LINES_FILE) as book:
            lines = _Lines(book, self.edition, self.words, self.marks())
            for row, cover, entries in self._counted():
                place = self.folder / folder_of(self.survey, self.year, row)
                path = free_path(place / file_name(row), taken)
                path.parent.mkdir(parents=True, exist_ok=True)
                with _book(path) as own:
                    pages = _Pages(own, self.edition, self.words, self.marks())
                    pages.cover(cover)
                    for form in self.edition.forms:
                        pages.form(form, entries)
                lines.add(row, cover, entries)
            return lines.close()

    def total(self) -> None:
        """The province: sums of what counts, and how many returns gave a figure."""
        found = self.snapshot.rows(
            "SELECT item_id, sum(amount) AS amount, count(amount) AS given,"
            " count(*) FILTER (state IN ('reported', 'zero')) AS figures"
            " FROM counted_answers WHERE year = ? GROUP BY item_id",
            [self.year],
        )
        by_item = {row["item_id"]: row for row in found}
        entries = {item.item_id: self._summed(item, by_item) for item in self.edition.items}
        with _book(self.folder / TOTAL_FILE) as book:
            pages = _Pages(book, self.edition, self.words, self.marks())
            for form in self.edition.forms:
                pages.form(form, entries)

    def marks(self) -> list[str]:
        return [self.words.internal, *([self.words.simulated] if self.simulated else [])]

    def _summed(self, item: Item, by_item: Mapping[str, Row]) -> Entry:
        if not item.additive:
            return Entry(None, self.words.not_additive)
        row = by_item.get(item.item_id)
        if row is None or not row["given"]:
            return Entry(None, self.words.nobody)
        value = row["amount"] if row["figures"] else "-"
        hint = self.words.covered.format(count=row["given"])
        return Entry(value, self._with_doubt(item, value, hint))

    def _counted(self) -> Iterator[tuple[Row, dict[str, str], dict[str, Entry]]]:
        """Counted returns in the order of the folders, with cover and figures."""
        returns = self.snapshot.rows(
            "SELECT * FROM counted_returns WHERE year = ? ORDER BY channel, prefecture_code,"
            " county_code, department_id, unit_name, venue_name, return_id",
            [self.year],
        )
        for start in range(0, len(returns), _BATCH):
            batch = returns[start : start + _BATCH]
            ids = [row["return_id"] for row in batch]
            covers = self._by_return("covers", ids)
            answers = self._by_return("current_answers", ids)
            for row in batch:
                cover = {c["field_id"]: c["raw_text"] for c in covers.get(row["return_id"], [])}
                given = {a["item_id"]: a for a in answers.get(row["return_id"], [])}
                entries = {
                    item.item_id: self._entry(item, given.get(item.item_id))
                    for item in self.edition.items
                }
                yield row, cover, entries

    def _by_return(self, table: str, ids: list[str]) -> dict[str, list[Row]]:
        rows = self.snapshot.rows(
            f"SELECT * FROM {table} WHERE list_contains($ids, return_id) ORDER BY return_id",
            {"ids": ids},
        )
        return {key: list(group) for key, group in groupby(rows, lambda row: row["return_id"])}

    def _entry(self, item: Item, answer: Row | None) -> Entry:
        if answer is None:
            return Entry(None, self.words.no_cell)
        hint = answer["shown_text"] if answer["corrected"] else ""
        match answer["state"]:
            case "not_applicable":
                return Entry("-", hint)
            case "unreadable":
                return Entry(None, self.words.unreadable.format(text=answer["raw_text"]))
            case "blank":
                return Entry(None, hint)
        return Entry(answer["value"], self._with_doubt(item, answer["value"], hint))

    def _with_doubt(self, item: Item, value: Decimal | str, hint: str) -> str:
        """Half a person cannot be entered: somebody has to ask first."""
        whole = isinstance(value, str) or item.decimals or value == value.to_integral_value()
        return hint if whole else "；".join([*([hint] if hint else []), self.words.fraction])


class _Pages:
    """The sheets of one workbook: cover and forms, as on paper."""

    def __init__(self, book: Any, edition: Edition, words: NationalWords, marks: list[str]) -> None:
        self.book = book
        self.edition = edition
        self.words = words
        self.marks = "　".join(marks)
        self.look = look.Look(book)

    def cover(self, given: Mapping[str, str]) -> None:
        sheet = self._sheet(self.words.cover, self.edition.title_zh, (30, 60))
        for column, head in enumerate(self.words.cover_heads):
            sheet.write_string(_FIRST - 1, column, head, self.look("header"))
        for row, field in enumerate(self.edition.cover, _FIRST):
            sheet.write_string(row, 0, field.label_zh, self.look("label"))
            sheet.write_string(row, 1, given.get(field.field_id, ""), self.look("text"))

    def form(self, form: Form, entries: Mapping[str, Entry]) -> None:
        title = f"{form.code} {form.name_zh}".strip()
        sheet = self._sheet(_sheet_name(form), title, (8, 12, 50, 10, 18, 56))
        for column, head in enumerate(self.words.form_heads):
            sheet.write_string(_FIRST - 1, column, head, self.look("header"))
        for number, item in enumerate(self.edition.items_of(form.form_id), 1):
            row, entry = _FIRST - 1 + number, entries[item.item_id]
            sheet.write_number(row, 0, number, self.look("centre"))
            sheet.write_string(row, 1, item.code, self.look("centre"))
            depth = 1 + self.edition.depth_of(item)
            sheet.write_string(row, 2, item.printed_label_zh, self.look("label", depth))
            sheet.write_string(row, 3, item.unit, self.look("centre"))
            _put(sheet, row, 4, entry.value, self.look("number"))
            sheet.write_string(row, 5, entry.hint, self.look("label"))
        sheet.freeze_panes(_FIRST, 0)

    def _sheet(self, name: str, title: str, widths: tuple[int, ...]) -> Any:
        sheet = self.book.add_worksheet(name)
        sheet.hide_gridlines(2)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.set_row(0, 28)
        sheet.merge_range(0, 0, 0, len(widths) - 1, title, self.look("form_title"))
        sheet.write_string(1, 0, self.marks, self.look("mark"))
        sheet.write_string(2, 0, self.words.how, self.look("small"))
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(_FIRST - 1)
        sheet.set_footer("&C&9第 &P 页，共 &N 页")
        return sheet


class _Lines:
    """All returns, a line each: the covers on one sheet, then one sheet a form in its order."""

    def __init__(self, book: Any, edition: Edition, words: NationalWords, marks: list[str]) -> None:
        self.book = book
        self.words = words
        self.marks = "　".join(marks)
        self.look = look.Look(book)
        self.row = _LINES_FIRST
        self.fields = edition.cover
        labels = [field.label_zh for field in self.fields]
        self.cover = self._sheet(words.cover, labels, [""] * len(labels), 24)
        self.forms = [
            (
                self._sheet(
                    _sheet_name(form),
                    [f"{item.name_zh}（{item.unit}）" for item in edition.items_of(form.form_id)],
                    [item.code for item in edition.items_of(form.form_id)],
                    14,
                ),
                edition.items_of(form.form_id),
            )
            for form in edition.forms
        ]

    def add(self, row: Row, cover: Mapping[str, str], entries: Mapping[str, Entry]) -> None:
        name = row["unit_name"] + (f"（{row['venue_name']}）" if row["venue_name"] else "")
        text, number = self.look("text_plain"), self.look("number")
        for sheet in (self.cover, *(sheet for sheet, _ in self.forms)):
            sheet.write_string(self.row, 0, row["uscc"], text)
            sheet.write_string(self.row, 1, name, text)
        for column, field in enumerate(self.fields, 2):
            self.cover.write_string(self.row, column, cover.get(field.field_id, ""), text)
        for sheet, items in self.forms:
            for column, item in enumerate(items, 2):
                _put(sheet, self.row, column, entries[item.item_id].value, number)
        self.row += 1

    def close(self) -> int:
        """Finish the sheets; returns how many lines they have."""
        widths = [len(self.fields), *(len(items) for _, items in self.forms)]
        sheets = [self.cover, *(sheet for sheet, _ in self.forms)]
        for sheet, width in zip(sheets, widths, strict=True):
            sheet.autofilter(_LINES_FIRST - 1, 0, max(self.row - 1, _LINES_FIRST), 1 + width)
        return self.row - _LINES_FIRST

    def _sheet(self, name: str, labels: list[str], codes: list[str], width: int) -> Any:
        sheet = self.book.add_worksheet(name)
        sheet.set_column(0, 0, 22)
        sheet.set_column(1, 1, 40)
        sheet.set_column(2, 1 + len(labels), width)
        sheet.write_string(0, 0, self.marks, self.look("mark"))
        for column, code in enumerate(("", "", *codes)):
            sheet.write_string(1, column, code, self.look("centre"))
        for column, label in enumerate((*self.words.line_heads, *labels)):
            sheet.write_string(2, column, label, self.look("header_wrapped"))
        sheet.set_row(2, 48)
        sheet.freeze_panes(_LINES_FIRST, 2)
        # Over several pages rather than too small to read: heads and names stand on each.
        sheet.set_paper(8)
        sheet.set_landscape()
        sheet.set_print_scale(70)
        sheet.repeat_rows(1, _LINES_FIRST - 1)
        sheet.repeat_columns(0, 1)
        sheet.set_header(f"&R&9 {self.marks}")
        sheet.set_footer("&C&9第 &P 页，共 &N 页")
        return sheet


def _sheet_name(form: Form) -> str:
    """Forbidden in names of sheets: / and more than 31 characters."""
    return f"{form.code} {form.name_zh}".strip().replace("/", "、")[:31]


def _put(sheet: Any, row: int, column: int, value: Decimal | str | None, style: Any) -> None:
    """A number as a number with all its digits, "-" as text, nothing as an empty cell."""
    if value is None:
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, str):
        sheet.write_string(row, column, value, style)
    else:
        sheet.write_number(row, column, value, style)


def _book(path: Path) -> Any:
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False}
    return xlsxwriter.Workbook(str(path), options)

"""The other shapes of returns: .xls and .et, .csv, and a county's one table of its units."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter
import xlwt

from pipelines.forms import layout
from pipelines.forms.filling import Value
from pipelines.forms.layout import SIMULATED_MARK, Cell, Columns, CoverColumns, FormLayout
from pipelines.forms.look import Look
from pipelines.forms.simulation.returns import SimReturn
from pipelines.survey import Item

_CSV_SHEET = "CSV"


def write_legacy(one: SimReturn, at: FormLayout) -> bytes:
    """The form as an old binary workbook (.xls; WPS calls the same bytes .et)."""
    book = xlwt.Workbook(encoding="utf-8")
    date = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    cover = book.add_sheet(layout.COVER_SHEET)
    cover.write(layout.COVER_TITLE, 0, f"{at.edition.title_zh}（{at.year}年度）")
    cover.write(layout.COVER_YEAR, 0, f"数据年度：{at.year}年")
    cover.write(layout.COVER_MARK, 0, SIMULATED_MARK)
    for column, header in enumerate(CoverColumns.HEADERS[: CoverColumns.HINT]):
        cover.write(layout.COVER_HEADER, column, header)
    for field in at.edition.cover:
        cell = at.cover(field.field_id)
        value = one.cover.get(field.field_id)
        cover.write(cell.row, CoverColumns.LABEL, field.label_zh)
        if value is not None:
            args = (date,) if isinstance(value, datetime.date) else ()
            cover.write(cell.row, cell.column, value, *args)
    for form, name in at.sheets():
        sheet = book.add_sheet(name)
        sheet.write(layout.FORM_TITLE, 0, form.name_zh)
        sheet.write(layout.FORM_NUMBER, 0, f"数据年度：{at.year}年")
        sheet.write(layout.FORM_NUMBER, Columns.LAST_YEAR, f"表号：{form.code}")
        sheet.write(layout.FORM_MARK, 0, SIMULATED_MARK)
        for column, header in enumerate(Columns.HEADERS[: Columns.HINT]):
            sheet.write(layout.FORM_HEADER, column, header)
        for item in at.edition.items_of(form.form_id):
            _write_legacy_item(sheet, item, at, one)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _write_legacy_item(sheet: Any, item: Item, at: FormLayout, one: SimReturn) -> None:
    cell = at.figure(item.item_id)
    for column, text in enumerate((item.printed_label_zh, item.code, item.unit)):
        sheet.write(cell.row, column, text)
    for column, values in (
        (Columns.FIGURE, one.answers),
        (Columns.LAST_YEAR, one.last_year),
    ):
        value = values.get(item.item_id)
        if value is not None:
            sheet.write(cell.row, column, value)


@dataclass(frozen=True)
class CsvForm:
    """The form as text: cover lines on top, then form after form."""

    one: SimReturn
    at: FormLayout

    def data(self) -> bytes:
        buffer = io.StringIO(newline="")
        writer = csv.writer(buffer, lineterminator="\r\n")
        writer.writerows(row for _, row in self._rows())
        return buffer.getvalue().encode("gb18030")

    def cell(self, name: str) -> Cell:
        """Where an item's figure or a cover field's content stands."""
        for number, (key, row) in enumerate(self._rows()):
            if key == name:
                return Cell(_CSV_SHEET, number, len(row) - 1)
        raise KeyError(name)

    def _rows(self) -> Iterator[tuple[str, list[str]]]:
        edition = self.at.edition
        yield "", [f"{edition.title_zh}（{self.at.year}年度）"]
        yield "", [SIMULATED_MARK]
        for field in edition.cover:
            yield field.field_id, [field.label_zh, _text(self.one.cover.get(field.field_id))]
        for form in edition.forms:
            yield "", []
            yield "", [f"{form.code} {form.name_zh}"]
            yield "", list(Columns.HEADERS[: Columns.LAST_YEAR])
            for item in edition.items_of(form.form_id):
                value = _text(self.one.answers.get(item.item_id))
                yield item.item_id, [item.printed_label_zh, item.code, item.unit, value]


@dataclass(frozen=True)
class SummaryTable:
    """A county's table: units down, items across under a header of several rows, 合计 last."""

    at: FormLayout
    place: str
    returns: Sequence[SimReturn]

    SHEET = "汇总表"
    FIELDS = (
        "unit_name",
        "uscc",
        "region",
        "department",
        "level",
        "is_venue",
        "venue_name",
        "filler",
        "phone",
        "fill_date",
    )
    #: Rows: title, mark, form, group, label, code, unit; then the units.
    TITLE, MARK, FORM, GROUP, LABEL, CODE, UNIT, FIRST = range(8)

    def data(self) -> bytes:
        buffer = io.BytesIO()
        with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
            look = Look(book)
            sheet = book.add_worksheet(self.SHEET)
            self._write_header(sheet, look)
            for n, one in enumerate(self.returns):
                self._write_unit(sheet, look, n, one)
            self._write_total(sheet, look)
            sheet.freeze_panes(self.FIRST, 2)
        return buffer.getvalue()

    def cell_of(self, number: int, name: str) -> Cell:
        """Where an item or cover field of the ``number``-th unit stands."""
        return Cell(self.SHEET, self.FIRST + number, self._column(name))

    def _column(self, name: str) -> int:
        if name in self.FIELDS:
            return 1 + self.FIELDS.index(name)
        return 1 + len(self.FIELDS) + list(self.at.edition.item).index(name)

    def _write_header(self, sheet: Any, look: Look) -> None:
        title = f"{self.place}科普统计汇总表（{self.at.year}年度）"
        sheet.write_string(self.TITLE, 0, title, look("form_title"))
        sheet.write_string(self.MARK, 0, SIMULATED_MARK, look("mark"))
        labels = {field.field_id: field.label_zh for field in self.at.edition.cover}
        for column, text in enumerate(("序号", *(labels[field] for field in self.FIELDS))):
            sheet.merge_range(self.FORM, column, self.UNIT, column, text, look("header"))
        for form in self.at.edition.forms:
            items = self.at.edition.items_of(form.form_id)
            text = f"{form.code} {form.name_zh}"
            self._across(sheet, look, self.FORM, [item.item_id for item in items], text)
        for item in self.at.edition.items:
            column = self._column(item.item_id)
            for row, text in (
                (self.LABEL, item.printed_label_zh),
                (self.CODE, item.code),
                (self.UNIT, item.unit),
            ):
                sheet.write_string(row, column, text, look("header"))
            if not item.parent_id:
                self._across(sheet, look, self.GROUP, self._family(item), item.label_zh)

    def _across(self, sheet: Any, look: Look, row: int, items: list[str], text: str) -> None:
        first, last = self._column(items[0]), self._column(items[-1])
        if first == last:
            sheet.write_string(row, first, text, look("header"))
        else:
            sheet.merge_range(row, first, row, last, text, look("header"))

    def _family(self, item: Item) -> list[str]:
        """An item and all below it, which follow it on the form."""
        family = [item.item_id]
        for other in self.at.edition.items_of(item.form_id):
            if other.parent_id in family:
                family.append(other.item_id)
        return family

    def _write_unit(self, sheet: Any, look: Look, number: int, one: SimReturn) -> None:
        sheet.write_number(self.FIRST + number, 0, number + 1)
        names = (*self.FIELDS, *self.at.edition.item)
        for name in names:
            cell = self.cell_of(number, name)
            value = one.cover.get(name) if name in self.FIELDS else one.answers.get(name)
            if isinstance(value, str):
                sheet.write_string(cell.row, cell.column, value)
            elif isinstance(value, datetime.date):
                sheet.write_datetime(cell.row, cell.column, value, look("date"))
            elif value is not None:
                sheet.write_number(cell.row, cell.column, value)

    def _write_total(self, sheet: Any, look: Look) -> None:
        row = self.FIRST + len(self.returns)
        sheet.write_string(row, 1, "合计")
        for item_id in self.at.edition.item:
            values = [one.answers.get(item_id) for one in self.returns]
            total = sum(value for value in values if isinstance(value, int))
            sheet.write_number(row, self._column(item_id), total)


def _text(value: Value) -> str:
    if isinstance(value, datetime.date):
        return value.isoformat()
    return "" if value is None else str(value)

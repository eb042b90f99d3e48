"""The blank workbook: what a respondent opens, fills and sends back.

One sheet a form as on paper, cells to fill in pale yellow and everything else locked, lists to
choose from, last year's figure beside each cell, and the rules of the edition as live checks.
The bytes depend on the survey definition and the arguments only.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import xlsxwriter

from pipelines.errors import Place, StorageError, refusal_zh
from pipelines.forms import checking, layout, look
from pipelines.forms.layout import Columns, CoverColumns, FormLayout
from pipelines.forms.look import Look
from pipelines.forms.prefill import YES_NO, Unit, known_cover, region_names
from pipelines.forms.wording import wording
from pipelines.survey import Form, Item, Survey
from pipelines.survey.models import CoverField
from pipelines.survey.notation import read_figure

_A4 = 9


def write_blank_form(
    survey: Survey,
    year: int,
    path: Path,
    *,
    unit: Unit | None = None,
    last_year: Mapping[str, str] | None = None,
) -> Path:
    """Write the workbook of a data year, prefilled for ``unit`` (a row of the units table).

    ``last_year`` gives the text of last year's figure by item.
    """
    data = blank_form(survey, year, unit=unit, last_year=last_year)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise StorageError(
            f"空白表写不进去（{refusal_zh(error)}）",
            "请检查磁盘空间和写权限",
            Place(file=str(path)),
        ) from error
    return path


def blank_form(
    survey: Survey,
    year: int,
    *,
    unit: Unit | None = None,
    last_year: Mapping[str, str] | None = None,
    mark: str = "",
) -> bytes:
    """The workbook as bytes; ``mark`` stands near the top of every sheet."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        _BlankForm(survey, year, book, mark).write(unit or {}, last_year or {})
    return buffer.getvalue()


class _BlankForm:
    """One workbook being written."""

    def __init__(self, survey: Survey, year: int, book: Any, mark: str) -> None:
        self.survey = survey
        self.year = year
        self.edition = survey.edition_of(year)
        self.layout = FormLayout(self.edition, year)
        self.book = book
        self.mark = mark
        self.look = Look(book)
        self.words = wording()
        self.hints = checking.ItemHints(self.layout)

    def write(self, unit: Unit, last_year: Mapping[str, str]) -> None:
        self.book.set_properties({"title": self.edition.title_zh, "created": look.CREATED})
        guide = self.book.add_worksheet(layout.GUIDE_SHEET)
        cover = self.book.add_worksheet(layout.COVER_SHEET)
        forms = [(form, self.book.add_worksheet(name)) for form, name in self.layout.sheets()]
        lists = self.book.add_worksheet(layout.LISTS_SHEET)
        checks = self.book.add_worksheet(layout.CHECKS_SHEET)
        self._write_guide(guide)
        self._write_lists(lists)
        self._write_cover(cover, unit)
        for form, sheet in forms:
            self._write_form(sheet, form, last_year)
        checking.write_checks(checks, self.layout)
        for sheet in (guide, cover, *(sheet for _, sheet in forms), lists, checks):
            sheet.protect("", {"format_columns": True, "format_rows": True})
        for sheet in (lists, checks):
            sheet.hide()
        cover.activate()

    # -- instructions ------------------------------------------------------------------------

    def _write_guide(self, sheet: Any) -> None:
        self._page(sheet, columns=(look.GUIDE_WIDTH,))
        lines = [("guide_title", f"{layout.GUIDE_SHEET}（{self.year}年度）"), ("mark", self.mark)]
        for section in self.edition.guide or self.words.guide:
            lines.append(("guide_head", section.head))
            lines += [("guide", f"{n}. {line}") for n, line in enumerate(section.lines, 1)]
        for row, (style, text) in enumerate(lines):
            sheet.write(row, 0, text or None, self.look(style))
            sheet.set_row(row, 18 + 15 * (len(text) // 41) if style == "guide" else 26)
        sheet.print_area(0, 0, len(lines) - 1, 0)

    # -- lists -------------------------------------------------------------------------------

    @property
    def _choices(self) -> dict[str, list[str]]:
        return {
            "region": region_names(self.survey, self.year),
            "department": [row.name_zh for row in self.survey.departments.active(self.year)],
            "level": [row.name_zh for row in self.survey.levels],
            "yes_no": list(YES_NO),
        }

    def _write_lists(self, sheet: Any) -> None:
        for column, names in enumerate(self._choices.values()):
            sheet.write_column(0, column, names)

    def _list_range(self, kind: str) -> str:
        column = layout.column_name(list(self._choices).index(kind))
        return f"={layout.LISTS_SHEET}!${column}$1:${column}${len(self._choices[kind])}"

    # -- cover -------------------------------------------------------------------------------

    def _write_cover(self, sheet: Any, unit: Unit) -> None:
        self._page(sheet, columns=look.COVER_WIDTHS, print_columns=2)
        title = f"{self.edition.title_zh}（{self.year}年度）"
        sheet.merge_range(layout.COVER_TITLE, 0, layout.COVER_TITLE, 1, title, self.look("title"))
        sheet.set_row(layout.COVER_TITLE, 40)
        year = f"数据年度：{self.year}年"
        sheet.merge_range(layout.COVER_YEAR, 0, layout.COVER_YEAR, 1, year, self.look("subtitle"))
        sheet.set_row(layout.COVER_YEAR, 22)
        sheet.write(layout.COVER_MARK, 0, self.mark or None, self.look("mark"))
        sheet.merge_range(
            layout.COVER_LAW, 0, layout.COVER_LAW, 1, self.words.law, self.look("law")
        )
        sheet.set_row(layout.COVER_LAW, 54)
        for column, text in enumerate(CoverColumns.HEADERS):
            sheet.write_string(layout.COVER_HEADER, column, text, self.look("header"))
        sheet.set_row(layout.COVER_HEADER, 22)
        known = known_cover(self.survey, self.year, unit)
        for field in self.edition.cover:
            self._write_cover_field(sheet, field, known.get(field.field_id, ""))
        state = self.layout.cover_state
        sheet.merge_range(state.row, 0, state.row, 1, "", self.look("state"))
        sheet.write_formula(
            state.row, 0, checking.state_formula(self.layout), self.look("state"), ""
        )
        sheet.set_row(state.row, 32)
        sheet.freeze_panes(layout.COVER_FIRST, 0)
        sheet.print_area(0, 0, state.row, 1)

    def _write_cover_field(self, sheet: Any, field: CoverField, known: str) -> None:
        cell = self.layout.cover(field.field_id)
        style = self.look("date" if field.kind == "date" else "text")
        sheet.write_string(cell.row, CoverColumns.LABEL, field.label_zh, self.look("label"))
        if known:
            sheet.write_string(cell.row, cell.column, known, style)
        else:
            sheet.write_blank(cell.row, cell.column, None, style)
        sheet.write_formula(
            cell.row,
            CoverColumns.HINT,
            checking.cover_hint(field, self.layout),
            self.look("hint"),
            "",
        )
        sheet.set_row(cell.row, 24)
        rule = self._cover_validation(field)
        if rule:
            sheet.data_validation(cell.row, cell.column, cell.row, cell.column, rule)
        self._paint(sheet, cell.row, cell.column, CoverColumns.HINT)

    def _cover_validation(self, field: CoverField) -> dict[str, Any]:
        rule: dict[str, Any] = {"ignore_blank": True, "error_title": field.label_zh}
        if field.note_zh:
            rule |= {"input_title": field.label_zh[:32], "input_message": field.note_zh}
        errors = self.words.errors
        if field.kind in self._choices:
            rule |= {"validate": "list", "source": self._list_range(field.kind)}
            rule |= {"error_message": errors.list}
            if field.kind == "region":
                rule |= {"error_type": "warning", "error_message": errors.region}
        elif field.kind == "uscc":
            rule |= {"validate": "length", "criteria": "==", "value": 18}
            rule |= {"error_type": "warning", "error_message": errors.uscc}
        elif field.kind == "date":
            first = datetime.date(self.year, 1, 1)
            rule |= {"validate": "date", "criteria": ">=", "value": first}
            rule |= {"error_type": "warning", "error_message": errors.date}
        elif field.note_zh:
            rule |= {"validate": "any"}
        else:
            return {}
        return rule

    # -- forms -------------------------------------------------------------------------------

    def _write_form(self, sheet: Any, form: Form, last_year: Mapping[str, str]) -> None:
        self._page(sheet, columns=look.FORM_WIDTHS, print_columns=5)
        items = self.edition.items_of(form.form_id)
        last = layout.FORM_FIRST + len(items) - 1
        self._write_form_head(sheet, form)
        for item in items:
            self._write_item(sheet, item, last_year.get(item.item_id, ""))
        sheet.freeze_panes(layout.FORM_FIRST, Columns.CODE)
        sheet.repeat_rows(layout.FORM_HEADER, layout.FORM_MARKS)
        sheet.print_area(0, 0, last, Columns.LAST_YEAR)

    def _write_form_head(self, sheet: Any, form: Form) -> None:
        last = Columns.LAST_YEAR
        sheet.merge_range(
            layout.FORM_TITLE, 0, layout.FORM_TITLE, last, form.name_zh, self.look("form_title")
        )
        sheet.set_row(layout.FORM_TITLE, 32)
        small, right = self.look("small"), self.look("small_right")
        for row, text in enumerate(self._form_numbers(form), layout.FORM_NUMBER):
            sheet.write(row, last, text or None, right)
        sheet.write_string(layout.FORM_NUMBER, 0, f"数据年度：{self.year}年", small)
        line = self.layout.filler_line(form)
        sheet.write_formula(
            line.row, line.column, checking.filler_formula(self.layout), small, "填报单位："
        )
        sheet.write(layout.FORM_MARK, 0, self.mark or None, self.look("mark"))
        for column, text in enumerate(Columns.HEADERS):
            sheet.write_string(layout.FORM_HEADER, column, text, self.look("header"))
            sheet.write_string(layout.FORM_MARKS, column, Columns.MARKS[column], self.look("marks"))
        sheet.set_row(layout.FORM_HEADER, 22)

    def _form_numbers(self, form: Form) -> tuple[str, str, str]:
        units = {item.unit for item in self.edition.items_of(form.form_id)}
        unit = units.pop() if len(units) == 1 else "见表列"
        approval = self.edition.approval_zh
        return (
            f"表号：{form.code}",
            f"批准文号：{approval}" if approval else "",
            f"计量单位：{unit}",
        )

    def _write_item(self, sheet: Any, item: Item, last_year: str) -> None:
        cell = self.layout.figure(item.item_id)
        depth = self.edition.depth_of(item)
        style = "label" if depth else "total"
        sheet.write_string(
            cell.row, Columns.LABEL, item.printed_label_zh, self.look(style, 2 * depth + 1)
        )
        sheet.write(cell.row, Columns.CODE, item.code or None, self.look("centre"))
        sheet.write_string(cell.row, Columns.UNIT, item.unit, self.look("centre"))
        kind = "money" if item.is_money else "count"
        sheet.write_blank(cell.row, cell.column, None, self.look(kind))
        self._write_last_year(sheet, cell.row, item, last_year)
        hint = self.hints.formula(item)
        sheet.write_formula(cell.row, Columns.HINT, hint, self.look("hint"), "")
        sheet.set_row(cell.row, 24)
        sheet.data_validation(
            cell.row, cell.column, cell.row, cell.column, self._figure_validation(item, cell.a1)
        )
        self._paint(sheet, cell.row, cell.column, Columns.HINT)

    def _write_last_year(self, sheet: Any, row: int, item: Item, text: str) -> None:
        style = self.look("money_last_year" if item.is_money else "count_last_year")
        value = read_figure(text, unit=item.unit).value if text else None
        if value is not None:
            sheet.write_number(row, Columns.LAST_YEAR, value, style)
        elif text:
            sheet.write_string(row, Columns.LAST_YEAR, text, style)
        else:
            sheet.write_blank(row, Columns.LAST_YEAR, None, style)

    def _figure_validation(self, item: Item, at: str) -> dict[str, Any]:
        kind = "money" if item.is_money else "count"
        whole = "" if item.is_money else f",{at}=INT({at})"
        return {
            "validate": "custom",
            "value": f'=IF(ISNUMBER({at}),AND({at}>=0{whole}),{at}="-")',
            "input_title": item.label_zh[:32],
            "input_message": getattr(self.words.prompts, kind),
            "error_title": item.label_zh[:32],
            "error_message": getattr(self.words.errors, kind),
        }

    # -- both --------------------------------------------------------------------------------

    def _page(self, sheet: Any, columns: tuple[int, ...], print_columns: int = 1) -> None:
        for column, width in enumerate(columns):
            sheet.set_column(column, column, width, self.look("plain"))
        sheet.hide_gridlines(2)
        sheet.set_portrait()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        sheet.center_horizontally()
        sheet.set_margins(left=0.6, right=0.6, top=0.7, bottom=0.7)
        sheet.set_footer(
            f"&C&9{self.mark}　第 &P 页，共 &N 页" if self.mark else "&C&9第 &P 页，共 &N 页"
        )

    def _paint(self, sheet: Any, row: int, column: int, hint_column: int) -> None:
        """Red where the hint speaks of a fault, yellow where it only asks to look again."""
        at = f"${layout.column_name(hint_column)}{row + 1}"
        note = f'LEFT({at},{len(checking.NOTE)})="{checking.NOTE}"'
        for condition, style in ((f'AND({at}<>"",NOT({note}))', "wrong"), (note, "note")):
            sheet.conditional_format(
                row,
                column,
                row,
                column,
                {"type": "formula", "criteria": f"={condition}", "format": self.look(style)},
            )

"""Where everything stands in the workbook a respondent fills: pure geometry, no writing.

Blank forms, live checks, filling and simulation all ask here for a cell, so that the form can be
laid out anew in one place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from pipelines.survey import Edition, Form, Rule

GUIDE_SHEET = "填表说明"
COVER_SHEET = "封面"
LISTS_SHEET = "代码表"
CHECKS_SHEET = "审核"

#: What every sheet of a made-up return carries near its top.
SIMULATED_MARK = "模拟数据（由程序生成，仅供培训和演示）"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell, counted from zero."""

    sheet: str
    row: int
    column: int

    @property
    def a1(self) -> str:
        return f"{column_name(self.column)}{self.row + 1}"

    @property
    def address(self) -> str:
        """As findings and the sidecar write it: 工作表!单元格."""
        return f"{self.sheet}!{self.a1}"

    @property
    def reference(self) -> str:
        """As a formula on any sheet writes it."""
        return f"'{self.sheet}'!${column_name(self.column)}${self.row + 1}"


def column_name(column: int) -> str:
    """0 is A, 26 is AA."""
    high, low = divmod(column, 26)
    return (column_name(high - 1) if high else "") + chr(ord("A") + low)


class Columns:
    """Columns of a form sheet."""

    LABEL, CODE, UNIT, FIGURE, LAST_YEAR, HINT = range(6)
    HEADERS = ("指标名称", "代码", "计量单位", "数量", "上年数", "审核提示")
    #: The line of marks that Chinese statistical forms print under the header.
    MARKS = ("甲", "乙", "丙", "1", "2", "—")


class CoverColumns:
    """Columns of the cover."""

    LABEL, FILL, HINT = range(3)
    HEADERS = ("项目", "填写内容", "审核提示")


#: Rows of the cover and of form sheets, counted from zero.
COVER_TITLE, COVER_YEAR, COVER_MARK, COVER_LAW, COVER_HEADER = range(5)
FORM_TITLE, FORM_NUMBER, FORM_UNIT, FORM_MARK, FORM_HEADER, FORM_MARKS = range(6)
COVER_FIRST = COVER_HEADER + 1
FORM_FIRST = FORM_MARKS + 1

#: Columns of the hidden sheet of checks: what, sentence, result.
CHECK_KEY, CHECK_SENTENCE, CHECK_RESULT = range(3)


@dataclass(frozen=True)
class FormLayout:
    """The workbook of one edition for one data year."""

    edition: Edition
    year: int

    def sheet_of(self, form: Form) -> str:
        return f"{form.code} {form.name_zh}"

    def sheets(self) -> Iterator[tuple[Form, str]]:
        for form in self.edition.forms:
            yield form, self.sheet_of(form)

    def cover(self, field_id: str) -> Cell:
        return Cell(COVER_SHEET, self._cover_rows[field_id], CoverColumns.FILL)

    def cover_hint(self, field_id: str) -> Cell:
        return Cell(COVER_SHEET, self._cover_rows[field_id], CoverColumns.HINT)

    @property
    def cover_state(self) -> Cell:
        """The line under the cover that sums up what is open."""
        return Cell(COVER_SHEET, COVER_FIRST + len(self.edition.cover), CoverColumns.LABEL)

    def filler_line(self, form: Form) -> Cell:
        """The line of a form sheet that repeats who fills it."""
        return Cell(self.sheet_of(form), FORM_UNIT, Columns.LABEL)

    def figure(self, item_id: str) -> Cell:
        return self._item_cells[item_id]

    def last_year(self, item_id: str) -> Cell:
        cell = self._item_cells[item_id]
        return Cell(cell.sheet, cell.row, Columns.LAST_YEAR)

    def hint(self, item_id: str) -> Cell:
        cell = self._item_cells[item_id]
        return Cell(cell.sheet, cell.row, Columns.HINT)

    def value(self, name: str) -> Cell:
        """Where the checks sheet holds an item (or ``is_venue``, ``level``) as a plain value."""
        return Cell(CHECKS_SHEET, self._value_rows[name], CHECK_RESULT)

    def sentence(self, rule: Rule) -> Cell:
        return Cell(CHECKS_SHEET, self._rule_rows[rule.id], CHECK_SENTENCE)

    def result(self, rule: Rule) -> Cell:
        """TRUE holds, FALSE does not, empty text where it is not evaluated."""
        return Cell(CHECKS_SHEET, self._rule_rows[rule.id], CHECK_RESULT)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that apply in the year, in book order."""
        return tuple(rule for rule in self.edition.rules if rule.applies_to(self.year))

    @cached_property
    def _cover_rows(self) -> dict[str, int]:
        return {field.field_id: COVER_FIRST + n for n, field in enumerate(self.edition.cover)}

    @cached_property
    def _item_cells(self) -> dict[str, Cell]:
        return {
            item.item_id: Cell(sheet, FORM_FIRST + n, Columns.FIGURE)
            for form, sheet in self.sheets()
            for n, item in enumerate(self.edition.items_of(form.form_id))
        }

    @cached_property
    def _value_rows(self) -> dict[str, int]:
        names = ("is_venue", "level", *self.edition.item)
        return {name: n for n, name in enumerate(names)}

    @cached_property
    def _rule_rows(self) -> dict[str, int]:
        first = len(self._value_rows)
        return {rule.id: first + n for n, rule in enumerate(self.rules)}

"""Find what is filled on the cover: the label's cell, then the cell to its right or below."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from pipelines.intake.formats.cells import Cell, Sheet
from pipelines.intake.layouts.figures import shown
from pipelines.intake.layouts.labels import plain_label
from pipelines.intake.layouts.marks import Mark
from pipelines.intake.readings import CoverText
from pipelines.intake.vocabulary import vocabulary
from pipelines.survey.addresses import address

_REACH = 4


@dataclass(frozen=True, slots=True)
class _Label:
    field_id: str
    row: int
    column: int
    right: int
    bottom: int


def read_cover(sheet: Sheet, marks: Sequence[Mark]) -> dict[str, CoverText]:
    """Cover fields of a sheet, blank ones included."""
    labels = [
        _Label(mark.word.cover.field_id, mark.row, mark.column, right, bottom)
        for mark in marks
        if mark.word.cover
        for bottom, right in [sheet.merged_from(mark.row, mark.column)]
    ]
    found: dict[str, CoverText] = {}
    if labels:
        taken = {(label.row, label.column) for label in labels}
        shifts = _shifts(sheet, labels, taken)
        for label in labels:
            text = _value(sheet, label, labels, taken, shifts[label.column])
            _keep(found, label.field_id, text)
    for mark in marks:
        if mark.word.inline:
            # Label and value in one cell: 单位名称：长春市科技馆.
            tail = mark.text.replace("：", ":", 1).partition(":")[2].strip()
            where = address(mark.row, mark.column)
            _keep(found, mark.word.inline.field_id, CoverText(tail, sheet.name, where))
    return found


def _keep(found: dict[str, CoverText], field_id: str, text: CoverText) -> None:
    """The first filled text of a field stands; a blank one only until then."""
    known = found.get(field_id)
    if known is None or (not known.text and text.text):
        found[field_id] = text


def _shifts(sheet: Sheet, labels: list[_Label], taken: set[tuple[int, int]]) -> dict[int, int]:
    """For each column of labels, how far to the right its values stand."""
    columns: dict[int, list[_Label]] = defaultdict(list)
    for label in labels:
        columns[label.column].append(label)
    shifts = {}
    for column, group in columns.items():
        shifts[column] = 1
        for shift in range(1, _REACH + 1):
            cells = [(label.row, label.right + shift) for label in group]
            if any(cell in taken for cell in cells):
                break
            if any(sheet.plain(*cell) != "" for cell in cells):
                shifts[column] = shift
                break
    return shifts


def _value(
    sheet: Sheet,
    label: _Label,
    labels: list[_Label],
    taken: set[tuple[int, int]],
    shift: int,
) -> CoverText:
    row, column = label.row, label.right + shift
    if _values_below(sheet, label, labels, taken):
        row, column = label.bottom + 1, label.column
    cell = sheet.at(row, column)
    if (row, column) in taken:
        cell = ""
    text = shown(cell)
    if not boxes().isdisjoint(text):
        text = _joined_boxes(sheet, row, column, text)
    numeric = isinstance(cell, int | float) and not isinstance(cell, bool)
    return CoverText(text.strip(), sheet.name, address(row, column), numeric)


def _values_below(
    sheet: Sheet, label: _Label, labels: list[_Label], taken: set[tuple[int, int]]
) -> bool:
    """Labels side by side in one row, with the values in the row beneath."""
    under = (label.bottom + 1, label.column)
    if under in taken or sheet.plain(*under) == "":
        return False
    if (label.row, label.right + 1) in taken:
        return True
    after_label = any(
        other.row == label.row and other.right + 1 == label.column for other in labels
    )
    return after_label and sheet.plain(label.row, label.right + 1) == ""


def _joined_boxes(sheet: Sheet, row: int, column: int, text: str) -> str:
    """Check boxes spread over cells: join them."""
    parts = [text]
    for step in range(column + 1, column + 8):
        cell: Cell = sheet.plain(row, step)
        if type(cell) is str and not boxes().isdisjoint(cell):
            parts.append(cell)
        elif cell != "":
            break
    return " ".join(parts)


@cache
def boxes() -> frozenset[str]:
    """Characters that stand for a check box, ticked or not."""
    return frozenset(vocabulary().checked + vocabulary().unchecked)


def chosen(text: str) -> str:
    """The option that is ticked in ``√省级 □市级``; text without boxes as it stands.

    "" when nothing or more than one option is ticked.
    """
    words = vocabulary()
    marks = boxes()
    if marks.isdisjoint(text):
        return text
    options: list[tuple[str, str]] = []
    mark, name = "", ""
    for char in [*text, "\0"]:
        if char in marks or char == "\0":
            if mark or name.strip():
                options.append((mark, name.strip()))
            mark, name = char, ""
        else:
            name += char
    ticked = [name for mark, name in options if mark and mark in words.checked]
    # A mark alone answers a yes-no question: ☑ 是 is written as 是☑ by some.
    if options and not options[0][0] and ticked and not any(ticked):
        return plain_label(options[0][1])
    return plain_label(ticked[0]) if len(ticked) == 1 else ""

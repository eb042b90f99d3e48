"""Find the tables of a blank form; unlike a return, it may have no column for figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipelines.errors import UnclearLayoutError
from pipelines.intake.formats.cells import Sheet
from pipelines.intake.layouts.headers import find_blocks
from pipelines.intake.layouts.lexicon import Lexicon
from pipelines.intake.layouts.marks import Mark


@dataclass(frozen=True, slots=True)
class BlankTable:
    """A table found by its label and code or unit columns; figures need not have one."""

    top: int
    first: int
    end: int
    labels: range
    code: int | None
    unit: int | None
    value: int | None


def find_blank_tables(sheet: Sheet, marks: Sequence[Mark], lexicon: Lexicon) -> list[BlankTable]:
    """The tables of the sheet; a blank form may have no column for figures."""
    try:
        found = [
            BlankTable(b.top, b.first, b.end, b.labels, b.code, b.unit, b.value)
            for b in find_blocks(sheet, marks, lexicon)
        ]
    except UnclearLayoutError:
        found = []
    return found or list(_without_figures(sheet, marks))


def _without_figures(sheet: Sheet, marks: Sequence[Mark]) -> Iterator[BlankTable]:
    """Tables known by a label column and a code or unit column in one row."""
    labels = [mark for mark in marks if mark.word.role == "label"]
    for mark in labels:
        right = min(
            (m.column for m in labels if m.row == mark.row and m.column > mark.column),
            default=max((len(line) for line in sheet.rows), default=0),
        )
        roles = {
            m.word.role: m.column
            for m in reversed(marks)
            if m.row == mark.row and mark.column < m.column < right
        }
        below = [m.row for m in labels if m.row > mark.row]
        if "code" in roles or "unit" in roles:
            stop = min((c for c in roles.values()), default=right)
            yield BlankTable(
                mark.row,
                mark.row + 1,
                min(below, default=len(sheet.rows)),
                range(mark.column, stop),
                roles.get("code"),
                roles.get("unit"),
                roles.get("value"),
            )

"""The note under a table that says why the values marked “…” are not there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipelines.indicators.flags import flags
from pipelines.publish.table_model import MARKS_ZH, Missing, Table
from pipelines.survey.quantities import MISSING_MARK

#: Places that a note names for one reason; the others are counted.
_NAMED = 8


def marks_note(table: Table) -> str:
    """What the marks used in the table mean; "" when there are none."""
    if not table.marks:
        return ""
    sentences = [f"“{mark}”表示{MARKS_ZH[mark]}{_why(table, mark)}" for mark in table.marks]
    return "；".join(sentences) + "。"


def _why(table: Table, mark: str) -> str:
    if mark != MISSING_MARK:
        return ""
    reasons = [
        f"{sentence}（{_listed(places)}）"
        for reason, sentence in flags().missing.items()
        if (places := list(_places(table, reason)))
    ]
    return f"，原因：{'、'.join(reasons)}" if reasons else ""


def _places(table: Table, reason: str) -> Iterator[str]:
    """Whole rows, then whole columns, then single cells that are missing for a reason."""
    missing = [
        [isinstance(cell, Missing) and cell.reason == reason for cell in row.cells]
        for row in table.rows
    ]
    absent = [[isinstance(cell, Missing) for cell in row.cells] for row in table.rows]
    numbers = [n for n, column in enumerate(table.columns) if not column.textual]
    left = []
    for row, cells, gone in zip(table.rows, missing, absent, strict=True):
        if any(cells) and len(numbers) > 1 and all(gone[n] for n in numbers):
            yield row.label
        else:
            left.append((row, cells))
    whole = {n for n in numbers if len(left) > 1 and all(cells[n] for _, cells in left)}
    yield from (table.columns[n].full_head for n in sorted(whole))
    for row, cells in left:
        heads = [table.columns[n].full_head for n in numbers if cells[n] and n not in whole]
        if heads:
            more = f"等{len(heads)}项" if len(heads) > 2 else ""
            yield f"{row.label}的{'、'.join(heads[:2])}{more}"


def _listed(places: Iterable[str]) -> str:
    found = list(dict.fromkeys(places))
    more = f"等{len(found)}处" if len(found) > _NAMED else ""
    return "、".join(found[:_NAMED]) + more

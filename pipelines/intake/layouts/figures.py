"""A cell of the value column as an answer: state, exact value, raw text, notes."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import lru_cache

from pipelines.intake.formats.cells import Cell, Flaw
from pipelines.survey.notation import Reading, State, plain_text, read_figure, read_number

_EPOCH = dt.date(1899, 12, 30)
_EPOCH_1904 = dt.date(1904, 1, 1)

#: value, state, raw text, notes
Figure = tuple[Decimal | None, str, str, tuple[str, ...]]
BLANK: Figure = (None, str(State.BLANK), "", ())
_DASH = frozenset({"-"})


def read_cell(
    cell: Cell, unit: str, not_applicable: frozenset[str], date1904: bool = False
) -> Figure:
    """Any cell as the figure of an item measured in ``unit``."""
    if cell == "":
        return BLANK
    if type(cell) is float:
        return _of_number(cell)
    if type(cell) is str:
        return _of_text(cell, unit, not_applicable)
    return _of_other(cell, date1904)


def shown(cell: Cell) -> str:
    """The text of any cell, as a person would read it."""
    if type(cell) is str:
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int | float):
        return _of_number(float(cell) if abs(cell) < 2**53 else cell)[2]
    if isinstance(cell, Flaw):
        return cell.text
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    return str(cell)


def is_figure(cell: Cell) -> bool:
    """Whether a cell holds a number, as such or as text."""
    if type(cell) is str:
        state = read_cell(cell, "", _DASH)[1] if cell else State.BLANK
        return state in (State.REPORTED, State.ZERO)
    return isinstance(cell, int | float)


@lru_cache(maxsize=65536)
def _of_number(number: float | int) -> Figure:
    reading = read_number(number)
    raw = plain_text(reading.value) if reading.value is not None else f"{number:.15G}"
    return _figure(reading, raw)


@lru_cache(maxsize=65536)
def _of_text(text: str, unit: str, not_applicable: frozenset[str]) -> Figure:
    return _figure(read_figure(text, unit=unit, not_applicable=not_applicable), text)


def _of_other(cell: Cell, date1904: bool) -> Figure:
    if isinstance(cell, Flaw):
        return None, str(State.UNREADABLE), cell.text, (cell.note,)
    if isinstance(cell, bool):
        return None, str(State.UNREADABLE), shown(cell), ("单元格是逻辑值，应填数",)
    if isinstance(cell, int):
        return _of_number(cell)
    note = "单元格设成了日期或时间格式，应填数"
    serial = _serial(cell, date1904)
    if serial:
        note += f"（格内原数为 {serial}，请核实）"
    return None, str(State.UNREADABLE), shown(cell), (note,)


def _serial(cell: Cell, date1904: bool) -> str:
    """The number that a date cell holds, to show to the person asked."""
    if isinstance(cell, dt.datetime):
        cell = cell.date()
    if not isinstance(cell, dt.date):
        return ""
    days = (cell - (_EPOCH_1904 if date1904 else _EPOCH)).days
    # Spreadsheets count a 29 February 1900 that never was.
    if not date1904 and days <= 60:
        days -= 1
    return str(days) if days >= 0 else ""


def _figure(reading: Reading, raw: str) -> Figure:
    return reading.value, str(reading.state), raw, reading.notes

"""The cells of an .xlsx sheet that is written plainly, read here and not by the native reader.

Our own guard has to pass over every cell anyway.  Where all are written as nearly all programs
write them, that pass can give the cells as well, and the sheet need not be read twice.  What is not
understood to the last byte is left to the native reader.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from pipelines.intake.formats.cells import Cell, Flaw, Rows, error_cell, uncomputed_cell
from pipelines.intake.formats.plain_pieces import Known
from pipelines.intake.formats.plain_styles import ShowsDay
from pipelines.intake.formats.plain_texts import CHARACTERS, Texts, plain_text, resolved
from pipelines.intake.formats.xmltree import is_whole, unescaped
from pipelines.survey.addresses import position

_ROW = rb'<row(?: r="[1-9][0-9]{0,6}")?(?: (?!r=)[\w:]+="[^"<>&]*")*'
_EMPTY_ROWS = rb"(?:" + _ROW + rb"/>|" + _ROW + rb"></row>)*+"
#: What stands between ``<c `` and the next: a cell, no further out than ZZ9999, and perhaps the end
#: of its row and the beginning of another.
_CELL = re.compile(
    rb'r="([A-Z]{1,2}[1-9][0-9]{0,3})"(?: s="([0-9]{1,5})")?(?: t="(s|str|n|b|e|inlineStr)")?'
    rb"(?: cm=\"1\")?"
    rb"(?:/>|>(?P<formula><f(?: [\w:]+=\"[^\"<>&]*\")*(?:/>|>(?P<said>" + CHARACTERS + rb")</f>))?"
    rb"(?:<v(?: xml:space=\"preserve\")?>(?P<value>" + CHARACTERS + rb")</v>|(?P<void><v/>)"
    rb'|<is><t(?P<edges> xml:space="preserve")?>(?P<text>' + CHARACTERS + rb")</t></is>)?</c>)"
    rb"(?:</row>" + _EMPTY_ROWS + _ROW + rb">)?"
)
_BEFORE = re.compile(_EMPTY_ROWS + _ROW + rb">")
_AFTER = re.compile(_EMPTY_ROWS)
_DIGITS = re.compile(rb"-?[0-9]{1,15}(?:\.[0-9]{1,20})?(?:[eE][+-]?[0-9]{1,2})?")

_BLANK, _TEXT, _SHARED, _NUMBER, _ZERO, _LOST, _ERROR = range(7)
_UNSTYLED = -1
#: Columns fit below this; a place is the row times it, and the column.
_WIDTH = 1 << 10

#: What every program shows for a formula that has no value; newer ones know more of them.
_ERRORS = frozenset({b"#NULL!", b"#DIV/0!", b"#VALUE!", b"#REF!", b"#NAME?", b"#NUM!", b"#N/A"})

_FIRST_DAY, _LAST_DAY = 61, 2_958_465
_BEFORE_FIRST = dt.date(1899, 12, 30).toordinal()

#: Place, kind, value (of a shared text its number), style.
_Piece = tuple[int, int, Cell | None, int]
#: Stands for a piece that is not plain: no cell can stand there.
_ODD: _Piece = (-1, _BLANK, None, _UNSTYLED)


@dataclass(slots=True)
class PlainCells:
    """Dense rows from A1, as the native reader gives them, and formulas without a result."""

    rows: Rows
    flaws: dict[tuple[int, int], Flaw]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the cells of a workbook refer to."""

    texts: Texts
    shows_day: ShowsDay
    #: Whether formulas may carry a result that was never calculated.
    stale: bool


def plain_cells(
    before: bytes, pieces: list[bytes], after: bytes, around: Surroundings
) -> PlainCells | None:
    """What stands between ``<sheetData>`` and its end, parted at the beginnings of its cells; None
    when not all of it is plain."""
    if not (_known_before[before] and _known_after[after]):
        return None
    flaws: dict[tuple[int, int], Flaw] = {}
    places: list[int] = []
    values: list[Cell] = []
    texts, known = around.texts, len(around.texts)
    last = -1
    for place, kind, value, style in map(_known.__getitem__, pieces):
        if place <= last:  # odd; or twice, or in no order: nobody knows which counts
            return None
        last = place
        if kind == _BLANK:
            continue
        if kind == _SHARED:
            value = texts[value] if value < known else None  # type: ignore[index,operator]
        elif kind >= _LOST:
            flaws[divmod(place, _WIDTH)] = value  # type: ignore[assignment]
            if kind == _LOST:
                continue
            value = ""
        elif kind != _TEXT:
            value = _shown(kind, value, style, around)
        if value is None:
            return None
        places.append(place)
        values.append(value)
    return PlainCells(_dense(places, values), flaws)


def forget() -> None:
    """Forget the pieces that were read before: what they say does not change by it."""
    _known.clear()


def _shown(kind: int, value: Cell | None, style: int, around: Surroundings) -> Cell | None:
    """The value of a cell as the workbook around it says; None when that is not sure."""
    if kind == _ZERO and around.stale:
        return None
    if type(value) is not float or style == _UNSTYLED:
        return value
    shows_day = around.shows_day.get(style)
    if not shows_day:
        return None if shows_day is None else value
    if not (value.is_integer() and _FIRST_DAY <= value <= _LAST_DAY):
        return None
    return dt.date.fromordinal(_BEFORE_FIRST + int(value))


def _dense(places: list[int], values: list[Cell]) -> Rows:
    if not places:
        return []
    width = max([place % _WIDTH for place in places]) + 1
    rows: Rows = [[""] * width for _ in range(places[-1] // _WIDTH + 1)]
    for place, value in zip(places, values, strict=True):
        rows[place // _WIDTH][place % _WIDTH] = value
    return rows


def _piece(piece: bytes) -> _Piece:
    match = _CELL.fullmatch(piece)
    if not match or resolved(match["said"] or b"") is None:
        return _ODD
    # Most pieces are a bare number, or that of a text, and have nothing that could be amiss.
    bare = piece.endswith(b"</v></c>") and piece.isascii() and not match["formula"]
    if not bare and not is_whole(b"<a><row><c %b</row></a>" % piece):
        return _ODD
    kind, value = _said(match)
    if value is None:
        return _ODD
    row, column = position(match[1].decode())
    return row * _WIDTH + column, kind, value, int(match[2]) if match[2] else _UNSTYLED


def _said(match: re.Match[bytes]) -> tuple[int, Cell | None]:
    """Kind and value of a cell; the value is None when it is not plain."""
    kind, raw, formula = match[3] or b"n", match["value"], match["formula"]
    if match["text"] is not None or kind == b"inlineStr":
        if kind != b"inlineStr" or match["text"] is None or formula:
            return _TEXT, None
        return _TEXT, plain_text(match["text"], edges_count=bool(match["edges"]))
    if kind == b"s":
        sure = raw is not None and raw.isdigit() and len(raw) < 8 and not formula
        return _SHARED, int(raw) if sure else None
    if kind == b"e":
        return _ERROR, error_cell(raw.decode()) if raw in _ERRORS else None
    if kind == b"str" and match["void"]:
        raw = b""
    if not raw and (kind != b"str" or raw is None):
        if formula:
            return _LOST, uncomputed_cell(unescaped(match["said"] or b"") or "…")
        return _BLANK, "" if kind == b"n" else None
    is_zero = raw == b"0" and formula
    if kind == b"b":
        return _ZERO if is_zero else _TEXT, {b"0": False, b"1": True}.get(raw)
    if kind == b"str":
        return _ZERO if is_zero else _TEXT, plain_text(raw, edges_count=True)
    number = float(raw) if _DIGITS.fullmatch(raw) else None
    return _ZERO if is_zero else _NUMBER, number


def _is_before(before: bytes) -> bool:
    return bool(_BEFORE.fullmatch(before)) and is_whole(b"<a>%b</row></a>" % before)


def _is_after(after: bytes) -> bool:
    return bool(_AFTER.fullmatch(after)) and is_whole(b"<a>%b</a>" % after)


_known = Known(_piece)
_known_before, _known_after = Known(_is_before), Known(_is_after)

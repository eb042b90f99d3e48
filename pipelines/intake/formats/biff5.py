"""Read the cells of an Excel 5.0/95 workbook, whose Chinese the native reader turns to mojibake.

Texts of that time are in the code page that the file names; everything else is stored as in later
.xls files, so errors, formulas and hidden rows are known from ``biff``.
"""

from __future__ import annotations

import codecs
import datetime as dt
import struct
from collections.abc import Iterator

from pipelines.errors import CorruptFileError
from pipelines.intake.formats.biff import SheetFacts, records
from pipelines.intake.formats.cell_formats import format_record
from pipelines.intake.formats.cells import Cell, Rows
from pipelines.intake.formats.number_formats import is_date

_BOF, _CODEPAGE, _BOUNDSHEET, _FORMAT, _XF = 0x0809, 0x0042, 0x0085, 0x041E, 0x00E0
_NUMBER, _LABEL, _RICH, _RK, _MULRK, _BOOLERR = 0x0203, 0x0204, 0x00D6, 0x027E, 0x00BD, 0x0205
_FORMULA, _STRING = frozenset({0x0006, 0x0206, 0x0406}), 0x0207
_OLD = 0x0500
#: Formats that every program knows by number and shows as dates or times.
_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_CODE_PAGES = {936: "gb18030", 950: "big5", 10008: "gb18030", 10002: "big5", 0x8001: "cp1252"}
_EPOCH, _EPOCH_1904 = dt.datetime(1899, 12, 30), dt.datetime(1904, 1, 1)  # noqa: DTZ001
_WORKSHEET = 0


class OldBook:
    """The sheets of a workbook and what their cells need: code page and styles of dates."""

    def __init__(self, stream: bytes, date1904: bool) -> None:
        self._stream = stream
        self._epoch = _EPOCH_1904 if date1904 else _EPOCH
        self._encoding = "gb18030"
        self._bounds: list[tuple[int, int, int, bytes]] = []
        codes: dict[int, str] = {}
        formats: list[int] = []
        for kind, start, length in records(stream, 0):
            body = stream[start : start + length]
            if kind == _CODEPAGE and length >= 2:
                self._encoding = _encoding(struct.unpack_from("<H", body)[0])
            elif kind == _BOUNDSHEET and length >= 7:
                offset, state, about = struct.unpack_from("<IBB", body)
                self._bounds.append((offset, state, about, body[7 : 7 + body[6]]))
            elif kind == _FORMAT and length > 3:
                codes.update([format_record(body, is_biff8=False)])
            elif kind == _XF and length >= 4:
                formats.append(struct.unpack_from("<H", body, 2)[0])
        self._dates = frozenset(
            style
            for style, number in enumerate(formats)
            if number in _DATES or (number in codes and is_date(codes[number]))
        )

    def sheets(self) -> Iterator[tuple[int, str, bool]]:
        """Number, name and whether it is hidden, of every sheet that has cells."""
        for number, (_, state, about, name) in enumerate(self._bounds):
            if about == _WORKSHEET:
                yield number, self._text(name), bool(state & 3)

    def rows(self, number: int, facts: SheetFacts) -> Rows:
        """The cells of a sheet; ``facts`` say how far they reach."""
        rows: Rows = [[""] * (facts.right + 1) for _ in range(facts.bottom + 1)]
        for row, column, cell in self._cells(self._bounds[number][0]):
            rows[row][column] = cell
        return rows

    def _cells(self, offset: int) -> Iterator[tuple[int, int, Cell]]:
        stream = self._stream
        waiting: tuple[int, int] | None = None
        for kind, start, length in records(stream, offset):
            body = stream[start : start + length]
            if kind == _STRING and waiting:
                yield *waiting, self._counted(body, 0)
                waiting = None
            elif kind in (_LABEL, _RICH) and length >= 8:
                yield *_place(body), self._counted(body, 6)
            elif kind == _NUMBER and length >= 14:
                yield *_place(body), self._number(body, struct.unpack_from("<d", body, 6)[0])
            elif kind == _RK and length >= 10:
                yield *_place(body), self._number(body, _rk(body, 6))
            elif kind == _MULRK and length >= 6:
                row, first = _place(body)
                for n in range((length - 6) // 6):
                    (style,) = struct.unpack_from("<H", body, 4 + 6 * n)
                    yield row, first + n, self._dated(style, _rk(body, 6 + 6 * n))
            elif kind == _BOOLERR and length >= 8 and not body[7]:
                yield *_place(body), bool(body[6])
            elif kind in _FORMULA and length >= 14:
                if body[12:14] != b"\xff\xff":
                    yield *_place(body), self._number(body, struct.unpack_from("<d", body, 6)[0])
                elif body[6] == 1:
                    yield *_place(body), bool(body[8])
                elif body[6] == 0:
                    waiting = _place(body)

    def _number(self, body: bytes, number: float) -> Cell:
        """A number, or the date that its style makes of it."""
        return self._dated(struct.unpack_from("<H", body, 4)[0], number)

    def _dated(self, style: int, number: float) -> Cell:
        if style not in self._dates or not 0 <= number < 2958466:
            return number
        moment = self._epoch + dt.timedelta(days=number)
        if number < 1:
            return moment.time()
        return moment.date() if moment.time() == dt.time() else moment

    def _counted(self, body: bytes, at: int) -> str:
        (length,) = struct.unpack_from("<H", body, at)
        return self._text(body[at + 2 : at + 2 + length])

    def _text(self, raw: bytes) -> str:
        try:
            return raw.decode(self._encoding)
        except UnicodeDecodeError as error:
            raise CorruptFileError(f"文字与文件所说的编码（{self._encoding}）不符") from error


def is_old(stream: bytes) -> bool:
    """Whether a workbook stream is of Excel 5.0/95."""
    kind, length = struct.unpack_from("<HH", stream) if len(stream) >= 6 else (0, 0)
    return bool(kind == _BOF and length >= 2 and struct.unpack_from("<H", stream, 4)[0] <= _OLD)


def _encoding(code_page: int) -> str:
    name = _CODE_PAGES.get(code_page, f"cp{code_page}")
    try:
        return codecs.lookup(name).name
    except LookupError as error:
        raise CorruptFileError(f"文字编码认不出来（代码页 {code_page}）") from error


def _place(body: bytes) -> tuple[int, int]:
    row, column = struct.unpack_from("<HH", body)
    return row, column


def _rk(body: bytes, at: int) -> float:
    """A number in short form: whole, or the upper half of a float; either maybe in hundredths."""
    (packed,) = struct.unpack_from("<i", body, at)
    if packed & 2:
        number = float(packed >> 2)
    else:
        (number,) = struct.unpack("<d", struct.pack("<II", 0, packed & 0xFFFFFFFC))
    return number / 100 if packed & 1 else number

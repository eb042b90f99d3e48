"""What the native reader does not tell of an .xls: error cells, formulas without a result."""

from __future__ import annotations

import struct

from pipelines.errors import EncryptedFileError
from pipelines.intake.cells import Flaw, error_cell, uncomputed_cell

_BOF = frozenset({0x0809, 0x0409, 0x0209, 0x0009})
_EOF, _BOUNDSHEET, _FILEPASS, _DATE1904 = 0x000A, 0x0085, 0x002F, 0x0022
_FORMULA = frozenset({0x0006, 0x0206, 0x0406})
_BOOLERR = frozenset({0x0205, 0x0005})
_ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}


def scan(stream: bytes) -> tuple[list[dict[tuple[int, int], Flaw]], bool]:
    """Flaws of each sheet in workbook order, and whether dates count from 1904.

    A formula that gives an empty text is stored like one that was never computed; both come out
    as uncomputed, which asks instead of taking a blank for an answer.
    """
    offsets: list[int] = []
    date1904 = False
    for kind, start, length in _records(stream, 0):
        if kind == _FILEPASS:
            raise EncryptedFileError("工作簿设有打开密码")
        if kind == _BOUNDSHEET and length >= 4:
            offsets.append(struct.unpack_from("<I", stream, start)[0])
        elif kind == _DATE1904 and length >= 2:
            date1904 = stream[start] == 1
    return [_sheet(stream, offset) for offset in offsets], date1904


def _sheet(stream: bytes, offset: int) -> dict[tuple[int, int], Flaw]:
    flaws: dict[tuple[int, int], Flaw] = {}
    for kind, start, length in _records(stream, offset):
        if kind in _FORMULA and length >= 14:
            if stream[start + 12 : start + 14] == b"\xff\xff":
                result = stream[start + 6]
                if result == 2:
                    flaws[_cell(stream, start)] = error_cell(_error(stream[start + 8]))
                elif result == 3:
                    flaws[_cell(stream, start)] = uncomputed_cell("…")
        elif kind in _BOOLERR and length >= 8 and stream[start + 7]:
            flaws[_cell(stream, start)] = error_cell(_error(stream[start + 6]))
    return flaws


def _records(stream: bytes, offset: int) -> list[tuple[int, int, int]]:
    """(kind, start of body, length) of the records of the substream at ``offset``."""
    found = []
    depth, size = 0, len(stream)
    while offset + 4 <= size:
        kind, length = struct.unpack_from("<HH", stream, offset)
        found.append((kind, offset + 4, length))
        if kind in _BOF:
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                break
        offset += 4 + length
    return found


def _cell(stream: bytes, start: int) -> tuple[int, int]:
    row, column = struct.unpack_from("<HH", stream, start)
    return row, column


def _error(code: int) -> str:
    return _ERRORS.get(code, "#ERROR!")

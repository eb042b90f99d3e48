"""Formulas as binary workbooks store them, asked one thing: do they refer to another file?

A formula is a row of tokens.  Those that name a sheet do so by a number in the workbook's list of
sheets, and that list says in which file the sheet is.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

#: What a workbook in the list of workbooks is: this one, an add-in, or another file.
Source = Literal["own", "other"]

_OPERATORS = frozenset({*range(0x03, 0x17)})
_TEXT, _ATTRIBUTE, _CHOOSE = 0x17, 0x19, 0x04
#: Sizes of what follows tokens that are the same everywhere.
_PLAIN = {0x01: 4, 0x02: 4, 0x1C: 1, 0x1D: 1, 0x1E: 2, 0x1F: 8}
_NAMED = {0x21: 2, 0x22: 3, 0x23: 4, 0x26: 6, 0x27: 6, 0x28: 6, 0x29: 2, 0x39: 6}
_FIRST_CLASSED = 0x20
#: Tokens that name a sheet: names of another file, cells, areas, and what is left of them.
_OF_A_SHEET = frozenset({0x39, 0x3A, 0x3B, 0x3C, 0x3D})


@dataclass(frozen=True, slots=True)
class Dialect:
    """How large the tokens of one format are that hold places of cells, and its texts."""

    sizes: Mapping[int, int]
    wide_texts: bool


def _dialect(cell: int, area: int, array: int, *, wide_texts: bool) -> Dialect:
    sizes = {
        **_PLAIN, **_NAMED, 0x20: array, 0x24: cell, 0x25: area, 0x2A: cell, 0x2B: area,
        0x2C: cell, 0x2D: area, 0x3A: cell + 2, 0x3B: area + 2, 0x3C: cell + 2, 0x3D: area + 2,
    }  # fmt: skip
    return Dialect(sizes, wide_texts)


XLS = _dialect(4, 8, 7, wide_texts=False)
XLSB = _dialect(6, 12, 14, wide_texts=True)


def external_sheets(sources: Sequence[Source], sheets: Sequence[int]) -> frozenset[int]:
    """Which numbers in the list of sheets are of other files; ``sheets`` give each its source."""
    return frozenset(
        number
        for number, source in enumerate(sheets)
        if source < len(sources) and sources[source] == "other"
    )


def refers_to(tokens: bytes, dialect: Dialect, sheets: Collection[int]) -> bool:
    """Whether a formula names one of ``sheets``; what cannot be followed is taken not to."""
    at = 0
    while at < len(tokens):
        kind = tokens[at]
        # Most tokens come in three classes, by what becomes of their value.
        kind = kind if kind < _FIRST_CLASSED else _FIRST_CLASSED | (kind & 0x1F)
        size = 0 if kind in _OPERATORS else _size(tokens, at, kind, dialect)
        if size is None or at + 1 + size > len(tokens):
            return False
        if kind in _OF_A_SHEET and struct.unpack_from("<H", tokens, at + 1)[0] in sheets:
            return True
        at += 1 + size
    return False


def _size(tokens: bytes, at: int, kind: int, dialect: Dialect) -> int | None:
    """How much follows a token; None when that is not known."""
    rest = tokens[at + 1 : at + 4]
    if kind == _TEXT and len(rest) >= 2:
        if dialect.wide_texts:
            return 2 + 2 * int.from_bytes(rest[:2], "little")
        return 2 + rest[0] * (1 + (rest[1] & 1))
    if kind == _ATTRIBUTE and len(rest) == 3:
        choices = int.from_bytes(rest[1:], "little") + 1 if rest[0] & _CHOOSE else 0
        return 3 + 2 * choices
    return dialect.sizes.get(kind)

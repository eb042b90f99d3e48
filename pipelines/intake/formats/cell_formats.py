"""Find the cells of an .xlsx or .xls whose number format shows another number than they hold.

Hardly any workbook has one: only when the table of styles in use names such a format are the cells
looked at, so that clean files pay for one look at that table.
"""

from __future__ import annotations

import html
import re
import struct
from collections.abc import Iterator
from functools import lru_cache

from pipelines.intake.formats.number_formats import Disguise, disguise_of
from pipelines.survey.addresses import position

#: Formats that every program knows by number; the others of them show the number as it is.
BUILT_IN = {9: "0%", 10: "0.00%", **dict.fromkeys((5, 6, 7, 8, 42, 44), "¥#,##0.00")}

#: Larger tables of styles are not remembered.
_LARGEST_KEPT = 65536

Styles = dict[int, Disguise]
Place = tuple[int, int]

_CELL_STYLES = re.compile(rb"<(\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_STYLE = re.compile(rb"<(?:\w+:)?xf\b([^>]*)>")
_FORMAT = re.compile(rb"<(?:\w+:)?numFmt\b([^>]*)>")
_ATTRIBUTE = re.compile(rb"""\b(numFmtId|formatCode|r|s)\s*=\s*("[^"]*"|'[^']*')""")
_ROW_OR_CELL = re.compile(rb"<(?:\w+:)?(row|c)(?=[\s/>])([^>]*)>")

_FORMAT_RECORD, _XF_RECORD, _BOF_RECORD = 0x041E, 0x00E0, 0x0809
_NUMBERS = frozenset({0x0203, 0x027E, 0x0006, 0x0206, 0x0406})
_MANY_NUMBERS = 0x00BD
_BIFF8 = 0x0600

Record = tuple[int, int, int]


def xlsx_styles(styles: bytes) -> Styles:
    """Cell styles of ``xl/styles.xml`` with a disguising format, by their number."""
    # Workbooks made from one blank form have the same styles.
    return _known_styles(styles) if len(styles) <= _LARGEST_KEPT else _styles(styles)


def _styles(styles: bytes) -> Styles:
    used = _CELL_STYLES.search(styles)
    if not used:
        return {}
    codes = dict(BUILT_IN)
    for node in _FORMAT.finditer(styles):
        found = _attributes(node[1])
        if b"numFmtId" in found:
            code = html.unescape(found.get(b"formatCode", b"").decode("utf-8", "replace"))
            codes[int(found[b"numFmtId"])] = code
    numbers = [
        int(_attributes(node[1]).get(b"numFmtId", b"0")) for node in _STYLE.finditer(used[0])
    ]
    return _disguising(numbers, codes)


_known_styles = lru_cache(maxsize=32)(_styles)


def xlsx_cells(xml: bytes, styles: Styles) -> Iterator[tuple[Place, Disguise]]:
    """The cells of a sheet part that carry one of ``styles``."""
    row, column = -1, -1
    for node in _ROW_OR_CELL.finditer(xml):
        found = _attributes(node[2])
        reference = found.get(b"r", b"").decode("ascii", "replace")
        if node[1] == b"row":
            row, column = (int(reference) - 1 if reference else row + 1), -1
            continue
        # Cells without a reference follow each other.
        row, column = position(reference) if reference else (row, column + 1)
        disguise = styles.get(int(found.get(b"s", b"0")))
        if disguise:
            yield (row, column), disguise


def xls_styles(stream: bytes, records: list[Record]) -> Styles:
    """Cell styles among the records of a workbook's globals with a disguising format."""
    codes = dict(BUILT_IN)
    numbers: list[int] = []
    is_biff8 = False
    for kind, start, length in records:
        if kind == _BOF_RECORD and length >= 2 and not numbers:
            is_biff8 = struct.unpack_from("<H", stream, start)[0] >= _BIFF8
        elif kind == _FORMAT_RECORD and length > 4:
            number, code = format_record(stream[start : start + length], is_biff8)
            codes[number] = code
        elif kind == _XF_RECORD and length >= 4:
            numbers.append(struct.unpack_from("<H", stream, start + 2)[0])
    return _disguising(numbers, codes)


def xls_cells(
    stream: bytes, records: list[Record], styles: Styles
) -> Iterator[tuple[Place, Disguise]]:
    """The cells among the records of a sheet that carry one of ``styles``."""
    for kind, start, length in records:
        if kind in _NUMBERS and length >= 6:
            row, column, style = struct.unpack_from("<HHH", stream, start)
            if style in styles:
                yield (row, column), styles[style]
        elif kind == _MANY_NUMBERS and length >= 6:
            row, first = struct.unpack_from("<HH", stream, start)
            for n in range((length - 6) // 6):
                (style,) = struct.unpack_from("<H", stream, start + 4 + 6 * n)
                if style in styles:
                    yield (row, first + n), styles[style]


def _disguising(numbers: list[int], codes: dict[int, str]) -> Styles:
    known = {number: disguise_of(codes[number]) for number in set(numbers) if number in codes}
    found = ((style, known.get(number)) for style, number in enumerate(numbers))
    return {style: disguise for style, disguise in found if disguise}


def _attributes(raw: bytes) -> dict[bytes, bytes]:
    return {name: value[1:-1] for name, value in _ATTRIBUTE.findall(raw)}


def format_record(body: bytes, is_biff8: bool) -> tuple[int, str]:
    (number,) = struct.unpack_from("<H", body)
    if not is_biff8:
        return number, body[3 : 3 + body[2]].decode("gb18030", "replace")
    (length,) = struct.unpack_from("<H", body, 2)
    if body[4] & 1:
        return number, body[5 : 5 + 2 * length].decode("utf-16-le", "replace")
    return number, body[5 : 5 + length].decode("latin-1")

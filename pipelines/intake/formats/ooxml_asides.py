"""What a person opening an .xlsx would not see: hidden rows and columns, and formulas that refer
to other files.  Those are read by the value stored in this file; the other file is never opened.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipelines.intake.formats.cells import Asides
from pipelines.intake.vocabulary import vocabulary
from pipelines.survey.addresses import position

_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_COLUMN = re.compile(rb"<(?:\w+:)?col\b([^>]*)>")
_NUMBER = re.compile(rb'\br="(\d+)"')
_SPAN = re.compile(rb'\b(min|max)="(\d+)"')
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
_HIDDEN_SIGNS = (b'hidden="1"', b'hidden="true"')
_ALL_ROWS = re.compile(rb'<(?:\w+:)?sheetFormatPr\b[^>]*\bzeroHeight="(?:1|true)"')
_SHOWN_ROW = re.compile(rb'\bhidden="(?:0|false)"|\bcustomHeight="(?:1|true)"')
_HEAD = 20000
_EXTERNAL = re.compile(rb"\[\d+\]")
_MOST_COLUMNS = 16384


def sheet_asides(xml: bytes, formulas: Sequence[tuple[bytes, bytes, bytes, bytes]]) -> Asides:
    """Asides of one sheet part; ``formulas`` are given when the workbook has links at all."""
    remarks = {
        position(reference.decode()): vocabulary().cell_notes["external"]
        for reference, _, formula, _ in formulas
        if _EXTERNAL.search(formula)
    }
    # Excel marks rows of no height and columns of no width as hidden as well.
    start, end = filled_part(xml)
    hidden = any(xml.find(sign, 0, end) >= 0 for sign in _HIDDEN_SIGNS)
    if not hidden and not _ALL_ROWS.search(xml, 0, min(start, _HEAD)):
        return Asides(remarks=remarks)
    return Asides(_hidden_rows(xml), _hidden_columns(xml), remarks)


def filled_part(xml: bytes) -> tuple[int, int]:
    """Where the cells of a sheet part stand: its rules and pictures come after them."""
    end = xml.rfind(b"sheetData")
    return max(xml.find(b"sheetData"), 0), end if end >= 0 else len(xml)


def _hidden_rows(xml: bytes) -> frozenset[int]:
    # zeroHeight hides every row that does not say otherwise.
    by_default = bool(_ALL_ROWS.search(xml, 0, _HEAD))
    found, row = set(), -1
    for match in _ROW.finditer(xml):
        attributes = match.group(1)
        number = _NUMBER.search(attributes)
        row = int(number.group(1)) - 1 if number else row + 1
        if _HIDDEN.search(attributes) or (by_default and not _SHOWN_ROW.search(attributes)):
            found.add(row)
    return frozenset(found)


def _hidden_columns(xml: bytes) -> frozenset[int]:
    head = xml[: max(xml.find(b"sheetData"), 0)]
    found: set[int] = set()
    for match in _COLUMN.finditer(head):
        span = {name: int(text[:7]) for name, text in _SPAN.findall(match.group(1))}
        if _HIDDEN.search(match.group(1)) and span.keys() == {b"min", b"max"}:
            found.update(range(span[b"min"] - 1, min(span[b"max"], _MOST_COLUMNS)))
    return frozenset(found)

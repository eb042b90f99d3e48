"""A whole sheet part of an .xlsx that is written plainly: its cells and its merged ranges.

What stands around the cells is read as XML, so that nothing ends or begins where it should not;
workbooks of one form have the same there, and it is read once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from pipelines.errors import CorruptFileError
from pipelines.intake.formats.cells import Flaw, FlawAt, Range, Rows
from pipelines.intake.formats.plain_cells import Surroundings, plain_cells
from pipelines.intake.formats.plain_texts import DECLARATION
from pipelines.intake.formats.xmltree import local, parse
from pipelines.survey.addresses import position

#: No form is larger; the pieces of a larger sheet would take much memory at once.
_LARGEST = 4_000_000
#: Longer surroundings are not remembered.
_LARGEST_KEPT = 65_536
_BEGIN, _END = b"<sheetData>", b"</sheetData>"
_ROOT = re.compile(DECLARATION + rb"<worksheet[\s>]")
_RANGE = re.compile(r"([A-Z]{1,3}[1-9][0-9]{0,6}):([A-Z]{1,3}[1-9][0-9]{0,6})")
_DIMENSION, _EXTENT = (
    "{*}dimension",
    re.compile(r"[A-Z]{1,3}[1-9]\d{0,6}(?::[A-Z]{1,3}[1-9]\d{0,6})?"),
)


@dataclass(frozen=True, slots=True)
class PlainSheet:
    """What the native reader would give of a sheet, and what it would not tell."""

    rows: Rows
    merged: list[Range]
    flaws: FlawAt | None


def plain_sheet(xml: bytes, around: Surroundings) -> PlainSheet | None:
    """The sheet; None when it is not plain to the last byte."""
    first, *pieces = xml.split(b"<c ") if len(xml) <= _LARGEST else [b""]
    if not pieces:
        return None
    head, begun, before = first.partition(_BEGIN)
    pieces[-1], ended, last = pieces[-1].partition(b"</row>")
    after, closed, tail = last.partition(_END)
    if not (begun and ended and closed):
        return None
    merged = _merged(head + begun + closed + tail)
    cells = plain_cells(before, pieces, after, around) if merged is not None else None
    if merged is None or cells is None:
        return None
    return PlainSheet(cells.rows, list(merged), _lookup(cells.flaws) if cells.flaws else None)


def _lookup(flaws: dict[tuple[int, int], Flaw]) -> FlawAt:
    return lambda row, column, text: None if text else flaws.get((row, column))


def _merged(surroundings: bytes) -> tuple[Range, ...] | None:
    """The merged ranges of a sheet part without its cells; None when it is of another kind."""
    if len(surroundings) <= _LARGEST_KEPT:
        return _known_merged(surroundings)
    return _read_merged(surroundings)


def _read_merged(surroundings: bytes) -> tuple[Range, ...] | None:
    if not _ROOT.match(surroundings) or surroundings.count(b"sheetData") != 2:
        return None
    try:
        root = parse(surroundings)
    except CorruptFileError:
        return None
    named = [local(node.tag) for node in root]
    written = [node.attrib.get("ref", "") for node in root.iterfind("{*}mergeCells/{*}mergeCell")]
    ranges = [_RANGE.fullmatch(one) for one in written]
    found = tuple((position(one[1]), position(one[2])) for one in ranges if one)
    # Ranges that stand elsewhere, or begin at their end, are not read alike by every reader.
    in_order = [name for name in named if name in ("sheetData", "mergeCells")]
    sure = in_order in (["sheetData"], ["sheetData", "mergeCells"])
    sure = sure and all(_EXTENT.fullmatch(one.get("ref", "")) for one in root.iterfind(_DIMENSION))
    sure = sure and len(found) == surroundings.count(b"<mergeCell ")
    upright = all(top <= bottom and left <= right for (top, left), (bottom, right) in found)
    return found if sure and upright and len(found) == len(ranges) else None


_known_merged = lru_cache(maxsize=128)(_read_merged)

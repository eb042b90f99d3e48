"""How a table lies on paper: which sheet, how wide the columns, how many 续表, how many pages.

Plain arithmetic in millimetres and points, for the right paper.  The last per cent are left to the
program that prints, which is told the number of pages and makes everything fit: where a font is
missing it takes another for the width of a digit, and no column may be left over.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pipelines.publish.excel import columns_of
from pipelines.publish.printed import cell_text
from pipelines.publish.table_model import Column, Number, Table
from pipelines.publish.workbook_words import Margins, Paper, PrintWords, Widths

#: A digit of 宋体 11 pt, the normal font of the book, is 8 points of a screen of 96 to the inch.
_DIGIT_MM, _COLUMN_MM = 8 * 25.4 / 96, 5 * 25.4 / 96
_POINT_MM = 25.4 / 72
#: So much of a page is not worth a page.
_REMAINDER = 0.35
#: A narrow table is spread over the page, but no column wider than so many times its need.
_SPREAD = 1.6
#: Digits that a head may take in a line of its column.
_HEAD_CHARACTERS = 12


@dataclass(frozen=True, slots=True)
class Layout:
    """One table, or one 续表, on its paper: widths of all columns, scale in percent."""

    table: Table
    paper: Paper
    widths: tuple[float, ...]
    scale: int

    @property
    def width(self) -> float:
        """Millimetres that the columns take before they are scaled."""
        return millimetres(self.widths)


def layouts(table: Table, words: PrintWords, widths: Widths) -> Iterator[Layout]:
    """The whole on the smallest paper that holds it, else split by columns as evenly as goes."""
    for part in _parts(table, words, widths):
        needed = column_widths(part, widths)
        paper, scale = _fit(needed, words) or (words.papers[-1], words.least_scale)
        yield Layout(part, paper, _spread(needed, room(paper, words.margins), scale), scale)


def pages_of(layout: Layout, heads: float, rows: float, margins: Margins) -> int:
    """Pages for so many points of rows, each under the same points of heads.

    What would leave a few lines for a page of their own is printed a little smaller instead.
    """
    inside = (layout.paper.height - margins.top - margins.bottom) / _POINT_MM
    return max(1, math.ceil(rows / (inside * 100 / layout.scale - heads) - _REMAINDER))


def room(paper: Paper, margins: Margins) -> float:
    """Millimetres between the margins, across."""
    return paper.width - margins.left - margins.right


def millimetres(widths: Sequence[float]) -> float:
    return sum(width * _DIGIT_MM + _COLUMN_MM for width in widths)


def column_widths(table: Table, widths: Widths) -> tuple[float, ...]:
    """What the columns need: their longest figure, and their head in as few lines as looks well."""
    labels = max((columns_of(row.label) for row in table.rows), default=0) + 2
    stub = max(widths.stub_least, min(widths.stub_most, labels))
    return (stub, *(_needed(table, n, column, widths) for n, column in enumerate(table.columns)))


def _needed(table: Table, n: int, column: Column, widths: Widths) -> float:
    if column.textual:
        return widths.of_text(column.head)
    figures = (row.cells[n] for row in table.rows)
    longest = max((len(cell_text(cell)) for cell in figures if isinstance(cell, Number)), default=0)
    head = columns_of(column.head) / max(1, -(-columns_of(column.head) // _HEAD_CHARACTERS))
    return max(widths.number_least, longest + 2, min(head + 3, _HEAD_CHARACTERS + 3))


def _parts(table: Table, words: PrintWords, widths: Widths) -> Iterator[Table]:
    """As tables.yaml splits it; what still fits no paper in more parts, of about one width."""
    if table.spec.columns_per_part:
        count = len(table.columns)
        parts = -(-count // table.spec.columns_per_part)
        yield from _split(table, -(-count // parts))
        return
    per_part = len(table.columns)
    while per_part > 1 and not all(
        _fit(column_widths(part, widths), words) for part in _split(table, per_part)
    ):
        parts = -(-len(table.columns) // per_part) + 1
        per_part = min(per_part - 1, -(-len(table.columns) // parts))
    yield from _split(table, per_part)


def _split(table: Table, per_part: int) -> Iterator[Table]:
    spec = table.spec.model_copy(update={"columns_per_part": per_part})
    return replace(table, spec=spec).parts()


def _fit(needed: Sequence[float], words: PrintWords) -> tuple[Paper, int] | None:
    """The first paper that takes the columns, and at what scale."""
    for paper in words.papers:
        scale = int(100 * room(paper, words.margins) / millimetres(needed))
        if scale >= words.least_scale:
            return paper, min(100, scale)
    return None


def _spread(needed: tuple[float, ...], available: float, scale: int) -> tuple[float, ...]:
    wider = min(_SPREAD, available * 100 / scale / millimetres(needed))
    return tuple(round(width * wider, 1) for width in needed) if wider > 1 else needed

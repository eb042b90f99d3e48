"""The 修订说明 of the 公报: headline figures that an earlier release published otherwise.

Both sides are read from ``public_indicator_values``: what was, or is, suppressed shows as its mark.
A figure has moved when it is printed otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
from pydantic import BaseModel, ConfigDict

from pipelines.errors import Place, SnapshotError
from pipelines.publish.absence import marks_note
from pipelines.publish.figure import Figure, figure_of
from pipelines.publish.office import words_file
from pipelines.publish.table_book import TableBook, TableSpec
from pipelines.publish.table_model import Cell, Column, Number, Row, Table
from pipelines.publish.table_order import Order, Style
from pipelines.survey.quantities import NOT_APPLICABLE_MARK, round_half_up

if TYPE_CHECKING:
    from pipelines.publish.figures import Figures
    from pipelines.warehouse import Snapshot

_SQL = """
SELECT indicator_id, year, value, unit, flags, units_covered, response_rate
FROM public_indicator_values
WHERE breakdown = 'province' AND member2_id = '' AND year = ?
ORDER BY ALL
"""


class RevisionWords(BaseModel):
    """Everything in revisions.yaml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    stub: str
    unit: str
    before: str
    now: str
    moved: str
    said: str
    all_moved: str
    note: str


@dataclass(frozen=True)
class Earlier:
    """A release in which the year was published before: its name and its snapshot."""

    name: str
    snapshot: Snapshot


@dataclass(frozen=True)
class Revisions:
    """What moved since an earlier release: said in a sentence, and listed."""

    paragraphs: tuple[str, ...]
    table: Table


def revisions(
    figures: Figures,
    earlier: Earlier,
    book: TableBook,
    indicators: Iterable[str],
    source: str,
    overlay: Path | None = None,
) -> Revisions | None:
    """None where no figure of the indicators is printed otherwise than it was.

    Raises SnapshotError where the release cannot be read.
    """
    document = words_file("revisions.yaml", overlay)
    words = document.model(RevisionWords, document.data)
    before, now = _read(earlier, figures.year), _values(figures.snapshot, figures.year)
    spec = TableSpec(
        id="revisions", title_zh=words.title, theme="", layout="change", workbook=False
    )
    order = Order(book, spec, figures, source)
    known = [each for each in dict.fromkeys(indicators) if each in figures.known]
    compared = [each for each in known if each in before and each in now]
    found = [_row(order, each, before[each], now[each]) for each in compared]
    rows = tuple(row for row in found if row is not None)
    if not rows:
        return None
    columns = (
        Column(words.unit, textual=True),
        Column(words.before.format(name=earlier.name)),
        Column(words.now),
        Column(words.moved),
    )
    table = Table(spec, order.dated_title, words.stub, columns, rows, (), source)
    notes = tuple(note for note in (words.note, marks_note(table)) if note)
    rest = len(compared) - len(rows)
    said = (words.said if rest else words.all_moved).format(
        name=earlier.name, count=len(rows), rest=rest
    )
    return Revisions((said,), Table(spec, table.title, words.stub, columns, rows, notes, source))


def _row(order: Order, indicator_id: str, before: Figure, now: Figure) -> Row | None:
    """A line, where the two are not printed alike."""
    definition = order.figures.definition(indicator_id)
    style = order.style(definition, (before, now))
    cells = style.cell(before), style.cell(now)
    if _printed(cells[0]) == _printed(cells[1]):
        return None
    return Row(definition.name_zh, (style.unit, *cells, _moved(*cells, style)), key=indicator_id)


def _moved(before: Cell, now: Cell, style: Style) -> Cell:
    """The difference of the two as printed, so that a reader who subtracts finds the same."""
    if not isinstance(before, Number) or not isinstance(now, Number):
        return NOT_APPLICABLE_MARK
    moved = round_half_up(now.value, style.decimals) - round_half_up(before.value, style.decimals)
    return Number(moved, style.decimals, signed=True)


def _printed(cell: Cell) -> object:
    return round_half_up(cell.value, cell.decimals) if isinstance(cell, Number) else cell


def _read(earlier: Earlier, year: int) -> Mapping[str, Figure]:
    try:
        return _values(earlier.snapshot, year)
    except duckdb.Error as error:
        raise SnapshotError(
            f"先前定稿的 {earlier.name} 是另一版程序做的，写不出修订说明",
            "请把该版本移到别处保存后再运行，修订说明人工编写",
            Place(file=earlier.name),
        ) from error


def _values(snapshot: Snapshot, year: int) -> dict[str, Figure]:
    return {row["indicator_id"]: figure_of(row) for row in snapshot.rows(_SQL, [year])}


__all__ = ["Earlier", "Revisions", "revisions"]

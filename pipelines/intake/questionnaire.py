"""Find the questionnaire's tables in a sheet and tell which cell is which item's figure.

A table is known by its header row (a label column and a value column in one row, or in two);
its rows by their labels and codes.  Where the two disagree the label decides, because printed
codes were moved between editions, and the answer carries a note.  What cannot be told for sure
stops the file (UnclearLayoutError); nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pipelines.errors import Place, UnclearLayoutError
from pipelines.intake.cells import Cell, Sheet
from pipelines.intake.figures import read_cell, shown
from pipelines.intake.items import ItemFinder
from pipelines.intake.labels import address, column_letters
from pipelines.intake.lexicon import Lexicon, MappedRow, Word
from pipelines.intake.marks import Mark
from pipelines.intake.readings import Answer
from pipelines.survey.notation import State

_HIDDEN_NOTE = "来自隐藏的工作表"


@dataclass(frozen=True, slots=True)
class Block:
    """A table in a sheet: its columns, and the rows from ``first`` to before ``end``."""

    first: int
    end: int
    labels: range
    code: int | None
    value: int


@dataclass(slots=True)
class Found:
    """The answers of one sheet, and rows with a figure that belongs to no known item."""

    answers: list[Answer] = field(default_factory=list)
    unknown: list[tuple[str, str]] = field(default_factory=list)


def find_blocks(sheet: Sheet, marks: Sequence[Mark], lexicon: Lexicon) -> list[Block]:
    """The questionnaire tables of a sheet, top to bottom, left to right."""
    heads = list(_heads(sheet, marks, lexicon))
    blocks = []
    for row, depth, columns in heads:
        end = next((below for below, _, _ in heads if below > row), len(sheet.rows))
        blocks.append(_block(sheet, lexicon, row, depth, columns, end))
    return blocks


def read_blocks(sheet: Sheet, blocks: list[Block], lexicon: Lexicon) -> Found:
    """Every answer of the tables of a sheet."""
    found = Found()
    for block in blocks:
        _read_block(sheet, block, lexicon, found)
    return found


def _read_block(sheet: Sheet, block: Block, lexicon: Lexicon, found: Found) -> None:
    not_applicable = lexicon.edition.values.not_applicable
    lines = sheet.rows[block.first : block.end]
    letters = column_letters(block.value)
    hidden = (_HIDDEN_NOTE,) if sheet.hidden else ()
    for offset, item, notes, label in _mapped_rows(sheet, block, lines, lexicon):
        row, line = block.first + offset, lines[offset]
        cell = line[block.value] if block.value < len(line) else ""
        if cell == "":
            cell = sheet.at(row, block.value)
        where = f"{letters}{row + 1}"
        if item is None:
            if _is_figure(cell):
                found.unknown.append((f"{sheet.name}!{where}", label))
            continue
        value, state, raw, more = read_cell(cell, item.unit, not_applicable, sheet.date1904)
        found.answers.append(
            Answer(item.item_id, value, state, raw, sheet.name, where, notes + more + hidden)
        )


def _mapped_rows(
    sheet: Sheet, block: Block, lines: list[list[Cell]], lexicon: Lexicon
) -> list[MappedRow]:
    """Which row is which item.  Workbooks of one form repeat the same labels: worked out once."""
    columns = (*block.labels, *(() if block.code is None else (block.code,)))
    key = (
        block.code is None,
        *(tuple(line[c] if c < len(line) else "" for line in lines) for c in columns),
    )
    known = lexicon.mapped.get(key)
    if known is None:
        known = lexicon.mapped[key] = list(_map_rows(sheet, block, lines, lexicon))
    return known


def _map_rows(
    sheet: Sheet, block: Block, lines: list[list[Cell]], lexicon: Lexicon
) -> Iterator[MappedRow]:
    finder = ItemFinder(lexicon)
    for offset, line in enumerate(lines):
        cells = [line[c] for c in block.labels if c < len(line)]
        texts = [cell.strip() for cell in cells if type(cell) is str and cell.strip()]
        has_code = block.code is not None and block.code < len(line)
        code = shown(line[block.code]).strip() if has_code and block.code is not None else ""
        if not texts and not code:
            continue
        place = Place(sheet=sheet.name, cell=address(block.first + offset, block.value))
        item, notes = finder.find(texts, code, place)
        if item is not None or not finder.is_heading(texts):
            yield offset, item, notes, texts[-1] if texts else code


def _is_figure(cell: Cell) -> bool:
    if type(cell) is str:
        state = read_cell(cell, "", frozenset({"-"}))[1]
        return state in (State.REPORTED, State.ZERO)
    return isinstance(cell, int | float)


def _heads(
    sheet: Sheet, marks: Sequence[Mark], lexicon: Lexicon
) -> Iterator[tuple[int, int, range]]:
    """(row, number of header rows, columns) of every header, one for each label column in it."""
    skip_to = 0
    by_row: dict[int, list[int]] = {}
    for mark in marks:
        if mark.word.role == "label":
            by_row.setdefault(mark.row, []).append(mark.column)
    for row, starts in by_row.items():
        if row < skip_to:
            continue
        # A label column spread over several columns may repeat its word in each of them.
        starts = [c for c in starts if c - 1 not in starts]
        depth = _depth(sheet, lexicon, row, starts[0])
        width = max((len(r) for r in sheet.rows[row : row + depth]), default=0)
        edges = [*starts, width]
        spans = [range(edges[n], edges[n + 1]) for n in range(len(starts))]
        # Code or number columns may stand to the left of the first label column.
        spans[0] = range(spans[0].stop)
        usable = [s for s in spans if _has_values(sheet, lexicon, row, depth, s)]
        if not usable:
            continue
        skip_to = row + depth
        for span in usable:
            yield row, depth, span


def _depth(sheet: Sheet, lexicon: Lexicon, row: int, column: int) -> int:
    """How many rows the header has: two when a second row of header words stands beneath."""
    if row + 1 >= len(sheet.rows):
        return 1
    below = sheet.rows[row + 1]
    words = [lexicon[cell].role for cell in below if type(cell) is str and cell]
    if any(role in ("value", "previous") for role in words) and sheet.plain(row + 1, column) == "":
        return 2
    return 1


def _has_values(sheet: Sheet, lexicon: Lexicon, row: int, depth: int, span: range) -> bool:
    return any(
        word.role == "value"
        for column in span
        for word in _header_words(sheet, lexicon, row, depth, column)
    )


def _header_words(sheet: Sheet, lexicon: Lexicon, row: int, depth: int, column: int) -> list[Word]:
    cells = [sheet.plain(row, column)]
    if depth == 2:
        cells = [sheet.filled(row, column), sheet.plain(row + 1, column)]
    return [lexicon[cell] for cell in cells if type(cell) is str and cell]


def _block(sheet: Sheet, lexicon: Lexicon, row: int, depth: int, columns: range, end: int) -> Block:
    code: int | None = None
    label: int | None = None
    values: list[tuple[int, int]] = []
    for column in columns:
        words = _header_words(sheet, lexicon, row, depth, column)
        roles = {word.role for word in words}
        if "previous" in roles:
            continue
        if "label" in roles and label is None:
            label = column
        elif "code" in roles and code is None:
            code = column
        elif "value" in roles:
            values.append((min(w.rank for w in words if w.role == "value"), column))
    best = min(rank for rank, _ in values)
    chosen = [column for rank, column in values if rank == best]
    if len(chosen) > 1:
        raise UnclearLayoutError(
            "表头里有不止一列像是本年数，分不清取哪一列",
            place=Place(sheet=sheet.name, cell=address(row, chosen[1])),
        )
    assert label is not None  # a head is a label column
    return Block(
        first=row + depth,
        end=end,
        labels=_label_columns(sheet, lexicon, row, depth, label, columns),
        code=code,
        value=chosen[0],
    )


def _label_columns(
    sheet: Sheet, lexicon: Lexicon, row: int, depth: int, label: int, columns: range
) -> range:
    """The label column, and the headless columns next to it that indented labels may use."""
    stop = sheet.merged_from(row, label)[1] + 1
    while stop < columns.stop and not any(sheet.plain(row + n, stop) != "" for n in range(depth)):
        stop += 1
    # A covered cell under the header's merged range may repeat the label's word.
    while stop < columns.stop and _repeats(sheet, lexicon, row, stop):
        stop += 1
    return range(label, stop)


def _repeats(sheet: Sheet, lexicon: Lexicon, row: int, column: int) -> bool:
    cell = sheet.plain(row, column)
    return type(cell) is str and bool(cell) and lexicon[cell].role == "label"

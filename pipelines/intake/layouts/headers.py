"""Find the tables of a questionnaire in a sheet by their header rows.

A header is a row with a label column (指标名称) and, in it or in a row or two beneath, a column of
this year's figures.  Several tables may stand beside each other or one under the other; a column
of last year's figures is never taken for this year's, and a header that leaves it open which
column to take stops the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from pipelines.errors import Place, UnclearColumnError
from pipelines.intake.formats.cells import Sheet
from pipelines.intake.layouts.lexicon import Lexicon, Word
from pipelines.intake.layouts.marks import Mark
from pipelines.intake.layouts.value_column import (
    SEARCH_ROWS,
    Head,
    choose,
    headless_beside,
    is_of_several,
    kind,
    notes_on_others,
)

_DEEPEST = 3
#: So many known labels under a header make it one of ours, whatever else it lacks.
_FEWEST_ITEMS = 3


@dataclass(frozen=True, slots=True)
class Block:
    """A table in a sheet: its columns, and the rows from ``first`` to before ``end``."""

    top: int
    first: int
    end: int
    labels: range
    code: int | None
    unit: int | None
    value: int
    #: Units that the header of the value column states.
    measures: tuple[str, ...] = ()
    #: Columns without a header of their own, to the left and right of the value column.
    beside: tuple[int, ...] = ()
    #: What every answer of the table must say.
    notes: tuple[str, ...] = ()

    @property
    def columns(self) -> range:
        """From the leftmost to the rightmost column that matters."""
        used = [self.labels.start, self.labels.stop - 1, self.value]
        used += [column for column in (self.code, self.unit) if column is not None]
        return range(min(used), max(used) + 1)


def find_blocks(sheet: Sheet, marks: Sequence[Mark], lexicon: Lexicon) -> list[Block]:
    """The questionnaire tables of a sheet, top to bottom, left to right."""
    blocks: list[Block] = []
    for known in _heads(sheet, marks, lexicon):
        block = known.block or _block(sheet, lexicon, known.head)
        if block is not None:
            blocks.append(block)
    if len(blocks) < 2:
        return blocks
    blocks = [replace(block, end=_end(block, blocks)) for block in blocks]
    return [replace(block, beside=_own(block, blocks)) for block in blocks]


def _own(block: Block, blocks: list[Block]) -> tuple[int, ...]:
    """Columns beside a table that are not those of another: its header may stand a row higher."""
    level = [each for each in blocks if each.first < block.end and block.first < each.end]
    others = [each.columns for each in level if each is not block]
    return tuple(c for c in block.beside if not any(c in columns for columns in others))


class _Known(NamedTuple):
    """A header, and the table under it where its words alone say all of it."""

    head: Head
    block: Block | None


def _end(block: Block, blocks: list[Block]) -> int:
    """A table ends where the next begins that stands under it, not beside it."""
    below = [
        other.top
        for other in blocks
        if other.top >= block.first and _overlap(other.columns, block.columns)
    ]
    return min([*below, block.end])


def _overlap(one: range, other: range) -> bool:
    return one.start < other.stop and other.start < one.stop


def _heads(sheet: Sheet, marks: Sequence[Mark], lexicon: Lexicon) -> Iterator[_Known]:
    by_row: dict[int, list[int]] = {}
    for mark in marks:
        if mark.word.role == "label":
            by_row.setdefault(mark.row, []).append(mark.column)
    taken: list[tuple[int, int, range]] = []
    for row, starts in by_row.items():
        # A label column spread over several columns may repeat its word in each of them.
        starts = [c for c in starts if c - 1 not in starts and not _covered(taken, row, c)]
        if not starts:
            continue
        # Tables that begin a little higher or lower, beside these.
        beside = [columns for _, _, columns in taken if not any(c in columns for c in starts)]
        lower = any(c > max(starts) for n in range(1, _DEEPEST) for c in by_row.get(row + n, ()))
        width = max(len(line) for line in sheet.rows[row : row + _DEEPEST])
        columns = [
            column
            for column in range(width)
            if not any(column in others for others in beside)
            and not (lower and sheet.filled(row, column) == "")
        ]
        heads = _known_heads(sheet, lexicon, row, starts, columns)
        taken += [(row, row + h.depth, range(min(h.words), max(h.words) + 1)) for h, _ in heads]
        yield from heads


def _covered(taken: list[tuple[int, int, range]], row: int, column: int) -> bool:
    """A second word for label within a header of several rows begins no other header."""
    return any(top < row < stop and column in columns for top, stop, columns in taken)


def _known_heads(
    sheet: Sheet, lexicon: Lexicon, row: int, starts: list[int], columns: Sequence[int]
) -> list[_Known]:
    """The headers of a row.  Workbooks of one form repeat the same words: worked out once."""
    lines = [line[: columns[-1] + 1] for line in sheet.rows[row : row + _DEEPEST]]
    # A word may stand in a merged cell that begins above.
    lines += [[sheet.plain(*start)] for start, end in sheet.merged if start[0] < row <= end[0]]
    # Figures say nothing here, and differ from file to file.
    texts = tuple([tuple([c if type(c) is str else None for c in line]) for line in lines])
    key = (row, len(sheet.rows), tuple(starts), tuple(columns), tuple(sheet.merged), texts)
    known: list[_Known] | None = lexicon.heads.get(key)
    if known is None:
        heads = _heads_of_row(sheet, lexicon, row, starts, columns)
        known = lexicon.heads[key] = [
            _Known(head, _block(sheet, lexicon, head) if _says_all(head) else None)
            for head in heads
        ]
    return known


def _says_all(head: Head) -> bool:
    """Whether what a header says of its table cannot depend on what stands beneath it.

    It has one column of this year's figures, which is no 合计 of others; every column has a word,
    and none is of planned or revised figures.
    """
    if len(head.values) != 1 or any(word.rank for word in head.words[head.values[0][1]]):
        return False
    worded = all(column in head.words for column in range(min(head.words), head.width))
    return worded and not any(one in ("planned", "revised") for one in head.kinds.values())


def _heads_of_row(
    sheet: Sheet, lexicon: Lexicon, row: int, starts: list[int], columns: Sequence[int]
) -> list[Head]:
    width = max(columns) + 1
    depth = _depth(sheet, lexicon, row, starts[0], width)
    words = {column: _words(sheet, lexicon, row, depth, column) for column in columns}
    words = {
        column: found
        for column, found in words.items()
        if any(word.role for word in found)
        # What a merged label cell covers is no label column of its own.
        and (column in starts or not any(word.role == "label" for word in found))
    }
    spans = _spans(words, starts)
    return [
        Head(row, depth, start, {c: words[c] for c in span}, width)
        for start, span in zip(starts, spans, strict=True)
    ]


def _spans(words: dict[int, list[Word]], starts: list[int]) -> list[list[int]]:
    """The header columns that belong to each label column of a row.

    Tables side by side mostly repeat the same columns in the same order, wherever the label
    stands among them; else each table begins with its label.
    """
    columns = sorted(words)
    share, rest = divmod(len(columns), len(starts))
    if len(starts) > 1 and not rest:
        groups = [columns[n * share : (n + 1) * share] for n in range(len(starts))]
        kinds = [[kind(words[column]) for column in group] for group in groups]
        if kinds[0].count("label") == 1 and all(kind == kinds[0] for kind in kinds):
            return groups
    edges = [*starts, max(columns) + 1]
    groups = [[c for c in columns if edges[n] <= c < edges[n + 1]] for n in range(len(starts))]
    # Code or number columns may stand to the left of the first label column.
    groups[0] = [c for c in columns if c < edges[1]]
    return groups


def _depth(sheet: Sheet, lexicon: Lexicon, row: int, column: int, width: int) -> int:
    """How many rows the header has: rows of header words beneath that leave the label blank."""
    depth = 1
    while depth < _DEEPEST and row + depth < len(sheet.rows):
        below = sheet.rows[row + depth]
        if sheet.plain(row + depth, column) != "":
            break
        roles = {lexicon[c].role for c in below[:width] if type(c) is str and c}
        if not roles & {"value", "previous", "planned", "code", "unit"}:
            break
        depth += 1
    return depth


def _words(sheet: Sheet, lexicon: Lexicon, row: int, depth: int, column: int) -> list[Word]:
    """The header words above the figures of a column, top to bottom."""
    # A word may stand in a merged cell that begins above or to the left.
    cells = [sheet.filled(row + n, column) for n in range(max(depth - 1, 1))]
    if depth > 1:
        cells.append(sheet.plain(row + depth - 1, column))
    return [lexicon[cell] for cell in cells if type(cell) is str and cell]


def _block(sheet: Sheet, lexicon: Lexicon, head: Head) -> Block | None:
    values = head.values
    if not values:
        _stop_if_ours(sheet, lexicon, head)
        return None
    value = choose(sheet, head, values)
    if is_of_several(sheet, lexicon, head, value):
        return None
    return Block(
        top=head.row,
        first=head.row + head.depth,
        end=len(sheet.rows),
        labels=_label_columns(sheet, lexicon, head),
        code=head.code,
        unit=head.unit,
        value=value,
        measures=tuple(m for word in head.words[value] for m in word.measures),
        beside=headless_beside(sheet, head, value),
        notes=notes_on_others(sheet, lexicon, head, value),
    )


def _stop_if_ours(sheet: Sheet, lexicon: Lexicon, head: Head) -> None:
    """A header over our own items without a column to take figures from stops the file."""
    labels = _label_columns(sheet, lexicon, head)
    below = [
        cell
        for line in sheet.rows[head.row + 1 : head.row + 1 + SEARCH_ROWS]
        for cell in line[labels.start : labels.stop]
        if type(cell) is str and cell
    ]
    last_year_only = any(one in ("previous", "planned") for one in head.kinds.values())
    fewest = 1 if last_year_only else _FEWEST_ITEMS
    if sum(bool(lexicon[cell].items) for cell in below) < fewest:
        return
    if any(type(cell) is str and lexicon[cell].names_units for cell in sheet.rows[head.row]):
        return
    place = Place(sheet=sheet.name, cell=sheet.address(head.row, head.label))
    if last_year_only:
        raise UnclearColumnError("表头里只有上年数或计划数，没有本年数一列", place=place)
    advice = "请报送单位使用下发的空白表；几个单位并排填的，请改为每个单位一份"
    raise UnclearColumnError("表头里没有数量一列", advice, place)


def _label_columns(sheet: Sheet, lexicon: Lexicon, head: Head) -> range:
    """The label column, and the headless columns next to it that indented labels may use."""
    row, label = head.row, head.label
    stop = sheet.merged_from(row, label)[1] + 1
    beyond = min((column for column in head.words if column >= stop), default=stop)
    for column in range(stop, beyond):
        if any(sheet.plain(row + n, column) != "" for n in range(head.depth)):
            break
        if _holds_labels(sheet, lexicon, head, column):
            stop = column + 1
    # A covered cell under the header's merged range may repeat the label's word.
    while stop < head.width and _repeats(sheet, lexicon, row, stop):
        stop += 1
    return range(label, stop)


def _holds_labels(sheet: Sheet, lexicon: Lexicon, head: Head, column: int) -> bool:
    first = head.row + head.depth
    return any(
        type(cell) is str and bool(cell) and bool(lexicon[cell].items)
        for line in sheet.rows[first : first + SEARCH_ROWS]
        if column < len(line) and (cell := line[column]) != ""
    )


def _repeats(sheet: Sheet, lexicon: Lexicon, row: int, column: int) -> bool:
    cell = sheet.plain(row, column)
    return type(cell) is str and bool(cell) and lexicon[cell].role == "label"

"""Read the figures of the questionnaire's tables: which row is which item, and what its cell says.

Where code and label disagree the label decides, because printed codes were moved between editions,
and the answer carries a note.  What cannot be told for sure stops the file (UnclearLayoutError);
nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import zip_longest

from pipelines.errors import Place, UnclearLayoutError
from pipelines.intake.formats.cells import Cell, Sheet
from pipelines.intake.layouts.entries import label_texts
from pipelines.intake.layouts.figures import is_figure, read_cell, shown
from pipelines.intake.layouts.headers import Block
from pipelines.intake.layouts.items import ItemFinder
from pipelines.intake.layouts.labels import plain_label
from pipelines.intake.layouts.lexicon import Lexicon, MappedRow
from pipelines.intake.layouts.measures import check_measures, measure_note
from pipelines.intake.layouts.spread import check_not_spread
from pipelines.intake.layouts.subtotals import is_total
from pipelines.intake.layouts.totals import Total, keep_totals_apart
from pipelines.intake.layouts.turned import Turned
from pipelines.intake.mappings.decided import decided_rows
from pipelines.intake.readings import Answer
from pipelines.intake.vocabulary import is_footer
from pipelines.survey.addresses import column_letters
from pipelines.survey.models import Item


@dataclass(slots=True)
class Found:
    """The answers of some tables, and rows with a figure that belongs to no known item."""

    answers: list[Answer] = field(default_factory=list)
    unknown: list[tuple[str, str]] = field(default_factory=list)
    #: Layouts that an approved mapping decided.
    decided: set[str] = field(default_factory=set)


def read_blocks(sheet: Sheet, blocks: Sequence[Block], lexicon: Lexicon) -> Found:
    """Every answer of tables that belong together, in reading order."""
    found = Found()
    decided = [decided_rows(sheet, block, lexicon) for block in blocks] if lexicon.mappings else []
    found.decided.update(one[0] for one in decided if one)
    open_blocks = [b for n, b in enumerate(blocks) if not (decided and decided[n])]
    mapped = iter(_mapped_rows(sheet, open_blocks, lexicon))
    for n, block in enumerate(blocks):
        one = decided[n] if decided else None
        rows = one[1] if one else next(mapped)
        if block.measures:
            asked = [row[1] for row in rows if row[1]]
            check_measures(block.measures, asked, _place(sheet, block))
        _read_block(sheet, block, rows, lexicon, found, closed=one is not None)
    return found


def _place(sheet: Sheet, block: Block) -> Place:
    return Place(sheet=sheet.name, cell=sheet.address(block.top, block.value))


def _read_block(
    sheet: Sheet,
    block: Block,
    rows: list[MappedRow],
    lexicon: Lexicon,
    found: Found,
    *,
    closed: bool,
) -> None:
    """``closed`` says that ``rows`` are all rows of the table that count: none is to follow."""
    not_applicable = lexicon.edition.values.not_applicable
    lines = sheet.rows[block.first : block.end]
    has_notes, column = sheet.has_notes, block.value
    # Addresses run down a column, but on a sheet that is read on its side.
    letters = "" if isinstance(sheet, Turned) else column_letters(column)
    last = -1
    answers: list[Answer] = []
    totals: list[Total] = []
    for offset, item, notes, label in rows:
        row, line = block.first + offset, lines[offset]
        cell = line[column] if column < len(line) else ""
        if type(cell) is str and cell not in not_applicable:
            cell = sheet.at(row, column)
        last = offset
        if item is None:
            if label and is_total(label) and is_figure(cell):
                said = read_cell(cell, "", not_applicable)[0] or Decimal(0)
                totals.append(Total(len(answers), label, sheet.address(row, column), said))
            elif is_figure(cell) or (label and _is_meant_as_figure(cell, lexicon)):
                found.unknown.append((f"{sheet.name}!{sheet.address(row, column)}", label))
            continue
        if cell == "":
            _check_beside(sheet, block, row, item)
            check_not_spread(sheet, row, column, item.name_zh)
        value, state, raw, more = read_cell(cell, item.unit, not_applicable, sheet.date1904)
        if has_notes:
            more = (*sheet.notes_at(row, column), *more)
        if block.notes:
            more = (*block.notes, *more)
        where = f"{letters}{row + 1}" if letters else sheet.address(row, column)
        answers.append(Answer(item.item_id, value, state, raw, sheet.name, where, notes + more))
    if totals:
        keep_totals_apart(answers, totals, lexicon.edition)
    found.answers += answers
    for offset in range(last + 1, 0 if closed else len(lines)):
        line = lines[offset]
        if column < len(line) and line[column] != "" and is_figure(line[column]):
            where = sheet.address(block.first + offset, column)
            label = next((shown(line[c]) for c in block.labels if c < len(line) and line[c]), "")
            found.unknown.append((f"{sheet.name}!{where}", label))


def _check_beside(sheet: Sheet, block: Block, row: int, item: Item) -> None:
    """A blank cell whose figure stands in a column beside it that has no header of its own."""
    for column in block.beside:
        if is_figure(sheet.plain(row, column)):
            raise UnclearLayoutError(
                f"“{item.name_zh}”的数没有填在本年数一列，填在旁边没有表头的一列，看不出是不是本年数",
                place=Place(sheet=sheet.name, cell=sheet.address(row, column)),
            )


def _mapped_rows(sheet: Sheet, blocks: Sequence[Block], lexicon: Lexicon) -> list[list[MappedRow]]:
    """Which row is which item.  Workbooks of one form repeat the same labels: worked out once."""
    key = tuple(_key(sheet, block) for block in blocks)
    known = lexicon.mapped.get(key)
    if known is None:
        finder = ItemFinder(lexicon)
        known = [list(_map_rows(sheet, block, lexicon, finder)) for block in blocks]
        finder.check()
        lexicon.mapped[key] = known
    return known


def _key(sheet: Sheet, block: Block) -> tuple[object, ...]:
    """All that the meaning of the rows of a table depends on."""
    lines = sheet.rows[block.first : block.end]
    # Columns of all rows at once: this is asked of every table of every file.
    columns = tuple(zip_longest(*lines, fillvalue=""))
    used = [*block.labels, *(c for c in (block.code, block.unit) if c is not None)]
    merged = tuple(sheet.merged) if len(block.labels) > 1 else ()
    return (
        len(block.labels),
        block.code is None,
        block.unit is None,
        merged,
        *(columns[c] if c < len(columns) else () for c in used),
    )


def _map_rows(
    sheet: Sheet, block: Block, lexicon: Lexicon, finder: ItemFinder
) -> Iterator[MappedRow]:
    outline: dict[int, str] = {}
    pending: list[MappedRow] = []
    for offset, line in enumerate(sheet.rows[block.first : block.end]):
        texts = label_texts(line, block.labels, outline)
        code = _text(line, block.code)
        if not texts and not code:
            # A figure in a row without a label belongs to nobody: held against what is read.
            pending.append((offset, None, (), ""))
            continue
        place = Place(sheet=sheet.name, cell=sheet.address(block.first + offset, block.value))
        item, notes = finder.find(texts, code, place)
        if item is None and _says_nothing(lexicon, texts, offset):
            continue
        yield from pending
        pending.clear()
        if item is not None:
            stated = lexicon[texts[-1]].measures if texts else ()
            notes += measure_note(item, (*stated, _unit_text(line, block, place)), place)
        yield offset, item, notes, texts[-1] if texts else code


def _text(line: list[Cell], column: int | None) -> str:
    return shown(line[column]).strip() if column is not None and column < len(line) else ""


def _unit_text(line: list[Cell], block: Block, place: Place) -> str:
    """The unit a row states; a number in its place is a figure in the wrong column."""
    cell = line[block.unit] if block.unit is not None and block.unit < len(line) else ""
    if type(cell) is not str:
        raise UnclearLayoutError("计量单位一栏里填了数，看不出是不是本年数", place=place)
    return plain_label(cell)


def _says_nothing(lexicon: Lexicon, texts: Sequence[str], offset: int) -> bool:
    """The marks under a header (甲 乙 丙 1), or a line of names, dates and notes: 填表人：…."""
    if not texts:
        return False
    word = lexicon[texts[-1]]
    # 合计 is a word of the header too, and a row of that name has a figure of its own.
    if word.role and word.role not in ("value", "previous"):
        return True
    if offset == 0 and texts[-1].isdecimal():
        return True
    return bool(word.cover or word.inline or is_footer(texts[0]))


def _is_meant_as_figure(cell: Cell, lexicon: Lexicon) -> bool:
    """A text with digits beside a label: 约500, and no name or date under the table."""
    if type(cell) is not str or not any(char.isdecimal() for char in cell):
        return False
    word = lexicon[cell]
    return not (word.cover or word.inline or word.role or is_footer(cell))

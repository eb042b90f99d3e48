"""The header of a table with items across: labels over several rows, codes and units beneath.

Used for summary tables (a row is a unit) and for a single return laid on its side (one row of
figures).  Several tables may stand one under the other in a sheet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import NamedTuple

from pipelines.errors import Place, UnclearLayoutError
from pipelines.intake.formats.cells import Cell, Sheet
from pipelines.intake.layouts.entries import Entry
from pipelines.intake.layouts.figures import is_figure
from pipelines.intake.layouts.items import ItemFinder
from pipelines.intake.layouts.labels import plain_label
from pipelines.intake.layouts.lexicon import Lexicon, Word
from pipelines.intake.layouts.measures import is_measure, measure_note
from pipelines.intake.mappings.mapping import Decided
from pipelines.intake.vocabulary import vocabulary
from pipelines.survey.models import Item

_HEADER_SEARCH_ROWS = 40
_MOST_HEADER_ROWS = 8
#: Fewer items across than this is no summary table: some heading happens to read like an item.
FEWEST_ITEMS = 3
_ANCHORS = ("unit_name", "region", "venue_name")


@dataclass(frozen=True, slots=True)
class Table:
    """A table with items across; its rows are those from ``first`` to before ``end``."""

    top: int
    first: int
    end: int
    identity: dict[str, int]
    items: dict[int, tuple[Item, tuple[str, ...]]]
    unknown: tuple[int, ...]
    #: Further columns of unit names, of a table that goes on beside itself.
    repeated: tuple[int, ...] = ()
    #: The columns that ask a figure, as they are headed.
    asked: Sequence[Entry] = ()
    #: The layout, where an approved mapping decided what the columns mean.
    decided: str = ""


class _Asked(NamedTuple):
    """A column that asks a figure, and what the texts over it may mean."""

    entry: Entry
    words: list[Word]


@dataclass(slots=True)
class _Columns:
    """The columns of a header by what they are for."""

    identity: dict[str, int] = field(default_factory=dict)
    repeated: list[int] = field(default_factory=list)
    asked: list[_Asked] = field(default_factory=list)
    #: Columns without any header, right of the first that asks a figure.
    headless: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Header:
    """What stands above one column."""

    texts: list[str]
    code: str
    unit: str


#: Reads the header rows from ``top`` to before ``first``.
HeaderReader = Callable[[Sheet, Lexicon, int, int], Table]


def find_tables(sheet: Sheet, lexicon: Lexicon, read: HeaderReader | None = None) -> list[Table]:
    """The tables of a sheet that have units or regions down the side, top to bottom."""
    read = read or read_header
    # Rows are as wide as the sheet: one too narrow for items across need not be searched.
    if not any(len(line) > FEWEST_ITEMS for line in sheet.rows[:_HEADER_SEARCH_ROWS]):
        return []
    tables: list[Table] = []
    for row in range(min(len(sheet.rows), _HEADER_SEARCH_ROWS)):
        anchor = _anchor(sheet, lexicon, row, range(len(sheet.rows[row])))
        table = _table(sheet, lexicon, row, anchor, read) if anchor is not None else None
        if table:
            tables.append(table)
            tables += _further(sheet, lexicon, table, read)
            break
    ends = [table.top for table in tables[1:]] + [len(sheet.rows)]
    return [replace(table, end=end) for table, end in zip(tables, ends, strict=False)]


def _further(sheet: Sheet, lexicon: Lexicon, first: Table, read: HeaderReader) -> Iterator[Table]:
    """Tables under the first: their header words stand in the same columns."""
    columns = range(max(first.identity.values()) + 1)
    row = first.first
    while row < len(sheet.rows):
        anchor = _anchor(sheet, lexicon, row, columns)
        table = _table(sheet, lexicon, row, anchor, read) if anchor is not None else None
        if table:
            yield table
            row = table.first
        else:
            row += 1


def _anchor(sheet: Sheet, lexicon: Lexicon, row: int, columns: range) -> int | None:
    """The first column of a row that is headed as unit or region."""
    line = sheet.rows[row]
    for column in columns:
        cell = line[column] if column < len(line) else ""
        if type(cell) is str and cell and lexicon[cell].identity in _ANCHORS:
            # 单位 also heads units of measure.
            after = next((c for c in line[column + 1 :] if c != ""), "")
            if not (type(after) is str and is_measure(plain_label(after), lexicon.units)):
                return column
    return None


def _table(
    sheet: Sheet, lexicon: Lexicon, row: int, anchor: int, read: HeaderReader
) -> Table | None:
    top = _header_top(sheet, row)
    first = first_data_row(sheet, lexicon, row, anchor)
    table = read(sheet, lexicon, top, first)
    return table if len(table.items) >= FEWEST_ITEMS and table.identity else None


def read_header(sheet: Sheet, lexicon: Lexicon, top: int, first: int) -> Table:
    """What each column means, by the header rows from ``top`` to before ``first``."""
    head = _columns(sheet, lexicon, top, first)
    entries = [column.entry for column in head.asked]
    decided = lexicon.mappings.decide("columns", entries) if lexicon.mappings else None
    table = Table(
        top,
        first,
        len(sheet.rows),
        head.identity,
        {},
        tuple(head.headless),
        tuple(head.repeated),
        entries,
    )
    if decided is not None:
        return _by_decision(table, *decided)
    finder = ItemFinder(lexicon)
    items: dict[int, tuple[Item, tuple[str, ...]]] = {}
    unknown: list[int] = []
    seen: set[str] = set()
    for entry, words in head.asked:
        place = Place(sheet=sheet.name, cell=entry.cell)
        item, notes = finder.find(entry.texts, entry.code, place)
        if item is None:
            unknown.append(entry.at)
        elif item.item_id in seen:
            raise UnclearLayoutError(f"“{item.name_zh}”出现在两列，分不清取哪一列", place=place)
        else:
            stated = (*(m for word in words for m in word.measures), entry.unit)
            seen.add(item.item_id)
            items[entry.at] = (item, notes + measure_note(item, stated, place))
    if len(items) >= FEWEST_ITEMS:
        finder.check()
    return replace(table, items=items, unknown=(*unknown, *table.unknown))


def lost_figure(sheet: Sheet, table: Table, row: int) -> int | None:
    """The first column with a figure in a row of which nobody knows what it is."""
    # Where figures are text, as in every table of a document, a text counts as one too.
    as_text = any(
        type(cell) is str and is_figure(cell) for c in table.items for cell in (sheet.at(row, c),)
    )
    for column in table.unknown:
        cell = sheet.at(row, column)
        if is_figure(cell) if type(cell) is str and as_text else _is_number(cell):
            return column
    return None


def _is_number(cell: Cell) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def header_as_printed(sheet: Sheet, lexicon: Lexicon, top: int, first: int) -> Table:
    """What the columns ask, however unclear: each item is only the likeliest that its texts name.

    For telling a person what a header says, never for reading figures.
    """
    head = _columns(sheet, lexicon, top, first)
    items: dict[int, tuple[Item, tuple[str, ...]]] = {
        entry.at: (named[0], ())
        for entry, words in head.asked
        if (named := [item for word in words for item in word.items])
    }
    entries = [column.entry for column in head.asked]
    repeated = tuple(head.repeated)
    return Table(top, first, len(sheet.rows), head.identity, items, (), repeated, entries)


def _by_decision(table: Table, layout: str, meanings: Sequence[Decided]) -> Table:
    """The columns as a person has decided; a figure under a heading is of no known item."""
    items: dict[int, tuple[Item, tuple[str, ...]]] = {}
    unknown: list[int] = []
    for entry, meaning in zip(table.asked, meanings, strict=True):
        if meaning.item is not None:
            items[entry.at] = (meaning.item, (meaning.note,))
        elif not meaning.ignored:
            unknown.append(entry.at)
    unknown += table.unknown
    return replace(table, items=items, unknown=tuple(unknown), decided=layout)


def _columns(sheet: Sheet, lexicon: Lexicon, top: int, first: int) -> _Columns:
    """The columns that say who a row is, and those that ask a figure."""
    columns = _Columns()
    width = max((len(line) for line in sheet.rows[top:first]), default=0)
    for column in range(width):
        head = _header(sheet, lexicon, top, first, column)
        if not head.texts and not head.code:
            columns.headless += [column] if columns.asked else []
            continue
        words = [lexicon[text] for text in head.texts]
        named = next((word.identity for word in words if word.identity), "")
        if named and not head.code and not any(word.items for word in words):
            if named not in columns.identity:
                columns.identity[named] = column
            elif named == "unit_name" and columns.asked:
                columns.repeated.append(column)
            continue
        roles = {word.role for word in words}
        aside = "other" in roles or any(_is_identifier(text) for text in head.texts)
        asks = head.code or any(word.items for word in words)
        if any(word.is_of_another_time for word in words) or (aside and not asks):
            continue
        texts = head.texts
        while len(texts) > 1 and lexicon[texts[-1]].role == "value":
            texts = texts[:-1]
        cell = sheet.address(first - 1, column)
        columns.asked.append(_Asked(Entry(column, cell, tuple(texts), head.code, head.unit), words))
    return columns


def _is_identifier(text: str) -> bool:
    """Whether a header says that its column holds numbers of telephones, documents or days."""
    return plain_label(text).endswith(vocabulary().identifier_endings)


def _header_top(sheet: Sheet, row: int) -> int:
    """The first header row: the identity word may stand low in a merged header."""
    top = row
    for (start, _), (end, _) in sheet.merged:
        if start <= row <= end:
            top = min(top, start)
    return top


def first_data_row(sheet: Sheet, lexicon: Lexicon, row: int, anchor: int) -> int:
    """Below the anchor's merged range, and below rows of codes, units and column numbers."""
    first = sheet.merged_from(row, anchor)[0] + 1
    while first < min(len(sheet.rows), row + _MOST_HEADER_ROWS):
        if not _continues_header(sheet, lexicon, first, anchor):
            return first
        first += 1
    return first


def _continues_header(sheet: Sheet, lexicon: Lexicon, row: int, anchor: int) -> bool:
    words = {plain_label(word) for word in vocabulary().header_row_words}
    head = sheet.plain(row, anchor)
    if type(head) is str and head and plain_label(head) in words:
        return True
    cells = [cell for cell in sheet.rows[row] if cell != ""]
    texts = [cell for cell in cells if type(cell) is str]
    if sum(bool(lexicon[text].code_text) for text in texts) >= FEWEST_ITEMS:
        return True
    if not cells:
        return False
    if len(texts) == len(cells):
        plains = [plain_label(text) for text in texts]
        if all(is_measure(plain, lexicon.units) or plain in words for plain in plains):
            return True
    if head != "":
        return False
    if len(texts) < len(cells):
        return _numbered(cells)
    return any(lexicon[text].items for text in texts)


def _numbered(cells: list[Cell]) -> bool:
    """A row of column numbers: 甲 乙 1 2 3."""
    numbers = [c for c in cells if isinstance(c, int | float) and not isinstance(c, bool)]
    steps = all(after - before == 1 for before, after in pairwise(numbers))
    return len(numbers) >= FEWEST_ITEMS and numbers[0] in (0, 1, 2) and steps


def _header(sheet: Sheet, lexicon: Lexicon, top: int, first: int, column: int) -> _Header:
    """The labels above a column, outermost first, and the code and unit among them."""
    words = {plain_label(word) for word in vocabulary().header_row_words}
    texts: list[str] = []
    code = unit = ""
    for row in range(top, first):
        cell = sheet.filled(row, column)
        if type(cell) is not str or not cell.strip():
            continue
        plain = plain_label(cell)
        if lexicon[cell].code_text:
            code = cell
        elif is_measure(plain, lexicon.units) and not lexicon[cell].items:
            unit = plain
        elif cell not in texts and not (row == first - 1 and plain in words and texts):
            texts.append(cell)
    return _Header(texts, code, unit)

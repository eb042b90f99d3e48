"""Read a summary table (汇总表): units or regions down, items across, a header of several rows.

Every row of a unit is a return of its own.  Rows that sum others (合计, 小计, 市本级) and rows of
whole regions are kept apart as ``summary``, so that nothing is added twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.errors import Place, UnclearLayoutError
from pipelines.intake.cells import Cell, Sheet
from pipelines.intake.figures import read_cell, shown
from pipelines.intake.items import ItemFinder
from pipelines.intake.labels import address, plain_label, plain_name
from pipelines.intake.lexicon import Lexicon
from pipelines.intake.readings import Answer, CoverText, Draft
from pipelines.intake.vocabulary import vocabulary
from pipelines.survey.models import Item
from pipelines.survey.reference import Divisions

_HEADER_SEARCH_ROWS = 40
_MOST_HEADER_ROWS = 8
#: Fewer items across than this is no summary table: some heading happens to read like an item.
_FEWEST_ITEMS = 3


@dataclass(frozen=True, slots=True)
class _Table:
    top: int
    first: int
    identity: dict[str, int]
    items: dict[int, tuple[Item, tuple[str, ...]]]
    unknown: tuple[int, ...]


def read_summary_table(sheet: Sheet, lexicon: Lexicon, divisions: Divisions) -> list[Draft] | None:
    """The rows of a summary table as returns; None when the sheet is no summary table."""
    table = _find(sheet, lexicon)
    return list(_drafts(sheet, table, lexicon, divisions)) if table else None


def _find(sheet: Sheet, lexicon: Lexicon) -> _Table | None:
    # Rows are as wide as the sheet: one too narrow for items across need not be searched.
    if not any(len(line) > _FEWEST_ITEMS for line in sheet.rows[:_HEADER_SEARCH_ROWS]):
        return None
    for row, line in enumerate(sheet.rows[:_HEADER_SEARCH_ROWS]):
        columns = [
            column
            for column, cell in enumerate(line)
            if type(cell) is str
            and cell
            and lexicon[cell].identity in ("unit_name", "region", "venue_name")
        ]
        if columns:
            table = _table(sheet, lexicon, row, columns[0])
            if table:
                return table
    return None


def _table(sheet: Sheet, lexicon: Lexicon, row: int, anchor: int) -> _Table | None:
    top = _header_top(sheet, row)
    first = _first_data_row(sheet, lexicon, row, anchor)
    width = max((len(line) for line in sheet.rows[top:first]), default=0)
    finder = ItemFinder(lexicon)
    identity: dict[str, int] = {}
    items: dict[int, tuple[Item, tuple[str, ...]]] = {}
    unknown: list[int] = []
    seen: dict[str, int] = {}
    for column in range(width):
        texts, code = _header(sheet, lexicon, top, first, column)
        if not texts and not code:
            continue
        field = next((lexicon[t].identity for t in texts if lexicon[t].identity), "")
        if field and field not in identity and not code:
            identity[field] = column
            continue
        place = Place(sheet=sheet.name, cell=address(first - 1, column))
        item, notes = finder.find(texts, code, place)
        if item is None:
            if not any(lexicon[text].role == "other" for text in texts):
                unknown.append(column)
        elif item.item_id in seen:
            raise UnclearLayoutError(f"“{item.name_zh}”出现在两列，分不清取哪一列", place=place)
        else:
            seen[item.item_id] = column
            items[column] = (item, notes)
    if len(items) < _FEWEST_ITEMS or not identity:
        return None
    return _Table(top, first, identity, items, tuple(unknown))


def _header_top(sheet: Sheet, row: int) -> int:
    """The first header row: the identity word may stand low in a merged header."""
    top = row
    for (start, _), (end, _) in sheet.merged:
        if start <= row <= end:
            top = min(top, start)
    return top


def _first_data_row(sheet: Sheet, lexicon: Lexicon, row: int, anchor: int) -> int:
    """Below the anchor's merged range, and below rows of codes, units and column numbers."""
    words = {plain_label(word) for word in vocabulary().header_row_words}
    first = sheet.merged_from(row, anchor)[0] + 1
    while first < min(len(sheet.rows), row + _MOST_HEADER_ROWS):
        line = sheet.rows[first]
        head = sheet.plain(first, anchor)
        text = head if type(head) is str else ""
        is_words = bool(text) and plain_label(text) in words
        cells = [cell for cell in line if cell != ""]
        codes = [c for c in cells if type(c) is str and lexicon[c].code_text]
        is_header = (
            is_words
            or len(codes) >= _FEWEST_ITEMS
            or (
                head == ""
                and bool(cells)
                and all(type(c) is str for c in cells)
                and any(lexicon[c].items for c in cells if type(c) is str)
            )
        )
        if not is_header:
            return first
        first += 1
    return first


def _header(
    sheet: Sheet, lexicon: Lexicon, top: int, first: int, column: int
) -> tuple[list[str], str]:
    """The labels above a column, outermost first, and the code among them."""
    texts: list[str] = []
    code = ""
    for row in range(top, first):
        cell = sheet.filled(row, column)
        if type(cell) is not str or not cell.strip():
            continue
        if lexicon[cell].code_text:
            code = cell
        elif cell not in texts and not _is_unit_word(lexicon, cell, row, first):
            texts.append(cell)
    return texts, code


def _is_unit_word(lexicon: Lexicon, cell: str, row: int, first: int) -> bool:
    """A row of units (人, 万元) or of column marks under the labels."""
    plain = plain_label(cell)
    words = {plain_label(word) for word in vocabulary().header_row_words}
    return plain in lexicon.units or (row == first - 1 and plain in words)


def _drafts(sheet: Sheet, table: _Table, lexicon: Lexicon, divisions: Divisions) -> Iterator[Draft]:
    not_applicable = lexicon.edition.values.not_applicable
    for row in range(table.first, len(sheet.rows)):
        cover = _identity(sheet, table, row)
        name = cover["unit_name"].text if "unit_name" in cover else ""
        place = cover["region"].text if "region" in cover else ""
        filled = [column for column in table.items if sheet.at(row, column) != ""]
        if not (name or place):
            if filled:
                raise UnclearLayoutError(
                    "这一行有数，却没有单位名称或地区",
                    place=Place(sheet=sheet.name, cell=address(row, filled[0])),
                )
            continue
        if not filled and _is_note(sheet, row):
            continue
        lost = next((c for c in table.unknown if _holds_number(sheet.at(row, c))), None)
        if lost is not None:
            raise UnclearLayoutError(
                "这一列有数，表头却认不出是哪一项指标",
                place=Place(sheet=sheet.name, cell=address(row, lost)),
            )
        answers = []
        for column, (item, notes) in table.items.items():
            value, state, raw, more = read_cell(
                sheet.at(row, column), item.unit, not_applicable, sheet.date1904
            )
            where = address(row, column)
            answers.append(
                Answer(item.item_id, value, state, raw, sheet.name, where, (*notes, *more))
            )
        role = _role(name, place, lexicon.year, divisions)
        yield Draft("table", sheet.name, row, cover, answers, role)


def _identity(sheet: Sheet, table: _Table, row: int) -> dict[str, CoverText]:
    """Identity cells of a row; a region or department merged over rows holds for all of them."""
    cover = {}
    for field, column in table.identity.items():
        cell = sheet.filled(row, column)
        numeric = isinstance(cell, int | float) and not isinstance(cell, bool)
        cover[field] = CoverText(shown(cell).strip(), sheet.name, address(row, column), numeric)
    return cover


def _role(name: str, place: str, year: int, divisions: Divisions) -> str:
    totals = {plain_label(word) for word in vocabulary().total_words}
    for text in (name, place):
        plain = plain_label(text)
        if plain in totals or any(plain.endswith(w) for w in totals if len(w) > 1):
            return "summary"
    if not name or divisions.is_place(plain_name(name), year):
        return "summary"
    return "basic"


def _is_note(sheet: Sheet, row: int) -> bool:
    """A line of text under the table: one filled cell, or a sentence."""
    cells = [cell for cell in sheet.rows[row] if cell != ""]
    return len(cells) == 1


def _holds_number(cell: Cell) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)

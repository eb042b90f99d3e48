"""Read a single return laid on its side: labels in a row, the figures in one row beneath.

Whose return it is stands on the cover or above.  More than one row of figures leaves it open
which is this year's, and stops the file.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.errors import Place, UnclearLayoutError
from pipelines.intake.formats.cells import Sheet
from pipelines.intake.layouts.figures import read_cell
from pipelines.intake.layouts.lexicon import Lexicon
from pipelines.intake.layouts.questionnaire import Found
from pipelines.intake.layouts.table_headers import (
    FEWEST_ITEMS,
    HeaderReader,
    Table,
    first_data_row,
    lost_figure,
    read_header,
)
from pipelines.intake.readings import Answer

#: A sheet of questionnaires laid on their side has few rows.
_MOST_ROWS = 400
#: Rows of one table: figures of this year and of last, codes and units, notes.
_FURTHEST = 8


def read_across(sheet: Sheet, lexicon: Lexicon) -> Found:
    """The answers of all tables of a sheet that have their items across."""
    found = Found()
    for table in tables_across(sheet, lexicon):
        found.answers += _answers(sheet, table, _figure_row(sheet, table, lexicon), lexicon)
        found.decided |= {table.decided} - {""}
    return found


def tables_across(
    sheet: Sheet, lexicon: Lexicon, read: HeaderReader = read_header
) -> Iterator[Table]:
    """The tables of a sheet that have items across and nobody down the side, top to bottom."""
    wide = max((len(line) for line in sheet.rows), default=0) >= FEWEST_ITEMS
    if len(sheet.rows) > _MOST_ROWS or not wide:
        return
    row = 0
    while row < len(sheet.rows):
        columns = _item_columns(sheet, lexicon, row)
        if len(columns) < FEWEST_ITEMS:
            row += 1
            continue
        first = first_data_row(sheet, lexicon, row, columns[0])
        table = read(sheet, lexicon, row, first)
        row = first
        if len(table.items) >= FEWEST_ITEMS:
            yield table


def _item_columns(sheet: Sheet, lexicon: Lexicon, row: int) -> list[int]:
    return [
        column
        for column, cell in enumerate(sheet.rows[row])
        if type(cell) is str and cell and lexicon[cell].items
    ]


def _figure_row(sheet: Sheet, table: Table, lexicon: Lexicon) -> int:
    """The one row with anything under the labels, but for last year's."""
    rows = []
    for row in range(table.first, min(table.first + _FURTHEST, len(sheet.rows))):
        if len(_item_columns(sheet, lexicon, row)) >= FEWEST_ITEMS:
            break
        words = (lexicon[c] for c in sheet.rows[row] if type(c) is str and c)
        of_another_time = any(word.is_of_another_time for word in words)
        filled = any(sheet.at(row, column) != "" for column in table.items)
        if filled and not of_another_time:
            rows.append(row)
    if len(rows) == 1:
        return rows[0]
    at = rows[1] if rows else table.first
    problem = "指标横排，下面不止一行数，分不清取哪一行" if rows else "指标横排，下面没有数"
    place = Place(sheet=sheet.name, cell=sheet.address(at, min(table.items)))
    raise UnclearLayoutError(problem, place=place)


def _answers(sheet: Sheet, table: Table, row: int, lexicon: Lexicon) -> Iterator[Answer]:
    not_applicable = lexicon.edition.values.not_applicable
    lost = lost_figure(sheet, table, row)
    if lost is not None:
        place = Place(sheet=sheet.name, cell=sheet.address(row, lost))
        raise UnclearLayoutError("这一列有数，表头却认不出是哪一项指标", place=place)
    for column, (item, notes) in table.items.items():
        cell = sheet.at(row, column)
        value, state, raw, more = read_cell(cell, item.unit, not_applicable, sheet.date1904)
        notes = (*notes, *sheet.notes_at(row, column), *more)
        where = sheet.address(row, column)
        yield Answer(item.item_id, value, state, raw, sheet.name, where, notes)

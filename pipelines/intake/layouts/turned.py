"""A sheet read with rows and columns exchanged: items across the top become items down the side.

Every reader works on it as on any sheet; the addresses it gives are those of the sheet as sent.
"""

from __future__ import annotations

from itertools import zip_longest

from pipelines.intake.formats.cells import Asides, Cell, Sheet
from pipelines.intake.layouts.lexicon import Lexicon
from pipelines.intake.layouts.marks import Mark

#: A sheet turned on its side would have as many columns as it has rows: no form has so many.
_MOST_ROWS = 2000
_HEADER_ROLES = frozenset({"code", "unit", "value", "previous", "planned", "revised", "other"})


def turned(sheet: Sheet, marks: list[Mark], lexicon: Lexicon) -> Sheet | None:
    """The sheet with rows and columns exchanged when its header words run down, else None."""
    if len(sheet.rows) > _MOST_ROWS or not any(_runs_down(sheet, m, lexicon) for m in marks):
        return None
    side = Turned(sheet)
    for mark in marks:
        if mark.word.role == "label":
            _name_units(side, mark, lexicon)
    return side


def _runs_down(sheet: Sheet, mark: Mark, lexicon: Lexicon) -> bool:
    """A label word with a header word right under it, or with the names of units beside it."""
    if mark.word.role == "label":
        below = sheet.plain(sheet.merged_from(mark.row, mark.column)[0] + 1, mark.column)
        if type(below) is str and lexicon[below].role in _HEADER_ROLES:
            return True
        return any(type(cell) is str and lexicon[cell].names_units for cell in sheet.rows[mark.row])
    return mark.word.names_units and _items_below(sheet, mark, lexicon)


def _items_below(sheet: Sheet, mark: Mark, lexicon: Lexicon) -> bool:
    below = (sheet.plain(mark.row + n, mark.column) for n in range(1, 12))
    return sum(type(cell) is str and bool(lexicon[cell].items) for cell in below) > 2


def _name_units(side: Turned, mark: Mark, lexicon: Lexicon) -> None:
    """单位名称 over the names of units, beside a label merged down: say it beside the names."""
    bottom, _ = side.sent.merged_from(mark.row, mark.column)
    heads = side.sent.rows[mark.row]
    names_units = any(type(cell) is str and lexicon[cell].names_units for cell in heads)
    if names_units and bottom > mark.row and bottom < len(side.rows[mark.column]):
        side.rows[mark.column][bottom] = next(
            cell for cell in heads if type(cell) is str and lexicon[cell].names_units
        )


class Turned(Sheet):
    """Rows are the columns of the sheet as sent."""

    def __init__(self, sent: Sheet) -> None:
        super().__init__(
            sent.name,
            lambda: ([list(column) for column in zip_longest(*sent.rows, fillvalue="")], None),
            hidden=sent.hidden,
            date1904=sent.date1904,
            find_merged=lambda: [
                ((left, top), (right, bottom)) for (top, left), (bottom, right) in sent.merged
            ],
            find_asides=lambda: Asides(
                rows=sent.asides.columns,
                columns=sent.asides.rows,
                remarks={(c, r): note for (r, c), note in sent.asides.remarks.items()},
            ),
        )
        self.sent = sent

    def address(self, row: int, column: int) -> str:
        return self.sent.address(column, row)

    def at(self, row: int, column: int) -> Cell:
        return self.sent.at(column, row)

    def notes_at(self, row: int, column: int) -> tuple[str, ...]:
        return self.sent.notes_at(column, row)

    def hidden_at(self, row: int, column: int) -> str:
        return self.sent.hidden_at(column, row)

"""Find the tables of a file that is refused, and what each asks, however unclear that is.

The same shapes are looked for, in the same order, as when figures are read; but a label that
cannot be told stops nothing here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from pipelines.errors import UnreadableFileError
from pipelines.intake.formats.cells import Sheet
from pipelines.intake.layouts.across import tables_across
from pipelines.intake.layouts.collect import clear_covered
from pipelines.intake.layouts.entries import Direction, Entry, row_entries
from pipelines.intake.layouts.headers import Block, find_blocks
from pipelines.intake.layouts.lexicon import Lexicon
from pipelines.intake.layouts.marks import Mark, find_marks
from pipelines.intake.layouts.sections import divide
from pipelines.intake.layouts.table_headers import Table, find_tables, header_as_printed
from pipelines.intake.layouts.turned import turned


class AskedTable(NamedTuple):
    """A table as found: its labels, how they run, and whether anything is filled for one."""

    direction: Direction
    entries: Sequence[Entry]
    filled: Callable[[Entry], bool]
    #: A table of one return; of a summary table each row is one.
    one_return: bool


def asked_tables(sheet: Sheet, lexicon: Lexicon) -> Iterator[list[AskedTable]]:
    """The tables of a sheet, those together that belong to one return.

    A table of which even the columns are unclear is left out: no mapping of labels can help it.
    """
    clear_covered(sheet)
    marks = find_marks(sheet, lexicon)
    found = list(_down(sheet, marks, lexicon))
    side = None if found else turned(sheet, marks, lexicon)
    if side is not None:
        found = list(_down(side, find_marks(side, lexicon), lexicon))
    if not found:
        tables = find_tables(sheet, lexicon, header_as_printed)
        found = [[_across(sheet, table, one_return=False)] for table in tables]
    if not found and side is not None:
        tables = find_tables(side, lexicon, header_as_printed)
        found = [[_across(side, table, one_return=False)] for table in tables]
    if not found:
        across = tables_across(sheet, lexicon, header_as_printed)
        found = [[_across(sheet, table, one_return=True)] for table in across]
    yield from found


def _down(sheet: Sheet, marks: list[Mark], lexicon: Lexicon) -> Iterator[list[AskedTable]]:
    """Tables with the labels of one return down the side."""
    with contextlib.suppress(UnreadableFileError):
        blocks = find_blocks(sheet, marks, lexicon)
        for section in divide(sheet, marks, blocks):
            if section.blocks:
                yield [
                    AskedTable(
                        "rows", row_entries(sheet, block, lexicon), _row_filled(sheet, block), True
                    )
                    for block in section.blocks
                ]


def _across(sheet: Sheet, table: Table, *, one_return: bool) -> AskedTable:
    return AskedTable("columns", table.asked, _column_filled(sheet, table), one_return)


def _row_filled(sheet: Sheet, block: Block) -> Callable[[Entry], bool]:
    return lambda entry: sheet.at(block.first + entry.at, block.value) != ""


def _column_filled(sheet: Sheet, table: Table) -> Callable[[Entry], bool]:
    rows = range(table.first, min(table.end, len(sheet.rows)))
    return lambda entry: any(sheet.at(row, entry.at) != "" for row in rows)

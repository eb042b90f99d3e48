"""One pass over a sheet for the cells that say what it holds: headers, cover labels, headings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipelines.intake.formats.cells import Sheet
from pipelines.intake.layouts.figures import shown
from pipelines.intake.layouts.headings import labelled_year
from pipelines.intake.layouts.lexicon import Lexicon, Word
from pipelines.intake.vocabulary import vocabulary
from pipelines.survey.addresses import address

_HEADING_ROWS = 10
_MARK_ROWS = 6


class Mark(NamedTuple):
    """A cell that marks something, and what its text means."""

    row: int
    column: int
    text: str
    word: Word


def find_marks(sheet: Sheet, lexicon: Lexicon) -> list[Mark]:
    """The marking cells of a sheet in reading order."""
    marking = lexicon.marking
    meaning = marking.__getitem__
    return [
        Mark(row, column, cell, word)
        for row, line in enumerate(sheet.rows)
        # Few rows hold any: told for a row at once, not for each of its cells.
        if any(map(meaning, line))
        for column, cell in enumerate(line)
        if type(cell) is str and (word := marking[cell]) is not None
    ]


def stated_years(
    sheet: Sheet, marks: Sequence[Mark], starts: Sequence[int] = ()
) -> Iterator[tuple[int, str]]:
    """Data years that the headings of a sheet state, with the cell that says so.

    Headings stand at the top, and over the rows where something else begins.
    """
    for row, column, _, word in marks:
        if row >= _HEADING_ROWS and not any(0 <= start - row < _MARK_ROWS for start in starts):
            continue
        if word.year:
            yield word.year, address(row, column)
        elif word.year_label:
            right = sheet.merged_from(row, column)[1] + 1
            year = labelled_year(shown(sheet.plain(row, right)))
            if year:
                yield year, address(row, right)


def is_simulated(sheets: Sequence[Sheet]) -> bool:
    """Whether any visible sheet carries the mark of simulated returns near its top."""
    mark = vocabulary().simulated_mark
    return any(
        type(cell) is str and mark in cell
        for sheet in sheets
        if not sheet.hidden
        for line in sheet.rows[:_MARK_ROWS]
        for cell in line
    )

"""Read a table by an approved mapping: which row is which item where a person has decided it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.intake.formats.cells import Sheet
from pipelines.intake.layouts.entries import Table, row_entries
from pipelines.intake.layouts.figures import shown

if TYPE_CHECKING:
    from pipelines.intake.layouts.lexicon import Lexicon, MappedRow


def decided_rows(
    sheet: Sheet, block: Table, lexicon: Lexicon
) -> tuple[str, list[MappedRow]] | None:
    """The layout of a table and what its rows mean; None where nobody has decided.

    All rows are given but those that the decision ignores and the marks of the header.  Rows
    outside the decision, such as notes, and headings have no item: a figure in one of them is a
    figure of no known item.
    """
    entries = row_entries(sheet, block, lexicon)
    decided = lexicon.mappings.decide("rows", entries)
    if decided is None:
        return None
    layout, meanings = decided
    known = {entry.at: (entry, meaning) for entry, meaning in zip(entries, meanings, strict=True)}
    rows: list[MappedRow] = []
    for offset, line in enumerate(sheet.rows[block.first : block.end]):
        if offset in known:
            entry, meaning = known[offset]
            if not meaning.ignored:
                notes = (meaning.note,) if meaning.note else ()
                rows.append((offset, meaning.item, notes, entry.label or entry.code))
            continue
        label = next((shown(line[c]) for c in block.labels if c < len(line) and line[c] != ""), "")
        if not (label and lexicon[label].role):
            rows.append((offset, None, (), label))
    return layout, rows

"""Gather the sheets of one file into returns: a cover and the tables that belong to it.

The parts of a return are found sheet by sheet and joined by the unit they name.  Visible sheets
are read first; a hidden sheet is asked only for what they lack.  A summary table gives one return
a row; a unit whose items stand in several tables is one return.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipelines.errors import Place
from pipelines.intake.formats.cells import Sheet
from pipelines.intake.layouts.across import read_across
from pipelines.intake.layouts.diagnosis import asks_more
from pipelines.intake.layouts.headers import find_blocks
from pipelines.intake.layouts.headings import sheet_year
from pipelines.intake.layouts.joining import Part, join_rows, part_for
from pipelines.intake.layouts.lexicon import Lexicon
from pipelines.intake.layouts.marks import Mark, find_marks, stated_years
from pipelines.intake.layouts.measures import check_measures
from pipelines.intake.layouts.questionnaire import Found, read_blocks
from pipelines.intake.layouts.sections import Section, divide
from pipelines.intake.layouts.subtotals import check_no_hidden_sums, set_apart_sums
from pipelines.intake.layouts.summary_table import read_summary_table
from pipelines.intake.layouts.turned import turned
from pipelines.intake.readings import Answer, Draft
from pipelines.survey.reference import Divisions


@dataclass(slots=True)
class Collected:
    """Everything a file holds that matters."""

    sheets: Sequence[Sheet]
    drafts: list[Draft] = field(default_factory=list)
    years: list[tuple[int, str, str]] = field(default_factory=list)
    unknown: list[tuple[str, str]] = field(default_factory=list)
    explanations: list[dict[str, Any]] = field(default_factory=list)


def collect(sheets: Sequence[Sheet], lexicon: Lexicon, divisions: Divisions) -> Collected:
    """The returns in the sheets of one file; raises UnreadableFileError's kinds."""
    gathering = _Gathering(sheets, lexicon, divisions)
    for sheet in sheets:
        if not sheet.hidden:
            gathering.read(sheet)
    hidden = [sheet for sheet in sheets if sheet.hidden]
    # What stands in a visible sheet and is not understood is never taken from a hidden one.
    if hidden and gathering.lacks_something and not asks_more(sheets, gathering.found, lexicon):
        for sheet in hidden:
            gathering.read(sheet)
    return gathering.collected()


class _Gathering:
    """The parts of the returns of one file, as its sheets are read."""

    def __init__(self, sheets: Sequence[Sheet], lexicon: Lexicon, divisions: Divisions) -> None:
        self._lexicon = lexicon
        self._divisions = divisions
        self._parts: list[Part] = []
        self._tables: list[list[Draft]] = []
        #: Covers, which may say the unit of figures on other sheets.
        self._covers: list[tuple[Sheet, list[Mark]]] = []
        self._collected = Collected(sheets)

    @property
    def lacks_something(self) -> bool:
        """Whether hidden sheets are worth a look; where several units report, they tell nothing."""
        wanted = len(self._lexicon.edition.items)
        if self._tables or len(self._parts) > 1:
            return False
        return not self._parts or len(self._parts[0].answers) < wanted

    @property
    def found(self) -> frozenset[str]:
        """Items answered in visible sheets."""
        return frozenset(item for part in self._parts for item in part.answers)

    def collected(self) -> Collected:
        for sheet, marks in self._covers:
            self._check_units(sheet, marks, (a for p in self._parts for a in p.answers.values()))
        order = self._lexicon.order
        drafts = self._collected.drafts
        drafts += join_rows(self._tables)
        forms = [part.draft(order) for part in self._parts if part.answers]
        set_apart_sums(forms, self._lexicon.year, self._divisions)
        if len(forms) > 1:
            check_no_hidden_sums(forms, self._lexicon.edition)
        drafts += forms
        return self._collected

    def read(self, sheet: Sheet) -> None:
        clear_covered(sheet)
        marks = find_marks(sheet, self._lexicon)
        blocks = find_blocks(sheet, marks, self._lexicon)
        sections = divide(sheet, marks, blocks)
        found = self._found(sheet, sections)
        self._check_units(sheet, marks, [answer for one in found for answer in one.answers])
        if not any(one.answers for one in found) and self._read_table(sheet, marks, sections):
            return
        mattered = False
        for section, one in zip(sections, found, strict=True):
            mattered = self._add(sheet, section, one) or mattered
        if mattered and not any(one.answers for one in found):
            self._covers.append((sheet, marks))
        if mattered or sheet.outside_tables:
            self._note_years(sheet, marks, sections)

    def _found(self, sheet: Sheet, sections: list[Section]) -> list[Found]:
        return [
            read_blocks(sheet, section.blocks, self._lexicon) if section.blocks else Found()
            for section in sections
        ]

    def _check_units(self, sheet: Sheet, marks: list[Mark], answers: Iterable[Answer]) -> None:
        """Hold what a sheet says of its units, wherever it stands, against all it answers."""
        stated = [mark for mark in marks if mark.word.states_measures]
        if stated:
            items = self._lexicon.edition.item
            asked = {answer.item_id: items[answer.item_id] for answer in answers}
            for mark in stated:
                place = Place(sheet=sheet.name, cell=sheet.address(mark.row, mark.column))
                check_measures(mark.word.measures, asked.values(), place)

    def _read_table(self, sheet: Sheet, marks: list[Mark], sections: list[Section]) -> bool:
        """Read a sheet that has its items across, or its units; False when it has neither."""
        if sheet.hidden:
            return False
        side = turned(sheet, marks, self._lexicon)
        found = self._read_turned(side) if side is not None else Found()
        tables: list[list[Draft]] = []
        if not found.answers:
            tables = read_summary_table(sheet, self._lexicon, self._divisions)
        if not found.answers and not tables and side is not None:
            tables = read_summary_table(side, self._lexicon, self._divisions)
        if tables:
            answers = (answer for table in tables for draft in table for answer in draft.answers)
            self._check_units(sheet, marks, answers)
            self._tables += tables
            self._note_years(sheet, marks, sections)
            return True
        if not found.answers:
            found = read_across(sheet, self._lexicon)
        if not found.answers:
            return False
        self._check_units(sheet, marks, found.answers)
        for section in sections or [Section(0)]:
            self._add(sheet, section, found)
            found = Found()
        self._note_years(sheet, marks, sections)
        return True

    def _read_turned(self, side: Sheet) -> Found:
        marks = find_marks(side, self._lexicon)
        blocks = find_blocks(side, marks, self._lexicon)
        return read_blocks(side, blocks, self._lexicon)

    def _add(self, sheet: Sheet, section: Section, found: Found) -> bool:
        """Give a section to the return it belongs to; False when there is nothing in it."""
        if not (section.is_cover or found.answers):
            return False
        if section.doubt:
            raise section.doubt
        part = part_for(sheet, section, found.answers, self._parts)
        if part is None:
            return False
        part.take(sheet, section, found)
        self._collected.unknown.extend(found.unknown)
        return True

    def _note_years(self, sheet: Sheet, marks: list[Mark], sections: list[Section]) -> None:
        starts = [s.row for s in sections] + [b.top for s in sections for b in s.blocks]
        stated = list(stated_years(sheet, marks, starts))
        named = 0 if stated else sheet_year(sheet.name, self._lexicon.year)
        if named:
            stated.append((named, ""))
        self._collected.years.extend((year, sheet.name, cell) for year, cell in stated)


def clear_covered(sheet: Sheet) -> None:
    """Nobody sees what a file still holds under a merged cell: only its first cell counts."""
    rows = sheet.rows
    for (top, left), (bottom, right) in sheet.merged:
        for row in range(top, min(bottom + 1, len(rows))):
            line = rows[row]
            for column in range(left, min(right + 1, len(line))):
                if line[column] != "" and (row, column) != (top, left):
                    line[column] = ""

"""Gather the sheets of one file into returns: a cover and the tables that belong to it.

A new return begins where a second cover names a unit; sheets that are a summary table give one
return a row.  Visible sheets are read first; a hidden sheet is asked only for what they lack.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pipelines.errors import Place, UnclearLayoutError
from pipelines.intake.cells import Sheet
from pipelines.intake.cover import read_cover
from pipelines.intake.lexicon import Lexicon
from pipelines.intake.marks import Mark, find_marks, stated_years
from pipelines.intake.questionnaire import find_blocks, read_blocks
from pipelines.intake.readings import Answer, CoverText, Draft
from pipelines.intake.summary_table import read_summary_table
from pipelines.survey.notation import State
from pipelines.survey.reference import Divisions

#: A sheet with fewer cover labels than this is no cover (a form's footer has 填表人 and 日期).
_FEWEST_COVER_LABELS = 3


@dataclass(slots=True)
class Collected:
    """Everything a file holds that matters."""

    sheets: Sequence[Sheet]
    drafts: list[Draft] = field(default_factory=list)
    years: list[tuple[int, str, str]] = field(default_factory=list)
    unknown: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Pending:
    """A return whose parts are still being found."""

    sheet: str = ""
    cover: dict[str, CoverText] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    named: bool = False


def collect(sheets: Sequence[Sheet], lexicon: Lexicon, divisions: Divisions) -> Collected:
    """The returns in the sheets of one file; raises UnreadableFileError's kinds."""
    collected = Collected(sheets)
    pending: list[_Pending] = []
    for sheet in sheets:
        if not sheet.hidden:
            _read_sheet(sheet, lexicon, divisions, pending, collected)
    wanted = len(lexicon.edition.items)
    if not collected.drafts and (not pending or len(pending[0].answers) < wanted):
        for sheet in sheets:
            if sheet.hidden:
                _read_sheet(sheet, lexicon, divisions, pending, collected)
    order = {item.item_id: n for n, item in enumerate(lexicon.edition.items)}
    for part in pending:
        if part.answers:
            answers = sorted(part.answers.values(), key=lambda a: order[a.item_id])
            sheet_name = part.sheet or answers[0].sheet
            collected.drafts.append(Draft("questionnaire", sheet_name, 0, part.cover, answers))
    return collected


def _read_sheet(
    sheet: Sheet,
    lexicon: Lexicon,
    divisions: Divisions,
    pending: list[_Pending],
    collected: Collected,
) -> None:
    marks = find_marks(sheet, lexicon)
    blocks = find_blocks(sheet, marks, lexicon)
    found = read_blocks(sheet, blocks, lexicon) if blocks else None
    if found is None or not found.answers:
        rows = None if sheet.hidden else read_summary_table(sheet, lexicon, divisions)
        if rows is not None:
            collected.drafts.extend(rows)
            _note_years(sheet, marks, collected)
            return
    cover = read_cover(sheet, marks)
    is_cover = len(cover) >= _FEWEST_COVER_LABELS and "unit_name" in cover
    has_answers = found is not None and bool(found.answers)
    if not (is_cover or has_answers):
        return
    _note_years(sheet, marks, collected)
    part = _part_for(sheet, cover if is_cover else {}, pending)
    for field_id, text in cover.items():
        known = part.cover.get(field_id)
        if known is None or (is_cover and not known.text):
            part.cover[field_id] = text
    if found is not None:
        for answer in found.answers:
            _add_answer(part, answer, sheet)
        collected.unknown.extend(found.unknown)


def _part_for(sheet: Sheet, cover: dict[str, CoverText], pending: list[_Pending]) -> _Pending:
    """The return a sheet belongs to: the last begun, unless a further cover begins another."""
    named = bool(cover) and bool(cover["unit_name"].text) and not sheet.hidden
    if not pending or (named and pending[-1].named):
        pending.append(_Pending())
    part = pending[-1]
    if cover and not part.sheet:
        part.sheet = sheet.name
    part.named = part.named or named
    return part


def _add_answer(part: _Pending, answer: Answer, sheet: Sheet) -> None:
    """Keep an answer once: a filled cell before a blank one, equal ones as one, others never."""
    known = part.answers.get(answer.item_id)
    if known is None:
        part.answers[answer.item_id] = answer
        return
    if answer.state == State.BLANK or sheet.hidden:
        return
    if known.state == State.BLANK:
        part.answers[answer.item_id] = answer
        return
    if (known.state, known.value, known.raw_text) != (answer.state, answer.value, answer.raw_text):
        raise UnclearLayoutError(
            f"同一指标填了两处而且不同：工作表“{known.sheet}”{known.cell} 是“{known.raw_text}”，"
            f"工作表“{answer.sheet}”{answer.cell} 是“{answer.raw_text}”",
            place=Place(sheet=answer.sheet, cell=answer.cell),
        )


def _note_years(sheet: Sheet, marks: Sequence[Mark], collected: Collected) -> None:
    collected.years.extend((year, sheet.name, cell) for year, cell in stated_years(sheet, marks))

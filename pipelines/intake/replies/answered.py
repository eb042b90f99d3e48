"""Read a 查询单 that came back: which cells were corrected, which questions explained.

The workbook is the respondent's own, with our sheets behind it.  Its forms are read like any
return; what stands in 更正值 takes the place of the form's cell.  Lines are known by their hidden
number: sorted, deleted or added lines do no harm.  Where the form and 更正值 were both changed and
differ, neither is taken: the cell becomes unreadable, and is asked about again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipelines.errors import Place, QuerySheetError, WrongYearError
from pipelines.intake.formats.cells import Cell, Sheet
from pipelines.intake.layouts.collect import Collected
from pipelines.intake.layouts.figures import read_cell, shown
from pipelines.intake.layouts.labels import plain_name
from pipelines.intake.readings import Answer, CoverText, Draft
from pipelines.survey import Edition
from pipelines.survey.addresses import address
from pipelines.survey.notation import State, read_figure
from pipelines.warehouse.reply import (
    CHANGES,
    COVER,
    HIDDEN_SHEET,
    NUMBER,
    QUERIES,
    REASON,
    VALUE,
    WHY,
    AskedLine,
    AskedReturn,
    Letter,
    letter_of,
    needs_words,
)

_HEADER_SEARCH_ROWS = 20
_FEWEST_HEADERS = 2
_ADVICE = "请把我们发去的整个工作簿填好发回，不要删去其中的工作表，也不要复制到别的工作簿"


@dataclass(frozen=True, slots=True)
class Filled:
    """A line of our sheets as it came back; ``asked`` is None for a line that we did not write."""

    asked: AskedLine | None
    number: str
    value: Cell
    reason: str
    why: str
    sheet: str
    value_cell: str
    why_cell: str


@dataclass(slots=True)
class Answered:
    """A letter that came back."""

    letter: Letter
    forms: list[Sheet]
    filled: list[Filled]
    returns: dict[int, AskedReturn] = field(default_factory=dict)


def answered_letter(sheets: Sequence[Sheet], year: int) -> Answered | None:
    """The letter in a workbook, None when it holds none.

    Raises WrongYearError for a letter of another year, QuerySheetError for one of which the hidden
    sheet was taken away or changed.
    """
    if not any(sheet.name.startswith((HIDDEN_SHEET, QUERIES, CHANGES)) for sheet in sheets):
        return None
    hidden = next((sheet for sheet in sheets if sheet.name == HIDDEN_SHEET), None)
    if hidden is None:
        for sheet in sheets:
            if sheet.name.startswith((QUERIES, CHANGES)) and _columns(sheet)[0] >= 0:
                raise QuerySheetError(
                    "查询单的编号页不见了，分不清每行答复的是哪一条", _ADVICE, Place("", sheet.name)
                )
        return None
    try:
        letter = letter_of([[shown(cell) for cell in row] for row in hidden.rows])
    except ValueError as error:
        raise QuerySheetError(
            "查询单的编号页被改动过，认不出来", _ADVICE, Place("", HIDDEN_SHEET)
        ) from error
    if letter.year != year:
        raise WrongYearError(
            f"这是 {letter.year} 年度的查询单，收件夹是 {year} 年度", place=Place("", QUERIES)
        )
    ours = {*letter.sheets, HIDDEN_SHEET}
    filled = [
        one for sheet in sheets if sheet.name in letter.sheets for one in _lines(sheet, letter)
    ]
    return Answered(letter, [sheet for sheet in sheets if sheet.name not in ours], filled)


def apply(answered: Answered, collected: Collected, edition: Edition) -> None:
    """Tell which return each draft answers, and put corrections in; raises QuerySheetError.

    ``answered.returns`` holds afterwards which return each draft answers, by its place.
    """
    if not collected.drafts:
        raise QuerySheetError("只有查询单，调查表被删去了", _ADVICE)
    by_target: dict[tuple[str, str], list[Filled]] = defaultdict(list)
    for one in answered.filled:
        if one.asked and one.asked.target and one.value != "":
            by_target[one.asked.return_id, one.asked.target].append(one)
    for number, asked in enumerate(_paired(answered.letter, collected.drafts)):
        if asked is None:
            continue
        answered.returns[number] = asked
        draft = collected.drafts[number]
        draft.answers_to = asked.return_id
        draft.answers = [
            _corrected(answer, by_target.get((asked.return_id, answer.item_id), []), edition)
            for answer in draft.answers
        ]
        for (return_id, target), filled in by_target.items():
            if return_id == asked.return_id and target.startswith(COVER):
                _correct_cover(draft, target.removeprefix(COVER), filled)


def explanations(answered: Answered, year: int, file: str) -> Iterator[dict[str, Any]]:
    """A row of the ``explanations`` table a line that says something, or that is none of ours."""
    returns = {one.return_id: one for one in answered.letter.returns}
    for one in answered.filled:
        if not (one.why or one.reason or (one.value != "" and one.asked is None)):
            continue
        asked = one.asked
        about = returns[asked.return_id] if asked else None
        state, why = _state(one)
        yield {
            "explanation_id": f"{year}|{file}|{one.sheet}|{one.why_cell}",
            "year": year,
            "finding_id": "",
            "rule_id": asked.rule_id if asked else "",
            "unit_id": about.unit_id if about else "",
            "unit_name": about.unit_name if about else "",
            "venue_name": about.venue_name if about else "",
            "items": list(asked.items) if asked else [],
            "figures": asked.figures if asked else "",
            "reason_code": one.reason,
            "text_zh": one.why,
            "source": "respondent",
            "by_zh": about.unit_name if about else "",
            "file": file,
            "sheet": one.sheet,
            "cell": one.why_cell,
            "state": state,
            "state_reason_zh": why,
        }


def _state(one: Filled) -> tuple[str, str]:
    if one.asked is None and one.number:
        return "unmatched", f"编号“{one.number}”不是这份查询单里的"
    if one.asked is None:
        return "unmatched", "这一行没有编号，不知道答复的是哪一条"
    if not one.why and needs_words(one.reason):
        return "incomplete", f"原因是“{one.reason}”，没有写明"
    return "read", ""


def _paired(letter: Letter, drafts: Sequence[Draft]) -> list[AskedReturn | None]:
    """Which asked return each return of the workbook is, by who it says it is."""
    if len(drafts) == 1 and len(letter.returns) == 1:
        found: list[AskedReturn | None] = [_same_unit(letter.returns[0], drafts[0])]
    else:
        found = [_only_one(letter, draft) for draft in drafts]
    for asked in found:
        if asked is not None and found.count(asked) > 1:
            raise QuerySheetError(f"“{_called(asked)}”的表在工作簿里有两份", _ADVICE)
    if not any(found):
        asked_names = "、".join(dict.fromkeys(_called(one) for one in letter.returns))
        names = "、".join(dict.fromkeys(_text(draft, "unit_name") for draft in drafts))
        raise QuerySheetError(f"查询单是发给“{asked_names}”的，里面的调查表是“{names}”的", _ADVICE)
    return found


def _same_unit(asked: AskedReturn, draft: Draft) -> AskedReturn | None:
    """One of name and credit code may have been corrected; not both at once."""
    same_name = plain_name(_text(draft, "unit_name")) == plain_name(asked.unit_name)
    same_code = bool(asked.uscc) and _text(draft, "uscc").upper().strip() == asked.uscc
    return asked if same_name or same_code or not asked.unit_name else None


def _only_one(letter: Letter, draft: Draft) -> AskedReturn | None:
    def key(name: str, venue: str, region: str) -> tuple[str, str, str]:
        return plain_name(name), plain_name(venue), plain_name(region)

    mine = key(*(_text(draft, name) for name in ("unit_name", "venue_name", "region")))
    same = [r for r in letter.returns if key(r.unit_name, r.venue_name, r.region) == mine]
    if len(same) > 1:
        raise QuerySheetError(
            f"有两份表都是“{_called(same[0])}”，分不清各答复哪一份", _ADVICE, Place("", draft.sheet)
        )
    return same[0] if same else None


def _called(asked: AskedReturn) -> str:
    return "—".join(name for name in (asked.unit_name or "单位名称未填", asked.venue_name) if name)


def _text(draft: Draft, name: str) -> str:
    return draft.cover[name].text if name in draft.cover else ""


def _corrected(answer: Answer, filled: Sequence[Filled], edition: Edition) -> Answer:
    """The answer with the value of 更正值; unreadable where people said two things."""
    if not filled:
        return answer
    item = edition.item[answer.item_id]
    applicable = edition.values.not_applicable
    readings = [read_cell(one.value, item.unit, applicable) for one in filled]
    texts = list(dict.fromkeys(figure[2] for figure in readings))
    first, asked = filled[0], filled[0].asked
    before = read_figure(asked.raw_text if asked else "", unit=item.unit, not_applicable=applicable)
    value, state, raw, notes = readings[0]
    said = [f"查询单{one.sheet}!{one.value_cell}填的是“{shown(one.value)}”" for one in filled]
    if len({figure[:2] for figure in readings}) > 1:
        return _unclear(answer, " / ".join(texts), first, "，".join(said) + "，各不相同")
    form_changed = answer.raw_text != (asked.raw_text if asked else "") and (
        (before.state, before.value) != (answer.state, answer.value)
    )
    if form_changed and (answer.state, answer.value) != (state, value):
        why = f"表内 {answer.sheet}!{answer.cell} 改成了“{answer.raw_text}”，{said[0]}，两处不同"
        return _unclear(answer, f"{answer.raw_text} / {raw}", first, why)
    note = f"查询单更正，表内 {answer.sheet}!{answer.cell} 为“{answer.raw_text}”"
    return Answer(answer.item_id, value, state, raw, first.sheet, first.value_cell, (*notes, note))


def _unclear(answer: Answer, raw: str, at: Filled, why: str) -> Answer:
    return Answer(answer.item_id, None, str(State.UNREADABLE), raw, at.sheet, at.value_cell, (why,))


def _correct_cover(draft: Draft, name: str, filled: Sequence[Filled]) -> None:
    """A cover line as corrected; two different corrections are left to be asked about again."""
    texts = {shown(one.value).strip() for one in filled}
    if len(texts) == 1:
        first = filled[0]
        numeric = isinstance(first.value, int | float) and not isinstance(first.value, bool)
        draft.cover[name] = CoverText(texts.pop(), first.sheet, first.value_cell, numeric)


def _lines(sheet: Sheet, letter: Letter) -> Iterator[Filled]:
    """The lines of one of our sheets that carry a number or say something."""
    header, columns = _columns(sheet)
    if header < 0:
        raise QuerySheetError("查询单的表头被改动过，认不出各列", _ADVICE, Place("", sheet.name))
    known = letter.line
    seen: set[str] = set()
    for row in range(header + 1, len(sheet.rows)):
        cells = {name: sheet.at(row, column) for name, column in columns.items()}
        number = shown(cells.get(NUMBER, "")).strip()
        value = cells.get(VALUE, "")
        value = value.strip() if isinstance(value, str) else value
        reason, why = (shown(cells.get(name, "")).strip() for name in (REASON, WHY))
        if not (value != "" or reason or why):
            continue
        at = {name: address(row, column) for name, column in columns.items()}
        if number in seen:
            raise QuerySheetError(
                "同一行答复被复制了一次，分不清以哪行为准",
                _ADVICE,
                Place("", sheet.name, at[NUMBER]),
            )
        seen.update({number} - {""})
        yield Filled(
            known.get(number), number, value, reason, why, sheet.name,
            at.get(VALUE, ""), at.get(WHY, ""),
        )  # fmt: skip


def _columns(sheet: Sheet) -> tuple[int, dict[str, int]]:
    """The header row of one of our sheets and the columns that are read; -1 when there is none."""
    for row, line in enumerate(sheet.rows[:_HEADER_SEARCH_ROWS]):
        columns = {
            cell.strip(): column for column, cell in enumerate(line) if isinstance(cell, str)
        }
        found = {name: columns[name] for name in (NUMBER, VALUE, REASON, WHY) if name in columns}
        if NUMBER in found and len(found) >= _FEWEST_HEADERS:
            return row, found
    return -1, {}

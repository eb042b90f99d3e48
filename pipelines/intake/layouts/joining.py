"""Which return a part found in a sheet belongs to, and how parts of one return are put together.

Units are told apart by what the parts name.  A part that names nobody belongs to the return begun
last; a part that names somebody else than the cover above it stops the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pipelines.errors import Place, UnclearLayoutError
from pipelines.intake.formats.cells import Sheet
from pipelines.intake.layouts.labels import plain_name
from pipelines.intake.layouts.questionnaire import Found
from pipelines.intake.layouts.sections import Section
from pipelines.intake.readings import Answer, CoverText, Draft
from pipelines.survey.notation import State

_IDENTITY = ("unit_name", "venue_name", "uscc", "region")


@dataclass(slots=True, eq=False)
class Part:
    """A return whose parts are still being found."""

    sheet: str = ""
    row: int = 0
    cover: dict[str, CoverText] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    #: Whether a cover, or only a line over a table, says whose it is.
    named: bool = False
    covered: bool = False
    decided: set[str] = field(default_factory=set)

    def take(self, sheet: Sheet, section: Section, found: Found) -> None:
        """Add what a section of a sheet holds."""
        if section.is_cover and not self.sheet:
            self.sheet, self.row = sheet.name, section.row
        names = bool(section.unit_name) and not sheet.hidden
        self.named = self.named or names
        self.covered = self.covered or (names and section.is_cover)
        for field_id, text in section.cover.items():
            known = self.cover.get(field_id)
            if known is None or not known.text:
                self.cover[field_id] = text
        fresh = {answer.item_id: answer for answer in found.answers}
        if len(fresh) == len(found.answers) and self.answers.keys().isdisjoint(fresh):
            self.answers.update(fresh)
        else:
            for answer in found.answers:
                self._add(answer, sheet)
        self.decided |= found.decided

    def draft(self, order: dict[str, int]) -> Draft:
        answers = sorted(self.answers.values(), key=lambda a: order[a.item_id])
        sheet = self.sheet or answers[0].sheet
        return Draft("questionnaire", sheet, self.row, self.cover, answers, decided=self.decided)

    def _add(self, answer: Answer, sheet: Sheet) -> None:
        """Keep an answer once: filled before blank, equal ones as one, others never."""
        known = self.answers.get(answer.item_id)
        if known is None:
            self.answers[answer.item_id] = answer
        elif answer.state == State.BLANK or sheet.hidden:
            return
        elif known.state == State.BLANK:
            self.answers[answer.item_id] = answer
        elif _said(known) != _said(answer):
            raise _twice(known, answer)


def part_for(
    sheet: Sheet, section: Section, answers: Sequence[Answer], parts: list[Part]
) -> Part | None:
    """The return a section belongs to, begun anew where it must; None for nobody's.

    A hidden sheet adds to the one return of the visible ones, unless it names another unit.
    """
    name = section.unit_name
    if sheet.hidden and parts:
        known = _same_unit(section, parts)
        return known or (parts[-1] if not name or not parts[-1].named else None)
    if not name:
        if parts and section.is_cover and parts[-1].answers and _contradicts(parts[-1], section):
            # Another unit's cover, its name left out.
            parts.append(Part())
        return _last(parts)
    known = _same_unit(section, parts)
    if known is not None:
        # What follows without a name belongs to the unit named last.
        parts.remove(known)
        parts.append(known)
        return known
    last = parts[-1] if parts else None
    if last is None or not last.named:
        return _last(parts)
    repeats = any(answer.item_id in last.answers for answer in answers)
    if section.is_cover or repeats or not last.covered:
        parts.append(Part())
        return parts[-1]
    raise _named_differently(section, last)


def join_rows(tables: Sequence[Sequence[Draft]]) -> list[Draft]:
    """Rows of summary tables as returns; a unit spread over several sheets is one return."""
    joined: list[Draft] = []
    for rows in tables:
        fresh = []
        for row in rows:
            same = [known for known in joined if row.role == "basic" and _same_row(known, row)]
            if len(same) > 1:
                raise UnclearLayoutError(
                    f"“{row.cover['unit_name'].text}”在别的工作表里有不止一行，分不清是哪一个",
                    place=Place(sheet=row.sheet, cell=row.answers[0].cell),
                )
            if same:
                _merge(same[0], row)
            else:
                fresh.append(row)
        joined += fresh
    return joined


def _last(parts: list[Part]) -> Part:
    if not parts:
        parts.append(Part())
    return parts[-1]


def _same_unit(section: Section, parts: list[Part]) -> Part | None:
    """The return of the unit that a section names: by all it says, else by a part of the name."""
    for part in reversed(parts):
        if part.named and _agree(part.cover, section.cover):
            return part
    last = parts[-1] if parts else None
    if last is None or len(section.cover) > 2 or not last.named or not section.unit_name:
        return None
    # A line over a table may shorten the name, or add the venue to it.
    known = plain_name(last.cover["unit_name"].text)
    return last if known in section.unit_name or section.unit_name in known else None


def _contradicts(part: Part, section: Section) -> bool:
    """Whether a cover without a name says otherwise than the one before it."""
    return any(
        text.text
        and field_id in part.cover
        and part.cover[field_id].text
        and plain_name(text.text) != plain_name(part.cover[field_id].text)
        for field_id, text in section.cover.items()
    )


def _agree(one: dict[str, CoverText], other: dict[str, CoverText]) -> bool:
    """Whether two covers are of one unit: the same name, and nothing that contradicts it."""
    for field_id in _IDENTITY:
        texts = [plain_name(c[field_id].text) if field_id in c else "" for c in (one, other)]
        if texts[0] != texts[1] and (field_id == "unit_name" or all(texts)):
            return False
    return True


def _same_row(known: Draft, row: Draft) -> bool:
    return known.role == "basic" and "unit_name" in known.cover and _agree(known.cover, row.cover)


def _merge(known: Draft, row: Draft) -> None:
    """Add the items of a further row of the same unit; what is said twice must agree."""
    have = {answer.item_id: answer for answer in known.answers}
    for answer in row.answers:
        before = have.get(answer.item_id)
        if before is not None and _said(before) != _said(answer):
            raise _twice(before, answer)
    known.answers += [answer for answer in row.answers if answer.item_id not in have]
    known.decided |= row.decided
    for field_id, text in row.cover.items():
        if field_id not in known.cover or not known.cover[field_id].text:
            known.cover[field_id] = text


def _said(answer: Answer) -> tuple[object, ...]:
    return answer.state, answer.value, answer.raw_text


def _twice(known: Answer, answer: Answer) -> UnclearLayoutError:
    return UnclearLayoutError(
        f"同一指标填了两处而且不同：工作表“{known.sheet}”{known.cell} 是“{known.raw_text}”，"
        f"工作表“{answer.sheet}”{answer.cell} 是“{answer.raw_text}”",
        place=Place(sheet=answer.sheet, cell=answer.cell),
    )


def _named_differently(section: Section, last: Part) -> UnclearLayoutError:
    text = section.cover["unit_name"]
    return UnclearLayoutError(
        f"封面的单位是“{last.cover['unit_name'].text}”，这里写的是“{text.text}”，分不清是谁的表",
        "请报送单位把封面和各表的单位名称改为一致；几个单位的表请分开报送",
        Place(sheet=text.sheet, cell=text.cell),
    )

"""Several returns of one unit for one year: which one counts, and what the others are.

A later one replaces an earlier one (a new revision; the earlier stays, superseded).  Later means a
later date of filling, or a file name that says so, with the other sign not against it.  A return
that came through the county and one that came through the department never replace each other,
nor do a unit's own form and a row of somebody's table, nor returns whose unit names are far apart.
Where nothing tells, the first in order counts (own form before row, county before department) and
the others are duplicates that a person is asked about.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property

from pipelines.intake.identity.file_marks import Mark, mark_of
from pipelines.intake.identity.identity_words import identity_words
from pipelines.intake.identity.near import same_unit

_CHANNEL_ORDER = {"county": 0, "department": 1}
_LAYOUT_ORDER = {"questionnaire": 0, "table": 1}

#: What each answer says, by item, for telling how two returns differ.
Content = dict[str, str]


@dataclass(eq=False)
class Candidate:
    """A return with what decides its rank; ``revision``, ``status`` and ``reason`` are set here."""

    return_id: str
    file: str
    layout: str
    channel: str
    name: str
    fill_date: dt.date | None
    read_content: Callable[[], Content]
    revision: int = 1
    status: str = "received"
    reason: str = ""
    #: The return that counts instead, for one that replaces or repeats it.
    current: Candidate | None = None
    #: What a person decided about this return, in words; "" when nobody did.
    ruled: str = ""

    @property
    def order(self) -> tuple[int, int, str, str]:
        return (
            _LAYOUT_ORDER.get(self.layout, 2),
            _CHANNEL_ORDER.get(self.channel, 2),
            self.file,
            self.return_id,
        )

    @cached_property
    def mark(self) -> Mark:
        """How late the names of file and folders say it is."""
        return mark_of(self.file, self.name)

    @cached_property
    def content(self) -> Content:
        return self.read_content()


def rank(candidates: Sequence[Candidate], item_names: dict[str, str]) -> None:
    """Set revision, status and reason of the returns of one unit, venue and year."""
    if len(candidates) == 1:
        return
    ordered = sorted(candidates, key=lambda c: c.order)
    ruled = next((c for c in ordered if c.ruled), None)
    if ruled:
        _set_by_ruling(ruled, ordered)
        return
    unbeaten = [c for c in ordered if not any(_later(other, c) for other in ordered)] or ordered
    current = unbeaten[0]
    for candidate in unbeaten:
        beaten = [
            c
            for c in ordered
            if c.current is None and c not in unbeaten and _over(candidate, c, ordered)
        ]
        _supersede(beaten, candidate)
        candidate.revision = len(beaten) + 1
    # What only a return of another channel would replace is repeated, not replaced.
    left = [c for c in ordered if c.current is None and c is not current]
    for candidate in left:
        candidate.status = "duplicate"
        candidate.current = current
        candidate.reason = _why_duplicate(candidate, current, item_names)


def differences(one: Content, other: Content) -> list[str]:
    """The items on which two returns differ, in the order of the first."""
    items = [*one, *(item for item in other if item not in one)]
    return [i for i in items if not _same(one.get(i, ""), other.get(i, ""))]


def _set_by_ruling(ruled: Candidate, ordered: list[Candidate]) -> None:
    others = [c for c in ordered if c is not ruled]
    _supersede(others, ruled)
    ruled.revision = len(ordered)
    for candidate in others:
        candidate.reason = (
            identity_words().reasons["ruled"].format(said=ruled.ruled, file=ruled.file)
        )


def _supersede(beaten: list[Candidate], by: Candidate) -> None:
    beaten.sort(key=lambda c: (c.fill_date or dt.date.min, c.mark.order, c.order))
    for number, candidate in enumerate(beaten, 1):
        candidate.revision = number
        candidate.status = "superseded"
        candidate.current = by
        candidate.reason = identity_words().reasons["superseded"].format(file=by.file)


def _over(one: Candidate, other: Candidate, ordered: list[Candidate]) -> bool:
    """Whether ``one`` is later than ``other``, itself or through others in between."""
    if not _may_replace(one, other):
        return False
    reached, waiting = {id(one)}, [one]
    while waiting:
        here = waiting.pop()
        if _later(here, other):
            return True
        for step in ordered:
            if id(step) not in reached and _later(here, step):
                reached.add(id(step))
                waiting.append(step)
    return False


def _later(one: Candidate, other: Candidate) -> bool:
    """Whether ``one`` was certainly made after ``other`` and takes its place."""
    if not _may_replace(one, other):
        return False
    marks = one.mark.compared(other.mark)
    if one.fill_date and other.fill_date and one.fill_date != other.fill_date:
        return one.fill_date > other.fill_date and marks >= 0
    return marks > 0


def _may_replace(one: Candidate, other: Candidate) -> bool:
    """Whether two returns can be versions of each other at all."""
    if one.layout != other.layout or {one.channel, other.channel} == {"county", "department"}:
        return False
    return not (one.name and other.name) or same_unit(one.name, other.name)


def _why_duplicate(candidate: Candidate, current: Candidate, names: dict[str, str]) -> str:
    words = identity_words()
    named = ""
    if candidate.name != current.name:
        named = words.reasons["other_name"].format(name=current.name, mine=candidate.name)
    return words.reasons["duplicate"].format(
        file=current.file,
        mine=candidate.file,
        differs=differences_zh(candidate.content, current.content, names),
        named=named,
    )


def differences_zh(mine: Content, other: Content, names: dict[str, str]) -> str:
    """How two returns differ, as a sentence: the first items with both values."""
    words = identity_words()
    items = differences(mine, other)
    if not items:
        return words.reasons["same_content"]
    shown = [
        words.difference.format(
            name=names.get(item, item),
            mine=mine.get(item, "") or words.nothing,
            other=other.get(item, "") or words.nothing,
        )
        for item in items[: words.most_differences]
    ]
    text = "、".join(shown)
    if len(items) > len(shown):
        text += words.more.format(count=len(items))
    return words.reasons["differing"].format(count=len(items), all=text)


def _same(one: str, other: str) -> bool:
    """Whether two cells say the same: 5 and 5.0 do."""
    if one == other:
        return True
    try:
        return Decimal(one) == Decimal(other)
    except InvalidOperation:
        return False

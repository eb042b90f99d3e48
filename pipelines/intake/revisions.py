"""Several returns of one unit for one year: which one counts, and what the others are.

A later one replaces an earlier one (a new revision; the earlier stays, superseded).  Later means a
later date of filling, or a file name that says so, with the other sign not against it.  Where
neither tells, the first in order counts, the county's before the department's, and the others are
duplicates that a person is asked about.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from pipelines.intake.vocabulary import vocabulary

_ORDINAL = re.compile(r"第([一二三四五六七八九\d]{1,2})次|[vV](\d{1,2})(?!\d)|（(\d)）$|\((\d)\)$")
_CHINESE = {char: n for n, char in enumerate("一二三四五六七八九", 1)}
_CHANNEL_ORDER = {"county": 0, "department": 1}


@dataclass(slots=True)
class Candidate:
    """A return with what decides its rank; ``revision``, ``status`` and ``reason`` are set here."""

    file: str
    channel: str
    name: str
    fill_date: dt.date | None
    content: dict[str, str] = field(repr=False)
    revision: int = 1
    status: str = "received"
    reason: str = ""

    @property
    def order(self) -> tuple[int, str]:
        return _CHANNEL_ORDER.get(self.channel, 2), self.file

    @property
    def mark(self) -> int:
        """How late a file name says it is: 0 says nothing."""
        name = PurePosixPath(self.file.replace("!", "/")).stem
        match = _ORDINAL.search(name)
        if match:
            text = next(group for group in match.groups() if group)
            return int(text) if text.isdigit() else _CHINESE.get(text[-1], 2)
        return 2 if any(word in name for word in vocabulary().revision_words) else 0


def rank(candidates: Sequence[Candidate]) -> None:
    """Set revision, status and reason of the returns of one unit, venue and year."""
    if len(candidates) == 1:
        return
    ordered = sorted(candidates, key=lambda c: c.order)
    unbeaten = [c for c in ordered if not any(_later(other, c) for other in ordered)]
    current = unbeaten[0]
    beaten = [c for c in ordered if c not in unbeaten]
    beaten.sort(key=lambda c: (c.fill_date or dt.date.min, c.mark, c.order))
    for number, candidate in enumerate(beaten, 1):
        candidate.revision = number
        candidate.status = "superseded"
        candidate.reason = f"已由后报的文件“{current.file}”更正"
    current.revision = len(beaten) + 1
    for candidate in unbeaten[1:]:
        candidate.revision = len(beaten) + 1
        candidate.status = "duplicate"
        candidate.reason = _why_duplicate(candidate, current)


def _later(one: Candidate, other: Candidate) -> bool:
    """Whether ``one`` was certainly made after ``other``."""
    marks = one.mark - other.mark
    if one.fill_date and other.fill_date and one.fill_date != other.fill_date:
        return one.fill_date > other.fill_date and marks >= 0
    return marks > 0


def _why_duplicate(candidate: Candidate, current: Candidate) -> str:
    items = candidate.content.keys() | current.content.keys()
    differing = sum(candidate.content.get(i, "") != current.content.get(i, "") for i in items)
    differs = f"{differing} 个指标不同" if differing else "内容相同"
    named = ""
    if candidate.name != current.name:
        named = f"；信用代码相同而单位名称不同（“{current.name}”与“{candidate.name}”）"
    return (
        f"与“{current.file}”重复报送，{differs}{named}；"
        f"本份“{candidate.file}”暂不计入，请核实以哪份为准"
    )

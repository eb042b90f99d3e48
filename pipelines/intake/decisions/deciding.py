"""Hold rulings against what was received: which apply to which return, and which have gone stale.

A ruling names a file with the beginning of its content hash.  Where the file has changed, moved or
was not loaded, the ruling is not applied and says why; where the file is the same but the ruling
names a return or a unit that is not there, the ruling is wrong and stops the run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pipelines.intake.decisions.rulings import (
    BELONGS,
    COUNTS,
    DISTINCT,
    NOT_SAME,
    OTHER_COUNTS,
    REPEATS,
    Ruling,
)
from pipelines.intake.identity.identities import Identity
from pipelines.intake.identity.identity_words import identity_words
from pipelines.intake.identity.matching import Register
from pipelines.intake.layouts.labels import plain_name
from pipelines.intake.readings import FileReport, ReturnHead

Row = dict[str, Any]
Known = tuple[ReturnHead, Identity]


@dataclass
class Decided:
    """What people decided, by return id."""

    belongs: dict[str, str] = field(default_factory=dict)
    not_same: set[str] = field(default_factory=set)
    counts: dict[str, Ruling] = field(default_factory=dict)
    repeats: dict[str, tuple[Ruling, str]] = field(default_factory=dict)
    distinct: set[frozenset[str]] = field(default_factory=set)
    rows: list[Row] = field(default_factory=list)

    @property
    def identified(self) -> set[str]:
        """Returns about whose unit a person has decided."""
        return self.belongs.keys() | self.not_same

    def stale(self) -> list[Row]:
        return [row for row in self.rows if row["status"] == "stale"]


class _StaleError(Exception):
    """A ruling about something that is no longer as it was."""


def decide(
    rulings: Sequence[Ruling],
    reports: Sequence[FileReport],
    known: Sequence[Known],
    register: Register,
) -> Decided:
    """Which rulings apply to what; raises DecisionFileError for one that cannot be meant."""
    received = _Received(reports, known)
    decided = Decided()
    for ruling in rulings:
        row = _row(ruling)
        decided.rows.append(row)
        unit_id = _unit_of(ruling, register)
        try:
            row["return_id"] = received.return_of(ruling)
            if ruling.entry.other_file:
                row["other_return_id"] = received.other_of(ruling, row["return_id"])
        except _StaleError as stale:
            row["status"], row["status_zh"] = "stale", str(stale)
            continue
        row["unit_id"] = unit_id
        _apply(ruling, row, decided)
    return decided


class _Received:
    """The files and returns of all years, as rulings name them."""

    def __init__(self, reports: Sequence[FileReport], known: Sequence[Known]) -> None:
        self._reports = {(r.file.year, r.file.file): r for r in reports}
        self._returns: dict[tuple[int, str], list[Known]] = defaultdict(list)
        for head, identity in known:
            self._returns[head.file.year, head.file.file].append((head, identity))

    def return_of(self, ruling: Ruling) -> str:
        entry = ruling.entry
        report = self._report(ruling.year, entry.file)
        now = report.file.submission_id
        if not now.startswith(entry.content.lower()):
            words = identity_words().stale["changed"]
            raise _StaleError(words.format(then=entry.content, now=now[: len(entry.content)]))
        return self._one(ruling, entry.file, entry.sheet, entry.unit, entry.venue)

    def other_of(self, ruling: Ruling, first: str) -> str:
        entry = ruling.entry
        self._report(ruling.year, entry.other_file)
        found = self._one(ruling, entry.other_file, "", entry.other_unit, entry.other_venue, first)
        if found == first:
            raise ruling.refused("“另一份”与这一份是同一份表")
        return found

    def _report(self, year: int, file: str) -> FileReport:
        report = self._reports.get((year, file))
        words = identity_words().stale
        if report is None:
            raise _StaleError(f"“{file}”：{words['no_file']}")
        if report.status != "loaded":
            raise _StaleError(f"“{file}”：{words['not_loaded'].format(reason=report.reason_zh)}")
        return report

    def _one(
        self, ruling: Ruling, file: str, sheet: str, unit: str, venue: str, but: str = ""
    ) -> str:
        """The one return of a file that has this sheet, unit and venue."""
        fitting = [
            (head, identity)
            for head, identity in self._returns[ruling.year, file]
            if (not sheet or head.sheet == sheet)
            and (not unit or plain_name(identity.unit_name) == plain_name(unit))
            and (not venue or plain_name(identity.venue_name) == plain_name(venue))
            and head.return_id != but
        ]
        if len(fitting) > 1 and not venue:
            # A unit named alone means its own return, never that of one of its venues.
            fitting = [known for known in fitting if not known[1].venue_name] or fitting
        if len(fitting) == 1:
            return fitting[0][0].return_id
        if fitting:
            raise ruling.refused(
                f"文件“{file}”里对得上的有 {len(fitting)} 份表", "请写明“工作表”“单位”和“场馆”"
            )
        names = "、".join(dict.fromkeys(i.unit_name for _, i in self._returns[ruling.year, file]))
        raise ruling.refused(f"文件“{file}”里没有这份表，里面是：{names}")


def _unit_of(ruling: Ruling, register: Register) -> str:
    """The id of the unit of the register that a ruling names."""
    asked = ruling.entry.register_unit
    if not asked:
        return ""
    units = register.unit(ruling.year, asked)
    if len(units) == 1:
        return units[0].unit_id
    if units:
        raise ruling.refused(
            f"名录里叫“{asked}”的有 {len(units)} 个单位", "请写单位编号（信用代码）"
        )
    raise ruling.refused(f"{ruling.year} 年名录里没有单位“{asked}”", "请按名录写信用代码或单位全称")


def _apply(ruling: Ruling, row: Row, decided: Decided) -> None:
    return_id, other = row["return_id"], row["other_return_id"]
    match ruling.entry.decision:
        case decision if decision == BELONGS:
            decided.belongs[return_id] = row["unit_id"]
        case decision if decision == NOT_SAME:
            decided.not_same.add(return_id)
        case decision if decision == COUNTS:
            decided.counts[return_id] = ruling
        case decision if decision == OTHER_COUNTS:
            decided.counts[other] = ruling
        case decision if decision == REPEATS:
            decided.repeats[return_id] = (ruling, other)
        case decision if decision == DISTINCT:
            decided.distinct.add(frozenset((return_id, other)))


def _row(ruling: Ruling) -> Row:
    entry = ruling.entry
    return {
        "year": ruling.year,
        "number": ruling.number,
        "line": ruling.line,
        "return_asked_zh": ruling.return_asked_zh,
        "decision_zh": entry.decision,
        "return_id": "",
        "other_return_id": "",
        "unit_id": "",
        "decided_by": entry.decided_by,
        "decided_on": entry.decided_on,
        "reason_zh": entry.reason,
        "status": "applied",
        "status_zh": "",
    }

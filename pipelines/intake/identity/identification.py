"""Whose every return is, which of several counts, and what a person has to decide.

Rulings come first, then the credit code, then the name within its division.  Whatever is left open
becomes a row of ``identity_questions``, with what it may be; nothing of it is ever used.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import pyarrow as pa

from pipelines.intake.decisions.deciding import Decided, Known, decide
from pipelines.intake.decisions.rulings import Ruling
from pipelines.intake.identity.double_count import double_counts
from pipelines.intake.identity.identities import (
    Identity,
    WrittenNames,
    identity_columns,
)
from pipelines.intake.identity.identity_words import identity_words
from pipelines.intake.identity.matching import Match, Register, describe
from pipelines.intake.identity.register_units import Unit
from pipelines.intake.identity.revisions import Candidate, rank
from pipelines.intake.identity.sums import sums_alone
from pipelines.intake.layouts.labels import plain_name
from pipelines.intake.readings import FileReport, ReturnHead
from pipelines.intake.replies.rounds import asked_about, replace_asked
from pipelines.survey import Survey

Row = dict[str, Any]
_GroupKey = tuple[int, str, str]
#: A question that is about no one return.
_NOBODY = dict.fromkeys(
    ("return_id", "file", "sheet", "submission_id", "unit_name", "venue_name"), ""
)
#: How much of a content hash a ruling must name.
_HASH_SHOWN = 16


@dataclass
class Identified:
    """Rows of the tables returns, rulings and identity_questions."""

    returns: list[Row] = field(default_factory=list)
    rulings: list[Row] = field(default_factory=list)
    questions: list[Row] = field(default_factory=list)


def identify(
    known: Sequence[Known],
    reports: Sequence[FileReport],
    survey: Survey,
    register_table: pa.Table,
    rulings: Sequence[Ruling] = (),
) -> Identified:
    """Whose the returns are; raises DecisionFileError for a ruling that cannot be meant."""
    return _Office(known, reports, survey, register_table, rulings).identified()


class _Office:
    """All returns of all years on one desk."""

    def __init__(
        self,
        known: Sequence[Known],
        reports: Sequence[FileReport],
        survey: Survey,
        register_table: pa.Table,
        rulings: Sequence[Ruling],
    ) -> None:
        self._survey = survey
        self._names = WrittenNames(survey)
        self._register = Register(register_table, self._names)
        self._known = known
        self._heads = {head.return_id: head for head, _ in known}
        self._decided: Decided = decide(rulings, reports, self._known, self._register)
        self._matches = self._match()
        self._rows = {head.return_id: self._row(head, i) for head, i in self._known}
        self._others: dict[str, str] = {}

    def identified(self) -> Identified:
        self._rank()
        self._apply_repeats()
        replace_asked(list(self._rows.values()), list(self._heads.values()))
        questions = [*self._open_identities(), *self._duplicates(), *self._double_counts()]
        questions += self._sums_alone()
        questions += [self._stale(row) for row in self._decided.stale()]
        return Identified(list(self._rows.values()), self._decided.rows, questions)

    def _match(self) -> dict[str, Match]:
        decided = self._decided
        matches: dict[str, Match] = {}
        for head, identity in self._known:
            match = self._register.match(identity, head.file.year, head.return_id)
            if head.return_id in decided.belongs:
                match = Match(decided.belongs[head.return_id])
            elif head.return_id in decided.not_same:
                name = self._names.of(identity.unit_name, identity.division_code, head.file.year)
                own = f"{identity.division_code}|{name}"
                match = Match(own if own != match.unit_id else f"{own}|{head.return_id}")
            matches[head.return_id] = match
        self._adopt_codes(matches)
        return matches

    def _adopt_codes(self, matches: dict[str, Match]) -> None:
        """Units that left the code out once and gave it another time, by name in one division."""
        codes: dict[tuple[int, str, str], set[str]] = defaultdict(set)
        names = {}
        for head, identity in self._known:
            year, division = head.file.year, identity.division_code
            name = self._names.of(identity.unit_name, division, year)
            if name and division:
                names[head.return_id] = (year, division, name)
                if identity.uscc:
                    codes[names[head.return_id]].add(identity.uscc)
        for head, identity in self._known:
            found = codes.get(names.get(head.return_id, (0, "", "")), set())
            match = matches[head.return_id]
            undecided = head.return_id not in self._decided.identified
            unknown = match.unit is None and match.kind in ("", "unknown_unit")
            if undecided and unknown and not identity.uscc and len(found) == 1:
                matches[head.return_id] = replace(match, unit_id=next(iter(found)))

    def _role(self, head: ReturnHead) -> str:
        """A form named as a sum is a unit's own where a person has said whose it is."""
        return "basic" if head.return_id in self._decided.identified else head.role

    def _row(self, head: ReturnHead, identity: Identity) -> Row:
        return {
            "return_id": head.return_id,
            "submission_id": head.file.submission_id,
            "file": head.file.file,
            "sheet": head.sheet,
            "year": head.file.year,
            "edition_id": head.edition_id,
            "layout": head.layout,
            "role": self._role(head),
            "unit_id": self._matches[head.return_id].unit_id,
            **identity_columns(identity),
            "is_venue": identity.is_venue,
            "channel": head.file.channel,
            "revision": 1,
            "fill_date": identity.fill_date,
            "status": "received",
            "status_reason_zh": "",
            "simulated": head.simulated,
        }

    def _rank(self) -> None:
        """Within each unit and venue: what replaces or repeats what."""
        asked = asked_about(list(self._heads.values()))
        groups: dict[_GroupKey, list[Candidate]] = defaultdict(list)
        for head, identity in self._known:
            if self._role(head) != "basic" or head.return_id in asked:
                continue
            ruling = self._decided.counts.get(head.return_id)
            key = (head.file.year, self._matches[head.return_id].unit_id, identity.venue_key)
            candidate = Candidate(
                return_id=head.return_id,
                file=head.file.file,
                layout=head.layout,
                channel=head.file.channel,
                name=plain_name(identity.unit_name),
                fill_date=identity.fill_date,
                read_content=partial(getattr, head, "content"),
                ruled=ruling.said_zh if ruling else "",
            )
            groups[key].append(candidate)
        for (year, _, _), group in groups.items():
            self._refuse_two_rulings(group)
            if len(group) > 1:
                rank(group, _item_names(self._survey, year))
            for candidate in group:
                self._note(candidate)

    def _refuse_two_rulings(self, group: list[Candidate]) -> None:
        ruled = [self._decided.counts[c.return_id] for c in group if c.ruled]
        if len(ruled) > 1:
            raise ruled[1].refused(f"与第 {ruled[0].line} 行都说以自己为准，是同一单位的表")

    def _note(self, candidate: Candidate) -> None:
        row = self._rows[candidate.return_id]
        row["revision"] = candidate.revision
        row["status"] = candidate.status
        row["status_reason_zh"] = candidate.reason
        if candidate.current:
            self._others[candidate.return_id] = candidate.current.return_id

    def _apply_repeats(self) -> None:
        """Returns that a person found to be inside another one do not count."""
        for return_id, (ruling, other) in self._decided.repeats.items():
            row = self._rows[return_id]
            if row["status"] == "received":
                row["status"] = "superseded"
                row["status_reason_zh"] = (
                    identity_words()
                    .reasons["repeats"]
                    .format(said=ruling.said_zh, file=self._rows[other]["file"])
                )

    def _open_identities(self) -> Iterator[Row]:
        for head, identity in self._known:
            match, row = self._matches[head.return_id], self._rows[head.return_id]
            if not match.kind or row["role"] != "basic" or row["status"] == "superseded":
                continue
            units = match.candidates or ((match.unit,) if match.unit else ())
            yield self._question(
                match.kind,
                row,
                self._sentence(match.kind, identity, units, row["year"]),
                candidates=describe(units, self._survey, row["year"]),
                candidate_ids=[unit.unit_id for unit in units],
            )

    def _sentence(self, kind: str, identity: Identity, units: Sequence[Unit], year: int) -> str:
        """The question about a return's unit; ``known`` is what the register says instead."""
        known = ""
        if units:
            first = units[0]
            known = {
                "place_differs": self._place(first.division_code, year),
                "code_differs": first.uscc,
            }.get(kind, first.name)
        return (
            identity_words()
            .questions[kind]
            .format(
                unit=identity.unit_name,
                venue=identity.venue_name,
                code=identity.uscc,
                place=self._place(identity.division_code, year),
                count=len(units),
                known=known,
            )
        )

    def _place(self, code: str, year: int) -> str:
        place = self._survey.divisions.get(code, year) if code else None
        return place.name_zh if place else identity_words().places["unknown"]

    def _duplicates(self) -> Iterator[Row]:
        for return_id, other_id in self._others.items():
            row, other = self._rows[return_id], self._rows[other_id]
            if row["status"] != "duplicate":
                continue
            message = (
                identity_words()
                .questions["duplicate"]
                .format(
                    unit=row["venue_name"] or row["unit_name"],
                    other=other["file"],
                    file=row["file"],
                )
            )
            yield self._question("duplicate", row, message, other)

    def _double_counts(self) -> Iterator[Row]:
        rows = [
            r for r in self._rows.values() if r["role"] == "basic" and r["status"] == "received"
        ]
        for found in double_counts(rows, lambda i: self._heads[i].content, self._survey):
            if frozenset((found.venue, found.bureau)) in self._decided.distinct:
                continue
            row, other = self._rows[found.venue], self._rows[found.bureau]
            message = (
                identity_words()
                .questions["double_count"]
                .format(
                    unit=row["venue_name"] or row["unit_name"],
                    other_unit=other["unit_name"],
                    count=len(found.items),
                )
            )
            yield self._question("double_count", row, message, other, items=list(found.items))

    def _sums_alone(self) -> Iterator[Row]:
        """Sums, and nobody's returns that they sum: none of their figures count anywhere."""
        rows = self._rows.values()
        alone = list(sums_alone([row for row in rows if row["status"] == "received"]))
        words = identity_words().questions
        for row in alone:
            if row["layout"] == "questionnaire":
                yield self._question(
                    "sum_alone", row, words["sum_alone"].format(unit=row["unit_name"])
                )
        tables = Counter((r["year"], r["file"]) for r in alone if r["layout"] != "questionnaire")
        for (year, file), count in tables.items():
            nobody = {**_NOBODY, "year": year, "file": file}
            message = words["sums_alone"].format(file=file, count=count)
            yield self._question("sums_alone", nobody, message, subject=file)

    def _stale(self, ruling: Mapping[str, Any]) -> Row:
        message = (
            identity_words()
            .questions["stale_ruling"]
            .format(line=ruling["line"], asked=ruling["return_asked_zh"], why=ruling["status_zh"])
        )
        row = {**_NOBODY, "year": ruling["year"]}
        return self._question("stale_ruling", row, message, subject=str(ruling["number"]))

    def _question(
        self,
        kind: str,
        row: Mapping[str, Any],
        message: str,
        other: Mapping[str, Any] | None = None,
        *,
        candidates: Sequence[str] = (),
        candidate_ids: Sequence[str] = (),
        items: Sequence[str] = (),
        subject: str = "",
    ) -> Row:
        beside = other or {}
        about = (str(row["year"]), kind, row["return_id"], beside.get("return_id", ""), subject)
        return {
            "question_id": hashlib.sha256("\x1f".join(about).encode()).hexdigest()[:16],
            "year": row["year"],
            "kind": kind,
            "return_id": row["return_id"],
            "file": row["file"],
            "sheet": row["sheet"],
            "content": row["submission_id"][:_HASH_SHOWN],
            "unit_name": row["unit_name"],
            "venue_name": row["venue_name"],
            "other_return_id": beside.get("return_id", ""),
            "other_file": beside.get("file", ""),
            "other_unit_name": beside.get("unit_name", ""),
            "candidates": list(candidates),
            "candidate_ids": list(candidate_ids),
            "items": list(items),
            "message_zh": message,
        }


def _item_names(survey: Survey, year: int) -> dict[str, str]:
    return {item.item_id: item.name_zh for item in survey.edition_of(year).items}

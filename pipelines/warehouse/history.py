"""What happened to a cell beside being reported: earlier returns, corrections, answers, rulings."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from pipelines.survey.notation import normalise_text
from pipelines.warehouse.store import Snapshot, Workshop

#: Return and item.
Key = tuple[str, str]
Event = TypeVar("Event", "Earlier", "Correction", "Explanation", "Ruling")

#: Replaced or set aside by another return of the same unit and venue.
_ASIDE = ("superseded", "duplicate")


@dataclass(frozen=True)
class Earlier:
    """The same cell in another return of the unit, one that does not count."""

    revision: int
    status: str
    status_reason_zh: str
    raw_text: str
    file: str
    sheet: str
    cell: str


@dataclass(frozen=True)
class Correction:
    """A correction of the cell; ``status`` other than ``applied`` says why it is not in force."""

    line: int
    old_text: str
    new_text: str
    confirmed_by: str
    confirmed_on: dt.date
    means_zh: str
    reason_zh: str
    status: str
    status_zh: str


@dataclass(frozen=True)
class Explanation:
    """What was answered to a question about the cell."""

    rule_id: str
    source: str
    by_zh: str
    text_zh: str
    state: str
    state_reason_zh: str
    file: str


@dataclass(frozen=True)
class Ruling:
    """What a person has decided about the return."""

    line: int
    decision_zh: str
    decided_by: str
    decided_on: dt.date
    reason_zh: str


@dataclass(frozen=True)
class History:
    """Everything that happened to one cell, in order."""

    earlier: tuple[Earlier, ...] = ()
    corrections: tuple[Correction, ...] = ()
    explanations: tuple[Explanation, ...] = ()
    rulings: tuple[Ruling, ...] = ()


def histories(
    snapshot: Snapshot | Workshop,
    year: int,
    cells: Sequence[Mapping[str, Any]],
    items: Sequence[str],
) -> dict[Key, History]:
    """The history of every cell.

    A cell is a mapping with the columns return_id, item_id, unit_id, venue_name and is_venue.
    """
    earlier = _by(Earlier, _earlier(snapshot, year, items), _of_venue)
    explanations = _by(Explanation, _explanations(snapshot, year, items), _of_venue)
    corrections = _by(Correction, _corrections(snapshot, year), _of_return)
    rulings = _by(Ruling, _rulings(snapshot, year), lambda row: row["return_id"])

    def history(cell: Mapping[str, Any]) -> History:
        own, venue = _of_return(cell), _of_venue(cell)
        return History(
            tuple(earlier.get(venue, ())),
            tuple(corrections.get(own, ())),
            tuple(explanations.get(venue, ())),
            tuple(rulings.get(cell["return_id"], ())),
        )

    return {_of_return(cell): history(cell) for cell in cells}


def _by(kind: type[Event], rows: Iterable[Mapping[str, Any]], key: Any) -> dict[Any, list[Event]]:
    """Rows as events, by what they are about."""
    names = [field.name for field in fields(kind)]
    found: dict[Any, list[Event]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(kind(**{name: row[name] for name in names}))
    return found


def _of_return(row: Mapping[str, Any]) -> Key:
    return row["return_id"], row["item_id"]


def _of_venue(row: Mapping[str, Any]) -> tuple[str, str, str]:
    """Unit, venue and item of a cell, however the venue's name was spaced."""
    name = "".join(normalise_text(row["venue_name"])[0].split()) if row["venue_name"] else ""
    return row["unit_id"], name or ("场馆" if row["is_venue"] else ""), row["item_id"]


def _earlier(
    snapshot: Snapshot | Workshop, year: int, items: Sequence[str]
) -> list[dict[str, Any]]:
    return snapshot.few_rows(
        "SELECT r.unit_id, r.venue_name, r.is_venue, r.revision, r.status, r.status_reason_zh,"
        " a.item_id, a.raw_text, a.file, a.sheet, a.cell"
        " FROM returns r JOIN answers a USING (return_id)"
        " WHERE r.year = $year AND r.status IN (SELECT unnest($aside))"
        " AND a.item_id IN (SELECT unnest($items)) ORDER BY r.revision, a.file, a.sheet, a.cell",
        {"year": year, "aside": list(_ASIDE), "items": list(items)},
    )


def _corrections(snapshot: Snapshot | Workshop, year: int) -> list[dict[str, Any]]:
    return snapshot.few_rows(
        "SELECT * FROM corrections WHERE year = $year AND return_id <> '' ORDER BY number",
        {"year": year},
    )


def _explanations(
    snapshot: Snapshot | Workshop, year: int, items: Sequence[str]
) -> list[dict[str, Any]]:
    """A venue without a name is told from its unit by the return that the finding is about."""
    return snapshot.few_rows(
        "SELECT e.*, i.item_id, coalesce(r.is_venue, FALSE) AS is_venue FROM explanations e"
        " LEFT JOIN findings f USING (finding_id) LEFT JOIN returns r USING (return_id),"
        " LATERAL (SELECT unnest(e.items) AS item_id) i"
        " WHERE e.year = $year AND i.item_id IN (SELECT unnest($items))"
        " ORDER BY e.file, e.sheet, e.cell",
        {"year": year, "items": list(items)},
    )


def _rulings(snapshot: Snapshot | Workshop, year: int) -> list[dict[str, Any]]:
    """Applied rulings, under each of the returns that they are about."""
    return snapshot.few_rows(
        "SELECT * REPLACE (a.return_id AS return_id) FROM rulings r,"
        " LATERAL (SELECT unnest([r.return_id, r.other_return_id]) AS return_id) a"
        " WHERE r.year = $year AND r.status = 'applied' AND a.return_id <> '' ORDER BY r.number",
        {"year": year},
    )

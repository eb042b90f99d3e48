"""From a published figure down to the cells it is made of, and what happened to each of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pipelines.warehouse.history import History, Key, histories
from pipelines.warehouse.store import Snapshot, Workshop

_COUNTED = ("received", "accepted", "queried")


@dataclass(frozen=True)
class Contribution:
    """One cell, and what it adds to the figure.

    ``state`` and ``amount`` are those in force, ``raw_text`` what the file says.
    """

    return_id: str
    unit_id: str
    unit_name: str
    venue_name: str
    item_id: str
    amount: Decimal | None
    raw_text: str
    state: str
    corrected: bool
    notes: tuple[str, ...]
    status: str
    revision: int
    file: str
    sheet: str
    cell: str
    history: History

    @property
    def key(self) -> Key:
        return self.return_id, self.item_id

    @property
    def counts(self) -> bool:
        """Whether the return takes part in totals: one sent back does not."""
        return self.status in _COUNTED

    @property
    def place(self) -> str:
        """``工作表!单元格``; the cell alone where there are no sheets."""
        return f"{self.sheet}!{self.cell}" if self.sheet else self.cell


@dataclass(frozen=True)
class Selection:
    """Which returns of a year: each condition is a column of ``returns`` and its value."""

    year: int
    conditions: dict[str, str] = field(default_factory=dict)
    #: Returns sent back are listed too, though they add nothing.
    with_rejected: bool = False


@dataclass(frozen=True)
class Trace:
    """All cells behind one sum, largest first, and the sum they make."""

    contributions: tuple[Contribution, ...]
    signs: dict[str, bool]

    @property
    def total(self) -> Decimal | None:
        """The sum of what counts; None where nobody gave a figure."""
        amounts = [self.signed(c) for c in self.contributions if c.counts and c.amount is not None]
        return sum(amounts, Decimal(0)) if amounts else None

    def signed(self, one: Contribution) -> Decimal:
        """What a cell adds: an item may stand in a figure to be subtracted."""
        amount = one.amount or Decimal(0)
        return -amount if self.signs[one.item_id] else amount


def trace_sum(snapshot: Snapshot | Workshop, chosen: Selection, signs: dict[str, bool]) -> Trace:
    """The cells of the items of ``signs`` (TRUE: subtracted) in the chosen returns."""
    statuses = (*_COUNTED, "rejected") if chosen.with_rejected else _COUNTED
    where = "".join(f" AND r.{column} = ${column}" for column in chosen.conditions)
    rows = snapshot.few_rows(
        "SELECT a.return_id, r.unit_id, r.unit_name, r.venue_name, r.is_venue, a.item_id,"
        " a.amount, a.raw_text, a.state, a.corrected, a.notes, r.status, r.revision,"
        " a.file, a.sheet, a.cell FROM current_answers a JOIN returns r USING (return_id)"
        " WHERE r.year = $year AND r.role = 'basic' AND r.status IN (SELECT unnest($statuses))"
        f" AND a.item_id IN (SELECT unnest($items)){where}"
        " ORDER BY abs(a.amount) DESC NULLS LAST, a.file, a.sheet, a.cell, a.item_id",
        {
            "year": chosen.year,
            "statuses": list(statuses),
            "items": sorted(signs),
            **chosen.conditions,
        },
    )
    known = histories(snapshot, chosen.year, rows, sorted(signs))
    told = (_contribution(row, known[row["return_id"], row["item_id"]]) for row in rows)
    return Trace(tuple(told), signs)


def _contribution(row: dict[str, Any], history: History) -> Contribution:
    del row["is_venue"]
    row["notes"] = tuple(row["notes"])
    return Contribution(**row, history=history)

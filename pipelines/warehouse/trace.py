"""From a published figure down to the cells it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pipelines.warehouse.store import Snapshot

#: Column of ``returns`` that each breakdown groups by; the province takes all.
GROUPED_BY = {
    "province": "",
    "prefecture": "prefecture_code",
    "county": "county_code",
    "department": "department_id",
    "level": "level_id",
    "channel": "channel",
}


@dataclass(frozen=True)
class Contribution:
    """One cell, and what it adds to the figure."""

    unit_name: str
    venue_name: str
    item_id: str
    amount: Decimal | None
    raw_text: str
    state: str
    status: str
    file: str
    sheet: str
    cell: str


@dataclass(frozen=True)
class Trace:
    """All cells behind one sum, largest first, and the sum they make."""

    contributions: tuple[Contribution, ...]
    total: Decimal | None


def trace_sum(
    snapshot: Snapshot, year: int, item_ids: Sequence[str], breakdown: str, member: str
) -> Trace:
    """The cells of ``item_ids`` that count for a member of a breakdown; signs are the caller's."""
    column = GROUPED_BY[breakdown]
    condition = f"AND c.{column} = $member" if column else ""
    params: dict[str, object] = {"year": year, "items": list(item_ids)}
    if column:
        params["member"] = member
    rows = snapshot.rows(
        "SELECT r.unit_name, r.venue_name, c.item_id, c.amount, a.raw_text, c.state, r.status,"
        " a.file, a.sheet, a.cell FROM counted_answers c"
        " JOIN answers a USING (return_id, item_id) JOIN returns r USING (return_id)"
        f" WHERE c.year = $year AND c.item_id IN (SELECT unnest($items)) {condition}"
        " ORDER BY abs(c.amount) DESC NULLS LAST, a.file, a.sheet, a.cell, c.item_id",
        params,
    )
    contributions = tuple(Contribution(**row) for row in rows)
    amounts = [c.amount for c in contributions if c.amount is not None]
    return Trace(contributions, sum(amounts, Decimal(0)) if amounts else None)

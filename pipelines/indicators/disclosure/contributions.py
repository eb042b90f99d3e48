"""Who stands behind every cell: contributors and the two largest of them, in one pass of SQL.

A contributor is a unit, however many returns and venues it fills in; a unit whose amount is 0
gives nothing away and does not count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pipelines.indicators.breakdowns import BREAKDOWNS
from pipelines.indicators.cube import Sum
from pipelines.indicators.disclosure.partition import Partitions
from pipelines.indicators.territory import NONE, Territory
from pipelines.survey.reference import PROVINCE
from pipelines.warehouse import Snapshot, Workshop

if TYPE_CHECKING:
    import pyarrow as pa

#: Both can be asked; a release is a snapshot, what is being built a workshop.
Store = Workshop | Snapshot

_RETURNS_SQL = """
SELECT return_id, unit_id, division_code, county_code, prefecture_code,
    department_id AS department, level_id AS level, channel
FROM counted_returns WHERE year = ? ORDER BY return_id
"""

# A return stands in one class of every breakdown; a unit is one contributor in each.
_PER_UNIT_SQL = """
SELECT s.quantity, m.class, m.unit_id,
    sum(CASE WHEN s.negative THEN -a.amount ELSE a.amount END) AS amount
FROM current_answers a
JOIN disclosure_summands s USING (item_id)
JOIN disclosure_members m USING (return_id)
WHERE a.amount <> 0
GROUP BY ALL
"""
_CONTRIBUTIONS_SQL = f"""
SELECT quantity, class, CAST(sum(amount) AS DOUBLE) AS amount, count(*) AS contributors,
    CAST(max(abs(amount), 2) AS DOUBLE[]) AS largest
FROM ({_PER_UNIT_SQL}) WHERE amount <> 0 GROUP BY quantity, class ORDER BY quantity, class
"""


@dataclass(frozen=True)
class Contributions:
    """The cells of a year that somebody contributes to, one place a cell in every array."""

    quantity: NDArray[np.intp]
    place: NDArray[np.intp]
    amount: NDArray[np.float64]
    contributors: NDArray[np.intp]
    largest: NDArray[np.float64]
    second: NDArray[np.float64]


def partitions_of(
    workshop: Store, territory: Territory, year: int
) -> tuple[Partitions, list[dict[str, Any]]]:
    """The classes of a year's returns, and every return in each class that it belongs to."""
    returns = workshop.few_rows(_RETURNS_SQL, [year])
    atoms: dict[tuple[tuple[str, tuple[str, str]], ...], int] = {}
    standing = [
        atoms.setdefault(tuple(_members(row, territory, year).items()), len(atoms))
        for row in returns
    ]
    partitions = Partitions(tuple(dict(atom) for atom in atoms))
    classes = [
        sorted({partitions.class_of[name, *members] for name, members in atom.items()})
        for atom in partitions.atoms
    ]
    rows = [
        {"return_id": row["return_id"], "unit_id": row["unit_id"], "class": number}
        for row, atom in zip(returns, standing, strict=True)
        for number in classes[atom]
    ]
    return partitions, rows


def contributions(
    workshop: Store, quantities: Sequence[Sum], members: list[dict[str, Any]]
) -> Contributions:
    """The cells of all quantities; a place of ``quantity`` is one in ``quantities``."""
    with _registered(workshop, quantities, members):
        found = workshop.con.execute(_CONTRIBUTIONS_SQL).fetchnumpy()
    tops = found["largest"]
    return Contributions(
        quantity=np.asarray(found["quantity"], dtype=np.intp),
        place=np.asarray(found["class"], dtype=np.intp),
        amount=np.asarray(found["amount"], dtype=float),
        contributors=np.asarray(found["contributors"], dtype=np.intp),
        largest=np.array([top[0] for top in tops], dtype=float),
        second=np.array([top[1] if len(top) > 1 else 0.0 for top in tops], dtype=float),
    )


def unit_amounts(
    store: Store, quantities: Sequence[Sum], members: list[dict[str, Any]]
) -> pa.Table:
    """What every unit gives to every cell: quantity, class, unit_id, amount."""
    with _registered(store, quantities, members):
        return store.query(f"SELECT * FROM ({_PER_UNIT_SQL}) WHERE amount <> 0")


def _members(row: Mapping[str, Any], territory: Territory, year: int) -> dict[str, tuple[str, str]]:
    """A return as a member of every breakdown."""
    place = territory.place(year, row["division_code"], row["county_code"], row["prefecture_code"])
    known = asdict(place) | {d: row[d] or NONE for d in ("department", "level", "channel")}
    found = {}
    for breakdown in BREAKDOWNS:
        member, member2 = [*(known[d] for d in breakdown.dimensions or ()), "", ""][:2]
        found[breakdown.name] = (member or PROVINCE, member2)
    return found


@contextmanager
def _registered(
    store: Store, quantities: Sequence[Sum], members: list[dict[str, Any]]
) -> Iterator[None]:
    """While this is open both can be asked by SQL."""
    import pyarrow as pa

    summands = [
        {"quantity": number, "item_id": item_id, "negative": negative}
        for number, quantity in enumerate(quantities)
        for item_id, negative in quantity
    ]
    tables = {
        "disclosure_summands": (summands, ("quantity", "item_id", "negative")),
        "disclosure_members": (members, ("return_id", "unit_id", "class")),
    }
    kinds = {"quantity": pa.int64(), "class": pa.int64(), "negative": pa.bool_()}
    for name, (rows, columns) in tables.items():
        schema = pa.schema([(column, kinds.get(column, pa.string())) for column in columns])
        store.con.register(name, pa.Table.from_pylist(rows, schema=schema))
    try:
        yield
    finally:
        for name in tables:
            store.con.unregister(name)

"""A linked table as numbers: cells, the sums they obey, and how far each must stay in doubt.

Everything is told of *movements*: an attacker's other possible table differs from the true one
by a movement that leaves every published cell where it is and keeps every sum.  A cell is safe
when movements carry it far enough both ways.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]


@dataclass(frozen=True)
class LinkedTable:
    """Cells that are linked by sums.

    ``sums``: one row a relation, +1 for the total and -1 for its parts; a movement keeps each.
    ``within``: (part, whole) pairs of cells, the part never larger.  ``need`` is how far a
    suppressed cell must be able to move up and down.  A cell is at least zero.  ``unpublished``
    cells are known to nobody and need no care: the remainder of a sum that does not come out.
    """

    values: Floats
    sums: sp.csr_matrix
    within: Places
    need: Floats
    costs: Floats
    unpublished: Flags

    @property
    def size(self) -> int:
        return len(self.values)

    @property
    def room(self) -> Floats:
        """How far a cell can move down, and what it can lend to others."""
        return np.abs(self.values)

    @property
    def movable(self) -> Flags:
        """A cell of zero stands in no doubt: it is published as 0 or not there at all."""
        return np.asarray(self.values != 0)

    @property
    def slack(self) -> Floats:
        """By how much each part is smaller than its whole."""
        if not len(self.within):
            return np.zeros(0)
        return self.values[self.within[:, 1]] - self.values[self.within[:, 0]]


def additive_table(
    values: Sequence[float],
    sums: Sequence[tuple[int, Sequence[int]]],
    *,
    need: Sequence[float] | None = None,
    costs: Sequence[float] | None = None,
    within: Sequence[tuple[int, int]] = (),
    interval: float = 0.15,
) -> LinkedTable:
    """A table from its cells and (total, parts) relations; ``need`` defaults to the interval."""
    count = len(values)
    cells = np.asarray(values, dtype=float)
    rows, columns, signs = [], [], []
    for row, (total, parts) in enumerate(sums):
        rows += [row] * (1 + len(parts))
        columns += [total, *parts]
        signs += [1.0, *([-1.0] * len(parts))]
    return LinkedTable(
        values=cells,
        sums=sp.csr_matrix((signs, (rows, columns)), shape=(len(sums), count)),
        within=np.asarray(within, dtype=np.intp).reshape(-1, 2),
        need=np.abs(cells) * interval if need is None else np.asarray(need, dtype=float),
        costs=np.ones(count) if costs is None else np.asarray(costs, dtype=float),
        unpublished=np.zeros(count, dtype=bool),
    )


def linked(table: LinkedTable) -> Places:
    """For every cell the number of the block that it is in: blocks are what no relation links.
    A cell that cannot move is in none, -1."""
    cells = np.flatnonzero(table.movable)
    block = np.full(table.size, -1, dtype=np.intp)
    pairs = differences(_placed(table, cells), len(cells))
    block[cells] = connected(sp.vstack([table.sums[:, cells], pairs], format="csr"))
    return block


def connected(rows: sp.csr_matrix) -> Places:
    """For every column the number of the part it is in, parts being linked by rows."""
    from scipy.sparse.csgraph import connected_components

    entries = rows.tocoo()
    height, width = rows.shape
    at = (entries.col, entries.row + width)
    links = sp.coo_matrix((np.ones(len(entries.data)), at), shape=(width + height,) * 2)
    return np.asarray(connected_components(links, directed=False)[1][:width], dtype=np.intp)


def restricted(table: LinkedTable, cells: Places) -> LinkedTable:
    """The table of some cells, in order, and of what links them."""
    sums = sp.csr_matrix(table.sums[:, cells])
    pairs = _placed(table, cells)
    return LinkedTable(
        values=table.values[cells],
        sums=sums[np.flatnonzero(np.diff(sums.indptr))],
        within=pairs[(pairs >= 0).all(axis=1)],
        need=table.need[cells],
        costs=table.costs[cells],
        unpublished=table.unpublished[cells],
    )


def differences(pairs: Places, width: int) -> sp.csr_matrix:
    """Part less whole, a row a pair; an end that is not among the columns, -1, does not move."""
    held = pairs >= 0
    rows = np.repeat(np.arange(len(pairs)), 2).reshape(-1, 2)[held]
    signs = np.broadcast_to([1.0, -1.0], held.shape)[held]
    return sp.csr_matrix((signs, (rows, pairs[held])), shape=(len(pairs), width))


def _placed(table: LinkedTable, cells: Places) -> Places:
    """The pairs by the places that their ends have among the cells, -1 for none."""
    place = np.full(table.size, -1, dtype=np.intp)
    place[cells] = np.arange(len(cells))
    return np.asarray(place[table.within].reshape(-1, 2))

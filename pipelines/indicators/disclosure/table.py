"""A linked table as numbers: cells, the sums they obey, and how far each must stay in doubt.

Everything is told of *movements*: an attacker's other possible table differs from the true one
by a movement that leaves every published cell where it is and keeps every sum.  A cell is safe
when movements carry it far enough both ways.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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


def blocks(table: LinkedTable) -> Iterator[tuple[Places, LinkedTable]]:
    """The parts of a table that no relation links, each with the places of its cells."""
    from scipy.sparse.csgraph import connected_components

    movable = np.flatnonzero(table.movable)
    place = np.full(table.size, -1, dtype=np.intp)
    place[movable] = np.arange(len(movable))
    sums = sp.csr_matrix(table.sums[:, movable])
    pairs = place[table.within]
    pairs = pairs[(pairs >= 0).all(axis=1)] if len(pairs) else pairs
    links = (abs(sums).T @ abs(sums)) + sp.csr_matrix(
        (np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(movable),) * 2
    )
    _, label = connected_components(links, directed=False)
    row_label = np.full(sums.shape[0], -1, dtype=np.intp)
    filled = np.flatnonzero(np.diff(sums.indptr))
    row_label[filled] = label[sums.indices[sums.indptr[filled]]]
    for block in _groups(label):
        number = label[block[0]]
        rows = np.flatnonzero(row_label == number)
        inside = pairs[label[pairs[:, 0]] == number] if len(pairs) else pairs
        yield movable[block], _part(table, movable[block], sums[rows][:, block], block, inside)


def _groups(label: Places) -> Iterator[Places]:
    order = np.argsort(label, kind="stable")
    cuts = np.flatnonzero(np.diff(label[order])) + 1
    yield from np.split(order, cuts) if len(order) else ()


def _part(
    table: LinkedTable, cells: Places, sums: sp.csr_matrix, block: Places, pairs: Places
) -> LinkedTable:
    # ``block`` is sorted, so a search finds the new place of each old one.
    return LinkedTable(
        values=table.values[cells],
        sums=sp.csr_matrix(sums),
        within=np.searchsorted(block, pairs).astype(np.intp).reshape(-1, 2),
        need=table.need[cells],
        costs=table.costs[cells],
        unpublished=table.unpublished[cells],
    )

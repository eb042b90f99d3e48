"""The exact answer for a small table: the cheapest cells to suppress, by one integer programme.

A cell is suppressed or not; for each, two possible tables are carried along, one in which it is
large enough and one in which it is small enough, and only suppressed cells may move in them.
The size grows with the square of the cells, so this is for small tables and as the measure of
what the search costs.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp

from pipelines.errors import DisclosureError
from pipelines.indicators.disclosure.table import Flags, Floats, LinkedTable, differences


def cheapest(table: LinkedTable, primary: Flags) -> Flags:
    """The suppressed cells of least cost that hold every need, the primary among them."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    cells = np.flatnonzero(table.movable)
    count = len(cells)
    cared = np.flatnonzero(~table.unpublished[cells])
    matrix, low, high = _constraints(table, cells, cared)
    moves = 2 * len(cared) * count
    widest = float(table.room.sum()) * 2
    starts = np.where(primary[cells] | table.unpublished[cells], 1.0, 0.0)
    costs = np.where(table.unpublished[cells], 0.0, table.costs[cells])
    found = milp(
        np.concatenate([costs, np.zeros(moves)]),
        integrality=np.concatenate([np.ones(count), np.zeros(moves)]),
        bounds=Bounds(
            np.concatenate([starts, np.full(moves, -widest)]),
            np.concatenate([np.ones(count), np.full(moves, widest)]),
        ),
        constraints=LinearConstraint(matrix, low, high),
        options={"mip_rel_gap": 0.0},
    )
    if found.x is None:
        raise DisclosureError(f"披露控制的整数规划没有解（{found.message}）")
    chosen = np.zeros(table.size, dtype=bool)
    chosen[cells[np.round(found.x[:count]).astype(bool)]] = True
    return chosen & ~table.unpublished


def _constraints(table: LinkedTable, cells: Any, cared: Any) -> tuple[Any, Floats, Floats]:
    """Every movement keeps the sums, moves only what is suppressed, and carries its own cell.

    Columns are the choice, then a movement for each cell cared for and way; the rows of all
    movements are alike but for the last, that of its own cell.
    """
    count, moves = len(cells), 2 * len(cared)
    sums = sp.csr_matrix(table.sums[:, cells])
    room = table.room[cells]
    widest = float(room.sum())
    down = np.where(table.values[cells] > 0, room, widest)
    place = np.full(table.size, -1)
    place[cells] = np.arange(count)
    within = differences(place[table.within].reshape(-1, 2), count)
    identity = sp.identity(count, format="csr")
    moved = sp.vstack([sums, identity, -identity, within])
    chosen = sp.vstack([sp.csr_matrix(sums.shape), -widest * identity, -sp.diags(down), 0 * within])
    low = np.concatenate([np.zeros(sums.shape[0]), np.full(2 * count + within.shape[0], -np.inf)])
    high = np.concatenate([np.zeros(sums.shape[0] + 2 * count), table.slack])
    at, way = np.repeat(cared, 2), np.tile([1.0, -1.0], len(cared))
    each = np.arange(moves)
    need = sp.csr_matrix((-table.need[cells[at]], (each, at)), shape=(moves, count))
    own = sp.csr_matrix((way, (each, each * count + at)), shape=(moves, moves * count))
    matrix = sp.bmat(
        [
            [sp.kron(np.ones((moves, 1)), chosen), sp.kron(sp.identity(moves), moved)],
            [need, own],
        ],
        format="csr",
    )
    return (
        matrix,
        np.concatenate([np.tile(low, moves), np.zeros(moves)]),
        np.concatenate([np.tile(high, moves), np.full(moves, np.inf)]),
    )

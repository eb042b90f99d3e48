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
from pipelines.indicators.disclosure.table import Flags, Floats, LinkedTable


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
    """Every movement keeps the sums, moves only what is suppressed, and carries its own cell."""
    count = len(cells)
    sums = sp.csr_matrix(table.sums[:, cells])
    room = table.room[cells]
    widest = float(room.sum())
    down = np.where(table.values[cells] > 0, room, widest)
    place = np.full(table.size, -1)
    place[cells] = np.arange(count)
    pairs = place[table.within]
    within = _within(pairs, count)
    slack = table.slack
    blocks: list[list[Any]] = []
    low: list[Floats] = []
    high: list[Floats] = []
    total = 2 * len(cared)
    identity = sp.identity(count, format="csr")
    for number, (cell, way) in enumerate((c, w) for c in cared for w in (1.0, -1.0)):
        own = sp.csr_matrix(([way], ([0], [cell])), shape=(1, count))
        need = sp.csr_matrix(([-table.need[cells[cell]]], ([0], [cell])), shape=(1, count))
        parts = (
            (None, sums, 0.0, np.zeros(sums.shape[0])),
            (sp.diags(-np.full(count, widest)), identity, -np.inf, np.zeros(count)),
            (sp.diags(-down), -identity, -np.inf, np.zeros(count)),
            (None, within, -np.inf, slack),
            (need, own, 0.0, np.full(1, np.inf)),
        )
        for chosen, moved, least, most in parts:
            row: list[Any] = [None] * (1 + total)
            row[0] = sp.csr_matrix((moved.shape[0], count)) if chosen is None else chosen
            row[1 + number] = moved
            blocks.append(row)
            low.append(np.full(moved.shape[0], least))
            high.append(most)
    if not blocks:
        return sp.csr_matrix((0, count)), np.zeros(0), np.zeros(0)
    return sp.bmat(blocks, format="csr"), np.concatenate(low), np.concatenate(high)


def _within(pairs: Any, count: int) -> Any:
    rows = np.repeat(np.arange(len(pairs)), 2).reshape(-1, 2)
    signs = np.broadcast_to([1.0, -1.0], rows.shape)
    held = pairs >= 0
    return sp.csr_matrix((signs[held], (rows[held], pairs[held])), shape=(len(pairs), count))

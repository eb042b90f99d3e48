"""The movement that frees cells at the least cost: which further cells to suppress for them.

All blocks that have cells to free are asked in one linear programme, each in its own rows and
columns and by its own measure of cost.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from pipelines.indicators.disclosure.audit import solved
from pipelines.indicators.disclosure.table import (
    Flags,
    Floats,
    LinkedTable,
    Places,
    differences,
    restricted,
)


def freeing(
    table: LinkedTable,
    block: Places,
    suppressed: Flags,
    cells: Places,
    prize: Floats,
    part: float = 1.0,
) -> Floats:
    """A movement, possible both ways, that carries the cells by that part of their need, as many
    as it can, through further cells of the least cost.

    ``prize``: for every block what carrying a cell is worth in the costs of hiding others.
    """
    asked = np.flatnonzero(np.isin(block, block[cells]))
    numbers, within_block = np.unique(block[asked], return_inverse=True)
    moved = np.zeros(table.size)
    moved[asked] = _cheapest(
        restricted(table, asked),
        within_block,
        ~(suppressed | table.unpublished)[asked],
        np.searchsorted(asked, cells),
        prize[numbers],
        part,
    )
    return moved


def _cheapest(
    table: LinkedTable, block: Places, known: Flags, cells: Places, prize: Floats, part: float
) -> Floats:
    need = table.need * part
    usual = np.array([np.median(need[cells[block[cells] == b]]) for b in range(len(prize))])[block]
    # A cell that is moved only a little of its own need will want help itself.
    price = known * table.costs * (1 + need / usual) / np.minimum(table.room, usual)
    signs = np.random.default_rng(0).choice([-1.0, 1.0], size=len(cells))
    goal = np.zeros(table.size)
    goal[cells] = prize[block[cells]] * signs / need[cells]
    room = np.where(goal != 0, need, table.room)
    scale = (_highest(np.abs(goal), block) + _highest(price, block))[block]
    return _movement(table, price / scale, goal / scale, room)


def _highest(amounts: Floats, block: Places) -> Floats:
    found = np.zeros(1 + block.max())
    np.maximum.at(found, block, amounts)
    return found


def _movement(table: LinkedTable, price: Floats, goal: Floats, room: Floats) -> Floats:
    """Towards the goal at the least price; up and down are columns of their own, so that the
    search begins where nothing moves."""
    count = table.size
    within = differences(table.within, count)
    found = solved(
        np.concatenate([price - goal, price + goal]),
        sp.hstack([table.sums, -table.sums], format="csr"),
        sp.vstack([sp.hstack([within, -within]), sp.hstack([-within, within])], format="csr"),
        np.concatenate([table.slack, table.slack]),
        np.zeros(2 * count),
        np.concatenate([room, room]),
    )
    return np.asarray(found[:count] - found[count:])

"""The attacker: what can be concluded about each suppressed cell from all that is published.

``interval`` answers exactly, one pair of linear programmes a cell.  ``unsafe`` answers for a
whole table at a fraction of the cost: one movement that carries many cells far enough vouches
for all of them both ways (its mirror image is a possible table too as long as no cell falls
below zero), and only what no movement vouches for is asked exactly.  Published figures are taken
as exact and the remainder of a sum as unknown; rounding can only widen what is found.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp

from pipelines.errors import DisclosureError
from pipelines.indicators.disclosure.table import Flags, Floats, LinkedTable, Places

#: Rounds of movements without a cell more vouched for, after which cells are asked one by one.
_PATIENCE = 3
#: What a linear programme may fall short by, relative to the need.
TOLERANCE = 1e-6


def unsafe(table: LinkedTable, suppressed: Flags) -> Places:
    """The suppressed cells that can be told closer than their need; none when all are safe."""
    attack = Attack(table, suppressed)
    waiting = attack.unvouched(attack.targets())
    short = np.array([attack.falls_short(int(cell)) for cell in waiting], dtype=bool)
    return np.asarray(waiting[short])


def doubtful(table: LinkedTable, suppressed: Flags, cells: Places) -> Places:
    """Those of the cells that no movement was found to vouch for: unsafe ones, maybe others."""
    return Attack(table, suppressed).unvouched(cells[table.movable[cells]])


def interval(table: LinkedTable, suppressed: Flags, cell: int) -> tuple[float, float]:
    """The least and the largest value the cell can have for an attacker."""
    attack = Attack(table, suppressed)
    return attack.reach(cell, -1.0), attack.reach(cell, 1.0)


class Attack:
    """The linear programmes over the suppressed cells of one table; lengths in values."""

    def __init__(self, table: LinkedTable, suppressed: Flags) -> None:
        hidden = (suppressed | table.unpublished) & table.movable
        self.table = table
        self.cells = np.flatnonzero(hidden)
        self.place = np.full(table.size, -1, dtype=np.intp)
        self.place[self.cells] = np.arange(len(self.cells))
        rows = sp.csr_matrix(table.sums[:, self.cells])
        self.sums = rows[np.flatnonzero(np.diff(rows.indptr))]
        self.room = table.room[self.cells]
        self.need = table.need[self.cells] * (1 - TOLERANCE)
        self.below, self.slack = self._within(hidden)

    def targets(self) -> Places:
        """Suppressed cells that are somebody's figures."""
        return self.cells[~self.table.unpublished[self.cells]]

    def unvouched(self, waiting: Places) -> Places:
        """What is left when no further movement carries any of them far enough."""
        rng = np.random.default_rng(0)
        idle = 0
        while len(waiting) and idle < _PATIENCE:
            left = self._not_carried(waiting, rng.choice([-1.0, 1.0], size=len(waiting)))
            idle = idle + 1 if len(left) == len(waiting) else 0
            waiting = left
        return waiting

    def _not_carried(self, waiting: Places, signs: Floats) -> Places:
        """One movement that carries as many cells as it can; those it does not carry far enough."""
        at = self.place[waiting]
        bound = self.room.copy()
        bound[at] = np.minimum(bound[at], self.table.need[waiting])
        goal = np.zeros(len(self.cells))
        goal[at] = -signs / self.table.need[waiting]
        moved = self._solve(goal, -bound, bound, mirrored=True)
        return waiting[np.abs(moved[at]) < self.need[at]]

    def falls_short(self, cell: int) -> bool:
        """Asked exactly, up and down."""
        need, value = float(self.need[self.place[cell]]), float(self.table.values[cell])
        return self.reach(cell, 1.0) - value < need or value - self.reach(cell, -1.0) < need

    def reach(self, cell: int, direction: float) -> float:
        """How far down (-1) or up (1) the cell can go; up ends at twice what is needed."""
        at = self.place[cell]
        value = float(self.table.values[cell])
        if at < 0:
            return value
        goal = np.zeros(len(self.cells))
        goal[at] = -direction
        positive = self.table.values[self.cells] > 0
        low = np.where(positive, -self.room, -np.inf)
        high = np.full(len(self.cells), np.inf)
        high[at] = 2 * max(float(self.table.need[cell]), abs(value))
        low[at] = max(low[at], -high[at])
        return value + float(self._solve(goal, low, high, mirrored=False)[at])

    def _within(self, hidden: Flags) -> tuple[sp.csr_matrix, Floats]:
        """Movements of part less whole, for the pairs that a movement can touch."""
        pairs = self.table.within
        touched = hidden[pairs].any(axis=1) if len(pairs) else np.zeros(0, dtype=bool)
        pairs, slack = pairs[touched], self.table.slack[touched]
        at = self.place[pairs]
        signs = np.broadcast_to([1.0, -1.0], at.shape)
        rows = np.repeat(np.arange(len(pairs)), 2).reshape(at.shape)
        held = at >= 0
        shape = (len(pairs), len(self.cells))
        return sp.csr_matrix((signs[held], (rows[held], at[held])), shape=shape), slack

    def _solve(self, goal: Floats, low: Floats, high: Floats, *, mirrored: bool) -> Floats:
        """The movement that makes ``goal`` least; ``mirrored``: its opposite is possible too."""
        below = sp.vstack([self.below, -self.below]) if mirrored else self.below
        slack = np.concatenate([self.slack, self.slack]) if mirrored else self.slack
        return solved(goal, self.sums, below, slack, low, high)


def solved(goal: Floats, sums: Any, below: Any, slack: Floats, low: Floats, high: Floats) -> Floats:
    """The least ``goal`` over movements between the bounds; standing still is always possible."""
    from scipy.optimize import linprog

    found = linprog(
        goal,
        A_ub=below if below.shape[0] else None,
        b_ub=slack if below.shape[0] else None,
        A_eq=sums if sums.shape[0] else None,
        b_eq=np.zeros(sums.shape[0]) if sums.shape[0] else None,
        bounds=np.column_stack([low, high]),
        method="highs-ds",
        # Presolving takes longer than solving: the tables are sparse and small.
        options={"presolve": False},
    )
    if found.x is None:
        raise DisclosureError(f"披露控制的线性规划没有解（{found.message}）")
    return np.asarray(found.x, dtype=float)

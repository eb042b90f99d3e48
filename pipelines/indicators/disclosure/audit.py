"""The attacker: what can be concluded about each suppressed cell from all that is published.

``interval`` answers exactly, a pair of linear programmes a cell.  ``unsafe`` answers for a
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
from pipelines.indicators.disclosure.table import (
    Flags,
    Floats,
    LinkedTable,
    Places,
    connected,
    differences,
)
from pipelines.indicators.disclosure.ties import tied

#: Rounds of movements without a cell more of a part vouched for, after which it is asked exactly.
_PATIENCE = 1
#: What a linear programme may fall short by, relative to the need.
TOLERANCE = 1e-6


def unsafe(table: LinkedTable, suppressed: Flags) -> Places:
    """The suppressed cells that can be told closer than their need; none when all are safe."""
    attack = Attack(table, suppressed)
    return attack.falling_short(attack.unvouched(attack.targets()))


def doubtful(table: LinkedTable, suppressed: Flags, cells: Places) -> Places:
    """Those of the cells that no movement was found to vouch for: unsafe ones, maybe others."""
    return Attack(table, suppressed).unvouched(cells[table.movable[cells]])


def interval(table: LinkedTable, suppressed: Flags, cell: int) -> tuple[float, float]:
    """The least and the largest value the cell can have for an attacker."""
    attack, value = Attack(table, suppressed), float(table.values[cell])
    if attack.place[cell] < 0:
        return value, value
    down, up = (float(attack.reach(np.array([cell]), way)[0]) for way in (-1.0, 1.0))
    return value - down, value + up


class Attack:
    """The linear programmes over the suppressed cells of one table; lengths in values.

    Cells that are tied are a *group*, which moves as one; groups that hang together through sums
    are a *part*.  All parts are asked at once, each in its own rows and columns of one programme:
    a small programme costs more to state than to solve.
    """

    def __init__(self, table: LinkedTable, suppressed: Flags) -> None:
        hidden = (suppressed | table.unpublished) & table.movable
        self.table = table
        self.cells = np.flatnonzero(hidden)
        self.place = np.full(table.size, -1, dtype=np.intp)
        self.place[self.cells] = np.arange(len(self.cells))
        self.need = table.need[self.cells]
        sums = sp.csr_matrix(table.sums[:, self.cells])
        ties = tied(sums)
        self.group, self.sign = ties.indices.astype(np.intp), ties.data
        self.sums = _filled(sums @ ties)
        touched = np.flatnonzero(hidden[table.within].any(axis=1))
        below = differences(self.place[table.within[touched]], len(self.cells)) @ ties
        self.below, self.slack = _filled(below), table.slack[touched][_is_filled(below)]
        self.room = self._least(table.room[self.cells])
        self.part = connected(sp.vstack([self.sums, self.below], format="csr"))

    def targets(self) -> Places:
        """Suppressed cells that are somebody's figures."""
        return self.cells[~self.table.unpublished[self.cells]]

    def unvouched(self, waiting: Places) -> Places:
        """What is left when no further movement carries any of them far enough."""
        rng = np.random.default_rng(0)
        idle = np.zeros(1 + self.part.max(initial=-1), dtype=np.intp)
        while len(asked := waiting[idle[self._part_of(waiting)] < _PATIENCE]):
            left = self._not_carried(asked, rng.choice([-1.0, 1.0], size=len(self.part)))
            before, after = (
                np.bincount(self._part_of(cells), minlength=len(idle)) for cells in (asked, left)
            )
            idle = np.where(before > after, 0, idle + (before > 0))
            waiting = np.setdiff1d(waiting, np.setdiff1d(asked, left))
        return waiting

    def falling_short(self, waiting: Places) -> Places:
        """Those that exact answers, up and down, show to be unsafe; one of each part at a time."""
        found = [waiting[:0]]
        while len(waiting):
            first = np.unique(self._part_of(waiting), return_index=True)[1]
            cells = waiting[first]
            need = self.need[self.place[cells]] * (1 - TOLERANCE)
            found.append(cells[(self.reach(cells, 1.0) < need) | (self.reach(cells, -1.0) < need)])
            waiting = np.delete(waiting, first)
        return np.sort(np.concatenate(found))

    def reach(self, cells: Places, direction: float) -> Floats:
        """How far down (-1) or up (1) cells, one of a part, can go; up ends at twice the need."""
        at = self.place[cells]
        low = np.where(
            self.table.values[self.cells] > 0, -np.abs(self.table.values[self.cells]), -np.inf
        )
        high = np.full(len(self.cells), np.inf)
        high[at] = 2 * np.maximum(self.need[at], np.abs(self.table.values[cells]))
        low[at] = np.maximum(low[at], -high[at])
        along = self.sign > 0
        goal = np.zeros(len(self.part))
        goal[self.group[at]] = -direction * self.sign[at]
        moved = self._moved(
            goal,
            -self._least(np.where(along, -low, high)),
            self._least(np.where(along, high, -low)),
            mirrored=False,
        )
        return np.asarray(direction * self.sign[at] * moved[self.group[at]])

    def _not_carried(self, waiting: Places, signs: Floats) -> Places:
        """One movement that carries as many cells as it can; those it does not carry far enough."""
        at = self.place[waiting]
        group, need = self.group[at], self.need[at]
        enough, goal = np.zeros((2, len(self.part)))
        np.maximum.at(enough, group, need)
        np.add.at(goal, group, -signs[group] / need)
        bound = np.where(enough > 0, np.minimum(enough, self.room), self.room)
        moved = self._moved(goal, -bound, bound, mirrored=True)
        return np.asarray(waiting[np.abs(moved[group]) < need * (1 - TOLERANCE)])

    def _moved(self, goal: Floats, low: Floats, high: Floats, *, mirrored: bool) -> Floats:
        """The movement of groups that makes ``goal`` least, in the parts where there is one;
        ``mirrored``: its opposite is possible too."""
        busy = np.zeros(1 + self.part.max(), dtype=bool)
        busy[self.part[goal != 0]] = True
        columns = busy[self.part]
        sums = _filled(self.sums[:, columns])
        below = self.below[:, columns]
        slack, below = self.slack[_is_filled(below)], _filled(below)
        if mirrored:
            below, slack = sp.vstack([below, -below]), np.concatenate([slack, slack])
        moved = np.zeros(len(self.part))
        moved[columns] = solved(goal[columns], sums, below, slack, low[columns], high[columns])
        return moved

    def _part_of(self, cells: Places) -> Places:
        return np.asarray(self.part[self.group[self.place[cells]]])

    def _least(self, amounts: Floats) -> Floats:
        """For every group the least of its cells' amounts."""
        found = np.full(1 + self.group.max(initial=-1), np.inf)
        np.minimum.at(found, self.group, amounts)
        return found


def _is_filled(rows: sp.csr_matrix) -> Flags:
    return np.asarray(np.diff(rows.indptr) > 0)


def _filled(rows: sp.csr_matrix) -> sp.csr_matrix:
    """The rows that say something."""
    return rows[np.flatnonzero(_is_filled(rows))]


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

"""Complementary suppression: what else must go so that the primary cells cannot be had back.

Small tables are solved exactly.  For the others every line is mended first (cheap, necessary),
then the audit names the cells that all relations together still give away, a linear programme
finds the movement through the cheapest further cells that frees each of them, and so on until
the audit has nothing to say.  Last, what was suppressed without need is published again.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from pipelines.errors import DisclosureError
from pipelines.indicators.disclosure.audit import doubtful, solved, unsafe
from pipelines.indicators.disclosure.lines import Lines
from pipelines.indicators.disclosure.optimum import cheapest
from pipelines.indicators.disclosure.table import Flags, Floats, LinkedTable, Places, blocks

#: A movement smaller than this part of its need is none.
_NOTHING = 1e-7
#: What carrying a cell is worth at first, in the costs of hiding others.
_PRIZE = 1e4
_HIGHEST_PRIZE = 1e12
#: Many cells are first freed together, each by this part of its need: so slight a movement finds
#: the ways open to them without using up the room of the cells on the way.
_SLIGHT = 0.05
_SLIGHT_PRIZE = 300.0
_TOGETHER = 3
#: Up to this size of a block every complementary cell is tried for whether it can be published.
_RELEASED_UP_TO = 30


def suppress(
    table: LinkedTable, primary: Flags, sole: Flags | None = None, *, exact_up_to: int = 0
) -> Flags:
    """All cells to suppress, the primary among them.

    ``sole``: cells with one contributor, against whom the lines are guarded too.
    """
    chosen = primary & table.movable
    knowing = np.zeros(table.size, dtype=bool) if sole is None else sole
    for cells, block in blocks(table):
        if chosen[cells].any():
            chosen[cells] = _of_block(block, chosen[cells], knowing[cells], exact_up_to)
    return chosen


def _of_block(block: LinkedTable, primary: Flags, sole: Flags, exact_up_to: int) -> Flags:
    if block.size <= exact_up_to:
        chosen = cheapest(block, primary)
        lines = Lines(block, chosen, primary, sole)
        kept = not any(lines.lacks(row) for row in range(block.sums.shape[0]))
        # The solver's zeros and ones are such to a tolerance only: its answer is audited too.
        if kept and not len(unsafe(block, chosen)):
            return chosen
    if block.size > _RELEASED_UP_TO:
        return _searched(block, primary, sole)
    # Two ways to go about it, and the cheaper end: on small blocks there is time for both.
    ends = [
        _released(block, primary, sole, _searched(block, primary, sole, lines_first=lines_first))
        for lines_first in (True, False)
    ]
    return min(ends, key=lambda end: float(block.costs[end].sum()))


def _searched(
    block: LinkedTable, primary: Flags, sole: Flags, *, lines_first: bool = True
) -> Flags:
    """Mend lines and free cells until a movement vouches for every suppressed one.

    What is once vouched for stays safe, since suppressing more leaves an attacker with less: only
    the others are looked at again.
    """
    lines = Lines(block, primary.copy(), primary, sole)
    if lines_first:
        lines.settle()
    safe = np.zeros(block.size, dtype=bool)
    together = lines_first
    while len(waiting := np.flatnonzero(lines.suppressed & ~safe)):
        failing = doubtful(block, lines.suppressed, waiting)
        safe |= lines.suppressed
        safe[failing] = False
        if together and len(failing) > _TOGETHER:
            moved = _freeing(block, lines.suppressed, failing, prize=_SLIGHT_PRIZE, part=_SLIGHT)
            lines.hide(_used(block, moved))
        else:
            safe |= _freed_one_by_one(block, lines, failing)
        together = False
        lines.settle()
    return lines.suppressed


def _freed_one_by_one(block: LinkedTable, lines: Lines, failing: Places) -> Flags:
    """Suppress what frees each; gives every suppressed cell that a movement on the way carried."""
    freed = np.zeros(block.size, dtype=bool)
    prize = _PRIZE
    while len(failing):
        moved = _freeing(block, lines.suppressed, failing[:1], prize=prize)
        lines.hide(_used(block, moved))
        freed |= lines.suppressed & (np.abs(moved) >= block.need * (1 - _NOTHING))
        prize *= 1 if freed[failing[0]] else 10
        if prize > _HIGHEST_PRIZE:
            raise DisclosureError("披露控制找不到可以一起不公布的格")
        failing = failing[~freed[failing]]
    return freed


def _used(block: LinkedTable, moved: Floats) -> list[int]:
    return [int(cell) for cell in np.flatnonzero(np.abs(moved) > _NOTHING * block.room)]


def _freeing(
    block: LinkedTable, suppressed: Flags, cells: Places, *, prize: float = _PRIZE, part: float = 1
) -> Floats:
    """A movement, possible both ways, that carries the cells by that part of their need, as many
    as it can, through further cells of the least cost."""
    known = ~(suppressed | block.unpublished)
    need = block.need * part
    usual = float(np.median(need[cells]))
    # A cell that is moved only a little of its own need will want help itself.
    price = known * block.costs * (1 + need / usual) / np.minimum(block.room, usual)
    signs = np.random.default_rng(0).choice([-1.0, 1.0], size=len(cells))
    goal = np.zeros(block.size)
    goal[cells] = prize * signs / need[cells]
    return _cheapest_movement(block, price, goal, np.where(goal != 0, need, block.room))


def _cheapest_movement(block: LinkedTable, price: Floats, goal: Floats, room: Floats) -> Floats:
    """Towards the goal at the least price; up and down are variables of their own."""
    count = block.size
    pairs, slack = block.within, block.slack
    rows = np.repeat(np.arange(len(pairs)), 2)
    signs = np.tile([1.0, -1.0], len(pairs))
    within = sp.csr_matrix((signs, (rows, pairs.ravel())), shape=(len(pairs), count))
    scale = float(np.abs(goal).max() + price.max())
    found = solved(
        np.concatenate([price - goal, price + goal]) / scale,
        sp.hstack([block.sums, -block.sums], format="csr"),
        sp.vstack([sp.hstack([within, -within]), sp.hstack([-within, within])], format="csr"),
        np.concatenate([slack, slack]),
        np.zeros(2 * count),
        np.concatenate([room, room]),
    )
    return found[:count] - found[count:]


def _released(block: LinkedTable, primary: Flags, sole: Flags, chosen: Flags) -> Flags:
    """Publish again, dearest first, what is not needed; each is tried against lines and audit."""
    order = _dearest(block, np.flatnonzero(chosen & ~primary))
    for cell in order:
        fewer = chosen.copy()
        fewer[cell] = False
        lines = Lines(block, fewer, primary, sole)
        touched = block.sums.tocsc()[:, int(cell)].indices
        if not any(lines.lacks(int(row)) for row in touched) and not len(unsafe(block, fewer)):
            chosen = fewer
    return chosen


def _dearest(block: LinkedTable, cells: Places) -> Places:
    return cells[np.lexsort((cells, -block.room[cells], -block.costs[cells]))]

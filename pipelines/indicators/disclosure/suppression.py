"""Complementary suppression: what else must go so that the primary cells cannot be had back.

Small blocks are solved exactly.  For the others every line is mended first (cheap, necessary),
then the audit names the cells that all relations together still give away, a linear programme
finds the movement through the cheapest further cells that frees each of them, and so on until
the audit has nothing to say.  Last, what was suppressed without need is published again.

Blocks have nothing to do with each other and are worked on side by side: a step is one linear
programme for all of them.
"""

from __future__ import annotations

import numpy as np

from pipelines.errors import DisclosureError
from pipelines.indicators.disclosure.audit import doubtful, unsafe
from pipelines.indicators.disclosure.freeing import freeing
from pipelines.indicators.disclosure.lines import Lines
from pipelines.indicators.disclosure.optimum import cheapest
from pipelines.indicators.disclosure.table import (
    Flags,
    Floats,
    LinkedTable,
    Places,
    linked,
    restricted,
)

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
    block = linked(table)
    asked = np.isin(block, block[chosen])
    for number in np.unique(block[asked]):
        cells = np.flatnonzero(block == number)
        if len(cells) <= exact_up_to:
            exact = _exactly(restricted(table, cells), chosen[cells], knowing[cells])
            if exact is not None:
                chosen[cells], asked[cells] = exact, False
    cells = np.flatnonzero(asked)
    if len(cells):
        chosen[cells] = _sought(restricted(table, cells), chosen[cells], knowing[cells])
    return chosen


def _exactly(block: LinkedTable, primary: Flags, sole: Flags) -> Flags | None:
    """The cheapest answer, where it keeps the lines too."""
    chosen = cheapest(block, primary)
    kept = not len(Lines(block, chosen, primary, sole).lacking())
    # The solver's zeros and ones are such to a tolerance only: its answer is audited too.
    return chosen if kept and not len(unsafe(block, chosen)) else None


def _sought(table: LinkedTable, primary: Flags, sole: Flags) -> Flags:
    """The blocks by search; for the small ones there is time to go about it in two ways."""
    chosen = _Search(table, primary, sole).found()
    block = linked(table)
    small = np.flatnonzero((np.bincount(block) <= _RELEASED_UP_TO)[block])
    if len(small):
        part, of = restricted(table, small), (primary[small], sole[small])
        ends = [
            _released(part, *of, start)
            for start in (chosen[small], _Search(part, *of, lines_first=False).found())
        ]
        number = linked(part)
        one, other = (np.bincount(number, part.costs * end) for end in ends)
        chosen[small] = np.where((one <= other)[number], *ends)
    return chosen


class _Search:
    """Mend lines and free cells until a movement vouches for every suppressed one.

    What is once vouched for stays safe, since suppressing more leaves an attacker with less: only
    the others are looked at again.
    """

    def __init__(
        self, table: LinkedTable, primary: Flags, sole: Flags, *, lines_first: bool = True
    ) -> None:
        self.table, self.block, self.lines_first = table, linked(table), lines_first
        self.lines = Lines(table, primary.copy(), primary, sole)
        self.safe = np.zeros(table.size, dtype=bool)

    def found(self) -> Flags:
        """What is suppressed in the end."""
        suppressed, together = self.lines.suppressed, self.lines_first
        if self.lines_first:
            self.lines.settle()
        while len(waiting := np.flatnonzero(suppressed & ~self.safe)):
            failing = doubtful(self.table, suppressed, waiting)
            self.safe |= suppressed
            self.safe[failing] = False
            many = np.bincount(self.block[failing])[self.block[failing]] > _TOGETHER
            many &= together
            self._free_slightly(failing[many])
            self._free_fully(failing[~many])
            together = False
            self.lines.settle()
        return suppressed

    def _free_slightly(self, failing: Places) -> None:
        if len(failing):
            self._move(failing, self._prizes(_SLIGHT_PRIZE), _SLIGHT)

    def _free_fully(self, failing: Places) -> None:
        """Suppress what frees each, one of every block at a time; what a movement carries on the
        way is free too."""
        prizes = self._prizes(_PRIZE)
        while len(failing):
            cells = _first_of(self.block, failing)
            moved = self._move(cells, prizes)
            free = np.abs(moved) >= self.table.need * (1 - _NOTHING)
            self.safe |= self.lines.suppressed & free
            prizes[self.block[cells[~self.safe[cells]]]] *= 10
            if prizes.max() > _HIGHEST_PRIZE:
                raise DisclosureError("披露控制找不到可以一起不公布的格")
            failing = failing[~self.safe[failing]]

    def _move(self, cells: Places, prizes: Floats, part: float = 1.0) -> Floats:
        """Suppress what the cheapest movement that carries the cells goes through."""
        suppressed = self.lines.suppressed
        moved = freeing(self.table, self.block, suppressed, cells, prizes, part)
        used = (np.abs(moved) > _NOTHING * self.table.room) & ~suppressed
        self.lines.hide(np.flatnonzero(used).tolist())
        return moved

    def _prizes(self, prize: float) -> Floats:
        return np.full(1 + self.block.max(), prize)


def _released(table: LinkedTable, primary: Flags, sole: Flags, chosen: Flags) -> Flags:
    """Publish again, dearest first, what is not needed; each is tried against lines and audit."""
    block = linked(table)
    waiting = _dearest(table, np.flatnonzero(chosen & ~primary))
    while len(waiting):
        cells = _first_of(block, waiting)
        fewer = chosen.copy()
        fewer[cells] = False
        lines = Lines(table, fewer.copy(), primary, sole).lacking()
        needed = table.sums[lines][:, cells].getnnz(axis=0) > 0
        fewer[cells[needed]] = True
        fewer[cells[np.isin(block[cells], _unsafe_blocks(table, block, fewer, cells[~needed]))]] = (
            True
        )
        chosen = fewer
        waiting = waiting[~np.isin(waiting, cells)]
    return chosen


def _unsafe_blocks(table: LinkedTable, block: Places, suppressed: Flags, cells: Places) -> Places:
    """The blocks of the cells in which something is not safe."""
    asked = np.flatnonzero(np.isin(block, block[cells]))
    told = unsafe(restricted(table, asked), suppressed[asked])
    return np.unique(block[asked[told]])


def _first_of(block: Places, cells: Places) -> Places:
    """The first of the cells in each block."""
    return np.asarray(cells[np.unique(block[cells], return_index=True)[1]])


def _dearest(table: LinkedTable, cells: Places) -> Places:
    return np.asarray(cells[np.lexsort((cells, -table.room[cells], -table.costs[cells]))])

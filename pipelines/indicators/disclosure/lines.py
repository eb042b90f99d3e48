"""The rule of one line: what is suppressed in a sum must not be had by subtraction.

In a relation whose other cells are published, a suppressed cell can only move as far as the
other suppressed cells of the relation can give way.  So together they must hold its value and
its need.  This is what can be seen of one relation alone, cheap and necessary; the audit sees all
relations together.  Guarded against contributors, the rule must also hold for what is left when
a cell with one contributor is known, as it is to that contributor, about the other sensitive
cells.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from heapq import heappop, heappush

import numpy as np

from pipelines.indicators.disclosure.table import Flags, Floats, LinkedTable, Places

_TINY = 1e-9


@dataclass
class Lines:
    """The relations of a table, none of whose cells is zero, and what of it is suppressed so far;
    lines that a newly suppressed cell stands in wait to be settled."""

    table: LinkedTable
    suppressed: Flags
    sensitive: Flags
    sole: Flags
    _waiting: list[int] = field(init=False)

    def __post_init__(self) -> None:
        table = self.table
        self._cells, self._ends = table.sums.indices.astype(np.intp), table.sums.indptr
        by_cell = table.sums.tocsc()
        self._lines_of = np.split(by_cell.indices.astype(np.intp), by_cell.indptr[1:-1])
        self._room, self._asked = table.room, table.room + table.need
        self._costs = table.costs * (1 + np.log10(1 + self._room) / 10)
        hidden = (self.suppressed | table.unpublished)[self._cells]
        self._held = np.bincount(self._row_of[hidden], minlength=table.sums.shape[0])
        self._waiting = self._may_lack().tolist()

    @property
    def _row_of(self) -> Places:
        return np.repeat(np.arange(len(self._ends) - 1), np.diff(self._ends))

    def settle(self) -> None:
        """Suppress more, the cheapest that will do, until every line keeps the rule."""
        while self._waiting:
            while self._waiting:
                row = heappop(self._waiting)
                while self._waiting and self._waiting[0] == row:
                    heappop(self._waiting)
                self._mend(row)
            self._mend_within()

    def hide(self, cells: Iterable[int]) -> None:
        """Suppress cells."""
        for cell in cells:
            if not self.suppressed[cell] and not self.table.unpublished[cell]:
                self.suppressed[cell] = True
                self._held[self._lines_of[cell]] += 1
                for row in self._lines_of[cell].tolist():
                    heappush(self._waiting, row)

    def lacking(self) -> Places:
        """The lines that do not keep the rule."""
        return np.array([row for row in self._may_lack() if self.lacks(row) > 0], dtype=np.intp)

    def _may_lack(self) -> Places:
        """Lines that may not keep the rule, told for all at once by no less than what is asked."""
        table, cells, starts = self.table, self._cells, self._ends[:-1]
        if not len(starts):
            return np.zeros(0, dtype=np.intp)
        cared = self.suppressed & ~table.unpublished
        told = cared & self.sensitive

        def most(amounts: Floats) -> Floats:
            return np.maximum.reduceat(amounts[cells], starts)

        # No line is empty: a sum over nothing would be that of its neighbour.
        held = np.add.reduceat((self._room * (cared | table.unpublished))[cells], starts)
        known = most(self._room * (told & self.sole))
        several = np.add.reduceat(told[cells], starts, dtype=np.intp) > 1
        others = np.where(several & (known > 0), known + most(self._asked * told), 0.0)
        return np.flatnonzero(np.maximum(most(self._asked * cared), others) - held > _TINY * held)

    def lacks(self, row: int) -> float:
        """How much more the suppressed cells of a line would have to hold; 0 when it is kept."""
        cells = self._cells_of(row)
        suppressed, unpublished = self.suppressed[cells], self.table.unpublished[cells]
        cared = cells[suppressed & ~unpublished]
        if not len(cared):
            return 0.0
        held = float(self._room[cells[suppressed | unpublished]].sum())
        lack = float(self._asked[cared].max()) - held
        lack = max(lack, self._lack_for_one_who_knows(cared[self.sensitive[cared]], held))
        return lack if lack > _TINY * held else 0.0

    def _lack_for_one_who_knows(self, told: Places, held: float) -> float:
        """What is lacking so that no contributor alone in a cell learns of another's."""
        knowing = told[self.sole[told]]
        if len(told) < 2 or not len(knowing):
            return 0.0
        asked = np.sort(self._asked[told])
        others = np.where(self._asked[knowing] >= asked[-1], asked[-2], asked[-1])
        return float((others + self._room[knowing]).max()) - held

    def _cells_of(self, row: int) -> Places:
        return np.asarray(self._cells[self._ends[row] : self._ends[row + 1]])

    def _mend(self, row: int) -> None:
        while (lack := self.lacks(row)) > 0:
            cell = self._cheapest(row, lack)
            if cell is None:
                break
            self.hide([cell])

    def _cheapest(self, row: int, lack: float) -> int | None:
        """The cell that mends a line at the least cost; where none does alone, a step to it."""
        cells = self._cells_of(row)
        hidden = self.suppressed[cells] | self.table.unpublished[cells]
        free = cells[~hidden]
        if not len(free):
            return None
        held = float(self._room[cells[hidden]].sum())
        carried = self.table.need[free] <= held
        enough = carried & (self._room[free] >= lack)
        if enough.any():
            score = np.array([self._score(int(cell)) for cell in free[enough]])
            return int(free[enough][score.argmin()])
        if carried.any():
            return int(free[carried][self._room[free[carried]].argmax()])
        return int(free[self._room[free].argmin()])

    def _score(self, cell: int) -> float:
        """What hiding a cell costs, with the lines in which it would stand alone."""
        alone = int((self._held[self._lines_of[cell]] == 0).sum())
        return float(self._costs[cell]) * (1 + alone)

    def _mend_within(self) -> None:
        """A part close to its whole tells of it, and the whole of a part."""
        table = self.table
        part, whole = table.within.T
        hidden, close = self.suppressed, table.slack
        tells_part = hidden[part] & ~hidden[whole] & (close < table.need[part])
        tells_whole = hidden[whole] & ~hidden[part] & (close < table.need[whole])
        self.hide(np.union1d(whole[tells_part], part[tells_whole]).tolist())

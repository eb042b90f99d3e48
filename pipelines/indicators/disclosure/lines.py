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

import numpy as np

from pipelines.indicators.disclosure.table import Flags, Floats, LinkedTable, Places

_TINY = 1e-9


@dataclass
class Lines:
    """The relations of a table, and which cells of it are suppressed so far."""

    table: LinkedTable
    suppressed: Flags
    sensitive: Flags
    sole: Flags
    _rows: list[Places] = field(init=False)
    _lines_of: list[Places] = field(init=False)
    _costs: Floats = field(init=False)

    def __post_init__(self) -> None:
        table = self.table
        by_row, by_cell = table.sums.tocsr(), table.sums.tocsc()
        movable = table.movable
        self._rows = [
            cells[movable[cells]]
            for cells in np.split(by_row.indices.astype(np.intp), by_row.indptr[1:-1])
        ]
        self._lines_of = np.split(by_cell.indices.astype(np.intp), by_cell.indptr[1:-1])
        self._held = np.zeros(len(self._rows), dtype=np.intp)
        self._costs = table.costs * (1 + np.log10(1 + table.room) / 10)
        for cell in np.flatnonzero((self.suppressed | table.unpublished) & movable):
            self._held[self._lines_of[cell]] += 1

    def settle(self) -> None:
        """Suppress more, the cheapest that will do, until every line keeps the rule."""
        waiting = set(np.flatnonzero(self._held).tolist())
        while waiting:
            while waiting:
                row = min(waiting)
                waiting.discard(row)
                waiting |= self._mend(row)
            waiting |= self._mend_within()

    def hide(self, cells: Iterable[int]) -> set[int]:
        """Suppress cells; returns the lines they stand in."""
        touched: set[int] = set()
        for cell in cells:
            if not self.suppressed[cell] and not self.table.unpublished[cell]:
                self.suppressed[cell] = True
                self._held[self._lines_of[cell]] += 1
                touched |= set(self._lines_of[cell].tolist())
        return touched

    def lacks(self, row: int) -> float:
        """How much more the suppressed cells of a line would have to hold; 0 when it is kept."""
        table = self.table
        cells = self._rows[row]
        hidden = cells[self.suppressed[cells] | table.unpublished[cells]]
        cared = hidden[~table.unpublished[hidden]]
        if not len(cared):
            return 0.0
        held = float(table.room[hidden].sum())
        lack = float((table.room[cared] + table.need[cared]).max()) - held
        lack = max(lack, self._lack_for_one_who_knows(cared[self.sensitive[cared]], held))
        return lack if lack > _TINY * held else 0.0

    def _lack_for_one_who_knows(self, told: Places, held: float) -> float:
        """What is lacking so that no contributor alone in a cell learns of another's."""
        knowing = told[self.sole[told]]
        if len(told) < 2 or not len(knowing):
            return 0.0
        room, need = self.table.room, self.table.need
        asked = np.sort(room[told] + need[told])
        largest = room[knowing] + need[knowing] >= asked[-1]
        others = np.where(largest, asked[-2], asked[-1])
        return float((others + room[knowing]).max()) - held

    def _mend(self, row: int) -> set[int]:
        touched: set[int] = set()
        while (lack := self.lacks(row)) > 0:
            cell = self._cheapest(row, lack)
            if cell is None:
                break
            touched |= self.hide([cell])
        return touched - {row}

    def _cheapest(self, row: int, lack: float) -> int | None:
        """The cell that mends a line at the least cost; where none does alone, a step to it."""
        table, cells = self.table, self._rows[row]
        free = cells[~self.suppressed[cells] & ~table.unpublished[cells]]
        if not len(free):
            return None
        hidden = cells[self.suppressed[cells] | table.unpublished[cells]]
        held = float(table.room[hidden].sum())
        carried = table.need[free] <= held
        enough = carried & (table.room[free] >= lack)
        if enough.any():
            score = np.array([self._score(int(cell), row) for cell in free[enough]])
            return int(free[enough][score.argmin()])
        if carried.any():
            return int(free[carried][table.room[free[carried]].argmax()])
        return int(free[table.room[free].argmin()])

    def _score(self, cell: int, row: int) -> float:
        """What hiding a cell costs, with the lines in which it would stand alone."""
        lines = self._lines_of[cell]
        alone = int((self._held[lines] == 0).sum())
        return float(self._costs[cell]) * (1 + alone)

    def _mend_within(self) -> set[int]:
        """A part close to its whole tells of it, and the whole of a part."""
        table = self.table
        if not len(table.within):
            return set()
        part, whole = table.within.T
        hidden, close = self.suppressed, table.slack
        tells_part = hidden[part] & ~hidden[whole] & (close < table.need[part])
        tells_whole = hidden[whole] & ~hidden[part] & (close < table.need[whole])
        more = np.union1d(whole[tells_part], part[tells_whole])
        return self.hide(int(cell) for cell in more if table.movable[cell])

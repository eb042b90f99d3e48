"""One year's cells as a linked table: every sum over places, over items, every part of a whole.

A cell is a quantity in a class of members.  A sum of items that does not come out as the form
says it should (a blank part) gets its remainder as a cell that nobody knows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import scipy.sparse as sp

from pipelines.indicators.cube import Sum
from pipelines.indicators.disclosure.contributions import Contributions
from pipelines.indicators.disclosure.partition import Partitions
from pipelines.indicators.disclosure.quantities import Quantities
from pipelines.indicators.disclosure.table import Flags, Floats, LinkedTable, Places
from pipelines.indicators.disclosure.thresholds import Thresholds

#: Below this, relative to the total, a sum comes out.
_EXACT = 1e-9
_OPEN = 100.0


@dataclass
class _Rows:
    """Relations being collected, as the triplets of a sparse matrix."""

    count: int = 0
    rows: list[Places] = field(default_factory=list)
    columns: list[Places] = field(default_factory=list)
    signs: list[Floats] = field(default_factory=list)

    def add(self, rows: Places, columns: Places, signs: Floats) -> None:
        self.rows.append(rows + self.count)
        self.columns.append(columns)
        self.signs.append(signs)

    def matrix(self, width: int) -> sp.csr_matrix:
        if not self.rows:
            return sp.csr_matrix((0, width))
        at = (np.concatenate(self.rows), np.concatenate(self.columns))
        return sp.csr_matrix((np.concatenate(self.signs), at), shape=(self.count, width))


@dataclass(frozen=True)
class Linking:
    """What a year publishes, who is in it, what is sensitive; ``table`` is what follows."""

    found: Contributions
    partitions: Partitions
    quantities: Quantities
    thresholds: Thresholds
    sensitive: Flags

    @cached_property
    def names(self) -> list[Sum]:
        return list(self.quantities.breakdowns)

    @cached_property
    def cell_of(self) -> Places:
        """Quantity by class: the place of the cell, -1 where nobody contributes."""
        shape = (len(self.names), len(self.partitions.groups_of))
        cells = np.full(shape, -1, dtype=np.intp)
        cells[self.found.quantity, self.found.place] = np.arange(len(self.found.amount))
        return np.where(self._standing, cells, -1)

    def table(self) -> LinkedTable:
        """The cells in the order of the contributions, then remainders."""
        rows = _Rows()
        self._add_places(rows)
        remainders = self._add_items(rows)
        amounts = np.concatenate([self.found.amount, remainders])
        count = len(self.found.amount)
        published = np.zeros(len(amounts), dtype=bool)
        published[self.cell_of[self.cell_of >= 0]] = True
        return LinkedTable(
            values=np.where(np.arange(len(amounts)) < count, amounts * published, amounts),
            sums=rows.matrix(len(amounts)),
            within=self._within(),
            need=np.concatenate([self._need(), np.zeros(len(remainders))]),
            costs=np.concatenate([self._costs(), np.zeros(len(remainders))]),
            unpublished=np.arange(len(amounts)) >= count,
        )

    @cached_property
    def _standing(self) -> Flags:
        """Quantity by class: whether anything shows it there."""
        breakdowns = [
            frozenset(name for name, _, _ in groups) for groups in self.partitions.groups_of
        ]
        return np.array(
            [
                [bool(names & shown) for names in breakdowns]
                for shown in self.quantities.breakdowns.values()
            ],
            dtype=bool,
        ).reshape(len(self.names), len(breakdowns))

    def _add_places(self, rows: _Rows) -> None:
        """Every relation among the members, for every quantity shown among them."""
        for shown in sorted(set(self.quantities.breakdowns.values()), key=sorted):
            relations = self.partitions.relations(shown)
            at = [
                (row, number, sign)
                for row, sides in enumerate(relations)
                for side, sign in zip(sides, (1.0, -1.0), strict=True)
                for number in side
            ]
            if not at:
                continue
            row, place, sign = (np.array(column) for column in zip(*at, strict=True))
            for number, quantity in enumerate(self.names):
                if self.quantities.breakdowns[quantity] == shown:
                    cells = self.cell_of[number, place]
                    held = cells >= 0
                    rows.add(row[held], cells[held], sign[held])
                    rows.count += len(relations)

    def _add_items(self, rows: _Rows) -> Floats:
        """Every sum of quantities, in every class; gives the remainders, to stand as cells."""
        number = {quantity: n for n, quantity in enumerate(self.names)}
        remainders: list[Floats] = []
        width = len(self.found.amount)
        for whole, parts in self.quantities.relations():
            if whole not in number or any(part not in number for part, _ in parts):
                continue
            cells = self.cell_of[[number[whole], *(number[part] for part, _ in parts)]]
            signs = np.array([1.0, *(-sign for _, sign in parts)])
            places = np.flatnonzero(
                self._standing[[number[q] for q in (whole, *(p for p, _ in parts))]].all(axis=0)
                & (cells >= 0).any(axis=0)
            )
            cells = cells[:, places]
            amounts = np.where(cells >= 0, self.found.amount[cells], 0.0)
            rest = signs @ amounts
            rest[np.abs(rest) <= _EXACT * np.abs(amounts).max(axis=0, initial=1.0)] = 0.0
            at, row = np.nonzero(cells >= 0)
            rows.add(row, cells[at, row], signs[at])
            left = np.flatnonzero(rest)
            rows.add(left, width + np.arange(len(left)), np.full(len(left), -1.0))
            rows.count += len(places)
            width += len(left)
            remainders.append(rest[left])
        return np.concatenate(remainders) if remainders else np.zeros(0)

    def _within(self) -> Places:
        number = {quantity: n for n, quantity in enumerate(self.names)}
        pairs = []
        for part, whole in self.quantities.within():
            if part in number and whole in number:
                cells = self.cell_of[[number[part], number[whole]]].T
                cells = cells[(cells >= 0).all(axis=1)]
                amounts = self.found.amount[cells]
                pairs.append(cells[amounts[:, 0] <= amounts[:, 1]])
        return np.concatenate(pairs) if pairs else np.zeros((0, 2), dtype=np.intp)

    def _need(self) -> Floats:
        """The interval, and no less than one unit of what is printed; never more than all."""
        steps = np.array([10.0 ** -self.quantities.decimals(q) for q in self.names])
        whole = np.abs(self.found.amount)
        asked = self.thresholds.interval_percent
        share = np.where(self.sensitive, float(asked.sensitive), float(asked.complementary)) / 100
        least = np.maximum(share * whole, steps[self.found.quantity])
        return np.asarray(np.minimum(least, whole), dtype=float)

    def _costs(self) -> Floats:
        costs = np.array(
            [
                max(self.thresholds.cost_of(name) for name, _, _ in groups)
                for groups in self.partitions.groups_of
            ]
        )
        # To hide what is public elsewhere protects nothing: only where there is no other way.
        dearer = np.array([_OPEN if self.thresholds.is_open(q) else 1.0 for q in self.names])
        return np.asarray(costs[self.found.place] * dearer[self.found.quantity], dtype=float)

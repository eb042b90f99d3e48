"""Suppression in tables small enough to work by hand, and an attacker who knows only what is left.

The attacker here shares no code with the audit: it is given the published cells, writes its own
equations, and asks for the least and the largest value of each cell that is not published.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from pipelines.indicators.disclosure import (
    LinkedTable,
    additive_table,
    cheapest,
    interval,
    suppress,
    unsafe,
)

Relation = tuple[int, Sequence[int]]


def two_way(body: np.ndarray) -> tuple[list[float], list[Relation], np.ndarray]:
    """A table with margins: cells, relations, and where each cell stands."""
    rows, columns = body.shape
    at = np.arange((rows + 1) * (columns + 1)).reshape(rows + 1, columns + 1)
    cells = np.zeros(at.shape)
    cells[:rows, :columns] = body
    cells[rows, :columns], cells[:rows, columns] = body.sum(axis=0), body.sum(axis=1)
    cells[rows, columns] = body.sum()
    relations: list[Relation] = [(at[r, columns], at[r, :columns]) for r in range(rows + 1)]
    relations += [(at[rows, c], at[:rows, c]) for c in range(columns + 1)]
    return list(cells.ravel()), relations, at


def attacked(
    values: Sequence[float],
    relations: Sequence[Relation],
    hidden: np.ndarray,
    cell: int,
    rounding: float = 0.0,
) -> tuple[float, float]:
    """What can be concluded of a cell from the others, printed to within ``rounding``."""
    equations = np.zeros((len(relations), len(values)))
    for row, (total, parts) in enumerate(relations):
        equations[row, total] = 1
        equations[row, list(parts)] = -1
    bounds = [
        (0, None) if unknown or not value else (value - rounding, value + rounding)
        for value, unknown in zip(values, hidden, strict=True)
    ]
    bounds = [(0, 0) if value == 0 else known for value, known in zip(values, bounds, strict=True)]
    found = []
    for sign in (1, -1):
        goal = np.zeros(len(values))
        goal[cell] = sign
        result = linprog(goal, A_eq=equations, b_eq=np.zeros(len(relations)), bounds=bounds)
        found.append(float("inf") if result.status == 3 else sign * result.fun)
    return found[0], found[1]


def chosen(table: LinkedTable, cells: Sequence[int]) -> np.ndarray:
    flags = np.zeros(table.size, dtype=bool)
    flags[list(cells)] = True
    return flags


BODY = np.array([[20.0, 50.0, 10.0], [8.0, 19.0, 22.0], [17.0, 32.0, 12.0]])


@pytest.mark.parametrize("exact_up_to", [0, 16])
def test_one_sensitive_cell_of_a_three_by_three_table_takes_three_more(exact_up_to: int) -> None:
    values, relations, at = two_way(BODY)
    costs = np.ones(at.shape)
    costs[3, :] = costs[:, 3] = 5
    table = additive_table(values, relations, costs=costs.ravel())
    found = suppress(table, chosen(table, [at[1, 1]]), exact_up_to=exact_up_to)
    hidden = np.argwhere(found[at])
    # The four corners of a rectangle, none of them a margin.
    assert len(hidden) == 4
    rows, columns = sorted(set(hidden[:, 0])), sorted(set(hidden[:, 1]))
    assert len(rows) == len(columns) == 2
    assert 3 not in (*rows, *columns)
    # In a rectangle a, b over c, d: a can rise by min(b, c) and fall by min(a, d).
    row, column = next(r for r in rows if r != 1), next(c for c in columns if c != 1)
    beside, below, across = BODY[1, column], BODY[row, 1], BODY[row, column]
    low, high = interval(table, found, int(at[1, 1]))
    assert low == pytest.approx(19 - min(19, across))
    # The answer stops at twice the value: further up it says no more.
    assert high == pytest.approx(min(19 + min(beside, below), 3 * 19))


def test_the_exact_answer_is_the_cheapest_that_is_safe() -> None:
    values, relations, at = two_way(np.array([[3.0, 40.0], [25.0, 60.0]]))
    costs = np.arange(1.0, 10.0)
    table = additive_table(values, relations, costs=costs)
    primary = chosen(table, [at[0, 0]])
    others = [c for c in range(table.size) if c != at[0, 0]]
    found = cheapest(table, primary)
    cost = costs[found].sum() - costs[at[0, 0]]
    assert not len(unsafe(table, found))
    # Hiding more only helps, so of the cheaper sets those will do that no cell can be added to.
    cheaper = [
        more
        for size in range(len(others) + 1)
        for more in combinations(others, size)
        if costs[list(more)].sum() < cost
        and all(costs[[*more, one]].sum() >= cost for one in others if one not in more)
    ]
    assert len(cheaper) > 20
    assert all(len(unsafe(table, chosen(table, [at[0, 0], *more]))) for more in cheaper)


def test_a_cell_alone_in_its_line_is_had_by_subtraction() -> None:
    table = additive_table([10.0, 4.0, 6.0], [(0, (1, 2))])
    assert list(unsafe(table, chosen(table, [1]))) == [1]
    assert interval(table, chosen(table, [1]), 1) == (4.0, 4.0)
    assert not len(unsafe(table, chosen(table, [1, 2])))


def test_a_small_companion_does_not_hide_a_large_cell() -> None:
    """100 beside 5: 100 cannot be told closer than 95 to 105, which is within 15 %."""
    table = additive_table([305.0, 100.0, 5.0, 200.0], [(0, (1, 2, 3))])
    assert list(unsafe(table, chosen(table, [1, 2]))) == [1]
    assert suppress(table, chosen(table, [1, 2])).tolist() == [False, True, True, True]


def test_nothing_sensitive_nothing_suppressed() -> None:
    values, relations, _ = two_way(BODY)
    table = additive_table(values, relations)
    assert not suppress(table, chosen(table, [])).any()


def test_zeros_are_never_suppressed_and_lend_nothing() -> None:
    table = additive_table([9.0, 4.0, 0.0, 5.0], [(0, (1, 2, 3))])
    assert suppress(table, chosen(table, [1, 2])).tolist() == [False, True, False, True]


def test_a_part_close_to_its_whole_tells_of_it() -> None:
    """其中 95 of 100: who sees the part knows that the whole is 95 or more."""
    relations = [(4, (0, 2)), (5, (1, 3))]
    values = [100.0, 95.0, 80.0, 70.0, 180.0, 165.0]
    loose = additive_table(values, relations)
    tied = additive_table(values, relations, within=[(1, 0), (3, 2), (5, 4)])
    hidden = chosen(loose, [0, 2])
    assert not len(unsafe(loose, hidden))
    assert list(unsafe(tied, hidden)) == [0, 2]
    assert interval(tied, hidden, 0)[0] == pytest.approx(95)
    found = suppress(tied, chosen(tied, [0]))
    assert found[1]
    assert not len(unsafe(tied, found))


def test_a_contributor_must_not_learn_of_the_other_in_its_line() -> None:
    """Two hidden cells of one unit each: each unit would know the other's figure."""
    table = additive_table([90.0, 10.0, 12.0, 30.0, 38.0], [(0, (1, 2, 3, 4))])
    alone = chosen(table, [1, 2])
    assert suppress(table, alone).sum() == 2
    assert suppress(table, alone, alone).tolist() == [False, True, True, True, False]


_FIGURES = st.integers(min_value=0, max_value=400).map(float)
_BODIES = st.tuples(st.integers(2, 4), st.integers(2, 4)).flatmap(
    lambda shape: st.lists(
        _FIGURES, min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]
    ).map(lambda cells: np.array(cells).reshape(shape))
)


@settings(max_examples=15, deadline=None)
@given(_BODIES, st.data())
def test_an_attacker_of_a_two_way_table_recovers_nothing(
    body: np.ndarray, data: st.DataObject
) -> None:
    values, relations, at = two_way(body)
    inner = [int(cell) for cell in at[:-1, :-1].ravel() if values[cell]]
    if not inner:
        return
    primary = data.draw(st.lists(st.sampled_from(inner), min_size=1, max_size=4, unique=True))
    table = additive_table(values, relations)
    found = suppress(table, chosen(table, primary))
    assert found[primary].all()
    for cell in np.flatnonzero(found):
        low, high = attacked(values, relations, found, int(cell))
        assert low <= values[cell] * (1 - 0.15) + 1e-4
        assert high >= values[cell] * (1 + 0.15) - 1e-4


@settings(max_examples=10, deadline=None)
@given(st.lists(_FIGURES, min_size=12, max_size=12), st.data())
def test_an_attacker_of_linked_hierarchies_recovers_nothing(
    figures: list[float], data: st.DataObject
) -> None:
    """Total = two places = two kinds, each place of three districts, two items and their sum."""
    districts = np.array(figures).reshape(2, 6)
    kinds = np.array([True, False, True, True, False, False])
    values: list[float] = []
    relations: list[Relation] = []
    per_item: list[list[int]] = []
    for item in (districts[0], districts[1], districts.sum(axis=0)):
        start = len(values)
        places, halves = [item[:3].sum(), item[3:].sum()], [item[kinds].sum(), item[~kinds].sum()]
        values += [item.sum(), *places, *halves, *item]
        relations += [
            (start, (start + 1, start + 2)),
            (start, (start + 3, start + 4)),
            (start + 1, (start + 5, start + 6, start + 7)),
            (start + 2, (start + 8, start + 9, start + 10)),
        ]
        per_item.append(list(range(start, start + 11)))
    relations += [(whole, (a, b)) for a, b, whole in zip(*per_item, strict=True)]
    inner = [c for cells in per_item[:2] for c in cells[5:] if values[c]]
    if not inner:
        return
    primary = data.draw(st.lists(st.sampled_from(inner), min_size=1, max_size=4, unique=True))
    table = additive_table(values, relations)
    found = suppress(table, chosen(table, primary))
    for cell in np.flatnonzero(found):
        low, high = attacked(values, relations, found, int(cell), rounding=0.0)
        assert low <= values[cell] * (1 - 0.15) + 1e-3
        assert high >= values[cell] * (1 + 0.15) - 1e-3

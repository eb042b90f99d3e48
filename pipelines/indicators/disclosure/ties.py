"""Cells that can only move together: two that are alone suppressed in a sum move by the same.

Taken as one, they make an attacker's programmes smaller, and a direction drawn at random for all
of them is one that they can take.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from pipelines.indicators.disclosure.table import Floats, Places


def tied(sums: sp.csr_matrix) -> sp.csr_matrix:
    """Cells by groups: 1 where a cell moves with its group, -1 where it moves against it."""
    from scipy.sparse.csgraph import connected_components

    width = sums.shape[1]
    one, other, alike = _pairs(sums)
    # Every cell stands twice, up and down; what is linked moves together.
    links = (
        np.concatenate([one, one + width]),
        np.concatenate([other + width * ~alike, other + width * alike]),
    )
    ones = np.ones(2 * len(one))
    graph = sp.coo_matrix((ones, links), shape=(2 * width,) * 2)
    label = connected_components(graph, directed=False)[1]
    up, down = label[:width], label[width:]
    # Up with its own down: it cannot move at all, which the sums will say by themselves.
    alone = up == down
    name = np.where(alone, label.max(initial=0) + 1 + np.arange(width), np.minimum(up, down))
    names, group = np.unique(name, return_inverse=True)
    signs: Floats = np.where(alone | (up < down), 1.0, -1.0)
    return sp.csr_matrix((signs, (np.arange(width), group)), shape=(width, len(names)))


def _pairs(sums: sp.csr_matrix) -> tuple[Places, Places, Places]:
    """The two cells of every sum of two, and whether they move alike."""
    starts = sums.indptr[:-1][np.diff(sums.indptr) == 2]
    left, right = sums.data[starts], sums.data[starts + 1]
    even = np.abs(left) == np.abs(right)
    starts = starts[even]
    return sums.indices[starts], sums.indices[starts + 1], (left != right)[even]

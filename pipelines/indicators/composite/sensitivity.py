"""How far a rank depends on choices: many drawn weightings and methods, and the ranks they give.

Each draw takes one of the method combinations of the index and moves its weights at random within
the declared spread.  The draws are those of Python's own generator under a seed spelled out of the
index, year and breakdown: the same on every machine and in whatever order indexes are worked out.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.indicators.composite.book import Index
from pipelines.indicators.composite.methods import aggregated, normalised, ranks, weights_of

if TYPE_CHECKING:
    from pipelines.indicators.composite.methods import Matrix


@dataclass(frozen=True, slots=True)
class RankInterval:
    """``low`` to ``high`` in the declared share of draws; ``best`` and ``worst`` of them all."""

    low: int
    high: int
    best: int
    worst: int


def rank_intervals(
    index: Index, values: Matrix, base: Sequence[float], seed_of: str
) -> list[RankInterval]:
    """The interval of every member (row of ``values``)."""
    import numpy as np

    down = [item.direction == "down" for item in index.items]
    varied = index.sensitivity
    chance = random.Random(f"{varied.seed}:{seed_of}")
    drawn: dict[int, list[list[float]]] = {n: [] for n in range(len(index.methods))}
    for _ in range(varied.draws):
        which = int(chance.random() * len(index.methods))
        drawn[which].append(
            [1 + varied.spread * (2 * chance.random() - 1) for _ in range(len(index.items))]
        )
    found = []
    for which, moves in drawn.items():
        if not moves:
            continue
        normalisation, weighting, aggregation = index.methods[which]
        scaled = normalised(values, down, normalisation, base)
        weights = weights_of(values, down, weighting, given_weights(index))
        moved = (weights * np.asarray(moves)).T
        moved /= moved.sum(axis=0)
        scores = aggregated(scaled, moved, aggregation, normalisation, index.floor)
        found.append(ranks(scores))
    every = np.sort(np.concatenate(found, axis=1), axis=1)
    return [_interval([int(rank) for rank in row], varied.interval) for row in every]


def given_weights(index: Index) -> list[float]:
    """The weights an office gave; empty where weights are worked out."""
    return [item.weight for item in index.items if item.weight is not None]


def _interval(ordered: list[int], interval: tuple[int, int]) -> RankInterval:
    """Nearest-rank percentiles: always a rank that was drawn."""
    low, high = (ordered[max(math.ceil(len(ordered) * p / 100), 1) - 1] for p in interval)
    return RankInterval(low, high, ordered[0], ordered[-1])

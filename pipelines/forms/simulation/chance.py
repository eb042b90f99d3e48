"""Repeatable chance: every draw depends on the seed and on its own name, and on nothing else.

A draw named after what it is for ("unit 17, item lectures, year 2023") does not move when another
item, unit or year is added, so two simulations differ only where their settings do.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable
from statistics import NormalDist
from typing import TypeVar

T = TypeVar("T")
_NORMAL = NormalDist()
_SCALE = 2.0**-64


class Chance:
    def __init__(self, seed: int) -> None:
        self._key = seed.to_bytes(16, "big", signed=True)

    def uniform(self, *name: object) -> float:
        """Between 0 and 1, both excluded."""
        text = "\x1f".join(map(str, name)).encode()
        digest = hashlib.blake2b(text, digest_size=8, key=self._key).digest()
        return (int.from_bytes(digest, "big") + 0.5) * _SCALE

    def between(self, low: float, high: float, *name: object) -> float:
        return low + (high - low) * self.uniform(*name)

    def normal(self, *name: object) -> float:
        # The half added above can round up to 1 for the very largest digest.
        return _NORMAL.inv_cdf(min(self.uniform(*name), 1 - 1e-12))

    def spread(self, sigma: float, *name: object) -> float:
        """A log-normal factor with mean 1."""
        return math.exp(sigma * self.normal(*name) - sigma * sigma / 2)

    def happens(self, probability: float, *name: object) -> bool:
        return self.uniform(*name) < probability

    def pick(self, choices: tuple[T, ...], *name: object) -> T:
        return choices[int(self.uniform(*name) * len(choices)) % len(choices)]

    def shuffled(self, things: Iterable[T], key: Callable[[T], object], *name: object) -> list[T]:
        return sorted(things, key=lambda thing: self.uniform(*name, key(thing)))

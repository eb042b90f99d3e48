"""Where a figure stands: a straight scale between two edges, with few round marks on it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from pipelines.publish.charts.drawing import width_of
from pipelines.survey.quantities import round_half_up

MINUS = "\u2212"
_MOST = 5
_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


@dataclass(frozen=True)
class Axis:
    """Figures from ``low`` to ``high`` over millimetres from ``start`` to ``end``."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self, size: float = 0.0) -> list[tuple[float, str]]:
        """Round figures on the axis with how they are written; no more than have room beside each
        other in type of ``size``."""
        most = _MOST
        if size:
            each = width_of(f"{max(self.high, -self.low):.1f}", size) + 3
            most = max(1, min(_MOST, int(abs(self.end - self.start) / each)))
        step = _step(Decimal(str(self.high - self.low)), most)
        first = math.ceil(Decimal(str(self.low)) / step)
        marks = itertools.takewhile(
            lambda mark: float(mark) <= self.high * (1 + 1e-9) or mark <= 0,
            (step * n for n in itertools.count(first)),
        )
        places = max(0, -int(step.normalize().as_tuple().exponent))
        return [
            (float(mark), f"{round_half_up(mark, places):f}".replace("-", MINUS)) for mark in marks
        ]


def from_zero(values: Iterable[float], start: float, end: float, room: float = 1.0) -> Axis:
    """An axis from zero past the largest of the values; from below zero where one is negative."""
    found = [*values]
    high = max(max(found, default=0.0), 0.0) * room
    low = min(min(found, default=0.0), 0.0) * room
    return Axis(low, high if high > low else low + 1.0, start, end)


def _step(span: Decimal, most: int) -> Decimal:
    """The smallest round step by which no more than ``most`` steps are needed."""
    power = Decimal(1).scaleb((span / most).adjusted())
    return next(power * step for step in _STEPS if power * step * most >= span)


def spread(centres: list[float], widths: list[float], low: float, high: float) -> list[float]:
    """Centres moved as little as needed so that labels neither overlap nor leave the room."""
    places = list(centres)
    edge = low
    for n, width in enumerate(widths):
        places[n] = max(places[n], edge + width / 2)
        edge = places[n] + width / 2
    edge = high
    for n in range(len(places) - 1, -1, -1):
        places[n] = min(places[n], edge - widths[n] / 2)
        edge = places[n] - widths[n] / 2
    return places

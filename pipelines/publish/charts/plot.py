"""A plot of years across and figures up: its frame, and lines with gaps where years do not join."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from pipelines.publish import style
from pipelines.publish.charts.axis import Axis, from_zero
from pipelines.publish.charts.drawing import Shape, widest, width_of
from pipelines.publish.charts.scene import Scale

if TYPE_CHECKING:
    from pipelines.publish.charts.canvas import Canvas


@dataclass(frozen=True)
class Point:
    year: int
    value: Decimal
    starts_anew: bool = False


@dataclass(frozen=True)
class Trace:
    """One line with its name."""

    name: str
    points: Sequence[Point]
    colour: str
    shape: Shape = "circle"


@dataclass(frozen=True)
class Plot:
    """A frame of years across and figures up."""

    canvas: Canvas
    xs: Axis
    ys: Axis
    scale: Scale
    years: range

    def at(self, point: Point) -> tuple[float, float]:
        return self.xs.at(point.year), self.ys.at(self.scale.place(point.value))

    def trace(self, trace: Trace, width: float = 2.0, size: float = 4.5) -> None:
        """Join neighbouring years; leave a gap where a year is missing or the series breaks."""
        for run in runs(trace.points):
            if len(run) > 1:
                self.canvas.line([self.at(p) for p in run], trace.colour, width)
            for point in run:
                self.canvas.dot(*self.at(point), size, trace.colour, shape=trace.shape)

    def hatch_gaps(self, traces: Sequence[Trace], word: str) -> None:
        """Years for which there is no figure."""
        present = {point.year for trace in traces for point in trace.points}
        top, bottom = self.ys.end, self.ys.start
        for start, end in _stretches([year for year in self.years if year not in present]):
            left, right = self.xs.at(start - 0.5), self.xs.at(end + 0.5)
            left, right = max(left, self.xs.start), min(right, self.xs.end)
            self.canvas.hatch(left, top, right - left, bottom - top)
            if right - left > width_of(word, style.NOTE):
                middle = (left + right) / 2
                self.canvas.text(middle, bottom - 2.4, word, style.NOTE, style.GREY, "middle",
                                 halo=True)  # fmt: skip


def frame(
    canvas: Canvas,
    room: tuple[float, float, float, float],
    traces: Sequence[Trace],
    scale: Scale,
    years: range,
    *,
    bare: bool = False,
) -> Plot:
    """Grid, years and figures in ``room`` (left, right, top, bottom); ``bare``: no figures."""
    left, right, top, bottom = room
    bottom -= 5.0
    places = [scale.place(p.value) for t in traces for p in t.points]
    ys = from_zero(places, bottom, top, 1.12)
    marks = ys.ticks()
    start = left if bare else left + widest([text for _, text in marks], style.LABEL) + 1.5
    xs = Axis(years[0] - 0.6, years[-1] + 0.6, start, right)
    for value, text in marks[:1] if bare else marks:
        y = ys.at(value)
        canvas.line([(start, y), (right, y)], style.LIGHT, 0.5)
        if not bare:
            canvas.text(start - 1.5, y, text, style.LABEL, style.GREY, "right")
    apart = width_of("2000", style.LABEL) + 2.0
    step = max(1, math.ceil(apart / ((right - start) / len(years))))
    for year in reversed(range(years[-1], years[0] - 1, -step)):
        x = xs.at(year)
        canvas.text(x, bottom + 3.0, str(year), style.LABEL, style.GREY, "middle")
    return Plot(canvas, xs, ys, scale, years)


def runs(points: Sequence[Point]) -> list[list[Point]]:
    """Stretches of consecutive years without a break."""
    found: list[list[Point]] = []
    for point in points:
        joined = found and point.year == found[-1][-1].year + 1 and not point.starts_anew
        if joined:
            found[-1].append(point)
        else:
            found.append([point])
    return found


def _stretches(years: Sequence[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for year in years:
        if found and year == found[-1][1] + 1:
            found[-1] = (found[-1][0], year)
        else:
            found.append((year, year))
    return found

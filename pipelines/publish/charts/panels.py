"""Form “panels”: one small plot a prefecture, its own line before those of all others."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.publish import style
from pipelines.publish.charts.axis import Axis, from_zero
from pipelines.publish.charts.definition import Chart
from pipelines.publish.charts.drawing import fitted, width_of
from pipelines.publish.charts.plot import Plot, Point, Trace, runs
from pipelines.publish.charts.scene import Picture, Scale, Scene

if TYPE_CHECKING:
    from pipelines.publish.charts.canvas import Canvas

_PANEL_MM = 27.0
_PAGE_COLUMNS = 3
_GAP_MM = 4.0


@dataclass(frozen=True)
class Panel:
    """One place over the years; ``absent`` says why it has no line at all."""

    name: str
    points: tuple[Point, ...]
    absent: str


def panels(chart: Chart, scene: Scene) -> Picture:
    """Every place on the same scale, so that height can be compared from panel to panel."""
    indicator, figures = chart.indicators[0], scene.figures
    years = [year for year in figures.years if year <= scene.year] or [scene.year]
    found, hidden, missing = [], [], []
    for member in scene.members(chart.breakdown, indicator):
        known = [figures.get(indicator, chart.breakdown, member.member_id, y) for y in years]
        points = tuple(Point(f.year, f.value, f.is_break) for f in known if f.value is not None)
        found.append(Panel(member.name_zh, points, scene.absent(known[-1])))
        if any(figure.suppressed for figure in known):
            hidden.append(member.name_zh)
        elif len(points) < len(years):
            missing.append(member.name_zh)
    scale = scene.scale(indicator, (p.value for panel in found for p in panel.points))
    notes = [
        phrase.format(names="、".join(names))
        for phrase, names in (
            (scene.phrases.suppressed_years, hidden), (scene.phrases.missing_years, missing)
        )
        if names
    ]  # fmt: skip
    broken = sorted({p.year for panel in found for p in panel.points if p.starts_anew})
    if broken:
        named = "、".join(f"{year}年" for year in broken)
        notes.append(scene.phrases.break_note.format(years=named))
    span = range(years[0], years[-1] + 1)
    painter = _Painter(found, scale, span)
    rising = [p for p in found if len(p.points) > 1 and p.points[-1].value > p.points[-2].value]
    comparable = [p for p in found if len(p.points) > 1 and not p.points[-1].starts_anew]
    told_all = not hidden and not broken
    facts = {
        "unit": scale.unit,
        "rising": str(len(rising)) if told_all and rising else None,
        "falling": str(len(comparable) - len(rising)) if told_all and comparable else None,
        "years": f"{span[0]}—{span[-1]}年" if len(span) > 1 else f"{span[0]}年",
    }
    told = [
        f"{panel.name}{'、'.join(f'{p.year}年{scale.text(p.value)}' for p in panel.points)}"
        if panel.points
        else f"{panel.name}{panel.absent}"
        for panel in found
    ]
    rows = -(-len(found) // _PAGE_COLUMNS)
    blank = not any(panel.points for panel in found)
    return scene.picture(
        chart, facts, rows * _PANEL_MM, painter.paint, notes, blank=blank, told=told
    )


@dataclass(frozen=True)
class _Painter:
    panels: Sequence[Panel]
    scale: Scale
    years: range

    def paint(self, canvas: Canvas) -> None:
        wide, tall = canvas.right - canvas.left, canvas.bottom - canvas.top
        columns = _columns(len(self.panels), wide / tall)
        rows = -(-len(self.panels) // columns)
        wide, tall = wide / columns, tall / rows
        places = [self.scale.place(p.value) for panel in self.panels for p in panel.points]
        for n, panel in enumerate(self.panels):
            left = canvas.left + (n % columns) * wide
            top = canvas.top + (n // columns) * tall
            right, bottom = left + wide - _GAP_MM, top + tall - 2.0
            canvas.text(left, top + 1.8, fitted(panel.name, style.LABEL, right - left),
                        style.LABEL)  # fmt: skip
            ys = from_zero(places, bottom - 4.5, top + 8.5, 1.0)
            xs = Axis(self.years[0] - 0.15, self.years[-1] + 0.15, left + 2, right - 2)
            self._panel(canvas, Plot(canvas, xs, ys, self.scale, self.years), panel)

    def _panel(self, canvas: Canvas, plot: Plot, panel: Panel) -> None:
        left, right, base = plot.xs.start - 2, plot.xs.end + 2, plot.ys.start
        if not panel.points:
            canvas.absent(left, plot.ys.end, right - left, base - plot.ys.end, panel.absent)
            return
        canvas.line([(left, base), (right, base)], style.LIGHT, 0.6)
        for other in self.panels:
            for run in runs(other.points):
                if other is not panel and len(run) > 1:
                    canvas.line([plot.at(p) for p in run], style.LIGHT, 0.8)
        plot.trace(Trace(panel.name, panel.points, canvas.colour), 1.8, 4.5)
        ends = [panel.points[0], panel.points[-1]] if len(panel.points) > 1 else panel.points
        for point in ends:
            said = self.scale.text(point.value)
            half = width_of(said, style.NOTE) / 2
            x, y = plot.at(point)
            x = min(max(x, left + half), right - half)
            canvas.text(x, y - 2.7, said, style.NOTE, align="middle", halo=True)
        for year in sorted({self.years[0], self.years[-1]}):
            half = width_of(str(year), style.NOTE) / 2
            x = min(max(plot.xs.at(year), left + half), right - half)
            canvas.text(x, base + 2.2, str(year), style.NOTE, style.GREY, "middle")


def _columns(count: int, shape: float) -> int:
    """How many side by side, so that plots are half as wide again as tall and rows are full."""
    wanted = math.sqrt(count * shape / 1.6)
    return min(range(2, 7), key=lambda n: (abs(n - wanted) + 0.6 * (-count % n), n))

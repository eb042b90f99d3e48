"""Form “changes”: indicators of different units, each with its growth on the year before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.publish import style
from pipelines.publish.charts.canvas import WIDTH, Canvas, width_of
from pipelines.publish.charts.definition import Chart
from pipelines.publish.charts.row_forms import moves
from pipelines.publish.charts.scene import Picture, Scene
from pipelines.publish.figures import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ROW_MM = 6.4
_HEAD_MM = 6.0
_SHADE = {"up": style.UP, "down": style.DOWN, "": style.MIDDLE}


@dataclass(frozen=True)
class Line:
    """One indicator: both values as text, the change as text, and its rate where it has one."""

    label: str
    last: str
    this: str
    change: str
    direction: str
    rate: float | None


def changes(chart: Chart, scene: Scene) -> Picture:
    lines = [_line(chart, scene, name) for name in chart.indicators]
    heads = (f"{scene.year - 1}年", f"{scene.year}年")
    painter = _Painter(lines, heads)
    body = len(lines) * _ROW_MM + _HEAD_MM
    return scene.picture(chart, moves(chart, scene), body, painter.paint)


def _line(chart: Chart, scene: Scene, name: str) -> Line:
    figures = scene.figures
    this, last = figures.get(name), figures.last(name)
    found = figures.change(name)
    change, direction = scene.change(name)
    rated = found.kind == "rate" and found.amount is not None
    return Line(
        label=scene.label(chart, name),
        last=str(scene.words.value(name, last) or _no_last(scene, last)),
        this=str(scene.words.value(name, this) or scene.absent(this)),
        change=change,
        direction=direction,
        rate=float(found.amount) if rated and found.amount is not None else None,
    )


def _no_last(scene: Scene, last: Figure) -> str:
    return scene.phrases.suppressed if last.suppressed else scene.phrases.no_data


@dataclass(frozen=True)
class _Painter:
    lines: Sequence[Line]
    heads: tuple[str, str]

    def paint(self, canvas: Canvas) -> None:
        label = max(width_of(line.label, style.BODY) for line in self.lines) + 0.15
        column = (
            max(
                width_of(text, style.BODY) for line in self.lines for text in (line.last, line.this)
            )
            + 0.16
        )
        columns = (label + column, label + 2 * column)
        axes = canvas.axes(columns[1] + 0.15, 0.1, bottom=0.0, top=style.inches(_HEAD_MM))
        count = len(self.lines)
        axes.set_ylim(-0.5, count - 0.5)
        reach = max((abs(line.rate) for line in self.lines if line.rate is not None), default=1.0)
        # Room for the words at the end of a bar on either side.
        low = min((line.rate for line in self.lines if line.rate is not None), default=0.0)
        axes.set_xlim(-reach * 1.55 if low < 0 else -reach * 0.08, reach * 1.75)
        axes.axis("off")
        axes.axvline(0, color=style.GREY, lw=0.8, zorder=3)
        for n, line in enumerate(self.lines):
            y = count - 1 - n
            self._texts(axes, y, line, columns)
            self._bar(axes, y, line)
        for head, x in zip(self.heads, columns, strict=True):
            axes.annotate(head, _at(axes, x, count - 0.42), xycoords=axes.get_yaxis_transform(),
                          ha="right", va="bottom", size=style.LABEL, color=style.GREY)  # fmt: skip

    def _texts(self, axes: Axes, y: int, line: Line, columns: tuple[float, float]) -> None:
        look: dict[str, Any] = {
            "xycoords": axes.get_yaxis_transform(),
            "va": "center",
            "annotation_clip": False,
        }
        axes.annotate(line.label, _at(axes, 0.06, y), ha="left", **look)
        axes.annotate(line.last, _at(axes, columns[0], y), ha="right", color=style.GREY, **look)
        axes.annotate(line.this, _at(axes, columns[1], y), ha="right", **look)
        axes.plot(
            [_at(axes, 0.06, y)[0], 1], [y - 0.5, y - 0.5], color=style.PALE, lw=0.6,
            transform=axes.get_yaxis_transform(), clip_on=False, zorder=0,
        )  # fmt: skip

    def _bar(self, axes: Axes, y: int, line: Line) -> None:
        if line.rate is not None:
            axes.barh(y, line.rate, height=0.5, color=_SHADE[line.direction])
        left = line.rate is not None and line.rate < 0
        colour = _SHADE[line.direction] if line.direction else style.GREY
        axes.annotate(
            line.change, (line.rate or 0, y), xytext=(-4 if left else 4, 0),
            textcoords="offset points", ha="right" if left else "left", va="center",
            size=style.LABEL, color=colour,
        )  # fmt: skip


def _at(axes: Axes, x: float, y: float) -> tuple[float, float]:
    """A place ``x`` inches from the left edge of the sheet, in the axes' own fractions."""
    box = axes.get_position()
    return (x / WIDTH - box.x0) / box.width, y

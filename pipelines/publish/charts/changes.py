"""Form “changes”: indicators of different units, each with its growth on the year before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.publish import style
from pipelines.publish.charts.axis import Axis
from pipelines.publish.charts.definition import Chart
from pipelines.publish.charts.drawing import widest
from pipelines.publish.charts.row_forms import moves
from pipelines.publish.charts.scene import Picture, Scene
from pipelines.publish.figures import Figure

if TYPE_CHECKING:
    from pipelines.publish.charts.canvas import Canvas

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
    told = [
        f"{line.label.strip()}{line.this}{f'（{line.change}）' if line.change else ''}"
        for line in lines
    ]
    blank = all(scene.figures.get(name).value is None for name in chart.indicators)
    facts = moves(chart, scene)
    return scene.picture(chart, facts, body, painter.paint, blank=blank, told=told)


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
        """Both years as columns of figures, and a bar for the rate between them."""
        label = widest([line.label for line in self.lines], style.BODY)
        columns = [
            widest([head, *figures], style.BODY) + 3
            for head, figures in zip(
                self.heads,
                ([n.last for n in self.lines], [n.this for n in self.lines]),
                strict=True,
            )
        ]
        first = canvas.left + label + columns[0]
        second = first + columns[1]
        axis = self._axis(second + 4, canvas.right)
        top = canvas.top + _HEAD_MM
        for x, head in zip((first, second), self.heads, strict=True):
            canvas.text(x, top - _HEAD_MM / 2, head, style.LABEL, style.GREY, "right")
        pitch = (canvas.bottom - top) / len(self.lines)
        for n, line in enumerate(self.lines):
            y = top + (n + 0.5) * pitch
            under = y + pitch / 2
            canvas.line([(canvas.left, under), (canvas.right, under)], style.PALE)
            canvas.text(canvas.left, y, line.label, style.BODY)
            canvas.text(first, y, line.last, style.BODY, style.GREY, "right")
            canvas.text(second, y, line.this, style.BODY, align="right")
            self._bar(canvas, axis, y, line, min(pitch * 0.5, 3.6))
        zero = axis.at(0.0)
        canvas.line([(zero, top), (zero, canvas.bottom)], style.GREY, 0.8)

    def _axis(self, start: float, end: float) -> Axis:
        """Room for the words at the end of a bar on either side."""
        rates = [line.rate for line in self.lines if line.rate is not None]
        low, high = min([0.0, *rates]), max([0.0, *rates])
        left = widest([n.change for n in self.lines if n.direction == "down"], style.LABEL)
        right = widest([n.change for n in self.lines if n.direction != "down"], style.LABEL)
        inner = (start + (left + 2 if left else 1), end - right - 2)
        if high == low:
            high = low + 1.0
        return Axis(low, high, inner[0], max(inner[1], inner[0] + 4.0))

    def _bar(self, canvas: Canvas, axis: Axis, y: float, line: Line, tall: float) -> None:
        rate = line.rate if line.direction else None
        zero, end = axis.at(0.0), axis.at(rate or 0.0)
        if rate is not None:
            wide = abs(end - zero)
            canvas.box(min(zero, end), y - tall / 2, wide, tall, _SHADE[line.direction])
        left = line.direction == "down"
        colour = _SHADE[line.direction] if line.direction else style.GREY
        canvas.text(end + (-1.4 if left else 1.4), y, line.change, style.LABEL, colour,
                    "right" if left else "left", halo=True)  # fmt: skip

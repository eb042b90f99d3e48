"""Form “slope”: places or departments from the year before to this year, a line each.

Rising and falling are told by colour, by the slope and by the sign beside the figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from pipelines.publish import style
from pipelines.publish.charts.axis import Axis, spread
from pipelines.publish.charts.definition import Chart
from pipelines.publish.charts.drawing import LINE, MM_PER_POINT, Align, fitted, widest
from pipelines.publish.charts.scene import Picture, Scale, Scene

if TYPE_CHECKING:
    from pipelines.publish.charts.canvas import Canvas

BODY_MM = 74.0
_HEAD_MM = 6.0
_SHADES = {"up": style.UP, "down": style.DOWN, "": style.SOFT}


@dataclass(frozen=True)
class Move:
    """One place in both years; ``change`` is said where the two may be compared."""

    name: str
    last: Decimal
    this: Decimal
    change: str
    direction: str
    broken: bool = False


def slope(chart: Chart, scene: Scene) -> Picture:
    """Those with a figure in both years; the others are named in a note, with the reason."""
    indicator = chart.indicators[0]
    figures = scene.figures
    moves, hidden, missing = [], [], []
    for member in scene.members(chart.breakdown, indicator):
        this = figures.get(indicator, chart.breakdown, member.member_id)
        last = figures.last(indicator, chart.breakdown, member.member_id)
        if this.value is not None and last.value is not None:
            change, direction = scene.change(indicator, chart.breakdown, member.member_id)
            move = Move(member.name_zh, last.value, this.value, change, direction, this.is_break)
            moves.append(move)
        elif this.suppressed or last.suppressed:
            hidden.append(member.name_zh)
        else:
            missing.append(member.name_zh)
    notes = []
    if figures.has_last_year:
        notes = [
            phrase.format(names="、".join(names))
            for phrase, names in (
                (scene.phrases.suppressed_either, hidden),
                (scene.phrases.missing_either, missing),
            )
            if names
        ]
    scale = scene.scale(indicator, (value for m in moves for value in (m.last, m.this)))
    nothing = scene.phrases.suppressed if hidden else scene.phrases.no_last_year
    painter = _Painter(moves, scale, (f"{scene.year - 1}年", f"{scene.year}年"), nothing)
    facts = _facts(moves, scale, told=not hidden) | {"unit": scale.unit}
    told = [f"{m.name}由{scale.text(m.last)}到{scale.text(m.this)}（{m.change}）" for m in moves]
    return scene.picture(chart, facts, BODY_MM, painter.paint, notes, blank=not moves, told=told)


def _facts(moves: Sequence[Move], scale: Scale, *, told: bool) -> dict[str, str | None]:
    """Who rose and fell; who most, only where nobody is left untold."""
    up = [m for m in moves if m.direction == "up"]
    down = [m for m in moves if m.direction == "down"]
    facts: dict[str, str | None] = {
        "up": str(len(up)) if up else None,
        "down": str(len(down)) if down else None,
        "all_up": str(len(up)) if moves and len(up) == len(moves) else None,
        "all_down": str(len(down)) if moves and len(down) == len(moves) else None,
    }
    if told and up:
        most = max(up, key=lambda m: m.this - m.last)
        facts |= {"most_up": most.name, "most_up_by": scale.spoken(most.this - most.last)}
    if told and down:
        most = min(down, key=lambda m: m.this - m.last)
        facts |= {"most_down": most.name, "most_down_by": scale.spoken(most.last - most.this)}
    return facts


@dataclass(frozen=True)
class _Painter:
    moves: Sequence[Move]
    scale: Scale
    heads: tuple[str, str]
    nothing: str

    def paint(self, canvas: Canvas) -> None:
        if not self.moves:
            canvas.say_nothing(self.nothing)
            return
        figures = widest([self.scale.text(m.last) for m in self.moves], style.LABEL)
        left = canvas.left + figures + 3
        ends = [self._end(move) for move in self.moves]
        most = 0.62 * canvas.width
        right = canvas.right - min(widest(ends, style.LABEL), most) - 3
        top = canvas.top + _HEAD_MM
        heads: list[tuple[float, str, Align]] = [
            (left, self.heads[0], "right"), (right, self.heads[1], "left")
        ]  # fmt: skip
        for x, head, align in heads:
            canvas.text(x, canvas.top + 1.8, head, style.LABEL, style.GREY, align)
            canvas.line([(x, top - 2), (x, canvas.bottom)], style.LIGHT, 0.8)
        places = [self.scale.place(v) for m in self.moves for v in (m.last, m.this)]
        # Slopes are compared with each other, not with zero.
        low, high = min(places), max(places)
        axis = Axis(low, high if high > low else low + 1, canvas.bottom - 3, top + 3)
        for move in sorted(self.moves, key=lambda m: m.direction != ""):
            shade = _SHADES[move.direction]
            start = (left, axis.at(self.scale.place(move.last)))
            end = (right, axis.at(self.scale.place(move.this)))
            if not move.broken:
                canvas.line([start, end], shade, 1.6)
            canvas.dot(*start, 5.0, style.PAPER, shade)
            canvas.dot(*end, 5.5, shade)
        self._labels(canvas, axis, left, right, most)

    def _labels(self, canvas: Canvas, axis: Axis, left: float, right: float, most: float) -> None:
        tall = style.LABEL * LINE * MM_PER_POINT * 0.86
        by_last = sorted(self.moves, key=lambda m: -m.last)
        by_this = sorted(self.moves, key=lambda m: -m.this)
        bounds = (canvas.top + _HEAD_MM - 1, canvas.bottom)
        heights = [tall] * len(self.moves)
        ys = spread([axis.at(self.scale.place(m.last)) for m in by_last], heights, *bounds)
        for move, y in zip(by_last, ys, strict=True):
            said = self.scale.text(move.last)
            from_y = axis.at(self.scale.place(move.last))
            canvas.line([(left - 1.9, y), (left - 0.9, from_y)], style.LIGHT)
            canvas.text(left - 2.2, y, said, style.LABEL, style.GREY, "right")
        ys = spread([axis.at(self.scale.place(m.this)) for m in by_this], heights, *bounds)
        for move, y in zip(by_this, ys, strict=True):
            said = fitted(self._end(move), style.LABEL, most)
            from_y = axis.at(self.scale.place(move.this))
            canvas.line([(right + 1.0, from_y), (right + 1.9, y)], style.MIDDLE)
            colour = _SHADES[move.direction] if move.direction else style.GREY
            canvas.text(right + 2.2, y, said, style.LABEL, colour)

    def _end(self, move: Move) -> str:
        change = f"（{move.change}）" if move.change else ""
        return f"{move.name} {self.scale.text(move.this)}{change}"

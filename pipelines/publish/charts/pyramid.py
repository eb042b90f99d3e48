"""Form “pyramid”: two kinds of people back to back, a row a place, both on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from pipelines.publish import style
from pipelines.publish.charts.definition import Chart
from pipelines.publish.charts.drawing import fitted, widest
from pipelines.publish.charts.scene import Picture, Scale, Scene
from pipelines.publish.figures import Figure
from pipelines.survey.quantities import table_scale

if TYPE_CHECKING:
    from pipelines.publish.charts.canvas import Canvas

_ROW_MM = 6.0
_HEAD_MM = 6.0
_HATCH_MM = 5.0


@dataclass(frozen=True)
class Side:
    """One bar: its figure, or the word for why there is none."""

    value: Decimal | None
    absent: str


@dataclass(frozen=True)
class Row:
    name: str
    left: Side
    right: Side


def pyramid(chart: Chart, scene: Scene) -> Picture:
    """Places in order of both together; those without a figure stand last, hatched."""
    left, right = chart.indicators[:2]
    figures = scene.figures

    def side(indicator: str, member: str) -> tuple[Side, Figure]:
        figure = figures.get(indicator, chart.breakdown, member)
        absent = scene.absent(figure) if figure.value is None else ""
        return Side(figure.value, absent), figure

    rows, hidden, missing = [], [], []
    for member in scene.members(chart.breakdown, left):
        sides = [side(name, member.member_id) for name in (left, right)]
        rows.append(Row(member.name_zh, sides[0][0], sides[1][0]))
        if any(figure.suppressed for _, figure in sides):
            hidden.append(member.name_zh)
        elif any(figure.value is None for _, figure in sides):
            missing.append(member.name_zh)
    rows.sort(key=lambda row: -((row.left.value or 0) + (row.right.value or 0)))
    values = [s.value for row in rows for s in (row.left, row.right)]
    # Small places are told to the head: 0.03 万人 is no figure.
    largest = max((value for value in values if value is not None), default=Decimal(0))
    scale = Scale(*table_scale(largest, figures.definition(left).unit))
    whole = [figures.get(name).value for name in (left, right)]
    ratio = scale.ratio(whole[1], whole[0]) if whole[0] and whole[1] is not None else None
    notes = [
        phrase.format(names="、".join(names))
        for phrase, names in (
            (scene.phrases.suppressed_note, hidden), (scene.phrases.missing_note, missing)
        )
        if names
    ]  # fmt: skip
    heads = (scene.label(chart, left), scene.label(chart, right))
    painter = _Painter(rows, scale, heads)
    told = [
        f"{row.name}{heads[0]}{_text(row.left, scale)}、{heads[1]}{_text(row.right, scale)}"
        for row in rows
    ]
    body = len(rows) * _ROW_MM + _HEAD_MM
    blank = all(value is None for value in values)
    facts = {"unit": scale.unit, "ratio": ratio}
    return scene.picture(chart, facts, body, painter.paint, notes, blank=blank, told=told)


def _text(side: Side, scale: Scale) -> str:
    return side.absent if side.value is None else scale.text(side.value)


@dataclass(frozen=True)
class _Painter:
    rows: Sequence[Row]
    scale: Scale
    heads: tuple[str, str]

    def paint(self, canvas: Canvas) -> None:
        """Names at the left; the shorter side takes as much room as its longest bar needs."""
        names = [fitted(row.name, style.BODY, 0.4 * canvas.width) for row in self.rows]
        start = canvas.left + widest(names, style.BODY) + 2
        sides = [[row.left for row in self.rows], [row.right for row in self.rows]]
        texts = [[_text(side, self.scale) for side in column] for column in sides]
        absent = [any(side.value is None for side in column) for column in sides]
        beside = [
            widest(column, style.LABEL) + 2.5 + _HATCH_MM * gaps
            for column, gaps in zip(texts, absent, strict=True)
        ]
        longest = [
            max((self.scale.place(s.value) for s in column if s.value is not None), default=0.0)
            for column in sides
        ]
        room = canvas.right - start - sum(beside)
        each = room / (sum(longest) or 1.0)
        middle = start + beside[0] + longest[0] * each
        top = canvas.top + _HEAD_MM
        canvas.text(middle - 1.5, canvas.top + 2, self.heads[0], style.LABEL, align="right")
        canvas.text(middle + 1.5, canvas.top + 2, self.heads[1], style.LABEL, canvas.colour)
        pitch = (canvas.bottom - top) / len(self.rows)
        tall = min(pitch * 0.66, 4.2)
        for n, name in enumerate(names):
            y = top + (n + 0.5) * pitch
            canvas.text(start - 2, y, name, style.BODY, align="right")
            row = self.rows[n]
            for side, text, way in ((row.left, texts[0][n], -1), (row.right, texts[1][n], 1)):
                self._side(canvas, (middle, y, tall), side, text, way, each)
        canvas.line([(middle, top), (middle, canvas.bottom)], style.PAPER, 1.2)

    def _side(
        self, canvas: Canvas, at: tuple[float, float, float], side: Side, text: str, way: int,
        each: float,
    ) -> None:  # fmt: skip
        middle, y, tall = at
        if side.value is None:
            reach = _HATCH_MM
            canvas.hatch(min(middle, middle + way * reach), y - tall / 2, reach, tall)
        else:
            reach = self.scale.place(side.value) * each
            shade = style.SOFT if way < 0 else canvas.colour
            canvas.box(min(middle, middle + way * reach), y - tall / 2, reach, tall, shade)
        colour = style.GREY if side.value is None else style.INK
        canvas.text(middle + way * (reach + 1.2), y, text, style.LABEL, colour,
                    "right" if way < 0 else "left", halo=True)  # fmt: skip

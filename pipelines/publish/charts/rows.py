"""Draw rows of one measure: bars or dots down the page, each with its name and its figure.

Serves places by value, indicators against the year before, response rates and findings.  A row
without a figure is hatched and says why; it is never drawn as zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from pipelines.publish import style
from pipelines.publish.charts.axis import Axis
from pipelines.publish.charts.drawing import fitted, widest, width_of
from pipelines.publish.charts.scene import Scale

if TYPE_CHECKING:
    from pipelines.publish.charts.canvas import Canvas

ROW_MM = 6.2
AXIS_MM = 6.0
_HEAD_MM = 4.6
_PAD = 2.0
_BAR = 0.62  # of a row
_BAR_MM = 4.2
#: A name takes no more of the sheet than this.
_MOST_LABEL = 0.46
_DIRECTION = {"up": style.UP, "down": style.DOWN, "": style.GREY}


@dataclass(frozen=True)
class Row:
    """One bar or dot.  ``absent`` is the word shown when there is no value."""

    label: str
    value: Decimal | None
    last: Decimal | None = None
    absent: str = ""
    aside: str = ""
    direction: str = ""
    emphasised: bool = False
    text: str = ""


@dataclass(frozen=True)
class Reference:
    """A thin line across all rows: the province."""

    value: Decimal
    text: str


@dataclass(frozen=True)
class RowChart:
    """All that is needed to draw it."""

    rows: Sequence[Row]
    scale: Scale
    mark: Literal["dot", "bar"] = "bar"
    reference: Reference | None = None
    last_text: str = ""
    highest: Decimal | None = None

    @property
    def body_mm(self) -> float:
        return len(self.rows) * ROW_MM + AXIS_MM + self._head

    @property
    def told(self) -> list[str]:
        """Every row in words."""
        return [f"{row.label.strip()}{self._figure(row) or row.absent}" for row in self.rows]

    def paint(self, canvas: Canvas) -> None:
        _Painter(self, canvas).paint()

    @property
    def _head(self) -> float:
        return _HEAD_MM if self.reference or self.shows_last else 0.0

    @property
    def shows_last(self) -> bool:
        return bool(self.last_text) and any(row.last is not None for row in self.rows)

    def _figure(self, row: Row) -> str:
        return row.text or ("" if row.value is None else self.scale.text(row.value))


class _Painter:
    def __init__(self, chart: RowChart, canvas: Canvas) -> None:
        self.chart, self.canvas = chart, canvas
        rows, scale = chart.rows, chart.scale
        self.figures = [row.text or ("" if row.value is None else scale.text(row.value))
                        for row in rows]  # fmt: skip
        most = _MOST_LABEL * canvas.width
        self.labels = [fitted(row.label, style.BODY, most) for row in rows]
        self.left = canvas.left + widest(self.labels, style.BODY) + _PAD
        asides = widest([row.aside for row in rows], style.LABEL)
        self.right = canvas.right - (asides + _PAD if asides else 0)
        self.top = canvas.top + chart._head
        self.bottom = canvas.bottom - AXIS_MM
        self.pitch = (self.bottom - self.top) / len(rows)
        self.axis = self._axis()

    def _axis(self) -> Axis:
        """Room at the right for the figure that stands after the longest bar."""
        chart, place = self.chart, self.chart.scale.place
        beside = widest(self.figures, style.LABEL) + 4.0
        shown = [v for row in chart.rows for v in (row.value, row.last) if v is not None]
        if chart.reference:
            shown.append(chart.reference.value)
        top = place(max(shown, default=Decimal(1))) or 1.0
        if chart.highest is not None:
            top = place(chart.highest)
        # Ratios such as a rate of growth may be below zero; a bar then begins at zero all the same.
        low = min(place(min(shown, default=Decimal(0))), 0.0)
        start = self.left + (beside if low < 0 else 0)
        end = max(self.right - beside, start + (self.right - start) / 3)
        return Axis(low, max(top, 0.0) if low < 0 else top, start, end)

    def paint(self) -> None:
        self._grid()
        if self.chart.reference:
            self._reference(self.chart.reference)
        for n, row in enumerate(self.chart.rows):
            y = self.top + (n + 0.5) * self.pitch
            self.canvas.text(self.left - _PAD, y, self.labels[n], style.BODY, align="right")
            self._row(y, row, self.figures[n])
            colour = _DIRECTION[row.direction]
            self.canvas.text(self.right + _PAD, y, row.aside, style.LABEL, colour)
        if self.chart.shows_last:
            self._key()

    def _grid(self) -> None:
        canvas, unit = self.canvas, self.chart.scale.unit
        y = self.bottom + AXIS_MM / 2 + 0.4
        stop = self.right - width_of(unit, style.LABEL) - 1.0
        for value, text in self.axis.ticks(style.LABEL):
            x = self.axis.at(value)
            canvas.line([(x, self.top), (x, self.bottom)], style.LIGHT, 0.5)
            half = width_of(text, style.LABEL) / 2
            if x + half < stop and x - half > canvas.left:
                canvas.text(x, y, text, style.LABEL, style.GREY, "middle")
        canvas.text(self.right, y, unit, style.LABEL, style.GREY, "right")

    def _row(self, y: float, row: Row, figure: str) -> None:
        if row.value is None:
            tall = self._bar_mm
            self.canvas.absent(self.left, y - tall / 2, self.right - self.left, tall, row.absent)
            return
        place, zero = self.chart.scale.place, self.axis.at(0.0)
        x = self.axis.at(place(row.value))
        shade = self.canvas.colour if row.emphasised else style.MIDDLE
        last = None
        if row.last is not None and self.chart.shows_last:
            last = self.axis.at(place(row.last))
        if self.chart.mark == "bar":
            self._bar(y, zero, x, last, shade)
        else:
            self._dot(y, x, last, shade)
        # A dot's figure stands away from the year before, so that it is not taken for that year's.
        aside = width_of(figure, style.LABEL) + 3
        leftwards = x < zero or (
            self.chart.mark == "dot" and last is not None and last > x > self.left + aside
        )
        end = x if leftwards or last is None else max(x, last)
        gap = -2.0 if leftwards else 2.0
        align: Literal["left", "right"] = "right" if leftwards else "left"
        self.canvas.text(end + gap, y, figure, style.LABEL, align=align, halo=True)

    @property
    def _bar_mm(self) -> float:
        return min(self.pitch * _BAR, _BAR_MM)

    def _bar(self, y: float, zero: float, x: float, last: float | None, shade: str) -> None:
        tall = self._bar_mm
        self.canvas.box(min(zero, x), y - tall / 2, abs(x - zero), tall, shade)
        if last is not None:
            reach = tall * 0.65
            self.canvas.line([(last, y - reach), (last, y + reach)], style.INK, 1.4)

    def _dot(self, y: float, x: float, last: float | None, shade: str) -> None:
        if last is not None:
            self.canvas.line([(last, y), (x, y)], style.MIDDLE, 2.0)
            self.canvas.dot(last, y, 5.5, style.PAPER, style.GREY)
        self.canvas.dot(x, y, 7.5, shade)

    def _reference(self, reference: Reference) -> None:
        x = self.axis.at(self.chart.scale.place(reference.value))
        self.canvas.line([(x, self.top - 0.6), (x, self.bottom)], style.INK, 0.9)
        # The words stand on the line's right where there is room, else on its left.
        wide = width_of(reference.text, style.LABEL)
        left = x + 0.8 if x + wide + 1.0 <= self.canvas.right else x - 0.8 - wide
        self.canvas.text(left, self.top - 2.6, reference.text, style.LABEL)

    def _key(self) -> None:
        """How the year before is told apart, drawn as it is drawn."""
        wide = width_of(self.chart.last_text, style.LABEL)
        x, y = self.canvas.right - wide, self.top - 2.6
        reference = self.chart.reference
        if reference:
            at = self.axis.at(self.chart.scale.place(reference.value))
            if at + width_of(reference.text, style.LABEL) + 6 > x:
                x = self.canvas.left + 4
        self.canvas.text(x, y, self.chart.last_text, style.LABEL, style.GREY)
        if self.chart.mark == "bar":
            self.canvas.line([(x - 1.8, y - 1.4), (x - 1.8, y + 1.4)], style.INK, 1.4)
        else:
            self.canvas.dot(x - 2.2, y, 5.5, style.PAPER, style.GREY)

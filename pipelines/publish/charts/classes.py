"""Classes of a map: round bounds, a tint each from light to dark, and the key that tells them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from pipelines.publish import style
from pipelines.publish.charts.drawing import widest, width_of
from pipelines.publish.charts.scene import Scale

if TYPE_CHECKING:
    from pipelines.publish.charts.canvas import Canvas

_BOX_MM, _STEP_MM, _GAP_MM = 6.0, 4.6, 1.2


@dataclass(frozen=True)
class Class:
    """Values above ``low`` up to and including ``high``; None is no bound."""

    low: int | None
    high: int | None
    name: str

    def holds(self, value: Decimal) -> bool:
        above = self.low is None or value > self.low
        return above and (self.high is None or value <= self.high)


@dataclass(frozen=True)
class Classes:
    """All classes of a map, in the indicator's unit; ``missing`` is said of what has no figure."""

    classes: Sequence[Class]
    scale: Scale
    missing: str

    def shades(self, colour: str) -> list[str]:
        """Zero is paper with an edge, so that nothing there is seen as such."""
        zero = self.classes[0].high == 0
        return [style.PAPER] * zero + style.tints(colour, len(self.classes) - zero)

    def shade(self, value: Decimal, shades: Sequence[str]) -> str:
        return next(s for c, s in zip(self.classes, shades, strict=True) if c.holds(value))

    @property
    def width(self) -> float:
        """Of the key, one class under the other."""
        names = [*(c.name for c in self.classes), self.missing]
        return _BOX_MM + _GAP_MM + widest(names, style.LABEL)

    @property
    def height(self) -> float:
        return _STEP_MM * (len(self.classes) + 2)

    def key(self, canvas: Canvas, x: float, shades: Sequence[str], *, missing: bool) -> None:
        """One class under the other, from the top of the room down."""
        y = canvas.top + 2.6
        canvas.text(x, y, self.scale.unit, style.LABEL, style.GREY)
        for name, shade in self._entries(shades, missing):
            y += _STEP_MM
            self._entry(canvas, x, y, name, shade)

    def key_across(self, canvas: Canvas, shades: Sequence[str], *, missing: bool) -> float:
        """One class beside the other at the foot of the room; how tall that is."""
        rows: list[list[tuple[str, str]]] = [[]]
        used = width_of(self.scale.unit, style.LABEL) + 2 * _GAP_MM
        for name, shade in self._entries(shades, missing):
            wide = _BOX_MM + width_of(name, style.LABEL) + 3 * _GAP_MM
            if used + wide > canvas.right - canvas.left and rows[-1]:
                rows.append([])
                used = 0.0
            rows[-1].append((name, shade))
            used += wide
        top = canvas.bottom - len(rows) * _STEP_MM
        for n, row in enumerate(rows):
            x, y = canvas.left, top + (n + 0.5) * _STEP_MM
            if n == 0:
                canvas.text(x, y, self.scale.unit, style.LABEL, style.GREY)
                x += width_of(self.scale.unit, style.LABEL) + 2 * _GAP_MM
            for name, shade in row:
                self._entry(canvas, x, y, name, shade)
                x += _BOX_MM + width_of(name, style.LABEL) + 3 * _GAP_MM
        return len(rows) * _STEP_MM + 1.0

    def _entries(self, shades: Sequence[str], missing: bool) -> list[tuple[str, str]]:
        found = [(held.name, shade) for held, shade in zip(self.classes, shades, strict=True)]
        return [*found, (self.missing, "")] if missing else found

    def _entry(self, canvas: Canvas, x: float, y: float, name: str, shade: str) -> None:
        """A box of the class, hatched where there is no shade, and its name."""
        if shade:
            edge = style.MIDDLE if shade == style.PAPER else ""
            canvas.box(x, y - 1.7, _BOX_MM, 3.4, shade, edge)
        else:
            canvas.hatch(x, y - 1.7, _BOX_MM, 3.4, style.MIDDLE)
        canvas.text(x + _BOX_MM + _GAP_MM, y, name, style.LABEL)


def classes_of(bounds: Sequence[int], *, whole: bool) -> list[Class]:
    """Classes between round bounds in the unit shown; ``whole`` numbers are named one by one."""
    pairs = zip([None, *bounds], [*bounds, None], strict=True)
    return [Class(low, high, _between(low, high, whole)) for low, high in pairs]


def _between(low: int | None, high: int | None, whole: bool) -> str:
    if low is None:
        return f"{high}" if high == 0 else f"{high}及以下"
    start = low + 1 if whole else low
    if high is None:
        return f"{start}及以上" if whole else f"{low}以上"
    return f"{high}" if whole and high == start else f"{start}—{high}"

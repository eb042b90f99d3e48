"""Paint rows of one measure: bars or dots down the page, each with its name and its figure.

Serves places by value, indicators against the year before, response rates and findings.  A row
without a figure is hatched and says why; it is never drawn as zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from pipelines.publish import style
from pipelines.publish.charts.canvas import WIDTH, Canvas, width_of
from pipelines.publish.charts.scene import Scale

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW_MM = 6.2
AXIS_MM = 7.5
_PAD = 0.10
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
    """All that the painter needs."""

    rows: Sequence[Row]
    scale: Scale
    mark: Literal["dot", "bar"] = "bar"
    reference: Reference | None = None
    last_text: str = ""
    highest: Decimal | None = None

    @property
    def body_mm(self) -> float:
        head = 5.0 if self.reference or self._shows_last else 0.0
        return len(self.rows) * ROW_MM + AXIS_MM + head

    @property
    def _shows_last(self) -> bool:
        return bool(self.last_text) and any(row.last is not None for row in self.rows)

    def paint(self, canvas: Canvas) -> None:
        left = max(width_of(row.label, style.BODY) for row in self.rows) + 2 * _PAD
        asides = max(width_of(row.aside, style.LABEL) for row in self.rows)
        top = 0.20 if self.reference or self._shows_last else 0.0
        right = _PAD + (asides + _PAD if asides else 0)
        axes = canvas.axes(left, right, bottom=style.inches(AXIS_MM), top=top)
        self._frame(axes)
        for n, row in enumerate(self.rows):
            self._row(axes, canvas.colour, len(self.rows) - 1 - n, row)
        if self.reference:
            self._reference(axes)
        if self._shows_last:
            self._key(axes, canvas.colour)

    def _frame(self, axes: Axes) -> None:
        from matplotlib.ticker import MaxNLocator

        shown = [v for row in self.rows for v in (row.value, row.last) if v is not None]
        if self.reference:
            shown.append(self.reference.value)
        top = self.scale.place(max(shown, default=Decimal(1))) or 1.0
        if self.highest is not None:
            top = self.scale.place(self.highest)
        # Room at the right for the figure that stands after the longest bar.
        wide = axes.get_position().width * WIDTH
        beside = max(width_of(self._figure(row), style.LABEL) for row in self.rows) + 0.2
        axes.set_xlim(0, top * max(1.12, wide / max(wide - beside, wide / 3)))
        axes.set_ylim(-0.6, len(self.rows) - 0.4)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
        ticks = [t for t in axes.get_xticks() if t <= top * 1.001] if wide > 1.8 else [0.0]
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.grid(axis="x")
        axes.spines["bottom"].set_visible(False)
        axes.set_yticks(
            range(len(self.rows)), [row.label for row in reversed(self.rows)], size=style.BODY
        )
        axes.annotate(
            self.scale.unit, (1, 0), xycoords="axes fraction", xytext=(0, -4),
            textcoords="offset points", ha="right", va="top", size=style.LABEL, color=style.GREY,
        )  # fmt: skip

    def _row(self, axes: Axes, colour: str, y: int, row: Row) -> None:
        if row.value is None:
            self._absent(axes, y, row)
            return
        x = self.scale.place(row.value)
        shade = colour if row.emphasised else style.MIDDLE
        last = None if row.last is None or not self._shows_last else self.scale.place(row.last)
        if self.mark == "bar":
            self._bar(axes, y, x, last, shade)
        else:
            self._dot(axes, y, x, last, shade)
        # A dot's figure stands away from the year before, so that it is not taken for that year's.
        left = self.mark == "dot" and last is not None and last > x > axes.get_xlim()[1] / 8
        end = x if left or last is None else max(x, last)
        axes.annotate(
            self._figure(row), (end, y), xytext=(-7 if left else 7, 0),
            textcoords="offset points", ha="right" if left else "left", va="center",
            size=style.LABEL, color=style.INK, bbox={"fc": style.PAPER, "ec": "none", "pad": 0.4},
        )  # fmt: skip
        self._aside(axes, y, row)

    def _figure(self, row: Row) -> str:
        return row.text or ("" if row.value is None else self.scale.text(row.value))

    def _bar(self, axes: Axes, y: int, x: float, last: float | None, shade: str) -> None:
        axes.barh(y, x, height=0.62, color=shade)
        if last is not None:
            axes.plot([last, last], [y - 0.40, y + 0.40], color=style.INK, lw=1.4)

    def _dot(self, axes: Axes, y: int, x: float, last: float | None, shade: str) -> None:
        if last is not None:
            axes.plot([last, x], [y, y], color=shade, lw=2.0, alpha=0.55)
            axes.plot(last, y, "o", ms=5.5, mfc=style.PAPER, mec=style.GREY, mew=1.2)
        axes.plot(x, y, "o", ms=7, color=shade)

    def _absent(self, axes: Axes, y: int, row: Row) -> None:
        width = axes.get_xlim()[1]
        axes.barh(y, width, height=0.62, color=style.PAPER, hatch="////", edgecolor=style.LIGHT,
                  linewidth=0)  # fmt: skip
        axes.text(
            width * 0.012, y, row.absent, va="center", size=style.LABEL, color=style.GREY,
            bbox={"fc": style.PAPER, "ec": "none", "pad": 1.5},
        )  # fmt: skip
        self._aside(axes, y, row)

    def _aside(self, axes: Axes, y: int, row: Row) -> None:
        if row.aside:
            axes.annotate(
                row.aside, (1, y), xycoords=("axes fraction", "data"), xytext=(8, 0),
                textcoords="offset points", va="center", size=style.LABEL,
                color=_DIRECTION[row.direction],
            )  # fmt: skip

    def _reference(self, axes: Axes) -> None:
        assert self.reference is not None
        x = self.scale.place(self.reference.value)
        axes.axvline(x, color=style.INK, lw=0.9, zorder=0.5)
        near_end = x > 0.72 * axes.get_xlim()[1]
        axes.annotate(
            self.reference.text, (x, 1), xycoords=("data", "axes fraction"),
            xytext=(-3 if near_end else 3, 2), textcoords="offset points", va="bottom",
            ha="right" if near_end else "left", size=style.LABEL, color=style.INK,
        )  # fmt: skip

    def _key(self, axes: Axes, colour: str) -> None:
        """How this year and the year before are told apart, drawn as they are drawn."""
        from matplotlib.lines import Line2D

        if self.mark == "bar":
            last = Line2D([], [], color=style.INK, marker="|", ms=9, mew=1.4, lw=0)
        else:
            last = Line2D([], [], marker="o", ms=5.5, mfc=style.PAPER, mec=style.GREY, lw=0)
        taken = self.reference is not None and (
            self.scale.place(self.reference.value) < 0.5 * axes.get_xlim()[1]
        )
        axes.legend(
            [last], [self.last_text], loc="lower right" if taken or not self.reference else
            "lower left", bbox_to_anchor=(1 if taken or not self.reference else 0, 1.0),
            frameon=False, fontsize=style.LABEL, handletextpad=0.1, borderpad=0,
            borderaxespad=0.15, labelcolor=style.GREY,
        )  # fmt: skip

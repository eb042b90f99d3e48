"""The sheet a chart is painted on: title, subtitle, marks, notes, and room for the axes.

Positions are in inches from the edges, so that type and spacing are the same on every chart
however tall it is.  The mark for simulated data crosses the plot itself and cannot be cropped off.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.publish import style
from pipelines.publish.charts.scene import Picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Sheet

WIDTH = style.inches(style.CHART_WIDTH_MM)
#: Between 模拟数据 and 初步数据 where both stand across a plot.
MARK_JOINT = " · "
_EDGE = 0.09
_BOLD = 0.15
_LINE = 1.35  # line height over type size
_NO_LINE_START = "，。、；：）》”！？%‰"


@dataclass
class Canvas:
    """One chart being painted on a reused figure."""

    sheet: Sheet
    picture: Picture
    bold: Path
    marks: tuple[str, ...]

    def __post_init__(self) -> None:
        room = WIDTH - 2 * _EDGE
        # Bold digits are a little wider than regular ones.
        self._title = wrapped(self.picture.title, room - _BOLD, style.TITLE, at_pauses=True)
        self._subtitle = wrapped(self.picture.subtitle, room, style.SUBTITLE)
        self._notes = wrapped("".join(self.picture.notes), room, style.NOTE)
        self._top = (
            _EDGE
            + len(self._title) * _height(style.TITLE)
            + len(self._subtitle) * _height(style.SUBTITLE)
            + 0.10
        )
        self._bottom = _EDGE + len(self._notes) * _height(style.NOTE) + 0.06
        self.height = self._top + self.body + self._bottom
        self.sheet.clear()
        self.sheet.set_size_inches(WIDTH, self.height)
        self._write()

    @property
    def body(self) -> float:
        return style.inches(self.picture.body_mm)

    @property
    def colour(self) -> str:
        return style.THEME_COLOURS[self.picture.chart.theme]

    def axes(self, left: float, right: float, bottom: float = 0.25, top: float = 0.0) -> Axes:
        """Axes in the body, with margins in inches."""
        return self.axes_in(left, WIDTH - right, bottom, self.body - top)

    def axes_in(self, x0: float, x1: float, y0: float, y1: float) -> Axes:
        """Axes between positions in the body, in inches from its lower left corner."""
        axes: Axes = self.sheet.add_axes(
            (
                x0 / WIDTH,
                (self._bottom + y0) / self.height,
                (x1 - x0) / WIDTH,
                (y1 - y0) / self.height,
            )
        )
        axes.patch.set_visible(False)
        return axes

    def bold_font(self, size: float) -> Any:
        from matplotlib.font_manager import FontProperties

        return FontProperties(fname=self.bold, size=size)

    def stamp(self) -> None:
        """Lay the marks across the plot, over the data, light enough to read through."""
        if not self.marks:
            return
        middle = (self._bottom + self.body / 2) / self.height
        self.sheet.text(
            0.5, middle, MARK_JOINT.join(self.marks), rotation=16, ha="center", va="center",
            fontproperties=self.bold_font(26), color=style.INK, alpha=0.08, zorder=50,
        )  # fmt: skip

    def _write(self) -> None:
        y = self.height - _EDGE
        for line in self._title:
            self._line(y, line, fontproperties=self.bold_font(style.TITLE))
            y -= _height(style.TITLE)
        for line in self._subtitle:
            self._line(y, line, size=style.SUBTITLE, color=style.GREY)
            y -= _height(style.SUBTITLE)
        y = _EDGE + len(self._notes) * _height(style.NOTE)
        for line in self._notes:
            self._line(y, line, size=style.NOTE, color=style.GREY)
            y -= _height(style.NOTE)

    def _line(self, y: float, text: str, **look: Any) -> None:
        self.sheet.text(_EDGE / WIDTH, y / self.height, text, va="top", **look)


def width_of(text: str, size: float) -> float:
    """Width in inches, by em: a Chinese character is one, a Latin one a little over half."""
    ems = sum(1.0 if unicodedata.east_asian_width(c) in "WFA" else 0.56 for c in text)
    return ems * size / 72


def wrapped(text: str, room: float, size: float, *, at_pauses: bool = False) -> list[str]:
    """Lines no wider than ``room``; none begins with a closing mark, none is one lone character.

    ``at_pauses``: break a headline where the sentence pauses rather than where the line is full.
    """
    if at_pauses and width_of(text, size) > room:
        pauses = [
            n + 1 for n, c in enumerate(text) if c in "，；" and width_of(text[:n], size) < room
        ]
        if pauses:
            return [text[: pauses[-1]], *wrapped(text[pauses[-1] :], room, size, at_pauses=True)]
    lines = [""]
    for character in text:
        full = width_of(lines[-1] + character, size) > room
        if full and character not in _NO_LINE_START:
            lines.append("")
        lines[-1] += character
    if len(lines) > 1 and len(lines[-1]) < 3:
        keep = lines[-2][:-3].rstrip()
        lines[-1] = lines[-2][len(keep) :] + lines[-1]
        lines[-2] = keep
    return [line.strip() for line in lines]


def _height(size: float) -> float:
    return size * _LINE / 72

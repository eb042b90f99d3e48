"""The sheet a chart is drawn on: title, subtitle, notes, and between them room for the form.

Three formats, laid out anew for each: as wide as the text of a page; square, to be read on a
telephone; 16 to 9, for a slide.  The mark of simulated or provisional data stands across the plot,
where it cannot be cropped off, and is said again in the notes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipelines.publish import style
from pipelines.publish.charts.drawing import LINE, MM_PER_POINT, Drawing, Stamp, width_of
from pipelines.publish.charts.scene import Picture

#: Between 模拟数据 and 初步数据 where both stand across a plot.
MARK_JOINT = " · "
EDGE = 2.3
_WORD = re.compile(r"(?:[0-9A-Za-z.,+\u2212/—-]+%?|[（《“]?.)[，。、；：）》”！？%‰]*", re.DOTALL)
_STAMP = 26.0


@dataclass(frozen=True)
class Format:
    """``height`` None: as tall as the form needs."""

    id: str
    width: float
    height: float | None
    dpi: float
    most_notes: int


_PIXELS_TALL, _CUT_MM = 1080, 90.0
_FINE = _PIXELS_TALL / _CUT_MM * 25.4
PAGE = Format("page", float(style.CHART_WIDTH_MM), None, style.DPI, 20)
#: 1080 by 1080 pixels, and 1920 by 1080.
SQUARE = Format("square", _CUT_MM, _CUT_MM, _FINE, 4)
WIDE = Format("wide", _CUT_MM * 16 / 9, _CUT_MM, _FINE, 3)
FORMATS = {form.id: form for form in (PAGE, SQUARE, WIDE)}


class Canvas(Drawing):
    """A picture being laid out: a drawing with its words in place, and room for the form between
    ``left``, ``right``, ``top`` and ``bottom``."""

    def __init__(self, picture: Picture, form: Format, marks: Sequence[str]) -> None:
        super().__init__(
            form.width, form.height or 0.0, f"{picture.chart.id}-{form.id}", picture.title,
            picture.alt,
        )  # fmt: skip
        self.picture, self.form, self.stamped = picture, form, MARK_JOINT.join(marks)
        room = form.width - 2 * EDGE
        self._title = wrapped(picture.title, room, style.TITLE, bold=True, at_pauses=True)
        self._subtitle = wrapped(picture.subtitle, room, style.SUBTITLE)
        self._notes = self._fitting(room)
        self.left, self.right = EDGE, form.width - EDGE
        self.top = (
            EDGE
            + len(self._title) * height_of(style.TITLE)
            + len(self._subtitle) * height_of(style.SUBTITLE)
            + 2.5
        )
        foot = EDGE + len(self._notes) * height_of(style.NOTE) + 1.5
        self.height = form.height or self.top + picture.body_mm + foot
        self.bottom = self.height - foot

    @property
    def colour(self) -> str:
        return style.THEME_COLOURS[self.picture.chart.theme]

    def laid_out(self) -> Drawing:
        self._write()
        self.picture.paint(self)
        if self.stamped:
            middle = (self.top + self.bottom) / 2
            size = min(_STAMP, 0.8 * self.width / width_of(self.stamped, 1.0, bold=True))
            self.marks.append(Stamp(self.width / 2, middle, self.stamped, size))
        return self

    def absent(self, x: float, y: float, width: float, height: float, word: str) -> None:
        """A place without a figure, hatched, and the word that says why."""
        self.hatch(x, y, width, height)
        self.text(x + 0.8, y + height / 2, word, style.LABEL, style.GREY, halo=True)

    def say_nothing(self, word: str) -> None:
        """A plot without any figure."""
        self.hatch(self.left, self.top, self.right - self.left, self.bottom - self.top)
        middle = (self.top + self.bottom) / 2
        self.text(self.width / 2, middle, word, style.BODY, style.GREY, "middle", halo=True)

    def _fitting(self, room: float) -> list[str]:
        """All notes, or where a cut has no room for them, who says it and where the rest stands."""
        lines = wrapped("".join((*self.picture.notes, *self.picture.sources)), room, style.NOTE)
        if len(lines) <= self.form.most_notes:
            return lines
        return wrapped("".join((self.picture.more, *self.picture.sources)), room, style.NOTE)

    def _write(self) -> None:
        y = EDGE
        for line in self._title:
            self.text(EDGE, y + height_of(style.TITLE) / 2, line, style.TITLE, bold=True)
            y += height_of(style.TITLE)
        for line in self._subtitle:
            self.text(EDGE, y + height_of(style.SUBTITLE) / 2, line, style.SUBTITLE, style.GREY)
            y += height_of(style.SUBTITLE)
        y = self.height - EDGE - len(self._notes) * height_of(style.NOTE)
        for line in self._notes:
            self.text(EDGE, y + height_of(style.NOTE) / 2, line, style.NOTE, style.GREY)
            y += height_of(style.NOTE)


def wrapped(
    text: str, room: float, size: float, *, bold: bool = False, at_pauses: bool = False
) -> list[str]:
    """Lines no wider than ``room``; none begins with a closing mark, none is one lone character,
    and no number is parted.

    ``at_pauses``: break a headline where the sentence pauses rather than where the line is full.
    """
    if at_pauses and width_of(text, size, bold=bold) > room:
        pauses = [
            n + 1
            for n, c in enumerate(text[:-1])
            if c in "，；" and width_of(text[: n + 1], size, bold=bold) <= room
        ]
        if pauses:
            rest = text[pauses[-1] :]
            return [text[: pauses[-1]], *wrapped(rest, room, size, bold=bold, at_pauses=True)]
    lines, used = [""], 0.0
    for word in _words(text, room, size):
        wide = width_of(word, size, bold=bold)
        if lines[-1] and used + wide > room:
            lines.append("")
            used = 0.0
        lines[-1] += word
        used += wide
    if len(lines) > 1 and len(lines[-1]) < 3:
        _lengthen_last(lines)
    return [line.strip() for line in lines]


def _words(text: str, room: float, size: float) -> Iterator[str]:
    """What a line may not break: a number, a character with the closing marks behind it."""
    for found in _WORD.finditer(text):
        word = found[0]
        if width_of(word, size) > room:
            yield from word
        else:
            yield word


def _lengthen_last(lines: list[str]) -> None:
    """Take a little of the line before, so that the last is more than a lone character."""
    words = [found[0] for found in _WORD.finditer(lines[-2])]
    while len(words) > 1 and len(lines[-1]) < 3:
        lines[-1] = words.pop() + lines[-1]
    lines[-2] = "".join(words)


def height_of(size: float) -> float:
    """Of a line of type, in millimetres."""
    return size * LINE * MM_PER_POINT

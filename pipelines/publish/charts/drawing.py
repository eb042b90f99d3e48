"""A drawing: what stands where on a sheet, in millimetres from its upper left corner.

Forms say what is drawn, ``png`` and ``svg`` put it on paper.  Between the two it is a plain list,
so that a test can ask whether two words lie on each other or a name leaves the sheet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from pipelines.publish import fonts, style

Align = Literal["left", "middle", "right"]
Shape = Literal["circle", "diamond", "square"]
Place = tuple[float, float]
MM_PER_POINT = 25.4 / 72
#: Where the baseline lies under the middle of a line of type, and how tall the line is, in em.
BASELINE, LINE = 0.36, 1.35
_MEASURED_AT = 200.0


@dataclass(frozen=True, slots=True)
class Box:
    x: float
    y: float
    width: float
    height: float
    fill: str
    edge: str = ""
    hatched: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """``width`` in points."""

    places: tuple[Place, ...]
    colour: str
    width: float = 0.6
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Dot:
    """``size`` across, in points."""

    x: float
    y: float
    size: float
    fill: str
    edge: str = style.PAPER
    shape: Shape = "circle"


@dataclass(frozen=True, slots=True)
class Area:
    """Closed rings; a ring inside another is a hole."""

    rings: tuple[tuple[Place, ...], ...]
    fill: str
    edge: str
    hatched: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """One line of type, its middle at ``y``; ``halo``: on a piece of paper of its own."""

    x: float
    y: float
    text: str
    size: float
    colour: str = style.INK
    align: Align = "left"
    bold: bool = False
    halo: bool = False

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of the ink."""
        wide = width_of(self.text, self.size, bold=self.bold)
        left = self.x - wide * {"left": 0.0, "middle": 0.5, "right": 1.0}[self.align]
        half = self.size * MM_PER_POINT / 2
        return left, self.y - half, left + wide, self.y + half


@dataclass(frozen=True, slots=True)
class Stamp:
    """Words across the sheet, light enough to read through."""

    x: float
    y: float
    text: str
    size: float


Mark = Box | Line | Dot | Area | Text | Stamp


@dataclass
class Drawing:
    """A sheet being filled; ``name``, ``title`` and ``alt`` go into the file with it."""

    width: float
    height: float
    name: str = ""
    title: str = ""
    alt: str = ""
    marks: list[Mark] = field(default_factory=list)

    def box(
        self, x: float, y: float, width: float, height: float, fill: str, edge: str = ""
    ) -> None:
        self.marks.append(Box(x, y, width, height, fill, edge))

    def hatch(self, x: float, y: float, width: float, height: float, edge: str = "") -> None:
        """A place without a figure."""
        self.marks.append(Box(x, y, width, height, style.PAPER, edge, hatched=True))

    def line(
        self, places: Sequence[Place], colour: str, width: float = 0.6, *, dashed: bool = False
    ) -> None:
        self.marks.append(Line(tuple(places), colour, width, dashed))

    def dot(
        self, x: float, y: float, size: float, fill: str, edge: str = style.PAPER,
        shape: Shape = "circle",
    ) -> None:  # fmt: skip
        self.marks.append(Dot(x, y, size, fill, edge, shape))

    def text(
        self, x: float, y: float, text: str, size: float = style.BODY, colour: str = style.INK,
        align: Align = "left", *, bold: bool = False, halo: bool = False,
    ) -> None:  # fmt: skip
        if text:
            self.marks.append(Text(x, y, text, size, colour, align, bold, halo))

    @property
    def texts(self) -> list[Text]:
        return [mark for mark in self.marks if isinstance(mark, Text)]

    @property
    def words(self) -> str:
        """Everything that is set in type."""
        return "".join(mark.text for mark in self.marks if isinstance(mark, Text | Stamp))


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """The width of a line of type, in millimetres."""
    return _ems(text, bold) * size * MM_PER_POINT


def widest(texts: Sequence[str], size: float) -> float:
    return max((width_of(text, size) for text in texts), default=0.0)


def fitted(text: str, size: float, room: float) -> str:
    """The text, or as much of its beginning as has room."""
    if width_of(text, size) <= room:
        return text
    kept = text
    while kept and width_of(kept + "…", size) > room:
        kept = kept[:-1]
    return kept + "…"


@lru_cache(maxsize=8192)
def _ems(text: str, bold: bool) -> float:
    return sum(_advance(character, bold) for character in text)


@lru_cache(maxsize=8192)
def _advance(character: str, bold: bool) -> float:
    """Of one character, in em."""
    return fonts.pillow_face(_MEASURED_AT, bold=bold).getlength(character) / _MEASURED_AT

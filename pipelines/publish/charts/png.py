"""A drawing as PNG: matplotlib's Agg draws the shapes, Pillow sets the type.

Type is set in whole lines with the faces of the install, the bold at any weight from the variable
one, which matplotlib cannot do; and it costs a tenth of setting it sign by sign.
"""

from __future__ import annotations

import math
import struct
import zlib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.publish import fonts, style
from pipelines.publish.charts.drawing import (
    BASELINE,
    MM_PER_POINT,
    Area,
    Box,
    Dot,
    Drawing,
    Line,
    Place,
    Stamp,
    Text,
    width_of,
)

if TYPE_CHECKING:
    from matplotlib.path import Path as Outline
    from PIL.Image import Image

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_EDGE = 0.6  # points
_HATCH = "////"
_STAMP_ANGLE, _STAMP_SHADE = 16, 0.08
#: Pictures of flat colour: rows as they are, lightly packed, are half the work of what Pillow's
#: own encoder does (it tries every filter on every row), and a fifth fewer bytes.
_LEVEL = 3


def write(drawing: Drawing, path: Path, dpi: float) -> None:
    path.write_bytes(encoded(painted(drawing, dpi), drawing, dpi))


def encoded(image: Image, drawing: Drawing, dpi: float) -> bytes:
    """PNG with the resolution and the words that say what the picture shows; no clock in it."""
    import numpy

    # Every row begins with the number of its filter: 0, none.
    rows = numpy.zeros((image.height, image.width * 3 + 1), numpy.uint8)
    colours = numpy.frombuffer(image.tobytes("raw", "RGB"), numpy.uint8)
    rows[:, 1:] = colours.reshape(image.height, -1)
    dots = round(dpi / 0.0254)
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", image.width, image.height, 8, 2, 0, 0, 0)),
        (b"pHYs", struct.pack(">IIB", dots, dots, 1)),
        (b"tEXt", b"Software\0kepu"),
        (b"iTXt", _words("Title", drawing.title)),
        (b"iTXt", _words("Description", drawing.alt)),
        (b"IDAT", zlib.compress(rows.data, _LEVEL)),
        (b"IEND", b""),
    ]
    return _SIGNATURE + b"".join(_chunk(kind, data) for kind, data in chunks)


def _words(key: str, text: str) -> bytes:
    return key.encode() + b"\0\0\0zh-CN\0\0" + text.encode()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def painted(drawing: Drawing, dpi: float) -> Image:
    """The picture in memory; raises FontError where the faces lack a sign."""
    from PIL import Image

    fonts.check_glyphs(drawing.words, fonts.sans())
    scale = dpi / 25.4
    size = round(drawing.width * scale), round(drawing.height * scale)
    shapes = _Shapes(size, dpi)
    for mark in drawing.marks:
        shapes.draw(mark)
    image = Image.frombuffer("RGBA", size, shapes.buffer, "raw", "RGBA", 0, 1).copy()
    _set_type(image, drawing, scale)
    return image


class _Shapes:
    """Everything that is not type, on matplotlib's Agg renderer."""

    def __init__(self, size: tuple[int, int], dpi: float) -> None:
        import matplotlib

        matplotlib.use("Agg")
        from matplotlib.backends.backend_agg import RendererAgg
        from matplotlib.transforms import IdentityTransform

        # matplotlib leaves it untyped.
        agg: Any = RendererAgg
        self._renderer = agg(*size, dpi)
        self._identity = IdentityTransform()
        self._scale, self._point = dpi / 25.4, dpi / 72
        self._height = size[1]
        self._fill([(0, 0), (size[0], 0), (size[0], size[1]), (0, size[1])], style.PAPER)

    @property
    def buffer(self) -> Any:
        return self._renderer.buffer_rgba()

    def draw(self, mark: object) -> None:
        if isinstance(mark, Box):
            self._box(mark)
        elif isinstance(mark, Line):
            self._line(mark)
        elif isinstance(mark, Dot):
            self._dot(mark)
        elif isinstance(mark, Area):
            self._area(mark)
        elif isinstance(mark, Text) and mark.halo:
            left, top, right, bottom = mark.extent
            self._box(
                Box(left - 0.4, top - 0.2, right - left + 0.8, bottom - top + 0.4, style.PAPER)
            )

    def _at(self, place: Place) -> Place:
        return place[0] * self._scale, self._height - place[1] * self._scale

    def _box(self, box: Box) -> None:
        corners = [
            (box.x, box.y), (box.x + box.width, box.y),
            (box.x + box.width, box.y + box.height), (box.x, box.y + box.height),
        ]  # fmt: skip
        self._fill([self._at(c) for c in corners], box.fill, box.edge, hatched=box.hatched)

    def _line(self, line: Line) -> None:
        gc = self._pen(line.colour, line.width)
        if line.dashed:
            gc.set_dashes(0, [3.0, 2.0])
        straight = len(line.places) == 2 and (
            line.places[0][0] == line.places[1][0] or line.places[0][1] == line.places[1][1]
        )
        gc.set_snap(straight)
        self._renderer.draw_path(gc, _path([self._at(p) for p in line.places]), self._identity)

    def _dot(self, dot: Dot) -> None:
        from matplotlib.transforms import Affine2D

        gc = self._pen(dot.edge, _EDGE if dot.edge == style.PAPER else 1.1)
        across = dot.size * self._point
        to = Affine2D().scale(across).translate(*self._at((dot.x, dot.y)))
        self._renderer.draw_path(gc, _shape(dot.shape), to, _rgb(dot.fill))

    def _area(self, area: Area) -> None:
        from matplotlib.path import Path as Outline

        rings = [_path([self._at(p) for p in ring], closed=True) for ring in area.rings]
        gc = self._pen(area.edge, 0.4)
        if area.hatched:
            self._hatched(gc)
        self._renderer.draw_path(
            gc, Outline.make_compound_path(*rings), self._identity, _rgb(area.fill)
        )

    def _fill(
        self, corners: list[Place], colour: str, edge: str = "", *, hatched: bool = False
    ) -> None:
        gc = self._pen(edge or colour, _EDGE if edge else 0)
        if hatched:
            self._hatched(gc)
        gc.set_snap(True)
        self._renderer.draw_path(gc, _path(corners, closed=True), self._identity, _rgb(colour))

    def _hatched(self, gc: Any) -> None:
        gc.set_hatch(_HATCH)
        gc.set_hatch_color(_rgb(style.MIDDLE))
        gc.set_hatch_linewidth(0.6)

    def _pen(self, colour: str, width: float) -> Any:
        gc = self._renderer.new_gc()
        gc.set_foreground((*_rgb(colour), 1.0), isRGBA=True)
        gc.set_linewidth(width)
        gc.set_joinstyle("round")
        gc.set_capstyle("butt")
        return gc


def _path(places: list[Place], *, closed: bool = False) -> Outline:
    from matplotlib.path import Path as Outline

    return Outline([*places, places[0]] if closed else places, closed=closed)


@lru_cache(maxsize=8)
def _shape(name: str) -> Outline:
    from matplotlib.path import Path as Outline

    if name == "circle":
        return Outline.circle(radius=0.5)
    reach = 0.5 if name == "diamond" else 0.62
    start = 0 if name == "diamond" else 45
    turns = [math.radians(start + 90 * n) for n in range(4)]
    return _path([(reach * math.cos(t), reach * math.sin(t)) for t in turns], closed=True)


@lru_cache(maxsize=256)
def _rgb(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def _set_type(image: Image, drawing: Drawing, scale: float) -> None:
    from PIL import ImageDraw

    pen = ImageDraw.Draw(image)
    for mark in drawing.marks:
        if isinstance(mark, Stamp):
            _stamp(image, mark, scale)
        elif isinstance(mark, Text):
            pixels = mark.size * MM_PER_POINT * scale
            left = mark.extent[0] * scale
            pen.text(
                (left, mark.y * scale + BASELINE * pixels), mark.text, fill=mark.colour,
                font=fonts.pillow_face(pixels, bold=mark.bold), anchor="ls",
            )  # fmt: skip


def _stamp(image: Image, stamp: Stamp, scale: float) -> None:
    from PIL import Image as Pictures

    mask = _stamp_mask(stamp.text, stamp.size, scale)
    corner = round(stamp.x * scale - mask.width / 2), round(stamp.y * scale - mask.height / 2)
    image.paste(Pictures.new("RGBA", mask.size, style.INK), corner, mask)


@lru_cache(maxsize=16)
def _stamp_mask(text: str, size: float, scale: float) -> Image:
    from PIL import Image, ImageDraw

    pixels = size * MM_PER_POINT * scale
    wide = math.ceil(width_of(text, size, bold=True) * scale * 1.02)
    mask = Image.new("L", (wide, math.ceil(pixels * 1.4)), 0)
    ImageDraw.Draw(mask).text(
        (0, pixels * 1.1), text, fill=round(255 * _STAMP_SHADE),
        font=fonts.pillow_face(pixels, bold=True), anchor="ls",
    )  # fmt: skip
    return mask.rotate(_STAMP_ANGLE, expand=True, resample=Image.Resampling.BILINEAR)

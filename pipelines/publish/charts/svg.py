"""A drawing as SVG: words stay words, so that they can be searched, read aloud and edited.

The reader's machine sets them in its own Chinese face where ours is not installed; Chinese
characters are one em wide in all of them, so that nothing moves.
"""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from pipelines.publish import style
from pipelines.publish.charts.drawing import (
    BASELINE,
    MM_PER_POINT,
    Area,
    Box,
    Dot,
    Drawing,
    Line,
    Mark,
    Place,
    Stamp,
    Text,
)

_FACES = "'Noto Sans SC','Noto Sans CJK SC','Microsoft YaHei','PingFang SC',sans-serif"
_ANCHORS = {"left": "start", "middle": "middle", "right": "end"}


def write(drawing: Drawing, path: Path) -> None:
    path.write_text(written(drawing), encoding="utf-8", newline="\n")


def written(drawing: Drawing) -> str:
    """The whole file; ids begin with the drawing's name, so that several may share a page."""
    name, hatch = drawing.name, f"{drawing.name}-hatch"
    wide, tall = _n(drawing.width), _n(drawing.height)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}mm" height="{tall}mm"'
        f' viewBox="0 0 {wide} {tall}" role="img" xml:lang="zh-CN"'
        f' aria-labelledby="{name}-title {name}-desc" font-family="{_FACES}">'
    )
    pattern = (
        f'<defs><pattern id="{hatch}" width="1.06" height="1.06" patternUnits="userSpaceOnUse"'
        f' patternTransform="rotate(-45)"><path d="M0 .53H1.06" stroke="{style.MIDDLE}"'
        ' stroke-width=".2"/></pattern></defs>'
    )
    lines = [
        head,
        f'<title id="{name}-title">{escape(drawing.title)}</title>',
        f'<desc id="{name}-desc">{escape(drawing.alt)}</desc>',
        pattern,
        f'<rect width="{wide}" height="{tall}" fill="{style.PAPER}"/>',
        *(_mark(mark, hatch) for mark in drawing.marks),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _mark(mark: Mark, hatch: str) -> str:
    if isinstance(mark, Box):
        return _box(mark, hatch)
    if isinstance(mark, Line):
        dashes = ' stroke-dasharray="1 .7"' if mark.dashed else ""
        return (
            f'<polyline points="{_places(mark.places)}" fill="none" stroke="{mark.colour}"'
            f' stroke-width="{_points(mark.width)}" stroke-linejoin="round"{dashes}/>'
        )
    if isinstance(mark, Dot):
        return _dot(mark)
    if isinstance(mark, Area):
        outline = " ".join(f"M{_places(ring)}Z" for ring in mark.rings)
        edge = f'stroke="{mark.edge}" stroke-width="{_points(0.4)}"'
        fill = f"url(#{hatch})" if mark.hatched else mark.fill
        return f'<path d="{outline}" fill="{fill}" fill-rule="evenodd" {edge}/>'
    return _text(mark)


def _box(box: Box, hatch: str) -> str:
    place = (
        f'x="{_n(box.x)}" y="{_n(box.y)}" width="{_n(max(box.width, 0))}" height="{_n(box.height)}"'
    )
    edge = f' stroke="{box.edge}" stroke-width="{_points(0.6)}"' if box.edge else ""
    fill = f"url(#{hatch})" if box.hatched else box.fill
    return f'<rect {place} fill="{fill}"{edge}/>'


def _dot(dot: Dot) -> str:
    radius = dot.size * MM_PER_POINT / 2
    width = _points(0.6 if dot.edge == style.PAPER else 1.1)
    look = f'fill="{dot.fill}" stroke="{dot.edge}" stroke-width="{width}"'
    if dot.shape == "circle":
        return f'<circle cx="{_n(dot.x)}" cy="{_n(dot.y)}" r="{_n(radius)}" {look}/>'
    turn = f' transform="rotate(45 {_n(dot.x)} {_n(dot.y)})"' if dot.shape == "diamond" else ""
    side = radius * (1.42 if dot.shape == "diamond" else 1.75)
    return (
        f'<rect x="{_n(dot.x - side / 2)}" y="{_n(dot.y - side / 2)}" width="{_n(side)}"'
        f' height="{_n(side)}" {look}{turn}/>'
    )


def _text(mark: Text | Stamp) -> str:
    size = mark.size * MM_PER_POINT
    if isinstance(mark, Stamp):
        return (
            f'<text x="{_n(mark.x)}" y="{_n(mark.y + BASELINE * size)}" text-anchor="middle"'
            f' font-size="{_n(size)}" font-weight="700" fill="{style.INK}" fill-opacity=".08"'
            f' transform="rotate(-16 {_n(mark.x)} {_n(mark.y)})">{escape(mark.text)}</text>'
        )
    bold = ' font-weight="700"' if mark.bold else ""
    halo = (
        f' paint-order="stroke" stroke="{style.PAPER}" stroke-width="1" stroke-linejoin="round"'
        if mark.halo
        else ""
    )
    return (
        f'<text x="{_n(mark.x)}" y="{_n(mark.y + BASELINE * size)}"'
        f' text-anchor="{_ANCHORS[mark.align]}" font-size="{_n(size)}"'
        f" fill={quoteattr(mark.colour)}{bold}{halo}>{escape(mark.text)}</text>"
    )


def _places(places: tuple[Place, ...]) -> str:
    return " ".join(f"{_n(x)},{_n(y)}" for x, y in places)


def _points(width: float) -> str:
    return _n(width * MM_PER_POINT)


def _n(value: float) -> str:
    """A length to the hundredth of a millimetre."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text

"""Form “tiles”: every county unit as a square near its place; no boundary is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from pipelines.publish import style
from pipelines.publish.charts.canvas import WIDTH, Canvas
from pipelines.publish.charts.definition import Chart
from pipelines.publish.charts.scene import Picture, Scale, Scene
from pipelines.publish.figures import Figure
from pipelines.survey.quantities import readable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pipelines.survey.reference import Tile

#: A square is as wide as the longest name of a county; lower than that, to save the page.
_TILE_MM = 10.9
_TILE_TALL_MM = 9.0
_SIDE = 0.93


@dataclass(frozen=True)
class Square:
    """A county unit with its class, or without one and why."""

    tile: Tile
    value: Decimal | None
    absent: str
    text: str


def tiles(chart: Chart, scene: Scene) -> Picture:
    indicator = chart.indicators[0]
    figures = {
        tile.code: scene.figures.get(indicator, "county", tile.code)
        for tile in scene.figures.survey.tiles
        if tile.grid == "county" and not tile.optional
    }
    scale = scene.scale(indicator, (f.value for f in figures.values()))
    squares = [
        _square(tile, figures[tile.code], scale, scene)
        for tile in scene.figures.survey.tiles
        if tile.grid == "county" and tile.code in figures
    ]
    known = [s.value for s in squares if s.value is not None]
    missing = sum(s.value is None and not figures[s.tile.code].suppressed for s in squares)
    hidden = len(squares) - len(known) - missing
    zeros = sum(value == 0 for value in known)
    # Which is the largest cannot be said beside squares that are not told.
    told = [] if hidden else [s for s in squares if s.value]
    first = max(told, key=lambda s: s.value or 0, default=None)
    facts = {
        "unit": scale.unit,
        "zeros": str(zeros) if zeros else None,
        "some": str(len(known) - zeros) if known else None,
        "missing": str(missing) if missing else None,
        "hidden": str(hidden) if hidden else None,
        "count": str(len(squares)),
        "top": first.tile.label_zh if first else None,
        "top_value": scale.spoken(first.value) if first and first.value else None,
    }
    rows = max(square.tile.row for square in squares) + 1
    counted = scale.decimals == 0 and scale.unit != "万元"
    classes = _classes(chart.bounds, whole=counted)
    hatched = scene.phrases.hatched_hidden if hidden else scene.phrases.hatched
    painter = _Painter(squares, classes, scale, hatched)
    notes = _elsewhere(chart, scene, frozenset(figures))
    if hidden:
        notes.append(scene.phrases.suppressed_squares.format(count=hidden))
    return scene.picture(chart, facts, rows * _TILE_TALL_MM + 2, painter.paint, notes)


def _elsewhere(chart: Chart, scene: Scene, shown: frozenset[str]) -> list[str]:
    """What was counted for units that sit in no county, so that the squares close to the total."""
    indicator = chart.indicators[0]
    rest = [
        figure.value
        for member in scene.figures.members("county")
        if member.member_id not in shown
        and (figure := scene.figures.get(indicator, "county", member.member_id)).value
    ]
    total = sum((value for value in rest if value is not None), Decimal(0))
    if not total:
        return []
    value = readable(total, scene.figures.definition(indicator).unit)
    return [scene.phrases.elsewhere.format(value=value)]


@dataclass(frozen=True)
class Class:
    """Values above ``low`` up to and including ``high``; None is no bound."""

    low: int | None
    high: int | None
    name: str

    def holds(self, value: Decimal) -> bool:
        above = self.low is None or value > self.low
        return above and (self.high is None or value <= self.high)


def _classes(bounds: Sequence[int], *, whole: bool) -> list[Class]:
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


def _square(tile: Tile, figure: Figure, scale: Scale, scene: Scene) -> Square:
    absent = "" if figure.value is not None else scene.absent(figure)
    text = absent if figure.value is None else scale.text(figure.value)
    return Square(tile, figure.value, absent, text)


@dataclass(frozen=True)
class _Painter:
    squares: Sequence[Square]
    classes: Sequence[Class]
    scale: Scale
    missing: str

    def paint(self, canvas: Canvas) -> None:
        columns = max(square.tile.col for square in self.squares) + 1
        rows = max(square.tile.row for square in self.squares) + 1
        side = style.inches(_TILE_MM)
        left = (WIDTH - columns * side) / 2
        axes = canvas.axes_in(left, left + columns * side, 0, canvas.body)
        axes.set_xlim(-0.5, columns - 0.5)
        axes.set_ylim(rows - 0.5, -0.5)
        axes.axis("off")
        shades = self._shades(canvas.colour)
        for square in self.squares:
            self._square(axes, square, shades)
        self._borders(axes)
        self._key(axes, shades, columns)

    def _shades(self, colour: str) -> list[str]:
        """Zero is paper with an edge, so that nothing there is seen as such."""
        zero = self.classes[0].high == 0
        count = len(self.classes) - zero
        return [style.PAPER] * zero + style.tints(colour, count)

    def _shade(self, value: Decimal, shades: list[str]) -> str:
        shown = value / self.scale.divisor
        return next(s for c, s in zip(self.classes, shades, strict=True) if c.holds(shown))

    def _square(self, axes: Axes, square: Square, shades: list[str]) -> None:
        x, y = square.tile.col, square.tile.row
        shade = style.PAPER if square.value is None else self._shade(square.value, shades)
        _box(axes, x, y, shade, hatched=square.value is None)
        ink = style.readable_on(shade) if square.value is not None else style.GREY
        label = square.tile.label_zh
        back = {"fc": style.PAPER, "ec": "none", "pad": 0.6} if square.value is None else None
        for text, lift, size in ((label, -0.17, style.NOTE), (square.text, 0.20, style.NOTE)):
            axes.text(x, y + lift, text, ha="center", va="center", size=size, color=ink, bbox=back)

    def _borders(self, axes: Axes) -> None:
        """A line around the squares of each prefecture."""
        at = {(s.tile.row, s.tile.col): s.tile.parent_code for s in self.squares}
        for (row, col), parent in at.items():
            for down, right in ((0, 1), (0, -1), (1, 0), (-1, 0)):
                if at.get((row + down, col + right)) != parent:
                    ends = (-0.5, 0.5)
                    xs = [col + right / 2] * 2 if right else [col + end for end in ends]
                    ys = [row + down / 2] * 2 if down else [row + end for end in ends]
                    axes.plot(xs, ys, color=style.INK, lw=0.9, clip_on=False)

    def _key(self, axes: Axes, shades: list[str], columns: int) -> None:
        """The classes, in the corner where the province has no county."""
        x = columns - 3.0
        axes.text(x - 0.4, -0.22, self.scale.unit, size=style.LABEL, color=style.GREY, va="center")
        entries = [*zip([c.name for c in self.classes], shades, strict=True)]
        for n, (name, shade) in enumerate(entries):
            _box(axes, x, n * 0.62 + 0.42, shade, tall=0.5)
            axes.text(x + 0.62, n * 0.62 + 0.42, name, size=style.LABEL, va="center")
        if any(square.value is None for square in self.squares):
            y = len(entries) * 0.62 + 0.42
            _box(axes, x, y, style.PAPER, hatched=True, tall=0.5)
            axes.text(x + 0.62, y, self.missing, size=style.LABEL, va="center")


def _box(
    axes: Axes, x: float, y: float, shade: str, *, hatched: bool = False, tall: float = _SIDE
) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(
        Rectangle(
            (x - _SIDE / 2, y - tall / 2), _SIDE, tall, fc=shade, lw=0.6,
            ec=style.MIDDLE if shade == style.PAPER else shade, hatch="////" if hatched else None,
        )
    )  # fmt: skip

"""Form “tiles”: every county unit as a square near its place; no boundary is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from pipelines.publish import style
from pipelines.publish.charts.classes import Classes, classes_of
from pipelines.publish.charts.definition import Chart
from pipelines.publish.charts.drawing import fitted, width_of
from pipelines.publish.charts.scene import Picture, Scale, Scene
from pipelines.publish.figures import Figure
from pipelines.survey.quantities import readable

if TYPE_CHECKING:
    from pipelines.publish.charts.canvas import Canvas
    from pipelines.survey.reference import Tile

#: A square is as wide as the longest name of a county; lower than that, to save the page.
_TILE_MM = 10.9
_TILE_TALL_MM = 9.0
_SIDE = 0.93
_TWO_LINES_MM = 7.0
#: Is no number of things: between 100 and 101 there is more.
_MONEY = "万元"
#: The upper right corner of the province is empty so far.
_FREE_ROWS, _FREE_COLUMNS = 4, 3.4


@dataclass(frozen=True)
class Square:
    """A county unit with its value, or without one and why."""

    tile: Tile
    value: Decimal | None
    text: str


@dataclass(frozen=True)
class CountyFigures:
    """All county units of one indicator, ready to be put on either map."""

    squares: Sequence[Square]
    classes: Classes
    facts: dict[str, str | None]
    notes: list[str]

    @property
    def blank(self) -> bool:
        return all(square.value is None for square in self.squares)

    @property
    def told(self) -> list[str]:
        """The largest first, those without a figure last."""
        ordered = sorted(self.squares, key=lambda s: (s.value is None, -(s.value or Decimal(0))))
        return [f"{square.tile.label_zh}{square.text}" for square in ordered]


def tiles(chart: Chart, scene: Scene) -> Picture:
    found = county_figures(chart, scene)
    rows = max(square.tile.row for square in found.squares) + 1
    painter = _Painter(found.squares, found.classes)
    return scene.picture(
        chart, found.facts, rows * _TILE_TALL_MM + 2, painter.paint, found.notes,
        blank=found.blank, told=found.told,
    )  # fmt: skip


def county_figures(chart: Chart, scene: Scene) -> CountyFigures:
    indicator = chart.indicators[0]
    figures = {
        tile.code: scene.figures.get(indicator, "county", tile.code)
        for tile in scene.figures.survey.tiles
        if tile.grid == "county" and not tile.optional
    }
    scale = _scale(chart, scene)
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
    counted = scale.decimals == 0 and scale.unit != _MONEY
    hatched = scene.phrases.hatched_hidden if hidden else scene.phrases.hatched
    classes = Classes(classes_of(chart.bounds, whole=counted), scale, hatched)
    notes = _elsewhere(chart, scene, frozenset(figures))
    if hidden:
        notes.append(scene.phrases.suppressed_squares.format(count=hidden))
    return CountyFigures(squares, classes, facts, notes)


def _scale(chart: Chart, scene: Scene) -> Scale:
    """The indicator's own unit, whatever the figures: the bounds of the classes are given in it."""
    definition = scene.figures.definition(chart.indicators[0])
    decimals = 0 if definition.kind == "level" else min(definition.decimals, 2)
    return Scale(Decimal(1), definition.unit, decimals)


def _elsewhere(chart: Chart, scene: Scene, shown: frozenset[str]) -> list[str]:
    """What was counted for units that sit in no county, so that the squares close to the total."""
    indicator = chart.indicators[0]
    definition = scene.figures.definition(indicator)
    if definition.kind != "level":
        return []
    rest = [
        figure.value
        for member in scene.figures.members("county")
        if member.member_id not in shown
        and (figure := scene.figures.get(indicator, "county", member.member_id)).value
    ]
    total = sum((value for value in rest if value is not None), Decimal(0))
    return [scene.phrases.elsewhere.format(value=readable(total, definition.unit))] if total else []


def _square(tile: Tile, figure: Figure, scale: Scale, scene: Scene) -> Square:
    text = scene.absent(figure) if figure.value is None else scale.text(figure.value)
    return Square(tile, figure.value, text)


@dataclass(frozen=True)
class _Painter:
    squares: Sequence[Square]
    classes: Classes

    def paint(self, canvas: Canvas) -> None:
        columns = max(square.tile.col for square in self.squares) + 1
        rows = max(square.tile.row for square in self.squares) + 1
        missing = any(square.value is None for square in self.squares)
        shades = self.classes.shades(canvas.colour)
        room = canvas.bottom - canvas.top - 1
        wide = min(_TILE_MM, (canvas.right - canvas.left) / columns)
        tall = min(_TILE_TALL_MM, room / rows)
        left = canvas.width / 2 - columns * wide / 2
        if self.classes.height <= _FREE_ROWS * tall:
            # In the corner where the province has no county.
            corner = min(left + (columns - _FREE_COLUMNS) * wide,
                         canvas.right - self.classes.width)  # fmt: skip
            self.classes.key(canvas, corner, shades, missing=missing)
        elif canvas.left + columns * wide + self.classes.width + 3 <= canvas.right:
            left = canvas.left
            start = canvas.right - self.classes.width
            self.classes.key(canvas, start, shades, missing=missing)
        else:
            key = self.classes.key_across(canvas, shades, missing=missing)
            tall = min(_TILE_TALL_MM, (room - key) / rows)
        grid = _Grid(canvas, left, canvas.top + 1, wide, tall)
        for square in self.squares:
            self._square(grid, square, shades)
        self._borders(grid)

    def _square(self, grid: _Grid, square: Square, shades: list[str]) -> None:
        absent = square.value is None
        shade = style.PAPER if square.value is None else self.classes.shade(square.value, shades)
        grid.box(square.tile, shade, hatched=absent)
        ink = style.GREY if absent else style.readable_on(shade)
        # A low square has room for the name only; the shade tells the class.
        lines = [(square.tile.label_zh, -0.2), (square.text, 0.2)]
        if grid.tall < _TWO_LINES_MM:
            lines = [(square.tile.label_zh, 0.0)]
        for text, lift in lines:
            x, y = grid.at(square.tile.row + lift, square.tile.col)
            # 公主岭市 is 公主岭 where it has no room.
            whole = width_of(text, style.NOTE) <= grid.wide * 1.02
            said = text if whole else fitted(text[:-1], style.NOTE, grid.wide * 1.02)
            grid.canvas.text(x, y, said, style.NOTE, ink, "middle", halo=absent)

    def _borders(self, grid: _Grid) -> None:
        """A line around the squares of each prefecture."""
        at = {(s.tile.row, s.tile.col): s.tile.parent_code for s in self.squares}
        for (row, col), parent in at.items():
            for down, right in ((0, 1), (0, -1), (1, 0), (-1, 0)):
                if at.get((row + down, col + right)) != parent:
                    along, across = 0.5 * abs(right), 0.5 * abs(down)
                    middle = (row + down / 2, col + right / 2)
                    start = grid.at(middle[0] - along, middle[1] - across)
                    end = grid.at(middle[0] + along, middle[1] + across)
                    grid.canvas.line([start, end], style.INK, 0.9)


@dataclass(frozen=True)
class _Grid:
    """Rows and columns as places on the sheet; ``left`` and ``top`` are of the first square."""

    canvas: Canvas
    left: float
    top: float
    wide: float
    tall: float

    def at(self, row: float, col: float) -> tuple[float, float]:
        return self.left + (col + 0.5) * self.wide, self.top + (row + 0.5) * self.tall

    def box(self, tile: Tile, shade: str, *, hatched: bool) -> None:
        x, y = self.at(tile.row, tile.col)
        wide, tall = self.wide * _SIDE, self.tall * _SIDE
        edge = style.MIDDLE if shade == style.PAPER else shade
        if hatched:
            self.canvas.hatch(x - wide / 2, y - tall / 2, wide, tall, edge)
        else:
            self.canvas.box(x - wide / 2, y - tall / 2, wide, tall, shade, edge)

"""Form “boundary”: counties in their boundaries, only from the office's own reviewed file."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from pipelines.publish import style
from pipelines.publish.charts.definition import Chart
from pipelines.publish.charts.drawing import Area
from pipelines.publish.charts.scene import Picture, Scene
from pipelines.publish.charts.tiles import county_figures

if TYPE_CHECKING:
    from pipelines.publish.charts.boundaries import Ring
    from pipelines.publish.charts.canvas import Canvas
    from pipelines.publish.charts.classes import Classes

BODY_MM = 100.0


def boundary_map(chart: Chart, scene: Scene) -> Picture:
    """The same classes and facts as the tile grid, in the licensed shapes."""
    assert scene.boundaries is not None, "drawn only where the office has supplied boundaries"
    found = county_figures(chart, scene)
    values = {square.tile.code: square.value for square in found.squares}
    shapes = [(rings, values.get(code)) for code, rings in scene.boundaries.counties.items()]
    painter = _Painter(shapes, found.classes)
    return scene.picture(
        chart, found.facts, BODY_MM, painter.paint, found.notes, blank=found.blank,
        told=found.told,
    )  # fmt: skip


@dataclass(frozen=True)
class _Painter:
    shapes: Sequence[tuple[tuple[Ring, ...], Decimal | None]]
    classes: Classes

    def paint(self, canvas: Canvas) -> None:
        """Longitude is drawn in by the cosine of the middle latitude; north is up."""
        places = [place for rings, _ in self.shapes for ring in rings for place in ring]
        west, east = min(x for x, _ in places), max(x for x, _ in places)
        south, north = min(y for _, y in places), max(y for _, y in places)
        narrow = math.cos(math.radians((south + north) / 2))
        key = self.classes.width + 4
        wide, tall = canvas.right - canvas.left - key, canvas.bottom - canvas.top
        each = min(wide / ((east - west) * narrow), tall / (north - south))

        def at(place: tuple[float, float]) -> tuple[float, float]:
            return (
                canvas.left + (place[0] - west) * narrow * each,
                canvas.top + (north - place[1]) * each,
            )

        shades = self.classes.shades(canvas.colour)
        for rings, value in self.shapes:
            shade = style.PAPER if value is None else self.classes.shade(value, shades)
            drawn = tuple(tuple(at(place) for place in ring) for ring in rings)
            canvas.marks.append(Area(drawn, shade, style.GREY, hatched=value is None))
        missing = any(value is None for _, value in self.shapes)
        self.classes.key(canvas, canvas.right - self.classes.width, shades, missing=missing)

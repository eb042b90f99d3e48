"""Form “scatter”: two measures of the same places, with the median cross and the names that matter.

Public pages show places; single venues stand only on what is for the office itself.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from pipelines.publish import fonts, style
from pipelines.publish.charts.axis import Axis, from_zero
from pipelines.publish.charts.definition import Chart
from pipelines.publish.charts.drawing import Align, fitted, widest, width_of
from pipelines.publish.charts.scene import Picture, Scale, Scene

if TYPE_CHECKING:
    from pipelines.publish.charts.canvas import Canvas

#: Left, top, right, bottom.
_Room = tuple[float, float, float, float]

BODY_MM = 84.0
_DOT = 6.0
#: How many of the largest by either measure are named.
_NAMED = 4
#: Fewer have no middle worth a cross.
_FEWEST = 5


@dataclass(frozen=True)
class Spot:
    name: str
    x: Decimal
    y: Decimal


@dataclass(frozen=True)
class _Found:
    """What can be drawn, and how many cannot, by reason."""

    spots: list[Spot]
    hidden: int = 0
    missing: int = 0
    zero: int = 0


def scatter(chart: Chart, scene: Scene) -> Picture:
    """Places that have both figures; how many have not, and why, is said in a note."""
    across, up = chart.indicators[:2]
    phrases = scene.phrases
    found = _of_venues(chart, scene) if chart.breakdown == "venue" else _of_places(chart, scene)
    spots = found.spots
    xs = scene.scale(across, [spot.x for spot in spots])
    ys = scene.scale(up, [spot.y for spot in spots])
    kind = phrases.place_kinds[chart.breakdown]
    notes = [phrases.cross_note] if len(spots) >= _FEWEST else []
    notes += [
        phrase.format(count=count, kind=kind)
        for phrase, count in (
            (phrases.hidden_count, found.hidden), (phrases.missing_count, found.missing),
            (phrases.zero_count, found.zero),
        )
        if count
    ]  # fmt: skip
    heads = (
        f"{scene.label(chart, across)}（{xs.unit}）", f"{scene.label(chart, up)}（{ys.unit}）"
    )  # fmt: skip
    nothing = phrases.suppressed if found.hidden else phrases.no_data
    painter = _Painter(spots, xs, ys, heads, phrases.median, nothing)
    ordered = sorted(spots, key=lambda spot: -spot.y)
    told = [f"{spot.name}{xs.spoken(spot.x)}、{ys.spoken(spot.y)}" for spot in ordered]
    facts = {
        "count": str(len(spots)) if spots else None,
        "hidden": str(found.hidden) if found.hidden else None,
    }
    if spots and not found.hidden:
        largest = max(spots, key=lambda spot: spot.x)
        facts |= {"top": ordered[0].name, "top_value": ys.spoken(ordered[0].y)}
        facts |= {"widest": largest.name, "widest_value": xs.spoken(largest.x)}
        facts["both"] = ordered[0].name if ordered[0] == largest else None
    return scene.picture(chart, facts, BODY_MM, painter.paint, notes, blank=not spots, told=told)


def _of_places(chart: Chart, scene: Scene) -> _Found:
    spots, hidden, missing, zero = [], 0, 0, 0
    for member in scene.members(chart.breakdown, chart.indicators[1]):
        x, y = (
            scene.figures.get(name, chart.breakdown, member.member_id)
            for name in chart.indicators[:2]
        )
        if x.suppressed or y.suppressed:
            hidden += 1
        elif x.value is None or y.value is None:
            missing += 1
        elif x.value == y.value == 0:
            zero += 1
        else:
            spots.append(Spot(member.name_zh, x.value, y.value))
    return _Found(spots, hidden, missing, zero)


def _of_venues(chart: Chart, scene: Scene) -> _Found:
    """Single venues, from their own returns: for the office itself only."""
    assert chart.internal, "a venue's figures are its own business"
    items = [sorted(scene.figures.definition(name).items) for name in chart.indicators[:2]]
    rows = scene.figures.snapshot.rows(
        "SELECT coalesce(nullif(any_value(r.venue_name), ''), any_value(r.unit_name)) AS name,"
        " sum(a.amount) FILTER (a.item_id IN (SELECT unnest(?))) AS x,"
        " sum(a.amount) FILTER (a.item_id IN (SELECT unnest(?))) AS y"
        " FROM counted_answers a JOIN counted_returns r USING (return_id)"
        " WHERE a.year = ? AND r.is_venue GROUP BY a.return_id ORDER BY a.return_id",
        [*items, scene.year],
    )
    known = [row for row in rows if row["x"] is not None and row["y"] is not None]
    spots = [
        Spot(fonts.legible(row["name"]), row["x"], row["y"])
        for row in known
        if row["x"] or row["y"]
    ]
    return _Found(spots, 0, len(rows) - len(known), len(known) - len(spots))


@dataclass(frozen=True)
class _Painter:
    spots: Sequence[Spot]
    xs: Scale
    ys: Scale
    heads: tuple[str, str]
    median: str
    nothing: str

    def paint(self, canvas: Canvas) -> None:
        if not self.spots:
            canvas.say_nothing(self.nothing)
            return
        top, bottom = canvas.top + 6, canvas.bottom - 10
        up = from_zero([self.ys.place(s.y) for s in self.spots], bottom, top, 1.06)
        marks = up.ticks()
        left = canvas.left + widest([text for _, text in marks], style.LABEL) + 2
        across = from_zero([self.xs.place(s.x) for s in self.spots], left, canvas.right - 4, 1.04)
        self._frame(canvas, across, up)
        places = {
            spot: (across.at(self.xs.place(spot.x)), up.at(self.ys.place(spot.y)))
            for spot in self.spots
        }
        crossed = self._cross(canvas, across, up)
        named = self._named()
        for spot, (x, y) in places.items():
            canvas.dot(x, y, _DOT, canvas.colour if spot in named else style.SOFT)
        self._names(canvas, named, places, (left, canvas.right, top, bottom), crossed)

    def _frame(self, canvas: Canvas, across: Axis, up: Axis) -> None:
        canvas.text(canvas.left, canvas.top + 1.5, self.heads[1], style.LABEL, style.GREY)
        canvas.text(canvas.right, canvas.bottom - 2, self.heads[0], style.LABEL, style.GREY,
                    "right")  # fmt: skip
        for value, text in up.ticks():
            y = up.at(value)
            canvas.line([(across.start, y), (canvas.right, y)], style.LIGHT, 0.5)
            canvas.text(across.start - 1.5, y, text, style.LABEL, style.GREY, "right")
        for value, text in across.ticks(style.LABEL):
            x = across.at(value)
            canvas.line([(x, up.end), (x, up.start)], style.LIGHT, 0.5)
            canvas.text(x, up.start + 3, text, style.LABEL, style.GREY, "middle")

    def _cross(self, canvas: Canvas, across: Axis, up: Axis) -> list[_Room]:
        """The medians as a cross; where their names stand."""
        if len(self.spots) < _FEWEST:
            return []
        middle_x = statistics.median(spot.x for spot in self.spots)
        middle_y = statistics.median(spot.y for spot in self.spots)
        x, y = across.at(self.xs.place(middle_x)), up.at(self.ys.place(middle_y))
        canvas.line([(x, up.end - 1), (x, up.start)], style.INK, 0.8, dashed=True)
        canvas.line([(across.start, y), (canvas.right, y)], style.INK, 0.8, dashed=True)
        said = f"{self.median}{self.xs.text(middle_x)}"
        half = width_of(said, style.NOTE) / 2
        x = max(x, canvas.left + width_of(self.heads[1], style.LABEL) + 2 + half)
        canvas.text(x, up.end - 3, said, style.NOTE, style.GREY, "middle")
        said = f"{self.median}{self.ys.text(middle_y)}"
        canvas.text(canvas.right, y - 2, said, style.NOTE, style.GREY, "right", halo=True)
        return [(canvas.right - width_of(said, style.NOTE), y - 3.5, canvas.right, y)]

    def _named(self) -> list[Spot]:
        """The largest by either measure, each once."""
        by_y = sorted(self.spots, key=lambda spot: -spot.y)[:_NAMED]
        by_x = sorted(self.spots, key=lambda spot: -spot.x)[:_NAMED]
        return [*by_y, *(spot for spot in by_x if spot not in by_y)]

    def _names(
        self,
        canvas: Canvas,
        named: Sequence[Spot],
        places: dict[Spot, tuple[float, float]],
        room: _Room,
        crossed: Sequence[_Room],
    ) -> None:
        """Beside its dot, where that covers neither another name nor a named dot."""
        left, right, top, bottom = room
        half = style.LABEL * 0.18
        taken = [*crossed, *((x - 1, y - 1, x + 1, y + 1) for x, y in places.values())]
        for spot in named:
            x, y = places[spot]
            name = fitted(spot.name, style.LABEL, 0.34 * canvas.width)
            wide = width_of(name, style.LABEL)
            sides: list[tuple[float, float, Align]] = [
                (x + 1.8, y, "left"), (x - 1.8, y, "right"),
                (x, y - 3, "middle"), (x, y + 3, "middle"),
            ]  # fmt: skip
            for at_x, at_y, align in sides:
                start = at_x - {"left": 0.0, "middle": wide / 2, "right": wide}[align]
                box = (start, at_y - half, start + wide, at_y + half)
                inside = box[0] >= left and box[2] <= right and top - 3 <= box[1] < bottom - 2
                if inside and not any(_touch(box, other) for other in taken):
                    canvas.text(at_x, at_y, name, style.LABEL, align=align)
                    taken.append(box)
                    break


def _touch(one: _Room, other: _Room) -> bool:
    apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
    return not apart

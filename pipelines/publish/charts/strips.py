"""Form “strips”: how counties lie within each group of peers, a dot each, with its middle."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from pipelines.publish import style
from pipelines.publish.charts.axis import Axis, from_zero
from pipelines.publish.charts.definition import Chart
from pipelines.publish.charts.drawing import MM_PER_POINT, widest, width_of
from pipelines.publish.charts.scene import Picture, Scale, Scene

if TYPE_CHECKING:
    from pipelines.publish.charts.canvas import Canvas

_ROW_MM = 8.4
_AXIS_MM = 6.0
_HEAD_MM = 4.6
_DOT = 5.0
#: Groups smaller than this have no middle worth the name.
_FEWEST = 3


@dataclass(frozen=True)
class Group:
    """Peers with a figure, by value; how many have none."""

    name: str
    values: tuple[tuple[str, Decimal], ...]
    absent: int = 0
    word: str = ""

    @property
    def middle(self) -> Decimal | None:
        if len(self.values) < _FEWEST:
            return None
        return statistics.median(value for _, value in self.values)


def strips(chart: Chart, scene: Scene) -> Picture:
    """Counties by prefecture, or by what kind of county they are."""
    indicator = chart.indicators[0]
    figures, phrases = scene.figures, scene.phrases
    members = scene.members("county", indicator)
    peers: dict[str, list[tuple[str, Decimal]]] = {}
    absent: dict[str, int] = {}
    hidden = 0
    for member in members:
        group = _group_of(chart, scene, member.member_id, member.name_zh)
        figure = figures.get(indicator, "county", member.member_id)
        found = peers.setdefault(group, [])
        if figure.value is None:
            absent[group] = absent.get(group, 0) + 1
            hidden += figure.suppressed
        else:
            found.append((member.name_zh, figure.value))
    groups = [
        Group(
            name, tuple(sorted(found, key=lambda pair: pair[1])), absent.get(name, 0),
            phrases.absent_count.format(count=absent[name]) if name in absent else "",
        )
        for name, found in peers.items()
    ]  # fmt: skip
    everyone = sorted((pair for g in groups for pair in g.values), key=lambda pair: pair[1])
    scale = scene.scale(indicator, (value for _, value in everyone))
    province = figures.get(indicator).value
    painter = _Painter(
        groups, scale, None if not chart.reference else province,
        phrases.province.format(value=scale.text(province)) if province is not None else "",
        phrases.median, not hidden,
    )  # fmt: skip
    facts = _facts(groups, everyone, scale, told=not hidden)
    missing = sum(absent.values()) - hidden
    kind = phrases.place_kinds["county"]
    notes = [phrases.median_note] if everyone else []
    if hidden:
        notes.append(phrases.hidden_count.format(count=hidden, kind=kind))
    if missing:
        notes.append(phrases.missing_count.format(count=missing, kind=kind))
    body = len(groups) * _ROW_MM + _AXIS_MM + _HEAD_MM
    told = [_said(group, scale, phrases.median) for group in groups]
    return scene.picture(chart, facts, body, painter.paint, notes, blank=not everyone, told=told)


def _group_of(chart: Chart, scene: Scene, code: str, name: str) -> str:
    if chart.peers == "kind":
        endings = scene.phrases.county_kinds
        return next(kind for ending, kind in endings.items() if name.endswith(ending))
    survey, year = scene.figures.survey, scene.year
    prefecture = survey.divisions.prefecture_of(code, year)
    found = survey.divisions.get(prefecture, year) if prefecture else None
    return found.name_zh if found else scene.phrases.matrix_unknown


def _facts(
    groups: Sequence[Group], everyone: Sequence[tuple[str, Decimal]], scale: Scale, *, told: bool
) -> dict[str, str | None]:
    facts: dict[str, str | None] = {"unit": scale.unit, "count": str(len(everyone)) or None}
    middles = sorted(
        ((group.middle, group.name) for group in groups if group.middle is not None),
        key=lambda pair: pair[0],
    )
    if told and len(everyone) > _FEWEST:
        facts |= {"top": everyone[-1][0], "top_value": scale.spoken(everyone[-1][1])}
        facts |= {"bottom": everyone[0][0], "bottom_value": scale.spoken(everyone[0][1])}
        if everyone[0][1] > 0:
            facts["times"] = scale.ratio(everyone[-1][1], everyone[0][1])
    if told and len(middles) > 1:
        facts |= {"high_group": middles[-1][1], "high_middle": scale.spoken(middles[-1][0])}
        facts |= {"low_group": middles[0][1], "low_middle": scale.spoken(middles[0][0])}
    return facts


def _said(group: Group, scale: Scale, median: str) -> str:
    if not group.values:
        return f"{group.name}{group.word}"
    (_, low), (_, high) = group.values[0], group.values[-1]
    middle = f"，{median}{scale.text(group.middle)}" if group.middle is not None else ""
    absent = f"，{group.word}" if group.word else ""
    return f"{group.name}{scale.text(low)}—{scale.text(high)}{middle}{absent}"


@dataclass(frozen=True)
class _Painter:
    groups: Sequence[Group]
    scale: Scale
    province: Decimal | None
    province_text: str
    median: str
    told: bool

    def paint(self, canvas: Canvas) -> None:
        left = canvas.left + widest([g.name for g in self.groups], style.BODY) + 3
        asides = [self._aside(group) for group in self.groups]
        right = canvas.right - widest(asides, style.LABEL) - 3
        top, bottom = canvas.top + _HEAD_MM, canvas.bottom - _AXIS_MM
        places = [self.scale.place(v) for g in self.groups for _, v in g.values]
        axis = from_zero(places, left + 2, right - 2, 1.02)
        self._frame(canvas, axis, top, bottom, right)
        pitch = (bottom - top) / len(self.groups)
        for n, group in enumerate(self.groups):
            y = top + (n + 0.5) * pitch
            canvas.text(left - 3, y, group.name, style.BODY, align="right")
            canvas.text(right + 2, y, asides[n], style.LABEL, style.GREY)
            if group.values:
                self._group(canvas, axis, y, pitch, group)
            else:
                canvas.absent(left, y - pitch * 0.28, right - left, pitch * 0.56, group.word)

    def _aside(self, group: Group) -> str:
        return "" if group.middle is None else f"{self.median}{self.scale.text(group.middle)}"

    def _frame(self, canvas: Canvas, axis: Axis, top: float, bottom: float, right: float) -> None:
        y = bottom + _AXIS_MM / 2 + 0.4
        stop = canvas.right - width_of(self.scale.unit, style.LABEL) - 1
        for value, text in axis.ticks(style.LABEL):
            x = axis.at(value)
            canvas.line([(x, top), (x, bottom)], style.LIGHT, 0.5)
            if x + width_of(text, style.LABEL) / 2 < stop:
                canvas.text(x, y, text, style.LABEL, style.GREY, "middle")
        canvas.text(canvas.right, y, self.scale.unit, style.LABEL, style.GREY, "right")
        if self.province is not None:
            x = axis.at(min(self.scale.place(self.province), axis.high))
            canvas.line([(x, top - 0.6), (x, bottom)], style.INK, 0.9)
            wide = width_of(self.province_text, style.LABEL)
            x = x + 0.8 if x + wide + 1 < canvas.right else x - 0.8 - wide
            canvas.text(x, top - 2.6, self.province_text, style.LABEL)

    def _group(self, canvas: Canvas, axis: Axis, y: float, pitch: float, group: Group) -> None:
        first, last = group.values[0][1], group.values[-1][1]
        ends = [(axis.at(self.scale.place(value)), y) for value in (first, last)]
        canvas.line(ends, style.LIGHT, 1.4)
        if group.middle is not None:
            x = axis.at(self.scale.place(group.middle))
            canvas.line([(x, y - pitch * 0.36), (x, y + pitch * 0.36)], style.INK, 1.6)
        self._highest(canvas, axis, y, pitch, group)
        xs = [axis.at(self.scale.place(value)) for _, value in group.values]
        for x, lift in zip(xs, lifted(xs, _DOT * MM_PER_POINT, pitch * 0.34), strict=True):
            canvas.dot(x, y + lift, _DOT, canvas.colour)

    def _highest(self, canvas: Canvas, axis: Axis, y: float, pitch: float, group: Group) -> None:
        """The name of the highest, over its dot, where it stands apart and none is left untold."""
        name, value = group.values[-1]
        x = axis.at(self.scale.place(value))
        half = width_of(name, style.NOTE) / 2
        others = [axis.at(self.scale.place(v)) for _, v in group.values[:-1]]
        middle = min(x, canvas.right - half)
        if not group.absent and pitch > 7 and all(other < x - half - 1 for other in others):
            canvas.text(middle, y - 2.7, name, style.NOTE, style.GREY, "middle", halo=True)


def lifted(xs: Sequence[float], wide: float, most: float) -> list[float]:
    """How far each dot is moved off the line, so that none hides another where there is room."""
    placed: list[tuple[float, float]] = []
    steps = [0.0]
    while steps[-1] + wide * 0.8 <= most:
        steps += [-(abs(steps[-1]) + wide * 0.8), abs(steps[-1]) + wide * 0.8]
    for x in xs:
        free = (
            lift
            for lift in steps
            if all((x - px) ** 2 + (lift - py) ** 2 >= (wide * 0.8) ** 2 for px, py in placed)
        )
        placed.append((x, next(free, 0.0)))
    return [lift for _, lift in placed]

"""Form “composition”: what a total is made of, this year above the year before, each as 100%."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from pipelines.publish import style
from pipelines.publish.charts.axis import Axis, spread
from pipelines.publish.charts.definition import Chart
from pipelines.publish.charts.drawing import widest, width_of
from pipelines.publish.charts.scene import Picture, Scene
from pipelines.survey.quantities import readable

if TYPE_CHECKING:
    from pipelines.publish.charts.canvas import Canvas

BODY_MM = 36.0
_BAR_MM = 6.5
_LEADER = 2.2
_NAME_MM = 4.0
_GAP = 1.6  # between two names above the bar


@dataclass(frozen=True)
class Part:
    """A part and its share; None when the part has no figure, or a suppressed one."""

    label: str
    share: Decimal | None
    hidden: bool = False

    @property
    def text(self) -> str:
        return "" if self.share is None else str(readable(self.share, "%", 1))


@dataclass(frozen=True)
class Bar:
    """One year's total and parts; no parts when the year has no figures."""

    name: str
    total: str
    parts: Sequence[Part]
    absent: str = ""


def composition(chart: Chart, scene: Scene) -> Picture:
    """Indicators: the total first, then its parts in the order of the form."""
    bars = [_bar(chart, scene, scene.year), _bar(chart, scene, scene.year - 1)]
    facts: dict[str, str | None] = {}
    for rank, part in zip(("largest", "second"), surely_largest(bars[0].parts), strict=False):
        facts |= {rank: part.label, f"{rank}_share": part.text}
    facts |= _shift(bars, facts.get("largest"))
    notes = _unaccounted(chart, scene, bars[0])
    hidden_word, missing_word = scene.phrases.suppressed, scene.phrases.missing
    lacking = [part for part in bars[0].parts if part.share is None]
    for phrase, hidden in (
        (scene.phrases.suppressed_part, True),
        (scene.phrases.missing_note, False),
    ):
        names = [part.label for part in lacking if part.hidden is hidden]
        if names:
            notes.append(phrase.format(names="、".join(names)))
    told = [
        f"{bar.name}{part.label}{part.text or (hidden_word if part.hidden else missing_word)}"
        for bar in bars
        for part in bar.parts
    ]
    blank = not any(bar.parts for bar in bars)
    painter = _Painter(bars)
    return scene.picture(chart, facts, BODY_MM, painter.paint, notes, blank=blank, told=told)


def surely_largest(parts: Sequence[Part]) -> list[Part]:
    """The parts by size, as far as no part without a figure can be among them.

    What the known parts leave of the whole may all belong to one that is not known.
    """
    known = sorted((p for p in parts if p.share is not None), key=lambda p: -(p.share or 0))
    if len(known) == len(parts):
        return known
    rest = 100 - sum((p.share or Decimal(0) for p in known), Decimal(0))
    return [part for part in known if (part.share or 0) > rest]


def _unaccounted(chart: Chart, scene: Scene, bar: Bar) -> list[str]:
    """What the parts as filled in lack of the total, or have over it; shares are of the total."""
    total_id, *part_ids = chart.indicators
    total = scene.figures.get(total_id).value
    values = [scene.figures.get(name).value for name in part_ids]
    if not bar.parts or total is None:
        return []
    rest = total - sum((value for value in values if value is not None), Decimal(0))
    if not rest or any(value is None for value in values):
        return []
    phrase = scene.phrases.parts_less if rest > 0 else scene.phrases.parts_more
    amount = readable(abs(rest), scene.figures.definition(total_id).unit)
    return [phrase.format(amount=amount)]


def _bar(chart: Chart, scene: Scene, year: int) -> Bar:
    total_id, *part_ids = chart.indicators
    figures = scene.figures
    total = figures.get(total_id, year=year).value
    whole = figures.get(total_id, year=year)
    found = [figures.get(name, year=year) for name in part_ids]
    name = f"{year}年"
    if not total or all(part.value is None for part in found):
        hidden = whole.suppressed or any(part.suppressed for part in found)
        return Bar(name, "", (), scene.phrases.suppressed if hidden else scene.phrases.no_data)
    parts = [
        Part(
            scene.label(chart, part_id),
            None if part.value is None else 100 * part.value / total,
            part.suppressed,
        )
        for part_id, part in zip(part_ids, found, strict=True)
    ]
    return Bar(name, str(readable(total, figures.definition(total_id).unit)), parts)


def _shift(bars: Sequence[Bar], largest: str | None) -> dict[str, str | None]:
    """By how much the largest part's share moved, with its direction word."""
    shares = [
        next((part.share for part in bar.parts if part.label == largest), None) for bar in bars
    ]
    if shares[0] is None or shares[1] is None:
        return {}
    moved = readable(abs(shares[0] - shares[1]), "个百分点", 1)
    if Decimal(moved.text) == 0:
        return {"shift": "与上年持平"}
    return {"shift": f"比上年{'提高' if shares[0] > shares[1] else '下降'}{moved}"}


@dataclass(frozen=True)
class _Painter:
    bars: Sequence[Bar]

    def paint(self, canvas: Canvas) -> None:
        names = widest([bar.name for bar in self.bars], style.BODY)
        totals = widest([bar.total for bar in self.bars], style.BODY)
        whole = max((sum(p.share or 0 for p in bar.parts) for bar in self.bars), default=0)
        axis = Axis(
            0.0, max(100.0, float(whole)), canvas.left + names + 2, canvas.right - totals - 2
        )
        room = (canvas.bottom - canvas.top) / len(self.bars)
        for n, bar in enumerate(self.bars):
            y = canvas.top + (n + 0.5) * room
            canvas.text(axis.start - 2, y, bar.name, style.BODY, align="right")
            if bar.parts:
                self._bar(canvas, axis, y, bar, above=n == 0)
            else:
                wide = axis.end - axis.start
                canvas.absent(axis.start, y - _BAR_MM / 2, wide, _BAR_MM, bar.absent)

    def _bar(self, canvas: Canvas, axis: Axis, y: float, bar: Bar, *, above: bool) -> None:
        shades = [*reversed(style.tints(canvas.colour, len(bar.parts)))]
        start, outside = Decimal(0), []
        for part, shade in zip(bar.parts, shades, strict=True):
            share = part.share or Decimal(0)
            left, right = axis.at(float(start)), axis.at(float(start + share))
            canvas.box(left, y - _BAR_MM / 2, right - left, _BAR_MM, shade, style.PAPER)
            inside = right - left > width_of(part.text, style.LABEL) + 1.5
            if inside:
                ink = style.readable_on(shade)
                canvas.text((left + right) / 2, y, part.text, style.LABEL, ink, "middle")
            name = part.label if above else ""
            said = f"{name} {'' if inside else part.text}".strip()
            if said:
                outside.append(((left + right) / 2, said))
            start += share
        canvas.text(axis.at(100.0) + 2, y, bar.total, style.BODY)
        self._outside(canvas, axis, y, outside, above=above)

    def _outside(
        self, canvas: Canvas, axis: Axis, y: float, labels: list[tuple[float, str]], *, above: bool
    ) -> None:
        """Names above the upper bar, narrow figures below the lower one, none over another; in as
        many rows as they need."""
        rows = _in_rows(labels, canvas.right - axis.start)
        for n, row in enumerate(rows):
            widths = [width_of(text, style.LABEL) + _GAP for _, text in row]
            places = spread([middle for middle, _ in row], widths, axis.start, canvas.right)
            lift = (_BAR_MM / 2 + _LEADER + n * _NAME_MM) * (-1 if above else 1)
            edge = y + _BAR_MM / 2 * (-1 if above else 1)
            for (middle, text), place in zip(row, places, strict=True):
                far = y + lift + (-0.3 if above else 0.3)
                canvas.line([(middle, edge), (place, y + lift)], style.MIDDLE)
                canvas.text(
                    place, far + (-1.8 if above else 1.8), text, style.LABEL, align="middle",
                    halo=n > 0,
                )  # fmt: skip


def _in_rows(labels: list[tuple[float, str]], room: float) -> list[list[tuple[float, str]]]:
    """Side by side while they have room, else every second one a row higher."""
    wide = sum(width_of(text, style.LABEL) + _GAP for _, text in labels)
    rows = -(-wide // room) if labels else 0
    return [labels[n :: int(rows)] for n in range(int(rows))]

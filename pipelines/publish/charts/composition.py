"""Form “composition”: what a total is made of, this year above the year before, each as 100%."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from pipelines.publish import style
from pipelines.publish.charts.canvas import WIDTH, Canvas, width_of
from pipelines.publish.charts.definition import Chart
from pipelines.publish.charts.scene import Picture, Scene
from pipelines.survey.quantities import readable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BODY_MM = 34.0
_BAR = 0.46
_WIDE = Decimal(7)  # % ; a part this wide carries its own figure
_GAP = 0.06  # between two names above the bar, in inches


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
    this = [part for part in bars[0].parts if part.share is not None]
    ordered = sorted(this, key=lambda part: -(part.share or 0))
    facts: dict[str, str | None] = {}
    for rank, part in zip(("largest", "second"), ordered, strict=False):
        facts |= {rank: part.label, f"{rank}_share": part.text}
    facts |= _shift(bars, facts.get("largest"))
    notes = _unaccounted(chart, scene, bars[0])
    lacking = [part for part in bars[0].parts if part.share is None]
    for phrase, hidden in (
        (scene.phrases.suppressed_part, True),
        (scene.phrases.missing_note, False),
    ):
        names = [part.label for part in lacking if part.hidden is hidden]
        if names:
            notes.append(phrase.format(names="、".join(names)))
    return scene.picture(chart, facts, BODY_MM, _Painter(bars).paint, notes)


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
        totals = max(width_of(bar.total, style.BODY) for bar in self.bars)
        axes = canvas.axes(0.58, totals + 0.18, bottom=0.10, top=0.06)
        whole = max(sum(part.share or 0 for part in bar.parts) for bar in self.bars)
        axes.set_xlim(0, max(100.0, float(whole)))
        axes.set_ylim(-0.62, 1.60)
        axes.set_axis_off()
        for y, bar in zip((1, 0), self.bars, strict=True):
            self._bar(axes, canvas.colour, y, bar)

    def _bar(self, axes: Axes, colour: str, y: int, bar: Bar) -> None:
        axes.annotate(
            bar.name, (0, y), xytext=(-6, 0), textcoords="offset points", ha="right", va="center"
        )
        if not bar.parts:
            axes.barh(y, 100, height=_BAR, color=style.PAPER, hatch="////", edgecolor=style.LIGHT,
                      linewidth=0)  # fmt: skip
            axes.text(
                50, y, bar.absent, ha="center", va="center", color=style.GREY,
                bbox={"fc": style.PAPER, "ec": "none", "pad": 2},
            )  # fmt: skip
            return
        shades = [*reversed(style.tints(colour, len(bar.parts)))]
        start, outside = Decimal(0), []
        for part, shade in zip(bar.parts, shades, strict=True):
            share = part.share or Decimal(0)
            middle = float(start + share / 2)
            axes.barh(y, float(share), left=float(start), height=_BAR, color=shade,
                      edgecolor=style.PAPER, linewidth=1.0)  # fmt: skip
            wide = share >= _WIDE
            if wide:
                axes.text(middle, y, part.text, ha="center", va="center", size=style.LABEL,
                          color=style.readable_on(shade))  # fmt: skip
            name = part.label if y == 1 else ""
            figure = "" if wide else part.text
            if name or figure:
                outside.append((middle, f"{name} {figure}".strip()))
            start += share
        self._outside(axes, y, outside)
        axes.annotate(bar.total, (100, y), xytext=(6, 0), textcoords="offset points", va="center")

    def _outside(self, axes: Axes, y: int, labels: list[tuple[float, str]]) -> None:
        """Names above the upper bar, narrow figures below the lower one, none over another."""
        inch = 100 / (axes.get_position().width * WIDTH)
        widths = [(width_of(text, style.LABEL) + _GAP) * inch for _, text in labels]
        box = axes.get_position()
        beyond = (1 - box.x1) / box.width * 100  # from the end of the bar to the sheet's edge
        places = spread([middle for middle, _ in labels], widths, 0.0, 100 + beyond)
        above = y == 1
        edge, far = y + (_BAR / 2 if above else -_BAR / 2), y + (0.36 if above else -0.36)
        for (middle, text), place in zip(labels, places, strict=True):
            axes.plot([middle, place], [edge, far], color=style.MIDDLE, lw=0.6, clip_on=False)
            axes.text(place, far, text, ha="center", va="bottom" if above else "top",
                      size=style.LABEL)  # fmt: skip


def spread(centres: list[float], widths: list[float], low: float, high: float) -> list[float]:
    """Centres moved as little as needed so that labels neither overlap nor leave the room."""
    places = list(centres)
    edge = low
    for n, width in enumerate(widths):
        places[n] = max(places[n], edge + width / 2)
        edge = places[n] + width / 2
    edge = high
    for n in range(len(places) - 1, -1, -1):
        places[n] = min(places[n], edge - widths[n] / 2)
        edge = places[n] - widths[n] / 2
    return places

"""Forms “series” and “published”: years in a line, from what others have published and our own.

Only neighbouring years are joined.  Years without a figure are hatched and named, a break in the
series is a gap with a note, and the province stands beside the nation as points.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from pipelines.publish import style
from pipelines.publish.charts.canvas import WIDTH, Canvas, width_of
from pipelines.publish.charts.definition import Chart
from pipelines.publish.charts.scene import Picture, Scale, Scene
from pipelines.survey.quantities import readable, scale_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BODY_MM = 62.0
_PANEL_MM = 38.0
_COLUMNS = 2


@dataclass(frozen=True)
class Point:
    year: int
    value: Decimal
    starts_anew: bool = False


@dataclass(frozen=True)
class Trace:
    """One line with its name."""

    name: str
    points: Sequence[Point]
    colour: str
    marker: str = "o"


def series(chart: Chart, scene: Scene) -> Picture:
    """The nation's line for each indicator, and the province's points for the first."""
    years = scene.national_years
    shades = [style.THEME_COLOURS[chart.theme], style.GREY, style.SOFT]
    traces = [
        Trace(scene.label(chart, name), _nation(scene, name, years), shade)
        for name, shade in zip(chart.indicators, shades, strict=False)
    ]
    ours = _province(scene, chart.indicators[0]) if chart.reference else []
    if ours:
        traces.append(Trace(scene.office.place_zh, ours, style.UP, "D"))
    values = [point.value for trace in traces for point in trace.points]
    scale = scene.scale(chart.indicators[0], values)
    facts = _series_facts(scene, chart.indicators[0], traces[0].points, ours)
    broken = [p.year for t in traces[: len(chart.indicators)] for p in t.points if p.starts_anew]
    notes = [scene.phrases.gap_note] if years and _has_gaps(traces[0].points, years) else []
    if broken:
        named = "、".join(f"{year}年" for year in sorted(set(broken)))
        notes.append(scene.phrases.break_note.format(years=named))
    painter = _Painter(traces, scale, years, scene.phrases.gap, scene.phrases.no_data)
    facts |= {"unit": scale.unit}
    return scene.picture(chart, facts, BODY_MM, painter.paint, notes, blank=not values)


def published(chart: Chart, scene: Scene) -> Picture:
    """Small multiples of series that another body has published for ``chart.region``."""
    traces = [_published_trace(chart, scene, name) for name in chart.indicators]
    panels = [trace for trace in traces if trace.points] or traces[:1]
    spans = [point.year for trace in panels for point in trace.points]
    years = range(min(spans), max(spans) + 1) if spans else range(0)
    first = traces[0].points
    facts: dict[str, str | None] = {"region": chart.region, "name": traces[0].name}
    if len(first) > 1:
        facts |= {
            "from_year": str(first[0].year),
            "to_year": str(first[-1].year),
            "from": _bare(first[0].value),
            "to": _bare(first[-1].value),
            "moved": _moved(first[0].value, first[-1].value),
        }
    facts["years"] = f"{years[0]}—{years[-1]}年" if spans else scene.phrases.no_data
    rows = -(-len(panels) // _COLUMNS)
    painter = _Panels(panels, years, scene.phrases.gap, scene.phrases.no_data)
    sources = scene.figures.snapshot.rows(
        "SELECT DISTINCT publisher_zh, title_zh FROM published_series"
        " WHERE series_id = ? AND region = ? ORDER BY ALL",
        [chart.indicators[0], chart.region],
    )
    notes = [f"资料来源：{row['publisher_zh']}《{row['title_zh']}》。" for row in sources]
    return scene.picture(chart, facts, rows * _PANEL_MM, painter.paint, notes, blank=not spans)


def _nation(scene: Scene, name: str, years: Iterable[int]) -> list[Point]:
    return [
        Point(figure.year, figure.value, figure.is_break)
        for figure in scene.nation(name, years)
        if figure.value is not None
    ]


def _province(scene: Scene, name: str) -> list[Point]:
    figures = [scene.figures.last(name), scene.figures.get(name)]
    return [Point(f.year, f.value, f.is_break) for f in figures if f.value is not None]


def _published_trace(chart: Chart, scene: Scene, name: str) -> Trace:
    rows = scene.figures.snapshot.rows(
        "SELECT year, value FROM published_series WHERE series_id = ? AND region = ?"
        " AND value IS NOT NULL ORDER BY year",
        [name, chart.region],
    )
    points = [Point(row["year"], row["value"]) for row in rows]
    return Trace(chart.labels.get(name, name), points, style.THEME_COLOURS[chart.theme])


def _series_facts(
    scene: Scene, name: str, nation: Sequence[Point], ours: Sequence[Point]
) -> dict[str, str | None]:
    definition = scene.figures.definition(name)
    decimals = None if definition.kind == "level" else definition.decimals

    def said(value: Decimal) -> str:
        return str(readable(value, definition.unit, decimals))

    facts: dict[str, str | None] = {}
    if len(nation) > 1:
        first, latest = nation[0], nation[-1]
        facts |= {
            "from_year": str(first.year), "to_year": str(latest.year),
            "from": said(first.value), "to": said(latest.value),
            "moved": _moved(first.value, latest.value),
        }  # fmt: skip
    same = next((p for p in nation if ours and p.year == ours[-1].year), None)
    if same is not None and ours[-1].value is not None:
        above = ours[-1].value - same.value
        word = "高于" if above > 0 else "低于"
        gap = readable(abs(above), definition.unit, decimals)
        facts |= {
            "ours": said(ours[-1].value), "nation": said(same.value),
            "against": f"{word}全国{gap}" if Decimal(gap.text) else "与全国持平",
        }  # fmt: skip
        if definition.kind == "level" and same.value > 0:
            facts["share"] = str(readable(100 * ours[-1].value / same.value, "%", 2))
    return facts


def _has_gaps(points: Sequence[Point], years: range) -> bool:
    return len({point.year for point in points}) < len(years)


def _moved(first: Decimal, last: Decimal) -> str:
    if first == last:
        return "持平于"
    return "增至" if last > first else "降至"


def _bare(value: Decimal) -> str:
    return str(readable(value, ""))


@dataclass(frozen=True)
class _Painter:
    traces: Sequence[Trace]
    scale: Scale
    years: range
    gap: str
    nothing: str

    def paint(self, canvas: Canvas) -> None:
        if not self.years:
            say_nothing(canvas.axes(0.3, 0.3), self.nothing)
            return
        room = max(
            (width_of(self._end(trace), style.BODY) for trace in self.traces if trace.points),
            default=0.0,
        )
        axes = canvas.axes(0.50, room + 0.22, bottom=0.26, top=0.16)
        frame(axes, self.traces, self.scale, self.years)
        hatch_gaps(axes, self.traces, self.years, self.gap)
        for trace in self.traces:
            draw_trace(axes, trace, self.scale)
        for point in self.traces[0].points[:1]:
            axes.annotate(
                self.scale.text(point.value), (point.year, self.scale.place(point.value)),
                xytext=(0, 6), textcoords="offset points", ha="center", size=style.LABEL,
                color=self.traces[0].colour,
            )  # fmt: skip
        self._names(axes)
        axes.annotate(
            self.scale.unit, (0, 1), xycoords="axes fraction", xytext=(-4, 4),
            textcoords="offset points", ha="right", va="bottom", size=style.LABEL,
            color=style.GREY,
        )  # fmt: skip

    def _end(self, trace: Trace) -> str:
        """Name and latest figure, with its year where the line ends early."""
        last = trace.points[-1]
        year = "" if last.year == self.years[-1] else f"（{last.year}年）"
        return f"{trace.name} {self.scale.text(last.value)}{year}"

    def _names(self, axes: Axes) -> None:
        """Name and latest figure at each line's end, pushed apart where they would touch."""
        ends = sorted(
            (self.scale.place(trace.points[-1].value), n)
            for n, trace in enumerate(self.traces)
            if trace.points
        )
        low, high = axes.get_ylim()
        step = (high - low) * 0.075
        floor = low
        for y, n in ends:
            trace = self.traces[n]
            floor = max(y, floor)
            axes.annotate(
                self._end(trace), (self.years[-1], floor),
                xytext=(9, 0), textcoords="offset points", va="center", color=trace.colour,
                annotation_clip=False,
            )  # fmt: skip
            floor += step


@dataclass(frozen=True)
class _Panels:
    traces: Sequence[Trace]
    years: range
    gap: str
    nothing: str

    def paint(self, canvas: Canvas) -> None:
        rows = -(-len(self.traces) // _COLUMNS)
        wide, tall = WIDTH / _COLUMNS, canvas.body / rows
        for n, trace in enumerate(self.traces):
            left, top = (n % _COLUMNS) * wide, canvas.body - (n // _COLUMNS) * tall
            axes = canvas.axes_in(left + 0.28, left + wide - 0.28, top - tall + 0.26, top - 0.26)
            axes.set_title(trace.name, loc="left", fontsize=style.BODY, pad=5)
            if not trace.points:
                say_nothing(axes, self.nothing)
                continue
            self._panel(axes, trace)

    def _panel(self, axes: Axes, trace: Trace) -> None:
        largest = max(point.value for point in trace.points)
        scale = Scale(*scale_of(largest, ""))
        frame(axes, [trace], scale, self.years)
        axes.set_ylim(0, axes.get_ylim()[1] * 1.12)
        axes.set_yticks([])
        axes.spines["bottom"].set_visible(True)
        hatch_gaps(axes, [trace], self.years, self.gap)
        draw_trace(axes, trace, scale)
        for point in trace.points:
            axes.annotate(
                scale.spoken(point.value), (point.year, scale.place(point.value)), xytext=(0, 6),
                textcoords="offset points", ha="center", size=style.LABEL,
            )  # fmt: skip


def frame(axes: Axes, traces: Sequence[Trace], scale: Scale, years: range) -> None:
    from matplotlib.ticker import MaxNLocator

    top = max((scale.place(p.value) for t in traces for p in t.points), default=1.0)
    axes.set_xlim(years[0] - 0.6, years[-1] + 0.6)
    axes.set_ylim(0, (top or 1.0) * 1.18)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
    axes.grid(axis="y")
    axes.tick_params(axis="y", labelcolor=style.GREY, labelsize=style.LABEL)
    step = max(1, -(-len(years) // 10))
    axes.set_xticks([*reversed(range(years[-1], years[0] - 1, -step))])


def draw_trace(axes: Axes, trace: Trace, scale: Scale) -> None:
    """Join neighbouring years; leave a gap where a year is missing or the series breaks."""
    for run in runs(trace.points):
        xs, ys = [p.year for p in run], [scale.place(p.value) for p in run]
        axes.plot(xs, ys, "-", color=trace.colour, lw=2.0, marker=trace.marker, ms=4.5,
                  mec=style.PAPER, mew=0.6, clip_on=False, zorder=3)  # fmt: skip


def runs(points: Sequence[Point]) -> list[list[Point]]:
    """Stretches of consecutive years without a break."""
    found: list[list[Point]] = []
    for point in points:
        joined = found and point.year == found[-1][-1].year + 1 and not point.starts_anew
        if joined:
            found[-1].append(point)
        else:
            found.append([point])
    return found


def hatch_gaps(axes: Axes, traces: Sequence[Trace], years: range, word: str) -> None:
    """Years for which nothing was published."""
    present = {point.year for trace in traces for point in trace.points}
    for start, end in _stretches([year for year in years if year not in present]):
        axes.axvspan(start - 0.5, end + 0.5, facecolor="none", hatch="////",
                     edgecolor=style.LIGHT, lw=0, zorder=0)  # fmt: skip
        if end - start >= 1:
            axes.text(
                (start + end) / 2, 0.035, word, transform=axes.get_xaxis_transform(), ha="center",
                size=style.NOTE, color=style.GREY,
                bbox={"fc": style.PAPER, "ec": "none", "pad": 1},
            )  # fmt: skip


def _stretches(years: Sequence[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for year in years:
        if found and year == found[-1][1] + 1:
            found[-1] = (found[-1][0], year)
        else:
            found.append((year, year))
    return found


def say_nothing(axes: Axes, word: str) -> None:
    """An empty plot that says so."""
    from matplotlib.patches import Rectangle

    axes.set_xticks([])
    axes.set_yticks([])
    axes.add_patch(Rectangle((0, 0), 1, 1, fc="none", ec=style.LIGHT, hatch="////", lw=0))
    axes.text(0.5, 0.5, word, transform=axes.transAxes, ha="center", va="center",
              color=style.GREY, bbox={"fc": style.PAPER, "ec": "none", "pad": 3})  # fmt: skip

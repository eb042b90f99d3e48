"""Forms “series” and “published”: years in a line, from what others have published and our own.

Only neighbouring years are joined.  Years without a figure are hatched and named, a break in the
series is a gap with a note, and the province stands beside the nation as points.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from pipelines.publish import style
from pipelines.publish.amounts import quantity
from pipelines.publish.charts.axis import spread
from pipelines.publish.charts.definition import Chart
from pipelines.publish.charts.drawing import LINE, MM_PER_POINT, widest, width_of
from pipelines.publish.charts.plot import Plot, Point, Trace, frame
from pipelines.publish.charts.scene import Picture, Scale, Scene
from pipelines.survey.quantities import readable, scale_of

if TYPE_CHECKING:
    from pipelines.publish.charts.canvas import Canvas

BODY_MM = 62.0
_PANEL_MM = 38.0
_COLUMNS = 2
_FEW = 5


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
        traces.append(Trace(scene.office.place_zh, ours, style.UP, "diamond"))
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
    return scene.picture(
        chart, facts, BODY_MM, painter.paint, notes, blank=not values, told=_told(traces, scale)
    )


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
    scaled = [
        (trace, Scale(*scale_of(max(point.value for point in trace.points), "")))
        for trace in panels
        if trace.points
    ]
    painter = _Panels(scaled, years, scene.phrases.gap, scene.phrases.no_data)
    sources = scene.figures.snapshot.rows(
        "SELECT DISTINCT publisher_zh, title_zh FROM published_series"
        " WHERE series_id = ? AND region = ? ORDER BY ALL",
        [chart.indicators[0], chart.region],
    )
    notes = [f"资料来源：{row['publisher_zh']}《{row['title_zh']}》。" for row in sources]
    told = [
        f"{trace.name}{point.year}年{_bare(point.value)}"
        for trace in panels
        for point in trace.points
    ]
    return scene.picture(
        chart, facts, rows * _PANEL_MM, painter.paint, notes, blank=not spans, told=told
    )


def _told(traces: Sequence[Trace], scale: Scale) -> list[str]:
    """The first and the last year of every line."""
    return [
        f"{trace.name}{point.year}年{scale.spoken(point.value)}"
        for trace in traces
        for point in {p.year: p for p in (*trace.points[:1], *trace.points[-1:])}.values()
    ]


def years(chart: Chart, scene: Scene) -> Picture:
    """The province's own figures over all years loaded, a plot an indicator; gaps at breaks."""
    figures = scene.figures
    loaded = [year for year in figures.years if year <= scene.year] or [scene.year]
    span = range(loaded[0], loaded[-1] + 1)
    traces = [_own(chart, scene, name, loaded) for name in chart.indicators]
    first, definition = traces[0].points, figures.definition(chart.indicators[0])
    facts: dict[str, str | None] = {
        "years": f"{span[0]}—{span[-1]}年" if len(span) > 1 else f"{span[0]}年"
    }
    if len(first) > 1 and not any(point.starts_anew for point in first[1:]):
        said = [str(quantity(definition, first[n].value)) for n in (0, -1)]
        facts |= {
            "from_year": str(first[0].year), "to_year": str(first[-1].year),
            "from": said[0], "to": said[1], "moved": _moved(first[0].value, first[-1].value),
        }  # fmt: skip
    notes = _year_notes(scene, traces, span)
    scaled = [
        (trace, scene.scale(name, [p.value for p in trace.points]))
        for trace, name in zip(traces, chart.indicators, strict=True)
    ]
    # The unit stands in the name of the plot, once.
    drawn = [
        (replace(trace, name=f"{trace.name}（{scale.unit}）"), replace(scale, unit=""))
        for trace, scale in scaled
        if trace.points
    ]
    painter = _Panels(drawn, span if drawn else range(0), scene.phrases.gap_own,
                      scene.phrases.no_data)  # fmt: skip
    rows = max(-(-len(drawn) // _COLUMNS), 1)
    told = [
        f"{trace.name}{point.year}年{quantity(figures.definition(name), point.value)}"
        for trace, name in zip(traces, chart.indicators, strict=True)
        for point in trace.points
    ]
    return scene.picture(
        chart, facts, rows * _PANEL_MM, painter.paint, notes, blank=not drawn, told=told
    )


def _own(chart: Chart, scene: Scene, name: str, loaded: Sequence[int]) -> Trace:
    """A break stands where the figure says so, or the definition of a year between."""
    found = [scene.figures.get(name, year=year) for year in loaded]
    points, before = [], None
    for figure in found:
        if figure.value is not None:
            broken = figure.is_break or bool(
                before and scene.figures.broken_by(name, before, figure.year)
            )
            points.append(Point(figure.year, figure.value, broken))
            before = figure.year
    return Trace(scene.label(chart, name), points, style.THEME_COLOURS[chart.theme])


def _year_notes(scene: Scene, traces: Sequence[Trace], span: range) -> list[str]:
    broken = sorted({p.year for t in traces for p in t.points[1:] if p.starts_anew})
    lacking = any(len(trace.points) < len(span) for trace in traces)
    notes = [scene.phrases.gap_own_note] if lacking else []
    if broken:
        named = "、".join(f"{year}年" for year in broken)
        notes.append(scene.phrases.break_note.format(years=named))
    return notes


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
        drawn = [trace for trace in self.traces if trace.points]
        if not self.years or not drawn:
            canvas.say_nothing(self.nothing)
            return
        room = widest([self._end(trace) for trace in drawn], style.BODY)
        right = max(canvas.right - room - 3, canvas.left + 0.4 * canvas.width)
        plot = frame(canvas, (canvas.left, right, canvas.top + 5, canvas.bottom), drawn,
                     self.scale, self.years)  # fmt: skip
        canvas.text(canvas.left, canvas.top + 1.5, self.scale.unit, style.LABEL, style.GREY)
        plot.hatch_gaps(drawn, self.gap)
        for trace in drawn:
            plot.trace(trace)
        first = self.traces[0].points[:1]
        for point in first:
            x, y = plot.at(point)
            said = self.scale.text(point.value)
            canvas.text(x, y - 3.2, said, style.LABEL, drawn[0].colour, "middle", halo=True)
        self._names(canvas, plot, drawn)

    def _end(self, trace: Trace) -> str:
        """Name and latest figure, with its year where the line ends early."""
        last = trace.points[-1]
        year = "" if last.year == self.years[-1] else f"（{last.year}年）"
        return f"{trace.name} {self.scale.text(last.value)}{year}"

    def _names(self, canvas: Canvas, plot: Plot, drawn: Sequence[Trace]) -> None:
        """Name and latest figure at each line's end, pushed apart where they would touch."""
        ordered = sorted(drawn, key=lambda trace: -trace.points[-1].value)
        ends = [plot.at(trace.points[-1])[1] for trace in ordered]
        heights = [style.BODY * LINE * MM_PER_POINT] * len(ends)
        for trace, y in zip(ordered, spread(ends, heights, canvas.top, canvas.bottom), strict=True):
            canvas.text(plot.xs.end + 2.5, y, self._end(trace), style.BODY, trace.colour)


@dataclass(frozen=True)
class _Panels:
    traces: Sequence[tuple[Trace, Scale]]
    years: range
    gap: str
    nothing: str

    def paint(self, canvas: Canvas) -> None:
        if not self.years:
            canvas.say_nothing(self.nothing)
            return
        rows = -(-len(self.traces) // _COLUMNS)
        wide = (canvas.right - canvas.left) / _COLUMNS
        tall = (canvas.bottom - canvas.top) / rows
        for n, (trace, scale) in enumerate(self.traces):
            left, top = canvas.left + (n % _COLUMNS) * wide, canvas.top + (n // _COLUMNS) * tall
            self._panel(canvas, (left, left + wide - 5, top, top + tall - 3), trace, scale)

    def _panel(
        self, canvas: Canvas, room: tuple[float, float, float, float], trace: Trace, scale: Scale
    ) -> None:
        left, right, top, bottom = room
        canvas.text(left, top + 2, trace.name, style.BODY)
        plot = frame(canvas, (left, right, top + 9, bottom), [trace], scale, self.years, bare=True)
        plot.hatch_gaps([trace], self.gap)
        plot.trace(trace)
        free = left
        for point in self._labelled(trace, scale, right - left):
            x, y = plot.at(point)
            said = scale.spoken(point.value)
            half = width_of(said, style.LABEL) / 2
            x = min(max(x, free + half), right - half)
            canvas.text(x, y - 3, said, style.LABEL, align="middle", halo=True)
            free = x + half + 0.5

    def _labelled(self, trace: Trace, scale: Scale, room: float) -> Sequence[Point]:
        """All points where they are few, else the first and the last, as far as there is room."""
        for points in (trace.points, [trace.points[0], trace.points[-1]]):
            each = widest([scale.spoken(point.value) for point in points], style.LABEL) + 1
            if len(points) <= _FEW and each * len(points) <= room:
                return points
        return trace.points[-1:]

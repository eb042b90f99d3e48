"""What every form draws from: figures, words, and the parts of a picture before it is painted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from pipelines.errors import PublicationError
from pipelines.publish.charts.definition import Chart, Phrases
from pipelines.publish.figures import NATION, Figure, Figures, Member
from pipelines.publish.office import Office
from pipelines.publish.sentences import Pattern
from pipelines.publish.words import Words, amount_text, direction_of
from pipelines.survey.quantities import round_half_up, scale_of

if TYPE_CHECKING:
    from pipelines.indicators import Definition
    from pipelines.publish.charts.canvas import Canvas

_SIGN = {"up": "+", "down": "\u2212", "flat": ""}
#: A level in 万元 this large is labelled in whole 万元.
_WHOLE_MONEY = Decimal(100)


@dataclass(frozen=True)
class Picture:
    """A chart ready to be painted; all its words are known."""

    chart: Chart
    title: str
    subtitle: str
    notes: tuple[str, ...]
    body_mm: float
    paint: Callable[[Canvas], None]
    blank: bool = False


@dataclass(frozen=True)
class Scale:
    """One unit for all figures of a chart."""

    divisor: Decimal
    unit: str
    decimals: int

    def text(self, value: Decimal) -> str:
        return f"{round_half_up(value / self.divisor, self.decimals):f}"

    def spoken(self, value: Decimal) -> str:
        return f"{self.text(value)}{self.unit.split('/')[0]}"

    def place(self, value: Decimal) -> float:
        """Where on the axis; the only step at which a figure becomes a float."""
        return float(value / self.divisor)


@dataclass
class Scene:
    """One year's figures and the words to speak of them."""

    figures: Figures
    words: Words
    office: Office
    phrases: Phrases
    _scopes: dict[str, int] = field(default_factory=dict)

    @property
    def year(self) -> int:
        return self.figures.year

    def picture(
        self,
        chart: Chart,
        facts: Mapping[str, str | None],
        body_mm: float,
        paint: Callable[[Canvas], None],
        notes: Iterable[str] = (),
        *,
        blank: bool = False,
    ) -> Picture:
        """Choose the title, fill the subtitle, and put source, scope and notes in their order."""
        known = {**self._context(), **facts}
        said = (self.fill(pattern, known) for pattern in chart.titles)
        title = next((text for text in said if text), None)
        subtitle = self.fill(chart.subtitle, known)
        if title is None or subtitle is None:
            raise PublicationError(
                f"图“{chart.file_zh}”的标题或副题缺数据",
                "请在 charts.yaml 中该图的 titles 末尾加一个不带数字的标题",
            )
        own = [self.fill(note, known) for note in chart.notes]
        lines = [*notes, *(note for note in own if note)]
        footer = self._footer(chart, lines)
        return Picture(chart, title, subtitle, footer, body_mm, paint, blank)

    def fill(self, pattern: str, facts: Mapping[str, str | None]) -> str | None:
        def content(role: str, what: str) -> str | None:
            return self._provincial(role, what) if what else facts.get(role)

        return Pattern(pattern).fill(content)

    def label(self, chart: Chart, indicator_id: str) -> str:
        return chart.labels.get(indicator_id) or self.words.name(indicator_id)

    def scale(self, indicator_id: str, values: Iterable[Decimal | None]) -> Scale:
        """The unit in which all of ``values`` of the indicator are shown."""
        definition = self.figures.definition(indicator_id)
        return scale_for(definition, values)

    def change(self, indicator_id: str) -> tuple[str, str]:
        """The change on the year before, signed and short, and its direction (or none)."""
        found = self.figures.change(indicator_id)
        if found.kind == "break":
            return self.phrases.broken, ""
        if found.kind == "none":
            this = self.figures.get(indicator_id)
            if this.value is not None and self.figures.last(indicator_id).suppressed:
                return self.phrases.hidden_year, ""
            told = this.value is not None and self.figures.has_last_year
            return (self.phrases.no_last_year if told else ""), ""
        direction = direction_of(found)
        if direction == "flat":
            return self.phrases.flat, ""
        definition = self.figures.definition(indicator_id)
        return f"{_SIGN[direction]}{amount_text(definition, found)}", direction

    def members(self, breakdown: str, indicator_id: str) -> list[Member]:
        """Members on the official list, and others only where something was counted for them."""
        official = self._official_ids(breakdown)
        return [
            member
            for member in self.figures.members(breakdown)
            if member.member_id in official
            or (figure := self.figures.get(indicator_id, breakdown, member.member_id)).suppressed
            or (figure.value or 0) != 0
        ]

    def absent(self, figure: Figure) -> str:
        """The word for a figure that is not there: suppressed, not reported, or no value."""
        if figure.suppressed:
            return self.phrases.suppressed
        return self.phrases.not_reported if figure.units_covered == 0 else self.phrases.missing

    def nation(self, indicator_id: str, years: Iterable[int]) -> list[Figure]:
        return [self.figures.get(indicator_id, "nation", NATION, year) for year in years]

    @cached_property
    def national_years(self) -> range:
        """From the first to the last year that the nation has any figure for."""
        rows = self.figures.snapshot.rows(
            f"SELECT min(year) AS first, max(year) AS last FROM {self.figures.source}"
            " WHERE breakdown = 'nation'"
        )
        first, last = rows[0]["first"], rows[0]["last"]
        return range(0) if first is None else range(first, max(last, self.year) + 1)

    def _official_ids(self, breakdown: str) -> frozenset[str]:
        survey, year = self.figures.survey, self.year
        if breakdown == "prefecture":
            return frozenset(d.code for d in survey.divisions.prefectures(year))
        if breakdown == "county":
            return frozenset(d.code for d in survey.divisions.county_units(year))
        if breakdown == "department":
            return frozenset(d.department_id for d in survey.departments.active(year))
        return frozenset(level.level_id for level in survey.levels)

    def _context(self) -> dict[str, str | None]:
        return {
            "year": str(self.year),
            "last_year": str(self.year - 1) if self.figures.has_last_year else None,
            "place": self.office.place_zh,
        }

    def _provincial(self, indicator_id: str, what: str) -> str | None:
        figure = self.figures.get(indicator_id)
        if what == "name":
            return self.words.name(indicator_id)
        if what == "change":
            found = self.figures.change(indicator_id)
            return None if found.kind in {"none", "break"} else self.words.change(indicator_id)
        if what == "last":
            figure = self.figures.last(indicator_id)
        said = self.words.value(indicator_id, figure)
        if said is None:
            return None
        return f"{said.text}{said.unit.split('/')[0]}" if what == "number" else str(said)

    def _footer(self, chart: Chart, notes: Sequence[str]) -> tuple[str, ...]:
        lines = list(notes)
        if chart.compares and not self.figures.has_last_year:
            lines.append(self.phrases.no_last_note.format(year=self.year - 1))
        if chart.shows_returns:
            covered = self.figures.response.covered
            scope = self.phrases.scope.format(
                source=self.office.source(self.year).rstrip("。"), covered=covered
            )
            lines.append(scope)
        if chart.form == "series":
            lines.append(self.phrases.national_source)
        if self.figures.provisional and chart.shows_returns:
            lines.append(self.phrases.provisional)
        if self.figures.simulated and chart.shows_returns:
            lines.append(self.phrases.simulated_source.format(mark=self.office.simulated_zh))
        return tuple(lines)


def scale_for(definition: Definition, values: Iterable[Decimal | None]) -> Scale:
    largest = max((abs(value) for value in values if value is not None), default=Decimal(0))
    if definition.kind != "level":
        decimals = 1 if definition.unit == "%" or largest >= 100 else min(definition.decimals, 2)
        return Scale(Decimal(1), definition.unit, decimals)
    divisor, unit, decimals = scale_of(largest, definition.unit)
    if unit == "万元" and largest >= _WHOLE_MONEY:
        decimals = 0
    return Scale(divisor, unit, decimals)

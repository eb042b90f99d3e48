"""What every form draws from: figures, words, and the parts of a picture before it is painted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from pipelines.errors import PublicationError
from pipelines.publish.amounts import amount_text, direction_of
from pipelines.publish.charts.axis import MINUS
from pipelines.publish.charts.definition import Chart, Phrases
from pipelines.publish.figures import NATION, Figure, Figures, Member
from pipelines.publish.office import Office
from pipelines.publish.sentences import Pattern
from pipelines.publish.words import Words
from pipelines.survey.quantities import round_half_up, scale_of
from pipelines.survey.reference import PROVINCE

if TYPE_CHECKING:
    from pipelines.indicators import Definition
    from pipelines.publish.charts.boundaries import Boundaries
    from pipelines.publish.charts.canvas import Canvas

_SIGN = {"up": "+", "down": MINUS, "flat": ""}
#: Figures that are read out; the rest is counted.
_SPOKEN = 12
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
    #: Whose figures they are and what they are fit for; stands on every cut.
    sources: tuple[str, ...] = ()
    #: Where the notes stand that a cut has no room for.
    more: str = ""
    #: What the picture shows, for those who do not see it.
    alt: str = ""
    #: Every figure with its name, as the picture writes it.
    told: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scale:
    """One unit for all figures of a chart."""

    divisor: Decimal
    unit: str
    decimals: int

    def text(self, value: Decimal) -> str:
        return f"{round_half_up(value / self.divisor, self.decimals):f}".replace("-", MINUS)

    def spoken(self, value: Decimal) -> str:
        return f"{self.text(value)}{self.unit.split('/')[0]}"

    @staticmethod
    def ratio(value: Decimal, base: Decimal) -> str:
        """How many times ``base`` it is."""
        return f"{round_half_up(value / base, 1):f}"

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
    #: The office's own licensed boundaries, without which no boundary is drawn.
    boundaries: Boundaries | None = None

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
        told: Iterable[str] = (),
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
        if chart.compares and not self.figures.has_last_year:
            lines.append(self.phrases.no_last_note.format(year=self.year - 1))
        figures = tuple(told)
        return Picture(
            chart, title, subtitle, tuple(lines), body_mm, paint, blank, self._sources(chart),
            self.phrases.more_notes, self._alt(chart, title, subtitle, figures, blank), figures,
        )  # fmt: skip

    def _alt(
        self, chart: Chart, title: str, subtitle: str, told: Sequence[str], blank: bool
    ) -> str:
        """The kind of chart, what it is of, what it says, and as many figures as one listens to."""
        phrases = self.phrases
        said = [f"{phrases.kinds[chart.form]}：{chart.caption}", title, subtitle]
        if blank:
            said.append(phrases.no_data)
        elif told:
            rest = phrases.alt_rest.format(count=len(told)) if len(told) > _SPOKEN else ""
            said.append(f"{'；'.join(told[:_SPOKEN])}{rest}")
        return "。".join(text.rstrip("。；") for text in [*said, *self.marks(chart)] if text) + "。"

    def marks(self, chart: Chart) -> tuple[str, ...]:
        """What must stand across the picture: made up, provisional, for the office only."""
        marks = [self.office.internal_zh] if chart.internal else []
        if chart.shows_returns:
            marks += [self.office.simulated_zh] if self.figures.simulated else []
            marks += [self.office.provisional_zh] if self.figures.provisional else []
        return tuple(marks)

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

    def change(
        self, indicator_id: str, breakdown: str = "province", member_id: str = PROVINCE
    ) -> tuple[str, str]:
        """The change on the year before, signed and short, and its direction (or none)."""
        at = (indicator_id, breakdown, member_id)
        found = self.figures.change(*at)
        if found.kind == "break":
            return self.phrases.broken, ""
        if found.kind == "none":
            this = self.figures.get(*at)
            if this.value is not None and self.figures.last(*at).suppressed:
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

    def _sources(self, chart: Chart) -> tuple[str, ...]:
        lines = []
        if chart.form == "boundary" and self.boundaries:
            lines.append(self.phrases.reviewed.format(number=self.boundaries.reviewed_zh))
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
        if chart.internal:
            lines.append(self.office.internal_note_zh)
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

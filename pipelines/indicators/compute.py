"""Fill ``indicators`` and ``indicator_values``: the year's catalogue at every breakdown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pipelines.indicators.arithmetic import quotient
from pipelines.indicators.breakdowns import Member, members_of
from pipelines.indicators.breaks import breaks_of
from pipelines.indicators.cube import Cube, Group, Response, Responses, build_cube, build_responses
from pipelines.indicators.definition import Definition, Definitions
from pipelines.indicators.national import comparison_rows
from pipelines.indicators.population import Denominators, Residents
from pipelines.survey import Survey
from pipelines.warehouse import Workshop


def compute(workshop: Workshop, survey: Survey, definitions: Definitions) -> None:
    """Replace the two indicator tables by what the loaded returns and publications give."""
    catalogue = definitions.with_items(survey)  # changes nothing that already holds them
    breaks = breaks_of(survey)
    denominators = Denominators(survey)
    years = _loaded_years(workshop)
    asked = {year: catalogue.asked_in(year, survey.edition_of(year)) for year in years}
    cube = build_cube(workshop, asked)
    responses = build_responses(workshop)
    workshop.replace("indicators", (_describe(definition) for definition in catalogue))
    workshop.replace("indicator_values", comparison_rows(workshop, catalogue, breaks, denominators))
    for last, year in zip([None, *years], years, strict=False):
        report = _YearReport(
            survey=survey,
            year=year,
            asked=asked[year],
            cross_tables={name: frozenset(ids) for name, ids in catalogue.cross_tables.items()},
            cube=cube,
            responses=responses,
            denominators=denominators,
            broken=frozenset(d.indicator_id for d in asked[year] if breaks.between(d, last, year)),
        )
        workshop.load("indicator_values", report.rows())


def _loaded_years(workshop: Workshop) -> list[int]:
    found = workshop.con.execute(
        "SELECT year FROM returns UNION SELECT year FROM units ORDER BY year"
    ).fetchall()
    return [int(row[0]) for row in found]


def _describe(definition: Definition) -> dict[str, Any]:
    return {
        "indicator_id": definition.indicator_id,
        "name_zh": definition.name_zh,
        "name_en": definition.name_en,
        "theme": definition.theme,
        "kind": definition.kind,
        "unit": definition.unit,
        "decimals": definition.decimals,
        "formula_zh": definition.formula_zh,
        "basis": definition.basis,
        "note_zh": definition.note_zh,
    }


@dataclass(frozen=True)
class _YearReport:
    """Everything one year's rows are made from."""

    survey: Survey
    year: int
    asked: tuple[Definition, ...]
    cross_tables: dict[str, frozenset[str]]
    cube: Cube
    responses: Responses
    denominators: Denominators
    broken: frozenset[str]

    def rows(self) -> Iterator[dict[str, Any]]:
        """Every indicator for every member, heard of or not."""
        seen = self.cube.groups(self.year)
        seen |= {group for year, group in self.responses if year == self.year}
        for member in members_of(self.survey, self.year, seen):
            shared = self._shared(member)
            residents = self._residents(member)
            for definition in self.asked:
                if self._belongs(definition, member):
                    yield shared | self._measured(definition, member, residents)

    def _belongs(self, definition: Definition, member: Member) -> bool:
        """A population belongs to a place; a cross table has its own list of indicators."""
        breakdown = member.breakdown
        if breakdown.name in self.cross_tables:
            return definition.indicator_id in self.cross_tables[breakdown.name]
        return breakdown.territorial or not definition.needs_population

    def _shared(self, member: Member) -> dict[str, Any]:
        expected, rate = self._response(member)
        return {
            "year": self.year,
            "breakdown": member.breakdown.name,
            "member_id": member.member_id,
            "member2_id": member.member2_id,
            "member_zh": member.name_zh,
            "units_expected": expected,
            "response_rate": rate,
        }

    def _response(self, member: Member) -> tuple[int | None, Decimal | None]:
        """Expected and rate; None for a year without a register, no rate where none is due."""
        if not any(year == self.year for year, _ in self.responses):
            return None, None
        response = self.responses.get((self.year, _group(member)), Response(0, 0))
        expected, answered = Decimal(response.expected), Decimal(response.answered)
        return response.expected, quotient(answered, expected, Decimal(1))

    def _residents(self, member: Member) -> Residents | None:
        if not member.breakdown.territorial:
            return None
        # Among counties a prefecture's code stands for units in none of them: nobody lives there.
        is_county = bool(self.survey.divisions.county_of(member.member_id, self.year))
        if member.breakdown.name == "county" and not is_county:
            return None
        return self.denominators.of(member.member_id, self.year)

    def _measured(
        self, definition: Definition, member: Member, residents: Residents | None
    ) -> dict[str, Any]:
        group = _group(member)
        above = self.cube.cell(definition.items_above, self.year, group)
        below = self.cube.cell(definition.items_below, self.year, group)
        numerator, denominator = above.amount, below.amount
        # What covers an indicator is its numerator, unless that is the population.
        covered = above.covered
        if definition.needs_population:
            persons = residents.persons if residents else None
            if definition.counts_population:
                numerator, covered = persons, below.covered
            else:
                denominator = persons
        value = numerator
        if definition.kind != "level":
            value = quotient(numerator, denominator, definition.multiplier)
        doubts = (
            ("break", definition.indicator_id in self.broken),
            ("provisional", above.queried + below.queried > 0),
            ("partial", value is not None and self._is_partial(definition, group)),
        )
        flags = _population_flags(definition, residents)
        return {
            "indicator_id": definition.indicator_id,
            "value": value,
            "unit": definition.unit,
            "numerator": numerator,
            "denominator": denominator,
            "units_covered": covered,
            "flags": [*(flag for flag, holds in doubts if holds), *flags],
        }

    def _is_partial(self, definition: Definition, group: Group) -> bool:
        """Some item that the indicator rests on was reported by nobody here."""
        items = definition.items
        return len(items) > 1 and any(
            self.cube.cell(((item_id, False),), self.year, group).covered == 0 for item_id in items
        )


def _population_flags(definition: Definition, residents: Residents | None) -> tuple[str, ...]:
    if not definition.needs_population:
        return ()
    return residents.flags if residents else ("no_population",)


def _group(member: Member) -> Group:
    return member.breakdown.name, member.member_id, member.member2_id

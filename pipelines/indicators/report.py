"""One year's rows of ``indicator_values``: every indicator for every member of every breakdown.

A member of whom nothing was heard has its rows too.  A value that is missing says why: the marks
of a row end with one of the reasons in ``flags.yaml``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from pipelines.indicators.arithmetic import grained, quotient
from pipelines.indicators.breakdowns import BREAKDOWNS, Breakdown, Member, members_of
from pipelines.indicators.breaks import Breaks
from pipelines.indicators.change import change_value
from pipelines.indicators.cube import NOBODY, Cube, Group, Response, Responses, Slice
from pipelines.indicators.definition import Definition, Definitions
from pipelines.indicators.population import Denominators
from pipelines.indicators.rows import Flags, Row, Rows, Shared
from pipelines.indicators.territory import Territory
from pipelines.survey import Survey

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Books:
    """What the reports of all years are made from."""

    survey: Survey
    catalogue: Definitions
    years: tuple[int, ...]
    asked: Mapping[int, tuple[Definition, ...]]
    cube: Cube
    responses: Responses
    breaks: Breaks
    territory: Territory
    denominators: Denominators

    @cached_property
    def registered(self) -> frozenset[int]:
        """Years with a register of those who are to report."""
        return frozenset(year for year, _ in self.responses)

    @cached_property
    def last(self) -> int | None:
        """The year whose divisions the constant territory has.

        None when all years loaded have the same: the figures as reported are on it already.
        """
        return self.years[-1] if any(map(self.territory.moved, self.years)) else None


@dataclass(frozen=True, slots=True)
class _Place:
    """A member with what all its rows have in common."""

    slice: Slice
    persons: Decimal | None
    marks: Flags
    population_marks: Flags

    @property
    def nothing(self) -> str:
        """Why there is no figure where nobody gave one."""
        return "not_filled" if self.slice.returns else "no_return"


@dataclass
class YearReport:
    """The rows of a year; ``before`` is the report of the year loaded before it."""

    books: Books
    year: int
    before: YearReport | None = None
    #: Values that a change is measured of, for the report of the next year.
    kept: dict[tuple[str, Group], Decimal | None] = field(default_factory=dict)

    def table(self) -> pa.Table:
        """Every indicator for every member, heard of or not."""
        rows = Rows()
        for member in self._members():
            rows.add(self._shared(member), self._rows(member))
        return rows.table()

    def _members(self) -> tuple[Member, ...]:
        seen = self.books.cube.groups(self.year)
        seen |= {group for year, group in self.books.responses if year == self.year}
        return members_of(self.books.survey, self.year, seen, self.books.last)

    def _shared(self, member: Member) -> Shared:
        ids = (member.breakdown.name, member.member_id, member.member2_id)
        return Shared(self.year, *ids, member.name_zh, *self._response(ids))

    def _response(self, group: Group) -> tuple[int | None, Decimal | None]:
        """Expected and rate; None for a year without a register, no rate where none is due."""
        if self.year not in self.books.registered:
            return None, None
        response = self.books.responses.get((self.year, group), Response(0, 0))
        expected, answered = Decimal(response.expected), Decimal(response.answered)
        return response.expected, quotient(answered, expected, Decimal(1))

    def _rows(self, member: Member) -> Iterator[Row]:
        group = (member.breakdown.name, member.member_id, member.member2_id)
        place = self._place(member, group)
        plain, changes = self._definitions[member.breakdown.name]
        values: dict[str, Decimal | None] = {}
        for line in plain:
            row = line.row(place)
            if line.kept:
                values[row.indicator_id] = row.value
            yield row
        for definition in changes:
            yield self._changed(definition, place, values[definition.of], group)
        for name, value in values.items():
            self.kept[name, group] = value
        if member.breakdown.name == "province":
            yield from self._not_asked()

    def _place(self, member: Member, group: Group) -> _Place:
        found = self.books.cube.slice(self.year, group)
        basis = member.breakdown.basis
        residents = None
        if basis is not None and self._is_place(member):
            residents = self.books.denominators.of(member.member_id, self.year, basis)
        return _Place(
            found,
            grained(residents.persons) if residents else None,
            self._territory_marks(member),
            residents.flags if residents else (),
        )

    def _is_place(self, member: Member) -> bool:
        if not member.breakdown.territorial:
            return False
        # Among counties a prefecture's code stands for units in none of them: nobody lives there.
        if member.breakdown.kind == "county":
            row = self.books.survey.divisions.get(member.member_id, self.year)
            return row is not None and row.level != "prefecture"
        return True

    @cached_property
    def _definitions(self) -> dict[str, tuple[tuple[_Line, ...], tuple[Definition, ...]]]:
        """Indicators of one year, and changes on the year before, by breakdown."""
        asked = self.books.asked[self.year]
        of = {d.of for d in asked if d.is_change}
        lines = {
            d.indicator_id: _Line(d, self._break_marks[d.indicator_id], d.indicator_id in of)
            for d in asked
            if not d.is_change
        }
        found = {}
        for breakdown in BREAKDOWNS:
            belong = [d for d in asked if self._belongs(d, breakdown)]
            plain = [lines[d.indicator_id] for d in belong if not d.is_change]
            known = {line.definition.indicator_id for line in plain}
            changes = [d for d in belong if d.is_change and d.of in known]
            found[breakdown.name] = (tuple(plain), tuple(changes))
        return found

    def _belongs(self, definition: Definition, breakdown: Breakdown) -> bool:
        """A population belongs to a place; a cross table has its own list of indicators."""
        listed = self.books.catalogue.cross_tables.get(breakdown.name)
        if listed is not None:
            return definition.indicator_id in listed
        return breakdown.territorial or not definition.needs_population

    def _territory_marks(self, member: Member) -> Flags:
        """Marks of a prefecture whose counties are not those of the year before."""
        prefectural = member.breakdown.dimensions[:1] in (("prefecture",), ("prefecture_apart",))
        if not prefectural or member.member_id not in self._regrouped:
            return ()
        return "break", "territory_change"

    @cached_property
    def _regrouped(self) -> frozenset[str]:
        last = self.before.year if self.before else None
        return self.books.territory.changed(last, self.year)

    @cached_property
    def _break_marks(self) -> dict[str, Flags]:
        last = self.before.year if self.before else None
        return {
            d.indicator_id: self.books.breaks.flags(d, last, self.year)
            for d in self.books.asked[self.year]
        }

    def _changed(
        self, definition: Definition, place: _Place, this: Decimal | None, group: Group
    ) -> Row:
        """A change on the year before; none over a break, or when a year was left out."""
        last = None
        if self.before is not None and self.before.year == self.year - 1:
            last = self.before.kept.get((definition.of, group))
        above = place.slice.cell(definition.items_above)
        broken = (*self._break_marks[definition.indicator_id], *place.marks)
        value = None if broken else change_value(definition, this, last)
        marks = (*broken, "provisional") if above.queried else broken
        if value is None:
            marks = (*marks, _why_no_change(broken, this, last, place))
        return Row(
            definition.indicator_id, value, definition.unit, this, last, above.covered, marks
        )

    def _not_asked(self) -> Iterator[Row]:
        """What the year's questionnaire does not give is missing, and says so once."""
        asked = {d.indicator_id for d in self.books.asked[self.year]}
        for d in self.books.catalogue:
            if d.indicator_id not in asked:
                yield Row(d.indicator_id, None, d.unit, None, None, 0, ("not_asked",))


class _Line:
    """A definition made ready for being evaluated very often."""

    __slots__ = ("above", "below", "broken", "definition", "items", "kept", "single")

    def __init__(self, definition: Definition, broken: Flags, kept: bool) -> None:
        self.definition = definition
        self.broken = broken
        self.kept = kept
        self.above, self.below = definition.items_above, definition.items_below
        self.items = tuple(definition.items) if len(definition.items) > 1 else ()
        plain = definition.kind == "level" and len(self.above) == 1 and not self.above[0][1]
        self.single = self.above[0][0] if plain else ""

    def row(self, place: _Place) -> Row:
        if self.single:
            return self._single(place)
        definition = self.definition
        above, below = place.slice.cell(self.above), place.slice.cell(self.below)
        numerator, denominator = above.amount, below.amount
        # What covers an indicator is its numerator, unless that is the population.
        covered = above.covered
        marks = (*self.broken, *place.marks) if place.marks else self.broken
        if above.queried or below.queried:
            marks = (*marks, "provisional")
        if definition.needs_population:
            marks = (*marks, *place.population_marks)
            if definition.counts_population:
                numerator, covered = place.persons, below.covered
            else:
                denominator = place.persons
        value = numerator
        if definition.kind != "level":
            value = quotient(numerator, denominator, definition.multiplier)
        if value is None:
            marks = (*marks, self._reason(numerator, denominator, place))
        elif self.items and not all(map(place.slice.covers, self.items)):
            marks = (*marks, "partial")  # some item it rests on was reported by nobody here
        return Row(
            definition.indicator_id, value, definition.unit, numerator, denominator, covered,
            _once(marks),
        )  # fmt: skip

    def _single(self, place: _Place) -> Row:
        """A level of one item: two rows in three are such."""
        cell = place.slice.items.get(self.single, NOBODY)
        marks = (*self.broken, *place.marks) if place.marks else self.broken
        if cell.queried:
            marks = (*marks, "provisional")
        if cell.amount is None:
            marks = (*marks, place.nothing)
        definition = self.definition
        return Row(
            definition.indicator_id, cell.amount, definition.unit, cell.amount, None,
            cell.covered, _once(marks),
        )  # fmt: skip

    def _reason(self, numerator: Decimal | None, denominator: Decimal | None, place: _Place) -> str:
        if self.definition.needs_population and place.persons is None:
            return "no_population"
        if numerator is None or (self.definition.kind != "level" and denominator is None):
            return place.nothing
        return "beyond_table" if denominator else "zero_denominator"


def _why_no_change(broken: Flags, this: Decimal | None, last: Decimal | None, place: _Place) -> str:
    if broken:
        return "not_comparable"
    if this is None:
        return place.nothing
    return "no_last_year" if last is None else "zero_denominator"


def _once(marks: Flags) -> Flags:
    return tuple(dict.fromkeys(marks)) if len(marks) > 1 else marks

"""Breaks in series: from which year on an indicator cannot be compared with earlier years.

Breaks are declared item by item in the crosswalks (an item is not comparable from ``break_year``
on, or from the edition that first asks it) and, where needed, in an indicator's own definition.
An indicator breaks where any of its items does; most items run through from edition to edition.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.indicators.definition import Definition
from pipelines.indicators.flags import flags
from pipelines.survey import Edition, Survey
from pipelines.survey.models import CrosswalkRow


@dataclass(frozen=True)
class Breaks:
    """Break years by item id, with what changed; years of ``unknown`` have no crosswalk."""

    years: dict[str, dict[int, str]]
    unknown: frozenset[int] = frozenset()

    def between(self, definition: Definition, last: int | None, this: int) -> bool:
        """Is there a break after year ``last``, up to and including year ``this``?"""
        return bool(self.found(definition, last, this))

    def found(self, definition: Definition, last: int | None, this: int) -> dict[int, str]:
        """Breaks after year ``last``, up to and including ``this``, with what changed."""
        if last is None:
            return {}
        years = {declared.year: declared.note_zh for declared in definition.breaks}
        for item_id in sorted(definition.items):
            years |= self.years.get(item_id, {})
        return {year: note for year, note in sorted(years.items()) if last < year <= this}

    def flags(self, definition: Definition, last: int | None, this: int) -> tuple[str, ...]:
        """The marks of a value of ``this`` year, after one of the year ``last``."""
        years = self.found(definition, last, this)
        if not years:
            return ()
        return ("break", "no_crosswalk") if self.unknown & years.keys() else ("break",)


def breaks_of(survey: Survey) -> Breaks:
    """Follow every item back through the editions, under whatever id it had.

    An edition after the first that has no crosswalk at all cannot be compared with earlier ones:
    what its items mean beside theirs has not been said.
    """
    years: dict[str, dict[int, str]] = {}
    unknown: set[int] = set()
    for number, edition in enumerate(sorted(survey.editions, key=lambda e: e.years)):
        if number and not edition.crosswalk:
            unknown.add(edition.years[0])
            note = flags().caution["no_crosswalk"]
            for item in edition.items:
                known = years.get(item.item_id, {})
                years[item.item_id] = known | {edition.years[0]: note}
        else:
            years |= _item_breaks(edition, years)
    return Breaks(years, frozenset(unknown))


_Years = dict[str, dict[int, str]]


def _item_breaks(edition: Edition, earlier: _Years) -> _Years:
    rows = {row.item_id: row for row in edition.crosswalk if row.item_id}
    return {
        item.item_id: _breaks(edition, rows.get(item.item_id), earlier, item.item_id)
        for item in edition.items
    }


def _breaks(
    edition: Edition, row: CrosswalkRow | None, earlier: _Years, item_id: str
) -> dict[int, str]:
    if row is None:
        return earlier.get(item_id, {})
    before = earlier.get(row.earlier_item_id, {})
    if row.comparable:
        return before
    return before | {row.break_year or edition.years[0]: row.note_zh}

"""Breaks in series: from which year on an indicator cannot be compared with earlier years.

Breaks are declared item by item in the crosswalks (an item is not comparable from ``break_year``
on, or from the edition that first asks it) and, where needed, in an indicator's own definition.
An indicator breaks where any of its items does.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.indicators.definition import Definition
from pipelines.survey import Edition, Survey
from pipelines.survey.models import CrosswalkRow


@dataclass(frozen=True)
class Breaks:
    """Break years by item id."""

    years: dict[str, frozenset[int]]

    def between(self, definition: Definition, last: int | None, this: int) -> bool:
        """Is there a break after year ``last``, up to and including year ``this``?"""
        if last is None:
            return False
        years = {declared.year for declared in definition.breaks}
        for item_id in definition.items:
            years |= self.years.get(item_id, frozenset())
        return any(last < year <= this for year in years)


def breaks_of(survey: Survey) -> Breaks:
    """Follow every item back through the editions, under whatever id it had."""
    years: dict[str, frozenset[int]] = {}
    for edition in sorted(survey.editions, key=lambda e: e.years):
        years |= _item_breaks(edition, years)
    return Breaks(years)


def _item_breaks(edition: Edition, earlier: dict[str, frozenset[int]]) -> dict[str, frozenset[int]]:
    rows = {row.item_id: row for row in edition.crosswalk if row.item_id}
    return {
        item.item_id: _breaks(edition, rows.get(item.item_id), earlier, item.item_id)
        for item in edition.items
    }


def _breaks(
    edition: Edition,
    row: CrosswalkRow | None,
    earlier: dict[str, frozenset[int]],
    item_id: str,
) -> frozenset[int]:
    if row is None:
        return earlier.get(item_id, frozenset())
    before = earlier.get(row.earlier_item_id, frozenset())
    if row.comparable:
        return before
    return before | {row.break_year or edition.years[0]}

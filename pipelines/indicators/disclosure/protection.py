"""Fill ``suppressions``: what a year's public tables leave out, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.indicators.cube import Group
from pipelines.indicators.definition import Definition, Definitions
from pipelines.indicators.disclosure.contributions import Store, contributions, partitions_of
from pipelines.indicators.disclosure.linking import Linking
from pipelines.indicators.disclosure.quantities import Quantities, sides_of
from pipelines.indicators.disclosure.sensitivity import RULES, sensitive
from pipelines.indicators.disclosure.suppression import suppress
from pipelines.indicators.disclosure.thresholds import Thresholds, load_thresholds
from pipelines.indicators.territory import Territory
from pipelines.survey import Survey
from pipelines.warehouse import Workshop

#: Indicator, breakdown, member, second member.
Key = tuple[str, str, str, str]

_YEARS_SQL = "SELECT year FROM returns UNION SELECT year FROM units ORDER BY year"
_SHOWN_SQL = """
SELECT DISTINCT indicator_id, breakdown FROM indicator_values WHERE year = ? ORDER BY ALL
"""


def protect(
    workshop: Workshop, survey: Survey, definitions: Definitions, overlay: Path | None = None
) -> None:
    """Replace ``suppressions`` by what the limits ask of the indicator values just computed."""
    thresholds = load_thresholds(overlay)
    catalogue = definitions.with_items(survey)
    years = [int(row["year"]) for row in workshop.few_rows(_YEARS_SQL)]
    territory = Territory(survey.divisions, max(years, default=0))
    workshop.replace("suppressions", ())
    before: set[Key] = set()
    for year in years:
        cells = year_of(workshop, survey, catalogue, territory, year, thresholds)
        if cells is None:
            before = set()
            continue
        rows = list(cells.rows())
        hidden = {_key(row) for row in rows}
        shown = cells.quantities.shown
        edition = survey.edition_of(year)
        changes = [
            d for d in catalogue.asked_in(year, edition) if d.is_change and d.indicator_id in shown
        ]
        rows += _changes(year, changes, hidden, before if year - 1 in years else set(), shown)
        workshop.load("suppressions", rows)
        before = hidden


def year_of(
    store: Store,
    survey: Survey,
    catalogue: Definitions,
    territory: Territory,
    year: int,
    thresholds: Thresholds,
) -> Year | None:
    """A year's cells; None where it has no indicator values.  ``catalogue``: items included."""
    shown = _shown(store, year)
    edition = survey.edition_of(year)
    plain = tuple(
        d for d in catalogue.asked_in(year, edition) if d.indicator_id in shown and not d.is_change
    )
    if not plain:
        return None
    return Year(store, territory, year, Quantities(plain, edition, shown), thresholds)


def _key(row: dict[str, Any]) -> Key:
    return (row["indicator_id"], row["breakdown"], row["member_id"], row["member2_id"])


def _changes(
    year: int,
    changes: Iterable[Definition],
    hidden: set[Key],
    before: set[Key],
    shown: Mapping[str, frozenset[str]],
) -> Iterator[dict[str, Any]]:
    """A change tells of one year to whoever knows the other: it needs both."""
    of: dict[str, set[Group]] = {}
    for indicator_id, breakdown, member, member2 in hidden | before:
        of.setdefault(indicator_id, set()).add((breakdown, member, member2))
    for definition in changes:
        for breakdown, member, member2 in sorted(of.get(definition.of, ())):
            if breakdown in shown[definition.indicator_id]:
                at = (breakdown, member, member2)
                yield _row(year, definition, at, "complementary", "change")


def _row(year: int, definition: Definition, group: Group, reason: str, rule: str) -> dict[str, Any]:
    breakdown, member, member2 = group
    return {
        "year": year,
        "indicator_id": definition.indicator_id,
        "breakdown": breakdown,
        "member_id": member,
        "member2_id": member2,
        "reason": reason,
        "rule": rule,
    }


def _shown(workshop: Store, year: int) -> dict[str, frozenset[str]]:
    shown: dict[str, frozenset[str]] = {}
    for row in workshop.few_rows(_SHOWN_SQL, [year]):
        indicator_id = row["indicator_id"]
        shown[indicator_id] = shown.get(indicator_id, frozenset()) | {row["breakdown"]}
    return shown


class Year:
    """One year's cells and what is suppressed of them."""

    def __init__(
        self,
        workshop: Store,
        territory: Territory,
        year: int,
        quantities: Quantities,
        thresholds: Thresholds,
    ) -> None:
        self.year, self.quantities, self.thresholds = year, quantities, thresholds
        self.partitions, self.members = partitions_of(workshop, territory, year)
        names = list(quantities.breakdowns)
        self.found = contributions(workshop, names, self.members)
        self.names = names
        self.number = {quantity: n for n, quantity in enumerate(names)}
        self.rule = self._rules()
        self.linking = Linking(self.found, self.partitions, quantities, thresholds, self.rule > 0)

    def rows(self) -> Iterator[dict[str, Any]]:
        """A row for every published value that must not be; levels first told by their own rule."""
        rule = self.rule
        table = self.linking.table()
        primary = np.zeros(table.size, dtype=bool)
        primary[: len(rule)] = rule > 0
        sole = np.zeros(table.size, dtype=bool)
        if self.thresholds.guard_against_contributors:
            sole[: len(rule)] = self.found.contributors == 1
        chosen = suppress(table, primary, sole, exact_up_to=self.thresholds.exact_up_to)
        for definition in self.quantities.definitions:
            yield from self._rows_of(definition, chosen, rule)

    def _rules(self) -> np.ndarray:
        """For every cell the number of the rule that makes it sensitive."""
        limits = self.thresholds.kinds
        names = self.names
        money = np.array([self.quantities.is_money(q) for q in names], dtype=bool)
        is_open = np.array([self.thresholds.is_open(q) for q in names], dtype=bool)
        rule = np.where(
            money[self.found.quantity],
            sensitive(self.found, limits.money),
            sensitive(self.found, limits.count),
        )
        rule[is_open[self.found.quantity]] = 0
        return rule

    def _rows_of(
        self,
        definition: Definition,
        chosen: np.ndarray,
        rule: np.ndarray,
    ) -> Iterator[dict[str, Any]]:
        """A level by its cell; a ratio where either side is suppressed, which it would tell."""
        shown = self.quantities.shown[definition.indicator_id]
        cells = self.linking.cell_of[[self.number[side] for side in sides_of(definition)]]
        hidden = (cells >= 0) & chosen[cells]
        for place in np.flatnonzero(hidden.any(axis=0)):
            own = rule[cells[0, place]] if definition.kind == "level" else 0
            named = RULES[own - 1] if own else "margin"
            if definition.kind != "level":
                named = "ratio"
            for breakdown, member, member2 in self.partitions.groups_of[place]:
                if breakdown in shown:
                    reason = "primary" if own else "complementary"
                    yield _row(self.year, definition, (breakdown, member, member2), reason, named)

"""What is published in a year, as quantities: sums of items that levels show and ratios rest on.

A ratio gives away its numerator to whoever knows its denominator, so each of the two is a
quantity with cells to protect, whether a level indicator prints it or not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from pipelines.indicators.cube import Sum
from pipelines.indicators.definition import Definition
from pipelines.survey import Edition

_WITHIN = re.compile(r"\s*(\w+)\s*<=\s*(\w+)\s*")


@dataclass(frozen=True)
class Quantities:
    """``shown``: the breakdowns in which each indicator of the year stands."""

    definitions: tuple[Definition, ...]
    edition: Edition
    shown: Mapping[str, frozenset[str]]

    @cached_property
    def breakdowns(self) -> dict[Sum, frozenset[str]]:
        """Every quantity with the breakdowns in which something shows it."""
        found: dict[Sum, frozenset[str]] = {}
        for definition in self.definitions:
            for side in sides_of(definition):
                names = self.shown.get(definition.indicator_id, frozenset())
                found[side] = found.get(side, frozenset()) | names
        return dict(sorted(found.items()))

    def is_money(self, quantity: Sum) -> bool:
        return all(self.edition.item[item_id].is_money for item_id, _ in quantity)

    def decimals(self, quantity: Sum) -> int:
        return max(self.edition.item[item_id].decimals for item_id, _ in quantity)

    def relations(self) -> Iterator[tuple[Sum, tuple[tuple[Sum, float], ...]]]:
        """A quantity as the signed sum of others: what its definition says, and the tree."""
        for quantity in self.breakdowns:
            if len(quantity) > 1 or quantity[0][1]:
                yield (
                    quantity,
                    tuple(
                        (_item(item_id), -1.0 if negative else 1.0)
                        for item_id, negative in quantity
                    ),
                )
        for item in self.edition.items:
            parts = [
                part.item_id
                for part in self.edition.items
                if part.parent_id == item.item_id and part.relation == "part"
            ]
            if parts:
                yield _item(item.item_id), tuple((_item(part), 1.0) for part in parts)

    def within(self) -> Iterator[tuple[Sum, Sum]]:
        """(part, whole): the part is never the larger, by a rule of the questionnaire."""
        for rule in self.edition.rules:
            said = _WITHIN.fullmatch(rule.expr)
            if said and not rule.when and set(said.groups()) <= self.edition.item.keys():
                yield _item(said[1]), _item(said[2])


def sides_of(definition: Definition) -> Iterable[Sum]:
    """Numerator and denominator, as far as they are made of items."""
    return [side for side in (definition.items_above, definition.items_below) if side]


def _item(item_id: str) -> Sum:
    return ((item_id, False),)

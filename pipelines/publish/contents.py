"""What may stand at a place in a sentence: a short method for each content of the grammar.

A content that the data do not give is None; the sentence then leaves it out, or says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from pipelines.publish.amounts import percent, quantity
from pipelines.publish.drivers import drivers, largest_contribution
from pipelines.publish.figures import Figures, Member, Ranked
from pipelines.survey.quantities import round_half_up

if TYPE_CHECKING:
    from pipelines.indicators.definition import Definition
    from pipelines.publish.words import Words

#: How many places a sentence names at the top and at the bottom.
NAMED = 3
#: Places that share the last of these ranks are named beside them, up to so many in all.
_NAMED_WITH_TIES = 5


@dataclass(frozen=True)
class Subject:
    """An indicator that a role of a sentence is bound to."""

    words: Words
    indicator_id: str
    by: str

    @property
    def figures(self) -> Figures:
        return self.words.figures

    @property
    def definition(self) -> Definition:
        return self.figures.definition(self.indicator_id)

    def name(self) -> str | None:
        return self.words.name(self.indicator_id)

    def value(self) -> str | None:
        found = self.words.value(self.indicator_id, self.figures.get(self.indicator_id))
        return None if found is None else str(found)

    def number(self) -> str | None:
        """The value with the unit before the stroke: 94.79万人 of 94.79万人/个."""
        found = self.words.value(self.indicator_id, self.figures.get(self.indicator_id))
        return None if found is None else f"{found.text}{found.unit.split('/')[0]}"

    def last(self) -> str | None:
        found = self.words.value(self.indicator_id, self.figures.last(self.indicator_id))
        return None if found is None else str(found)

    def change(self) -> str | None:
        return self.words.change(self.indicator_id)

    def said(self) -> str | None:
        return self.words.said(self.indicator_id)

    def nation(self) -> str | None:
        found = self.words.value(self.indicator_id, self.figures.nation(self.indicator_id))
        return None if found is None else str(found)

    def nation_year(self) -> str | None:
        year = self.figures.nation(self.indicator_id).year
        return "" if year == self.figures.year else f"（{year}年）"

    def leaders(self) -> str | None:
        """The first places; None where ties would name half the province, or nothing was done."""
        found = self._leading()
        return None if found is None else self._places(found) + self._unranked()

    def leaders_share(self) -> str | None:
        """What the first places make of the whole together; only of what can be added up."""
        found, whole = self._leading(), self.figures.get(self.indicator_id).value
        if found is None or not whole or not self._adds_up:
            return None
        share = sum((ranked.value for ranked in found), Decimal(0)) / whole
        return percent(share * 100) if 0 < share <= 1 else None

    def trailers(self) -> str | None:
        """The last places, where they do not overlap the first and no other ties with them."""
        ranking, first = self._ranking(), self._leading() or []
        named = max(len(first), NAMED)
        if len(ranking) < named + NAMED + 1 or ranking[-NAMED].value == ranking[-NAMED - 1].value:
            return None
        return self._places(ranking[-NAMED:])

    def spread(self) -> str | None:
        """Coefficient of variation over the members that reported."""
        values = [r.value for r in self._ranking()]
        mean = sum(values, Decimal(0)) / len(values) if values else Decimal(0)
        if len(values) <= NAMED or mean <= 0:
            return None
        variance = sum(((v - mean) ** 2 for v in values), Decimal(0)) / len(values)
        return f"{round_half_up(variance.sqrt() / mean, 2):f}"

    def contribution(self) -> str | None:
        """Who moved the total most: a share of the change where all move one way, else points."""
        found = largest_contribution(self.figures, self.indicator_id, self.by)
        return None if found is None else self.words.contribution(found)

    def driver(self) -> str | None:
        """Who makes most of the change of the total, where a few do."""
        found = drivers(self.figures, self.indicator_id, self.by)
        return None if found is None else self.words.driver(self.indicator_id, found)

    @property
    def _adds_up(self) -> bool:
        return self.definition.kind == "level"

    def _leading(self) -> list[Ranked] | None:
        ranking = self._ranking()
        found = [ranked for ranked in ranking if ranked.rank <= NAMED and ranked.value]
        if len(ranking) <= NAMED or not NAMED <= len(found) <= _NAMED_WITH_TIES:
            return None
        return found

    def _ranking(self) -> list[Ranked]:
        """Nobody, when a value is suppressed: it might stand before the first or after the last."""
        if self.figures.hidden(self.indicator_id, self.by):
            return []
        return self.figures.ranking(self.indicator_id, self.by)

    def _unranked(self) -> str:
        """Who has a figure and no place, because too few answered there."""
        names = [member.name_zh for member in self.figures.unranked(self.indicator_id, self.by)]
        return self.words.sentences.unranked.format(names="、".join(names)) if names else ""

    def _places(self, places: list[Ranked]) -> str:
        return "、".join(self._place(ranked.member, ranked.value) for ranked in places)

    def _place(self, member: Member, value: Decimal) -> str:
        said = quantity(self.definition, value)
        return self.words.sentences.place.format(name=member.name_zh, value=said)


CONTENTS: dict[str, Callable[[Subject], str | None]] = {
    "name": Subject.name,
    "value": Subject.value,
    "number": Subject.number,
    "said": Subject.said,
    "change": Subject.change,
    "last": Subject.last,
    "nation": Subject.nation,
    "nation_year": Subject.nation_year,
    "leaders": Subject.leaders,
    "leaders_share": Subject.leaders_share,
    "trailers": Subject.trailers,
    "spread": Subject.spread,
    "contribution": Subject.contribution,
    "driver": Subject.driver,
}

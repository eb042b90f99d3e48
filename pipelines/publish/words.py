"""Sentences from numbers: direction words, units and rounding bound to the values they speak of.

Patterns are data (``sentences.yaml``); this module knows what a placeholder means.  Units and
rounding come from ``survey.quantities``, change arithmetic from ``indicators.change``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from pipelines.indicators.change import Change
from pipelines.publish.figures import Figure, Figures, Member, Ranked
from pipelines.publish.sentences import Direction, Sentences, tidy
from pipelines.survey.quantities import Quantity, readable, round_half_up
from pipelines.survey.reference import PROVINCE

if TYPE_CHECKING:
    from pipelines.indicators.definition import Definition

#: How many places a sentence names at the top and at the bottom.
NAMED = 3


class Words:
    """Prose about the figures of one year."""

    def __init__(self, figures: Figures, sentences: Sentences) -> None:
        self.figures = figures
        self.sentences = sentences

    def section(self, name: str) -> list[str]:
        """The paragraphs of a section; empty paragraphs are left out."""
        paragraphs = self.sentences.sections.get(name, ())
        said = ("".join(self.sentence(spec) for spec in specs) for specs in paragraphs)
        return [_closed(text) for text in said if text]

    def sentence(self, spec: Mapping[str, str]) -> str:
        """One sentence: a pattern, its roles bound to indicators, ``by`` a breakdown."""
        pattern = self.sentences.pattern[spec["say"]]
        by = spec.get("by", "prefecture")

        def content(role: str, what: str) -> str | None:
            if not what:
                return self._context(role)
            return _CONTENTS[what](_Subject(self, spec[role], by))

        said = pattern.fill(content)
        if said is None:
            return self._absent(next(key for key in spec if key not in {"say", "by"}), spec)
        return said if said.strip("。；，、") else ""

    def value(self, indicator_id: str, figure: Figure) -> Quantity | None:
        """A figure as sentences print it; None when it is missing."""
        if figure.value is None:
            return None
        return quantity(self.figures.definition(indicator_id), figure.value)

    def name(self, indicator_id: str) -> str:
        given = self.sentences.names.get(indicator_id)
        return given or self.figures.definition(indicator_id).name_zh

    def change(
        self, indicator_id: str, breakdown: str = "province", member_id: str = PROVINCE
    ) -> str | None:
        """“比上年……”; None without a value this year, or without any last year at all."""
        definition = self.figures.definition(indicator_id)
        this = self.figures.get(indicator_id, breakdown, member_id)
        last = self.figures.last(indicator_id, breakdown, member_id)
        phrases = self.sentences.change
        if this.value is None:
            return None
        found = self.figures.change(indicator_id, breakdown, member_id)
        if found.kind == "break":
            return phrases.broken
        if last.suppressed:
            return phrases.hidden_last
        if last.value is None or found.amount is None:
            return phrases.no_last if self.figures.has_last_year else None
        kind: Direction = getattr(phrases, found.kind)
        phrase: str = getattr(kind, direction_of(found))
        return phrase.format(
            amount=amount_text(definition, found),
            last=quantity(definition, last.value),
            this=quantity(definition, this.value),
        )

    def rank(self, indicator_id: str, breakdown: str, member_id: str) -> str:
        """“某地某指标居全省第n位”."""
        hidden = self.figures.hidden(indicator_id, breakdown)
        ranking = [] if hidden else self.figures.ranking(indicator_id, breakdown)
        name = self.name(indicator_id)
        for ranked in ranking:
            if ranked.member.member_id == member_id:
                tied = sum(other.rank == ranked.rank for other in ranking) > 1
                phrase = self.sentences.rank_tied if tied else self.sentences.rank
                return phrase.format(place=ranked.member.name_zh, name=name, rank=ranked.rank)
        names = {m.member_id: m.name_zh for m in self.figures.members(breakdown)}
        return self.sentences.rank_none.format(place=names.get(member_id, member_id), name=name)

    def response(self) -> str:
        """How many were asked, answered and checked."""
        found = self.figures.response
        phrases = self.sentences.response
        if not found.expected and not found.returns:
            return phrases.nothing
        text = phrases.registered if found.expected else phrases.unregistered
        rate = "" if found.rate is None else percent(found.rate * 100)
        return text.strip().format(
            expected=found.expected,
            answered=found.answered,
            rate=rate,
            returns=found.returns,
            accepted=found.accepted,
            queried=found.queried,
            rejected=found.rejected,
            covered=found.covered,
        )

    def _context(self, key: str) -> str | None:
        place = self.figures.members("province")[0].name_zh
        return {"year": str(self.figures.year), "place": place}.get(key)

    def _absent(self, role: str, spec: Mapping[str, str]) -> str:
        """What is said when the sentence's own subject has no value."""
        figure = self.figures.get(spec[role])
        phrase = self.sentences.suppressed if figure.suppressed else self.sentences.missing
        return phrase.format(name=self.name(spec[role]))


def quantity(definition: Definition, value: Decimal) -> Quantity:
    """A value in the words of sentences: levels scaled for reading, ratios at their decimals."""
    if definition.kind == "level":
        return readable(value, definition.unit)
    return readable(value, definition.unit, definition.decimals)


def percent(value: Decimal) -> str:
    return str(readable(value, "%", 2))


def direction_of(found: Change) -> str:
    """up, down or flat."""
    if found.amount is None or found.is_flat:
        return "flat"
    return "up" if found.amount > 0 else "down"


def amount_text(definition: Definition, found: Change) -> str:
    """The size of a change without its sign, in the unit that kind of change has."""
    size = abs(found.amount or Decimal(0))
    if found.kind == "rate":
        return percent(size)
    if found.kind == "points":
        return str(readable(size, "个百分点", 2))
    said = quantity(definition, size)
    return f"{said.text}{said.unit.split('/')[0]}"


def _closed(paragraph: str) -> str:
    """A paragraph that ends in a full stop, whatever its last sentence ended in."""
    return tidy(paragraph.rstrip("；，、") + ("" if paragraph.endswith("。") else "。"))


@dataclass(frozen=True)
class _Subject:
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
        """Value and change; a change from a to b already holds the value."""
        value, moved = self.value(), self.change()
        if value is None or moved is None:
            return value
        if self.figures.change(self.indicator_id).kind == "from_to" and value in moved:
            return moved
        return f"{value}，{moved}"

    def nation(self) -> str | None:
        found = self.words.value(self.indicator_id, self.figures.nation(self.indicator_id))
        return None if found is None else str(found)

    def nation_year(self) -> str | None:
        year = self.figures.nation(self.indicator_id).year
        return "" if year == self.figures.year else f"（{year}年）"

    def leaders(self) -> str | None:
        ranking = self._ranking()
        if len(ranking) <= NAMED:
            return None
        return self._places([(r.member, r.value) for r in ranking if r.rank <= NAMED])

    def trailers(self) -> str | None:
        """The last places, where they do not overlap the first and no other ties with them."""
        ranking = self._ranking()
        if len(ranking) < 2 * NAMED + 1 or ranking[-NAMED].value == ranking[-NAMED - 1].value:
            return None
        return self._places([(r.member, r.value) for r in ranking[-NAMED:]])

    def spread(self) -> str | None:
        """Coefficient of variation over the members that reported."""
        values = [r.value for r in self._ranking()]
        mean = sum(values, Decimal(0)) / len(values) if values else Decimal(0)
        if len(values) <= NAMED or mean <= 0:
            return None
        variance = sum(((v - mean) ** 2 for v in values), Decimal(0)) / len(values)
        return f"{round_half_up(variance.sqrt() / mean, 2):f}"

    def contribution(self) -> str | None:
        """Who moved the total: a share of the change where all move one way, else points."""
        found = largest_contribution(self.figures, self.indicator_id, self.by)
        if found is None:
            return None
        phrases = self.words.sentences.contribution
        direction = "up" if found.moved > 0 else "down"
        share = None if found.share is None else percent(found.share * 100)
        kind = "points" if share is None else "share"
        phrase: str = getattr(phrases, f"{kind}_{direction}")
        points = readable(abs(found.points) * 100, "个百分点", 2)
        return phrase.format(member=found.member.name_zh, share=share, points=points)

    def _ranking(self) -> list[Ranked]:
        """Nobody, when a value is suppressed: it might stand before the first or after the last."""
        if self.figures.hidden(self.indicator_id, self.by):
            return []
        return self.figures.ranking(self.indicator_id, self.by)

    def _places(self, places: list[tuple[Member, Decimal]]) -> str:
        return "、".join(
            self.words.sentences.place.format(
                name=member.name_zh, value=quantity(self.definition, value)
            )
            for member, value in places
        )


@dataclass(frozen=True, slots=True)
class Contribution:
    """The member that moved a total most.

    ``share`` of the change when all members moved the same way, else None; ``points`` is the
    member's change over last year's total.
    """

    member: Member
    moved: Decimal
    share: Decimal | None
    points: Decimal


def largest_contribution(figures: Figures, indicator_id: str, by: str) -> Contribution | None:
    """None when either year is missing for any member, the series breaks, or nothing moved."""
    if figures.change(indicator_id).kind in {"break", "none"}:
        return None
    this, last = figures.get(indicator_id).value, figures.last(indicator_id).value
    moves = _moves(figures, indicator_id, by)
    if this is None or not last or not moves:
        return None
    member, moved = max(moves, key=lambda pair: abs(pair[1]))
    if not moved or this == last:
        return None
    one_way = all(m >= 0 for _, m in moves) or all(m <= 0 for _, m in moves)
    complete = sum((m for _, m in moves), Decimal(0)) == this - last
    share = moved / (this - last) if one_way and complete else None
    return Contribution(member, moved, share, moved / last)


def _moves(figures: Figures, indicator_id: str, by: str) -> list[tuple[Member, Decimal]]:
    moves = []
    for member in figures.reporting(by, [indicator_id]):
        this = figures.get(indicator_id, by, member.member_id).value
        last = figures.last(indicator_id, by, member.member_id).value
        if this is None or last is None:
            return []
        moves.append((member, this - last))
    return moves


_CONTENTS: dict[str, Callable[[_Subject], str | None]] = {
    "name": _Subject.name,
    "value": _Subject.value,
    "number": _Subject.number,
    "said": _Subject.said,
    "change": _Subject.change,
    "last": _Subject.last,
    "nation": _Subject.nation,
    "nation_year": _Subject.nation_year,
    "leaders": _Subject.leaders,
    "trailers": _Subject.trailers,
    "spread": _Subject.spread,
    "contribution": _Subject.contribution,
}

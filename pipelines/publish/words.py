"""Sentences from numbers: direction words, units and rounding bound to the values they speak of.

Patterns are data (``sentences.yaml``); ``contents`` knows what a placeholder means.  Units and
rounding come from ``survey.quantities``, change arithmetic from ``indicators.change``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal

from pipelines.publish.amounts import (
    amount_text,
    direction_of,
    percent,
    quantity,
    reads_alike,
)
from pipelines.publish.contents import CONTENTS, Subject
from pipelines.publish.figures import Figure, Figures, Member
from pipelines.publish.movements import Contribution, Led
from pipelines.publish.rounding import misses_in_prose
from pipelines.publish.sentences import Direction, Sentences, Spec, tidy
from pipelines.survey.quantities import Quantity, readable
from pipelines.survey.reference import PROVINCE

#: Contents of a sentence that print the value of an indicator itself.
_PRINTS_VALUE = frozenset({"value", "said"})
#: Keys of a sentence that are no roles.
_NO_ROLES = frozenset({"say", "by"})


@dataclass(frozen=True, slots=True)
class Binding:
    """Where a piece of a sentence comes from: written ``fund_raised.said`` or, of a breakdown
    other than the prefectures, ``fund_raised.leaders@department``."""

    indicator_id: str
    what: str
    by: str = "prefecture"

    def __str__(self) -> str:
        at = "" if self.by == "prefecture" else f"@{self.by}"
        return f"{self.indicator_id}.{self.what}{at}"


class Words:
    """Prose about the figures of one year.

    ``bound`` may mark, in what is written, each piece that comes from the data.
    """

    def __init__(
        self,
        figures: Figures,
        sentences: Sentences,
        bound: Callable[[str, Binding], str] = lambda said, _: said,
    ) -> None:
        self.figures = figures
        self.sentences = sentences
        self._bound = bound

    def section(self, name: str) -> list[str]:
        """The paragraphs of a section; empty paragraphs are left out."""
        paragraphs = self.sentences.sections.get(name, ())
        said = (self._paragraph(specs) for specs in paragraphs)
        return [text for text in said if text]

    def silence(self, name: str) -> str:
        """Why a section has nothing to say: all of it is "missing" or "suppressed"; else ""."""
        specs = (spec for specs in self.sentences.sections.get(name, ()) for spec in specs)
        ids = {spec[role] for spec in specs for role in spec if role not in _NO_ROLES}
        found = [self.figures.get(indicator_id) for indicator_id in sorted(ids)]
        if not found or any(figure.value is not None for figure in found):
            return ""
        return "suppressed" if any(figure.suppressed for figure in found) else "missing"

    def sentence(self, spec: Spec) -> str:
        """One sentence: a pattern, its roles bound to indicators, ``by`` a breakdown."""
        return self._said(spec, [])

    def _paragraph(self, specs: Iterable[Spec]) -> str:
        """Sentences that follow each other; where their printed parts miss the printed whole by
        rounding, that is said at the end."""
        values: list[str] = []
        text = "".join(self._said(spec, values) for spec in specs)
        if not text:
            return ""
        printed = {each: self.value(each, self.figures.get(each)) for each in values}
        shown = {each: found for each, found in printed.items() if found is not None}
        note = self.sentences.rounded if misses_in_prose(shown, self.figures) else ""
        return _closed(text) + note

    def _said(self, spec: Spec, values: list[str]) -> str:
        """A sentence; the indicators whose values it prints are added to ``values``."""
        pattern = self.sentences.pattern[spec["say"]]
        by = spec.get("by", "prefecture")
        lacking: list[str] = []

        def content(role: str, what: str) -> str | None:
            if not what:
                return self._context(role)
            binding = Binding(spec[role], what, by)
            piece = self.piece(binding)
            if piece is None:
                lacking.append(spec[role])
                return None
            if what in _PRINTS_VALUE:
                values.append(spec[role])
            return piece if not piece or what == "name" else self._bound(piece, binding)

        said = pattern.fill(content)
        if said is None:
            return self._absent(lacking[-1])
        return said if said.strip("。；，、") else ""

    def piece(self, binding: Binding) -> str | None:
        """What the data now say at one place of a sentence; None where there is no figure.

        Raises KeyError for an unknown indicator or content.
        """
        return CONTENTS[binding.what](Subject(self, binding.indicator_id, binding.by))

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
        before, now = quantity(definition, last.value), quantity(definition, this.value)
        kind: Direction = getattr(phrases, found.kind)
        # From 20 to 20 is no change to tell, though the figures behind may differ.
        flat = found.kind == "from_to" and reads_alike(before, now)
        phrase: str = kind.flat if flat else getattr(kind, direction_of(found))
        return phrase.format(amount=amount_text(definition, found), last=before, this=now)

    def said(
        self, indicator_id: str, breakdown: str = "province", member_id: str = PROVINCE
    ) -> str | None:
        """Value and change; a change from a to b already holds the value."""
        found = self.value(indicator_id, self.figures.get(indicator_id, breakdown, member_id))
        moved = self.change(indicator_id, breakdown, member_id)
        value = None if found is None else str(found)
        if value is None or moved is None:
            return value
        kind = self.figures.change(indicator_id, breakdown, member_id).kind
        return moved if kind == "from_to" and value in moved else f"{value}，{moved}"

    def contribution(self, found: Contribution[Member]) -> str:
        """“某地贡献了增量的……”: a share where all moved one way, else points."""
        phrases = self.sentences.contribution
        direction = "up" if found.moved > 0 else "down"
        share = None if found.share is None else percent(found.share * 100)
        kind = "points" if share is None else "share"
        phrase: str = getattr(phrases, f"{kind}_{direction}")
        points = _points(found.points)
        return phrase.format(member=found.who.name_zh, share=share, points=points)

    def driver(self, indicator_id: str, found: Led[Member]) -> str:
        """“增长主要由某地带动，……”: rates as rates, what is told as from a to b as an amount."""
        phrases = self.sentences.driver
        direction = "up" if found.moved > 0 else "down"
        told = self.figures.change(indicator_id)
        definition = self.figures.definition(indicator_id)
        kind = "share"
        if told.kind == "from_to" or found.points is None:
            kind = "amount"
        elif found.share is None:
            kind = "points"
        phrase: str = getattr(phrases, f"{kind}_{direction}")
        return phrase.format(
            members="、".join(member.name_zh for member in found.who),
            together=phrases.together if len(found.who) > 1 else "",
            share="" if found.share is None else percent(found.share * 100),
            points="" if found.points is None else _points(found.points),
            amount=quantity(definition, abs(found.moved)),
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

    def _absent(self, indicator_id: str) -> str:
        """What is said when what a sentence needs has no value; nothing of what was not asked."""
        figure = self.figures.get(indicator_id)
        if figure.reason == "not_asked":
            return ""
        phrase = self.sentences.suppressed if figure.suppressed else self.sentences.missing
        return phrase.format(name=self.name(indicator_id))


def _points(share: Decimal) -> str:
    return str(readable(abs(share) * 100, "个百分点", 2))


def _closed(paragraph: str) -> str:
    """A paragraph that ends in a full stop, whatever its last sentence ended in."""
    return tidy(paragraph.rstrip("；，、") + ("" if paragraph.endswith("。") else "。"))

"""What is missing on a brief: who did not answer, what could not be judged, what has no figure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from pipelines.indicators.flags import flags
from pipelines.publish.amounts import percent
from pipelines.publish.figures import MARKED_RESPONSE, RANKED_RESPONSE
from pipelines.survey.quantities import readable

if TYPE_CHECKING:
    from pipelines.publish.brief_book import BriefBook, Kind
    from pipelines.publish.brief_facts import BriefFacts
    from pipelines.publish.figure import Figure, Member, Response
    from pipelines.publish.words import Words


class BriefGaps:
    """The gaps of members of one kind."""

    def __init__(self, words: Words, book: BriefBook, facts: BriefFacts, by: Kind) -> None:
        self.words = words
        self.figures = words.figures
        self.book = book
        self.facts = facts
        self.by = by

    def of(
        self, member: Member, response: Response, shown: Sequence[str], silent_year: bool
    ) -> Iterator[str]:
        """Sentences, most important first; ``shown`` are the indicators of the page."""
        yield self._response(response)
        yield from self._low(response)
        yield from self._silent(member)
        yield from self._unread(member)
        if not silent_year:
            yield from self._absent(member, shown)
            yield from self._kept(member, shown)

    def _response(self, found: Response) -> str:
        if not found.expected and not found.returns:
            return self.book.say("nothing", {})
        counts = {
            "expected": str(found.expected),
            "answered": str(found.answered),
            "returns": str(found.returns),
            "accepted": str(found.accepted),
            "queried": str(found.queried),
            "rejected": str(found.rejected),
            "rate": None if found.rate is None else percent(found.rate * 100),
        }
        return self.book.say("registered" if found.expected else "unregistered", counts)

    def _low(self, found: Response) -> Iterator[str]:
        for name, limit in (("unranked", RANKED_RESPONSE), ("marked", MARKED_RESPONSE)):
            if found.rate is not None and found.rate < limit:
                yield self.book.say(name, {"limit": str(readable(limit * 100, "%", 0))})
                return

    def _silent(self, member: Member) -> Iterator[str]:
        """How many did not answer; who, for the office only."""
        silent = self.figures.responding.silent(self.by, member.member_id)
        if silent:
            names = self._some([one.name_zh for one in silent]) if self.figures.internal else None
            yield self.book.say("silent", {"n": str(len(silent)), "names": names})

    def _unread(self, member: Member) -> Iterator[str]:
        counts = self.figures.responding.unread(self.by, member.member_id)
        blank, unreadable = (str(count) if count else None for count in counts)
        if blank or unreadable:
            yield self.book.say("unread", {"blank": blank, "unreadable": unreadable})

    def _absent(self, member: Member, shown: Sequence[str]) -> Iterator[str]:
        """The indicators without a value, by reason."""
        absent: dict[str, list[str]] = {}
        for name in shown:
            figure = self._get(name, member)
            if figure.value is None and not figure.suppressed:
                absent.setdefault(figure.reason, []).append(self.words.name(name))
        reasons = {**flags().missing, "": self.book.labels["absent"]}
        for reason, sentence in reasons.items():
            if reason in absent:
                names = self._some(absent[reason])
                yield self.book.say("absent", {"names": names, "reason": sentence})

    def _kept(self, member: Member, shown: Sequence[str]) -> Iterator[str]:
        """What is not published: to the office, which it is, and its open queries."""
        if not self.figures.internal:
            hidden = [self.words.name(n) for n in shown if self._get(n, member).suppressed]
            if hidden:
                yield self.book.say("hidden", {"names": self._some(hidden)})
            return
        kept = self.facts.kept(self.by, member.member_id)
        names = [self.words.name(name) for name in shown if name in kept]
        if names:
            yield self.book.say("kept", {"names": self._some(names)})
        n, must = self.facts.open_queries(self.by, member.member_id)
        if n:
            yield self.book.say("queries", {"n": str(n), "must": str(must)})

    def _get(self, name: str, member: Member) -> Figure:
        return self.figures.get(name, self.by, member.member_id)

    def _some(self, names: Iterable[str]) -> str:
        """The names that a page has room for, at least one, and how many there are."""
        every = list(names)
        named: list[str] = []
        for name in every[: self.book.named_units]:
            if named and sum(map(len, named)) + len(name) > self.book.named_characters:
                break
            named.append(name)
        rest = len(every) > len(named)
        return "、".join(named) + (
            self.book.labels["and_more"].format(n=len(every)) if rest else ""
        )

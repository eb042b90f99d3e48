"""Who a place or department is compared with, and where it stands among them.

A rank says nothing of what is not published: suppressed peers have no place, and where there are
some, the others' places are known only to lie between two.  Those who did not answer, or of whom
too few did, are not ranked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from pipelines.publish.figure import Member, Ranked

if TYPE_CHECKING:
    from pipelines.publish.brief_book import BriefKind, Kind, PeerGroup
    from pipelines.publish.figures import Figures


@dataclass(frozen=True)
class Peers:
    """Members that are like each other, in official order."""

    breakdown: Kind
    name_zh: str
    members: tuple[Member, ...]

    def ranking(self, figures: Figures, indicator_id: str) -> list[Ranked]:
        """Peers by value, largest first; equal values share a rank."""
        ids = {member.member_id for member in self.members}
        found = [
            one
            for one in figures.ranking(indicator_id, self.breakdown)
            if one.member.member_id in ids
        ]
        return [
            Ranked(one.member, one.value, 1 + sum(other.value > one.value for other in found))
            for one in found
        ]

    def hidden(self, figures: Figures, indicator_id: str) -> int:
        """How many peers have a figure that is not published."""
        ids = {member.member_id for member in self.members}
        found = figures.hidden(indicator_id, self.breakdown)
        return sum(member.member_id in ids for member in found)


@dataclass(frozen=True, slots=True)
class Standing:
    """The place of one member among ``of`` peers, of whom ``hidden`` are not published.

    A hidden figure may stand before it or after it: the place is one of ``rank`` to ``last``.
    """

    rank: int
    of: int
    hidden: int = 0

    @property
    def last(self) -> int:
        return self.rank + self.hidden

    @property
    def place(self) -> str:
        return str(self.rank) if not self.hidden else f"{self.rank}–{self.last}"

    @property
    def text(self) -> str:
        return f"{self.place}/{self.of}"


def standing(
    ranking: Sequence[Ranked], hidden: int, member_id: str, most_hidden: Decimal
) -> Standing | None:
    """None for a member without a figure, or with a nought; and where too few can be compared.

    That is where nobody else has one, or more than ``most_hidden`` (a share) are not published.
    """
    own = next((one for one in ranking if one.member.member_id == member_id), None)
    of = len(ranking) + hidden
    if own is None or not own.value or of < 2 or hidden > most_hidden * of:
        return None
    return Standing(own.rank, of, hidden)


def peers_of(figures: Figures, breakdown: Kind, kind: BriefKind) -> list[Peers]:
    """The groups of a kind of member, together every member of the year's list once."""
    members = listed(figures, breakdown)
    groups = [Peers(breakdown, group.name_zh, _of(figures, members, group)) for group in kind.peers]
    grouped = {member.member_id for group in groups for member in group.members}
    rest = tuple(member for member in members if member.member_id not in grouped)
    return [*(g for g in groups if g.members), *([Peers(breakdown, "其他", rest)] if rest else [])]


def listed(figures: Figures, breakdown: Kind) -> tuple[Member, ...]:
    """Members of the year's official list: not what could not be placed."""
    survey, year = figures.survey, figures.year
    if breakdown == "department":
        return tuple(Member(d.department_id, d.name_zh) for d in survey.departments.active(year))
    places = survey.divisions
    found = places.prefectures(year) if breakdown == "prefecture" else places.county_units(year)
    return tuple(Member(place.code, place.name_zh) for place in found)


def _of(figures: Figures, members: tuple[Member, ...], group: PeerGroup) -> tuple[Member, ...]:
    if not group.of:
        return members
    places = ((m, figures.survey.divisions.get(m.member_id, figures.year)) for m in members)
    return tuple(member for member, place in places if place and place.kind in group.of)


def fraction(value: Decimal | None, of: Decimal | None) -> float:
    """How long a bar is on a scale that ends at ``of``: 0 to 1; a negative value has none."""
    if value is None or not of or of < 0:
        return 0.0
    return float(round(max(Decimal(0), min(value / of, Decimal(1))), 4))

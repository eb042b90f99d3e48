"""一页简报: one A4 page about every prefecture, county unit and department of a year.

The public edition reads what may be published; the internal one has every figure and names who
did not answer.  Pages are printed one by one on one press.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.publish.brief_book import KINDS, BriefBook, Kind, load_briefs
from pipelines.publish.brief_facts import BriefFacts
from pipelines.publish.brief_page import BriefPages
from pipelines.publish.figures import Figures
from pipelines.publish.office import load_office
from pipelines.publish.peers import peers_of
from pipelines.publish.sentences import load_sentences
from pipelines.publish.table_book import load_tables
from pipelines.publish.typesetting import press
from pipelines.publish.words import Words

if TYPE_CHECKING:
    from pipelines.indicators import Definitions
    from pipelines.publish.figure import Member
    from pipelines.survey import Survey
    from pipelines.warehouse import Snapshot

_TEMPLATE = "brief.typ"
#: What a file name may not have on Windows.
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')


@dataclass(frozen=True, slots=True)
class Brief:
    """A brief that was written, and whom it is about."""

    breakdown: Kind
    member_id: str
    name_zh: str
    path: Path


def write(
    snapshot: Snapshot,
    survey: Survey,
    definitions: Definitions,
    year: int,
    folder: Path,
    overlay: Path | None = None,
    *,
    internal: bool = False,
    only: Collection[str] = (),
) -> tuple[Brief, ...]:
    """Write the briefs of a data year into ``folder``, a folder a kind of member.

    ``only`` some members, by code or department id; empty: all of the year's lists.
    """
    figures = Figures(snapshot, survey, definitions, year, internal=internal)
    words = Words(figures, load_sentences(overlay))
    book, office = load_briefs(overlay), load_office(overlay)
    facts, tables = BriefFacts(figures), load_tables(overlay)
    written = []
    with press(_TEMPLATE, overlay=overlay) as ready:
        for breakdown in (each for each in KINDS if each in book.kinds):
            kind = book.kinds[breakdown]
            names = _file_names(facts, figures, book, breakdown)
            for peers in peers_of(figures, breakdown, kind):
                pages = BriefPages(words, book, kind, peers, office, facts, tables)
                for member in (m for m in peers.members if not only or m.member_id in only):
                    path = folder / kind.folder_zh / names[member.member_id]
                    ready.print(pages.content(member), path)
                    written.append(Brief(breakdown, member.member_id, member.name_zh, path))
    return tuple(written)


def _file_names(
    facts: BriefFacts, figures: Figures, book: BriefBook, breakdown: Kind
) -> dict[str, str]:
    """File names that people can find; with the code where two would be the same."""
    members = list(_members(figures, book, breakdown))
    names = {m.member_id: _FORBIDDEN.sub("_", facts.full_name(breakdown, m)) for m in members}
    often = Counter(name.casefold() for name in names.values())
    return {
        member_id: f"{name}{member_id if often[name.casefold()] > 1 else ''}.pdf"
        for member_id, name in names.items()
    }


def _members(figures: Figures, book: BriefBook, breakdown: Kind) -> Iterator[Member]:
    for peers in peers_of(figures, breakdown, book.kinds[breakdown]):
        yield from peers.members

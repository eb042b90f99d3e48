"""Find venues that file a return of their own and seem to be inside their bureau's return too.

The bureau is the unit that the venue belongs to, or one of the same department in the same place.
Its return repeats the venue's when several figures above coincidence are equal, or when its block
of that kind of venue is as large as the venue's, figure by figure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from pipelines.intake.identity.identity_words import identity_words
from pipelines.survey import Survey
from pipelines.survey.models import Edition

Row = Mapping[str, Any]
Figures = dict[str, Decimal]

#: Of one bureau and its venues, or of one department in one county.
_MOST_PAIRS = 400


@dataclass(frozen=True)
class DoubleCount:
    """A venue's return and the bureau's return that seems to hold it, with the items."""

    venue: str
    bureau: str
    items: tuple[str, ...]


def double_counts(
    rows: Iterable[Row], content: Callable[[str], Mapping[str, str]], survey: Survey
) -> Iterator[DoubleCount]:
    """Suspected double counts among returns that count; ``content`` gives what a return says."""
    for group in _groups(rows):
        venues = [row for row in group if _is_venue(row)]
        bureaus = [row for row in group if not _is_venue(row)]
        if not venues or not bureaus or len(venues) * len(bureaus) > _MOST_PAIRS:
            continue
        edition = survey.edition_of(group[0]["year"])
        figures = {row["return_id"]: _figures(content(row["return_id"])) for row in group}
        for venue in venues:
            for bureau in bureaus:
                items = _repeated(
                    figures[venue["return_id"]], figures[bureau["return_id"]], edition
                )
                if items:
                    yield DoubleCount(venue["return_id"], bureau["return_id"], items)


def _groups(rows: Iterable[Row]) -> list[list[Row]]:
    """Returns that may be a venue and its bureau: of one department in one place."""
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        if row["division_code"] and row["department_id"]:
            groups[row["year"], row["division_code"], row["department_id"]].append(row)
    return list(groups.values())


def _is_venue(row: Row) -> bool:
    return bool(row["venue_name"] or row["is_venue"])


def _repeated(venue: Figures, bureau: Figures, edition: Edition) -> tuple[str, ...]:
    words = identity_words()
    equal = [
        item.item_id
        for item in edition.items
        if item.additive
        and venue.get(item.item_id, Decimal(0)) >= words.overlap_from
        and venue[item.item_id] == bureau.get(item.item_id)
    ]
    if len(equal) >= words.overlap_items:
        return tuple(equal)
    return next(_contained(venue, bureau, edition), ())


def _contained(venue: Figures, bureau: Figures, edition: Edition) -> Iterator[tuple[str, ...]]:
    """Blocks of venues (建筑面积、参观人数…) that the bureau reports no smaller than the venue."""
    words = identity_words()
    for item in edition.items:
        if edition.form[item.form_id].theme != "venues" or item.parent_id:
            continue
        if not (venue.get(item.item_id, Decimal(0)) >= 1 and item.item_id in bureau):
            continue
        block = [child.item_id for child in edition.children_of(item.item_id)]
        given = [i for i in block if venue.get(i, Decimal(0)) >= words.overlap_from]
        if len(given) >= words.overlap_items and all(
            bureau.get(i, Decimal(-1)) >= venue[i] for i in given
        ):
            yield (item.item_id, *given)


def _figures(content: Mapping[str, str]) -> Figures:
    found = {}
    for item, text in content.items():
        try:
            found[item] = Decimal(text)
        except InvalidOperation:
            continue
    return found

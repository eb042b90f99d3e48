"""Whether labels that stand under several parents were told apart on good grounds.

``其中：女性`` stands under two parents.  Its place under one of them says which, as long as the
rows stand as printed: the parent, then its parts in order.  Rows that were sorted or shuffled say
nothing any more, and a code that says otherwise than the place leaves two readings: both stop the
file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from pipelines.errors import Place, UnclearLayoutError
from pipelines.survey.models import Edition, Item


class Told(NamedTuple):
    """An item found, and by what: label, code, parent (beside the label), place, other place."""

    item: Item
    by: str
    place: Place
    #: What the place alone would have said, where the code decided.
    by_place: Item | None = None


def check_told_apart(told: Sequence[Told], edition: Edition) -> None:
    """Raise UnclearLayoutError for a label told apart only by a place that tells nothing."""
    doubtful = [n for n, one in enumerate(told) if one.by == "place"]
    contested = [
        n for n, one in enumerate(told) if one.by_place is not None and one.by_place != one.item
    ]
    if not doubtful and not contested:
        return
    order = {item.item_id: n for n, item in enumerate(edition.items)}
    numbers = [order[one.item.item_id] for one in told]
    for n in contested:
        others = [number for m, number in enumerate(numbers) if m not in contested]
        if len(others) > 1 and _rising(others) and not _rising(numbers):
            raise _unclear(told[n], "代码与所在位置说的不是同一项")
    as_printed = _rising(numbers)
    for n in doubtful:
        run = _run(told, n, edition)
        if run is None or not _rising([numbers[m] for m in run]):
            raise _unclear(told[n], "行序与表样不同")
        found = {told[m].item.item_id for m in run}
        if not as_printed and not set(_parts(told[run.start].item, edition)) <= found:
            raise _unclear(told[n], "行序与表样不同")


def _run(told: Sequence[Told], n: int, edition: Edition) -> range | None:
    """The rows from the parent above row ``n`` to the last of its parts; None without a parent."""
    parent = told[n].item.parent_id
    start = n
    while start >= 0 and told[start].item.item_id != parent:
        start -= 1
    if start < 0:
        return None
    parts = set(_parts(told[start].item, edition))
    stop = start + 1
    while stop < len(told) and told[stop].item.item_id in parts:
        stop += 1
    return range(start, stop) if n < stop else None


def _parts(item: Item, edition: Edition) -> Iterator[str]:
    for child in edition.children_of(item.item_id):
        yield child.item_id
        yield from _parts(child, edition)


def _rising(numbers: Sequence[int]) -> bool:
    return all(one < other for one, other in pairwise(numbers))


def _unclear(one: Told, why: str) -> UnclearLayoutError:
    return UnclearLayoutError(
        f"“{one.item.label_zh}”在不止一项下面都有，{why}，分不清属于哪一项",
        f"请报送单位恢复下发空白表的行序和代码，或写出指标全称（例如“{one.item.name_zh}”）",
        one.place,
    )

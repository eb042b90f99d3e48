"""Find venues that file a return of their own and seem to be inside their bureau's return too.

The bureau is the unit that the venue belongs to, or one of the same department in the same place.
Its return repeats the venue's when several figures above coincidence are equal, or when its block
of that kind of venue is as large as the venue's, figure by figure.

Every venue is held against every bureau of its department and place, however many there are: a
venue's figures against those of all bureaus at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from pipelines.intake.identity.identity_words import identity_words
from pipelines.survey import Survey
from pipelines.survey.models import Edition

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

Row = Mapping[str, Any]
Content = Callable[[str], Mapping[str, str]]


@dataclass(frozen=True)
class DoubleCount:
    """A venue's return and the bureau's return that seems to hold it, with the items."""

    venue: str
    bureau: str
    items: tuple[str, ...]


def double_counts(rows: Iterable[Row], content: Content, survey: Survey) -> Iterator[DoubleCount]:
    """Suspected double counts among returns that count; ``content`` gives what a return says."""
    for group in _groups(rows):
        venues = [row["return_id"] for row in group if _is_venue(row)]
        bureaus = [row["return_id"] for row in group if not _is_venue(row)]
        if not venues or not bureaus:
            continue
        comparing = _Comparing(bureaus, content, survey.edition_of(group[0]["year"]))
        for venue in venues:
            for bureau, items in comparing.holding(venue):
                yield DoubleCount(venue, bureau, items)


def _groups(rows: Iterable[Row]) -> list[list[Row]]:
    """Returns that may be a venue and its bureau: of one department in one place."""
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        if row["division_code"] and row["department_id"]:
            groups[row["year"], row["division_code"], row["department_id"]].append(row)
    return list(groups.values())


def _is_venue(row: Row) -> bool:
    return bool(row["venue_name"] or row["is_venue"])


class _Comparing:
    """The bureaus of one department in one place, a line of figures each.

    Figures have 15 digits at most, so that floats tell equal from unequal and more from less.
    """

    def __init__(self, bureaus: Sequence[str], content: Content, edition: Edition) -> None:
        import numpy as np

        self._content = content
        self._edition = edition
        self._bureaus = bureaus
        self._columns = {item.item_id: n for n, item in enumerate(edition.items)}
        self._lines: Matrix = np.stack([self._line(bureau) for bureau in bureaus])

    def holding(self, venue: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The bureaus that seem to hold a venue, with the items that say so."""
        import numpy as np

        words = identity_words()
        line = self._line(venue)
        telling = np.where(line >= words.overlap_from, line, np.nan)
        additive = [self._columns[item.item_id] for item in self._edition.items if item.additive]
        equal = np.zeros(self._lines.shape, dtype=bool)
        equal[:, additive] = self._lines[:, additive] == telling[additive]
        is_repeated = equal.sum(axis=1) >= words.overlap_items
        names = [item.item_id for item in self._edition.items]
        blocks = list(self._blocks(line))
        is_larger = [
            (self._lines[:, block[1:]] >= line[block[1:]]).all(axis=1)
            & ~np.isnan(self._lines[:, block[0]])
            for block in blocks
        ]
        for n, bureau in enumerate(self._bureaus):
            if is_repeated[n]:
                yield bureau, tuple(names[column] for column in np.flatnonzero(equal[n]))
                continue
            block = next((b for b, larger in zip(blocks, is_larger, strict=True) if larger[n]), ())
            if block:
                yield bureau, tuple(names[column] for column in block)

    def _blocks(self, line: Matrix) -> Iterator[list[int]]:
        """The kinds of venues that a venue's return fills in (建筑面积、参观人数…)."""
        words, edition = identity_words(), self._edition
        for item in edition.items:
            if edition.form[item.form_id].theme != "venues" or item.parent_id:
                continue
            root = self._columns[item.item_id]
            inner = [self._columns[child.item_id] for child in edition.children_of(item.item_id)]
            given = [column for column in inner if line[column] >= words.overlap_from]
            if line[root] >= 1 and len(given) >= words.overlap_items:
                yield [root, *given]

    def _line(self, return_id: str) -> Matrix:
        import numpy as np

        line = np.full(len(self._columns), np.nan)
        for item, text in self._content(return_id).items():
            try:
                number = Decimal(text)
            except InvalidOperation:
                continue
            if item in self._columns and number.is_finite():
                line[self._columns[item]] = float(number)
        return line

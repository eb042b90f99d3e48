"""The note under a table, or after a paragraph, whose printed parts do not make the printed total.

Said only where it happens, and only where the unrounded parts do add up: a total that misses a
part for another reason must not be explained by rounding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import takewhile
from typing import TYPE_CHECKING

from pipelines.publish.table_model import Cell, Number, Row, Table
from pipelines.survey.quantities import SUPPRESSED_MARK, Quantity, in_unit, round_half_up

if TYPE_CHECKING:
    from pipelines.publish.figures import Figures

#: Places that the note names; the others are counted.
_NAMED = 4
#: Tables in which the rows below the total, or the columns beside it, are its parts.
_BY_ROWS = frozenset({"members", "appendix"})
_BY_COLUMNS = frozenset({"cross"})
_WHOLE = Decimal(100)
#: Shares are quotients; so much they may miss 100 by before they are rounded.
_TOLERANCE = Decimal("1e-9")


def rounding_note(table: Table, pattern: str, figures: Figures) -> str:
    """``pattern`` with the places where rounding shows; "" where it does not."""
    names = list(dict.fromkeys(_places(table, figures)))
    if not names:
        return ""
    more = f"等{len(names)}处" if len(names) > _NAMED else ""
    return pattern.format(names="、".join(names[:_NAMED]) + more)


def misses_in_prose(printed: Mapping[str, Quantity], figures: Figures) -> bool:
    """Whether a text that prints these indicators so prints parts that miss their whole.

    Parts may be printed finer than the whole: their sum is taken to its decimals.
    """
    for key, whole in printed.items():
        parts = _parts_of(key, figures)
        if parts and all(part in printed for part in parts):
            unit = figures.definition(key).unit
            added = sum((_back(printed[part], unit) for part in parts), Decimal(0))
            exact = sum((_exact(part, figures) for part in parts), Decimal(0))
            if exact == _exact(key, figures) and not _reads_as(added, unit, whole):
                return True
    shares = (keys for keys in _share_groups(printed, figures) if len(keys) > 1)
    for keys in shares:
        exact = sum((_exact(key, figures) for key in keys), Decimal(0))
        added = sum((printed[key].printed for key in keys), Decimal(0))
        if abs(exact - _WHOLE) < _TOLERANCE and added != _WHOLE:
            return True
    return False


def _exact(key: str, figures: Figures) -> Decimal:
    return figures.get(key).value or Decimal(0)


def _back(printed: Quantity, unit: str) -> Decimal:
    """A printed figure in the unit of its indicator: 2.40亿元 as 24000 of 万元."""
    found = in_unit(printed.printed, printed.unit, unit)
    return printed.printed if found is None else found


def _reads_as(value: Decimal, unit: str, printed: Quantity) -> bool:
    shown = in_unit(value, unit, printed.unit)
    decimals = len(printed.text.partition(".")[2])
    return shown is None or round_half_up(shown, decimals) == printed.printed


def _places(table: Table, figures: Figures) -> Iterator[str]:
    if table.spec.layout in _BY_ROWS:
        yield from _down(table)
    if table.spec.layout in _BY_COLUMNS:
        yield from _across(table)
    by_row = {row.key: list(row.cells) for row in table.rows if row.key}
    by_column = {
        column.key: [row.cells[n] for row in table.rows]
        for n, column in enumerate(table.columns)
        if column.key
    }
    for lines in (by_row, by_column):
        yield from _of_items(lines, figures)
        yield from _of_shares(lines, figures)


def _down(table: Table) -> Iterator[str]:
    """Members below the total, and below the subtotals, in each column."""
    sums = list(_sums(table.rows))
    for n, column in enumerate(table.columns):
        if any(_misses(total.cells[n], [row.cells[n] for row in parts]) for total, parts in sums):
            yield column.full_head


def _sums(rows: Sequence[Row]) -> Iterator[tuple[Row, list[Row]]]:
    """The whole with all members; each subtotal with those that follow it."""
    if not rows or not rows[0].total:
        return
    yield rows[0], [row for row in rows if not row.total]
    for n, row in enumerate(rows[1:], 1):
        if row.total:
            yield row, list(takewhile(lambda each: not each.total, rows[n + 1 :]))


def _across(table: Table) -> Iterator[str]:
    """Members beside the total, in each row."""
    for row in table.rows:
        if row.cells and _misses(row.cells[0], row.cells[1:]):
            yield row.label


def _of_items(lines: dict[str, list[Cell]], figures: Figures) -> Iterator[str]:
    """Items that add up to another one, by the form or by definition."""
    for key, totals in lines.items():
        parts = _parts_of(key, figures)
        if parts and all(part in lines for part in parts):
            columns = zip(totals, *(lines[part] for part in parts), strict=True)
            if any(_misses(total, cells) for total, *cells in columns):
                yield figures.definition(key).name_zh


def _parts_of(key: str, figures: Figures) -> list[str]:
    edition = figures.survey.edition_of(figures.year)
    by_form = [item.item_id for item in edition.children_of(key) if item.relation == "part"]
    definition = figures.definition(key)
    if by_form or definition.kind != "level" or any(t.negative for t in definition.numerator):
        return by_form
    return [term.id for term in definition.numerator if term.id != key]


def _of_shares(lines: dict[str, list[Cell]], figures: Figures) -> Iterator[str]:
    """Shares of one whole: printed, they should make 100%."""
    for keys in _share_groups(lines, figures):
        cells = zip(*(lines[key] for key in keys), strict=True)
        if len(keys) > 1 and any(_misses_whole(each) for each in cells):
            names = [figures.definition(key).name_zh for key in keys]
            yield f"{names[0]}等{len(names)}项"


def _share_groups(keys: Iterable[str], figures: Figures) -> list[list[str]]:
    """Shares among the indicators, those of the same whole together."""
    groups: dict[object, list[str]] = {}
    for key in keys:
        definition = figures.definition(key)
        if definition.kind == "share":
            groups.setdefault(definition.items_below, []).append(key)
    return list(groups.values())


def _misses(total: Cell, parts: Sequence[Cell]) -> bool:
    """Whether the parts make the total exactly, and as printed do not."""
    numbers = _numbers(parts)
    if not isinstance(total, Number) or len(numbers) < 2:
        return False
    exact = sum((part.value for part in numbers), Decimal(0))
    return exact == total.value and _printed(numbers) != _rounded(total)


def _misses_whole(parts: Sequence[Cell]) -> bool:
    numbers = _numbers(parts)
    if not numbers:
        return False
    exact = sum((part.value for part in numbers), Decimal(0))
    return abs(exact - _WHOLE) < _TOLERANCE and _printed(numbers) != _WHOLE


def _numbers(cells: Iterable[Cell]) -> list[Number]:
    """The cells that are numbers; none at all beside a suppressed one, of which nothing is said.

    What is missing adds nothing where the others make up the total.
    """
    found = list(cells)
    return [] if SUPPRESSED_MARK in found else [c for c in found if isinstance(c, Number)]


def _printed(numbers: Iterable[Number]) -> Decimal:
    return sum((_rounded(number) for number in numbers), Decimal(0))


def _rounded(number: Number) -> Decimal:
    return round_half_up(number.value, number.decimals)

"""Tell rows and forms that sum others from those of units, so that nothing is counted twice.

A sum is mostly named: 合计, 小计, 市本级, a department, a place and nothing more.  One that is
named like a unit gives itself away: nearly every figure of it is the sum of the rows above it, or
of the rows under it.  A slip in one figure, or averages that nobody adds, hide nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from functools import cache, lru_cache

from pipelines.errors import Place, UnclearLayoutError
from pipelines.intake.layouts.labels import plain_label, plain_name, without_brackets
from pipelines.intake.readings import Draft
from pipelines.intake.vocabulary import vocabulary
from pipelines.survey.models import Edition
from pipelines.survey.reference import Divisions

Figures = Mapping[str, Decimal]

_FEWEST_FIGURES = 3
_FEWEST_ROWS = 2
#: A sum of more rows than a province has counties in a table is named as one.
_MOST_ROWS = 200
#: Where not every figure adds up: so many that do, none of them small, are no coincidence.
_FEWEST_TELLING = 5
_TELLING_FROM = 10
#: Figures from which the length of a sum is guessed: one of them may be the slip.
_PIVOTS = 5


def is_sum_named(name: str, place: str, year: int, divisions: Divisions) -> bool:
    """Whether a row or form of this name, in this place, says that it sums others."""
    if any(is_total(text) for text in (name, place)):
        return True
    whole = plain_name(name)
    if not name or whole.startswith("其中") or whole.endswith(vocabulary().group_endings):
        return True
    return divisions.is_place(whole, year) or divisions.is_place(plain_label(name), year)


def set_apart_sums(forms: Sequence[Draft], year: int, divisions: Divisions) -> None:
    """Mark forms that were filled in for a whole place or named as a sum: they do not count."""
    for form in forms:
        name = form.cover["unit_name"].text if "unit_name" in form.cover else ""
        if name and is_sum_named(name, "", year, divisions):
            form.role = "summary"


def check_no_hidden_sums(rows: Sequence[Draft], edition: Edition) -> None:
    """Raise UnclearLayoutError for a unit's figures that are the sum of its neighbours'."""
    additive = frozenset(item.item_id for item in edition.items if item.additive)
    units = [row for row in rows if row.role == "basic"]
    figures = [_figures(row, additive) for row in units]
    for order in (range(len(units)), range(len(units) - 1, -1, -1)):
        for n, place in enumerate(order):
            before = [figures[m] for m in order[max(n - _MOST_ROWS, 0) : n]][::-1]
            if _is_sum(figures[place], before):
                raise _refusal(units[place])


@lru_cache(maxsize=65536)
def is_total(text: str) -> bool:
    """Whether a text is a word for a sum: 合计, 小计（7家）, 全市总计."""
    plain = plain_label(text).casefold()
    bare = plain.replace("(", "").replace(")", "")
    return any(_says_total(one) for one in (bare, without_brackets(plain)))


def _says_total(plain: str) -> bool:
    return plain in _totals() or plain.endswith(_endings()) or bool(_counted().match(plain))


@cache
def _totals() -> frozenset[str]:
    return frozenset(plain_label(word).casefold() for word in vocabulary().total_words)


@cache
def _endings() -> tuple[str, ...]:
    return tuple(sorted(word for word in _totals() if len(word) > 1))


@cache
def _counted() -> re.Pattern[str]:
    """A total that goes on: 合计数, 共 7 家单位."""
    starts = "|".join(map(re.escape, vocabulary().total_starts))
    return re.compile(rf"(?:{starts})|共\d+[个家所户]")


def _figures(row: Draft, additive: Collection[str]) -> Figures:
    return {
        answer.item_id: answer.value
        for answer in row.answers
        if answer.value and answer.item_id in additive
    }


def _is_sum(row: Figures, others: Sequence[Figures]) -> bool:
    """Whether ``row`` is the sum of the nearest of ``others``, or repeats the nearest."""
    if len(row) < _FEWEST_FIGURES:
        return False
    pivots = sorted(row, key=lambda item: (-row[item], item))[:_PIVOTS]
    return any(_adds_up_by(pivot, row, others) for pivot in pivots)


def _adds_up_by(pivot: str, row: Figures, others: Sequence[Figures]) -> bool:
    whole, running = row[pivot], Decimal(0)
    for n, other in enumerate(others, 1):
        running += other.get(pivot, Decimal(0))
        if running > whole:
            return False
        if running == whole and _adds_up(row, others[:n]):
            return True
    return False


def _adds_up(row: Figures, others: Sequence[Figures]) -> bool:
    items = row.keys() | {item for other in others for item in other}
    zero = Decimal(0)
    agreeing = {
        item
        for item in items
        if sum((other.get(item, zero) for other in others), zero) == row.get(item, zero)
    }
    telling = sum(row.get(item, zero) >= _TELLING_FROM for item in agreeing)
    if sum(bool(other) for other in others) < _FEWEST_ROWS:
        return telling >= _FEWEST_TELLING and len(agreeing) == len(items)
    return len(agreeing) == len(items) or (
        telling >= _FEWEST_TELLING and 2 * len(agreeing) > len(items)
    )


def _refusal(row: Draft) -> UnclearLayoutError:
    name = row.cover["unit_name"].text if "unit_name" in row.cover else ""
    name = name or row.sheet
    return UnclearLayoutError(
        f"“{name}”的各项等于相邻一家或几家之和，看不出是一个单位还是小计",
        "请报送单位把小计的名称写成“小计”或“合计”，或核对这一家是否填错",
        Place(sheet=row.sheet, cell=row.answers[0].cell),
    )

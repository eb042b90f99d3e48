"""Guess why figures disagree, only where one cause explains the numbers exactly.

A guess is a question for the respondent, never a change of the figure (law 1).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from pipelines.checks.wording import cause
from pipelines.survey import Edition, Item
from pipelines.survey.notation import plain_text

#: Factors by which a figure is commonly off: 元 for 万元 first.
_UNIT_SLIPS = (Decimal(10_000), Decimal(1_000), Decimal(100), Decimal(10))


def balance_cause(
    edition: Edition,
    cells: Sequence[Mapping[str, Any]],
    gap: Decimal,
    tolerance: Decimal,
) -> str:
    """Why a total (the first cell) is not the sum of its parts (the others); "" when unclear."""
    values = [cell["v"] for cell in cells]
    if any(value is None for value in values):
        return ""
    names = [edition.item[cell["item_id"]].name_zh for cell in cells]
    total, parts = values[0], values[1:]
    for name, part in zip(names[1:], parts, strict=True):
        if part and part == gap:
            return cause("missing_part", name=name)
    # Below the tolerance anything balances, and proves nothing.
    floor = max(tolerance, Decimal(1))
    for factor in _UNIT_SLIPS:
        if total / factor > floor and _balances(total / factor, parts, tolerance):
            return cause("total_in_yuan", name=names[0], k=plain_text(factor))
        for n, part in enumerate(parts):
            rest = [*parts[:n], part / factor, *parts[n + 1 :]]
            if part / factor > floor and _balances(total, rest, tolerance):
                return cause("part_in_yuan", name=names[n + 1], k=plain_text(factor))
    return _transposed(names, total, parts)


def slip_cause(item: Item, factor: int, larger: bool) -> str:
    """Why a figure is ``factor`` times last year's (``larger``), or last year's times this one."""
    digits = len(str(factor)) - 1
    if factor == 60:
        if item.unit == "小时":
            return cause("slip_hours" if larger else "slip_hours_down")
        return cause("slip_other")
    if factor == 10_000 and item.is_money:
        return cause("slip_money_up" if larger else "slip_money_down")
    if factor == 10_000:
        return cause("slip_count_up" if larger else "slip_count_down", unit=item.unit)
    return cause("slip_more" if larger else "slip_less", digits=digits)


def _balances(total: Decimal, parts: Sequence[Decimal], tolerance: Decimal) -> bool:
    return abs(total - sum(parts, Decimal(0))) <= tolerance


def _transposed(names: Sequence[str], total: Decimal, parts: Sequence[Decimal]) -> str:
    if any(_balances(other, parts, Decimal(0)) for other in _swaps(total)):
        return cause("transposed", name=names[0])
    for n, part in enumerate(parts):
        for other in _swaps(part):
            if _balances(total, [*parts[:n], other, *parts[n + 1 :]], Decimal(0)):
                return cause("transposed", name=names[n + 1])
    return ""


def _swaps(value: Decimal) -> Iterator[Decimal]:
    """The value with each pair of neighbouring digits exchanged."""
    text = plain_text(abs(value))
    for n in range(len(text) - 1):
        first, second = text[n], text[n + 1]
        if first.isdigit() and second.isdigit() and first != second:
            yield Decimal(text[:n] + second + first + text[n + 2 :])

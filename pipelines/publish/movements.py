"""What moved a total: the change of every part of it, and which part says most of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

T = TypeVar("T")

#: So many parts are named at most as those that moved a total; together they make half of it.
_FEW = 3
_MOST = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """A part of a total in both years; None where there is no value."""

    who: T
    this: Decimal | None
    last: Decimal | None

    @property
    def moved(self) -> Decimal:
        """What it added to the change of the total: a sum holds only those that have a value."""
        return (self.this or Decimal(0)) - (self.last or Decimal(0))


@dataclass(frozen=True, slots=True)
class Contribution(Generic[T]):
    """The part that moved a total most.

    ``share`` of the change when all parts moved the same way, else None; ``points`` is the part's
    change over last year's total.
    """

    who: T
    moved: Decimal
    share: Decimal | None
    points: Decimal


def largest(
    this: Decimal | None, last: Decimal | None, parts: Sequence[Part[T]]
) -> Contribution[T] | None:
    """None when a value is missing in either year, or nothing moved."""
    if this is None or not last or this == last or not parts:
        return None
    if any(part.this is None or part.last is None for part in parts):
        return None
    most = max(parts, key=lambda part: abs(part.moved))
    if not most.moved:
        return None
    moves = [part.moved for part in parts]
    one_way = all(m >= 0 for m in moves) or all(m <= 0 for m in moves)
    complete = sum(moves, Decimal(0)) == this - last
    share = most.moved / (this - last) if one_way and complete else None
    return Contribution(most.who, most.moved, share, most.moved / last)


@dataclass(frozen=True, slots=True)
class Led(Generic[T]):
    """The few parts that together make most of a change, the largest first.

    ``share`` of the change when all parts moved the same way, else None; ``points`` is their
    change over last year's total, None over nothing.
    """

    who: tuple[T, ...]
    moved: Decimal
    share: Decimal | None
    points: Decimal | None


def leading(this: Decimal | None, last: Decimal | None, parts: Sequence[Part[T]]) -> Led[T] | None:
    """The fewest parts that make half or more of all that moved with the total.

    Half of what moved its way, not of the change alone: where others moved against it, one part
    of many may exceed that.  None where that takes more than a few or all there are, where a value
    is missing in either year, and where the parts are not the whole: others may have moved it more.
    """
    if this is None or last is None or this == last or len(parts) < 2:
        return None
    if any(part.this is None or part.last is None for part in parts):
        return None
    change = this - last
    if sum((part.moved for part in parts), Decimal(0)) != change:
        return None
    forward = [part for part in by_size(parts) if (part.moved > 0) == (change > 0)]
    few, moved = _fewest(forward)
    if not few or len(few) == len(parts):
        return None
    share = moved / change if len(forward) == len(by_size(parts)) else None
    points = moved / last if last > 0 else None
    return Led(tuple(part.who for part in few), moved, share, points)


def _fewest(forward: Sequence[Part[T]]) -> tuple[Sequence[Part[T]], Decimal]:
    """The first parts that make most of all of them, none where they are many; equals together."""
    whole = sum((part.moved for part in forward), Decimal(0))
    for count in range(1, min(_FEW, len(forward)) + 1):
        moved = sum((part.moved for part in forward[:count]), Decimal(0))
        rest = forward[count:]
        tied = bool(rest) and rest[0].moved == forward[count - 1].moved
        if moved / whole >= _MOST and not tied:
            return forward[:count], moved
    return (), Decimal(0)


def by_size(parts: Sequence[Part[T]]) -> list[Part[T]]:
    """Those that moved, the largest movement first; equal ones in the order given."""
    return sorted((part for part in parts if part.moved), key=lambda part: -abs(part.moved))

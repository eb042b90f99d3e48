"""Classes of a map: round bounds near the fifths of the figures, zero apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from itertools import pairwise

from pipelines.survey.quantities import grouped, round_half_up

#: Shades from light to dark.
SHADES = 5
#: Round numbers of one power of ten.
_ROUND = tuple(Decimal(n) for n in ("1", "1.5", "2", "3", "4", "5", "6", "8", "10"))


@dataclass(frozen=True)
class Classes:
    """Upper bounds of the lower classes, and what each class is called; ``zero`` stands apart."""

    bounds: tuple[Decimal, ...]
    names: tuple[str, ...]
    zero: bool
    decimals: int

    def of(self, value: Decimal | None) -> str:
        """The class of a figure, from 0; "z" for zero, "." for none."""
        if value is None:
            return "."
        shown = round_half_up(value, self.decimals)
        if self.zero and shown == 0:
            return "z"
        return str(sum(shown > bound for bound in self.bounds))


def classes_of(values: Sequence[Decimal], decimals: int) -> Classes:
    """Classes for figures that are printed with so many decimals."""
    signed = any(value < 0 for value in values)
    zero = not signed and any(value == 0 for value in values)
    counted = sorted(value for value in values if value or signed)
    bounds = tuple(_bounds(counted)) if counted else ()
    names = tuple(_names(bounds, counted)) if counted else ()
    return Classes(bounds, names, zero, decimals)


def _bounds(values: Sequence[Decimal]) -> Iterator[Decimal]:
    """Round numbers near the fifths, each with figures below and above it."""
    last: Decimal | None = None
    for n in range(1, SHADES):
        bound = _rounded(values[(len(values) * n - 1) // SHADES])
        if (last is None or bound > last) and values[0] <= bound < values[-1]:
            yield bound
            last = bound


def _rounded(value: Decimal) -> Decimal:
    """The nearest round number; of two as near, the smaller."""
    if value == 0:
        return value
    size = abs(value)
    power = size.log10().to_integral_value(ROUND_FLOOR)
    scale = Decimal(1).scaleb(int(power))
    nearest = min(_ROUND, key=lambda number: abs(number * scale - size)) * scale
    return nearest.copy_sign(value).normalize()


def _names(bounds: Sequence[Decimal], values: Sequence[Decimal]) -> Iterator[str]:
    places = max((_places(bound) for bound in bounds), default=_places(values[0]))

    def said(number: Decimal) -> str:
        return grouped(number, places).replace("-", "\u2212")

    if not bounds:
        low, high = values[0], values[-1]
        yield said(low) if low == high else f"{said(low)}—{said(high)}"
        return
    yield f"{said(bounds[0])}及以下"
    yield from (f"{said(low)}—{said(high)}" for low, high in pairwise(bounds))
    yield f"{said(bounds[-1])}以上"


def _places(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0

"""The one arithmetic of indicators: sums divided by sums, exactly.

Numerator and denominator are summed first and divided last; a ratio of parts is never averaged.
All in decimal.  A quotient is *cut*, not rounded, at the 15 places a table holds: publication then
rounds half up once, and cutting can never carry a value over the half that decides it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_DOWN, Context, Decimal

from pipelines.indicators.definition import POPULATION, Definition, Term

_CONTEXT = Context(prec=100, rounding=ROUND_DOWN)
_GRAIN = Decimal(1).scaleb(-15)
#: A table holds 23 digits before the point.
_CAPACITY = Decimal(10) ** 23


def evaluate(
    definition: Definition,
    amounts: Mapping[str, Decimal | None],
    population: Decimal | None = None,
) -> Decimal | None:
    """The indicator from totals by item (or level indicator) id; ``population`` in persons.

    A total that is not known makes the indicator unknown (None), as does a zero denominator.
    A level given under its own id is taken as it is; otherwise its parts are added.
    """
    if definition.is_change:
        return None  # needs two years: see ``change_value``
    known = {**amounts, POPULATION: population}
    numerator = total(definition.numerator, known)
    if definition.kind == "level":
        given = amounts.get(definition.indicator_id)
        return numerator if given is None else given
    return quotient(numerator, total(definition.denominator, known), definition.multiplier)


def total(terms: Iterable[Term], amounts: Mapping[str, Decimal | None]) -> Decimal | None:
    """Signed sum of terms; None as soon as one is unknown."""
    result = Decimal(0)
    for term in terms:
        amount = amounts.get(term.id)
        if amount is None and term.parts:
            amount = total(term.parts, amounts)
        if amount is None:
            return None
        result = add(result, -amount if term.negative else amount)
    return result


def grained(value: Decimal) -> Decimal:
    """The same value with all the places that a table holds."""
    return value.quantize(_GRAIN, context=_CONTEXT)


def add(one: Decimal, other: Decimal) -> Decimal:
    """The exact sum: Python's own rounds at 28 digits."""
    return _CONTEXT.add(one, other)


def quotient(
    numerator: Decimal | None, denominator: Decimal | None, multiplier: Decimal
) -> Decimal | None:
    """numerator × multiplier ÷ denominator; None without both, over zero, or beyond a table."""
    if numerator is None or not denominator:
        return None
    exact = _CONTEXT.divide(_CONTEXT.multiply(numerator, multiplier), denominator)
    return exact.quantize(_GRAIN, context=_CONTEXT) if abs(exact) < _CAPACITY else None

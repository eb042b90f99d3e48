"""Rules over one return as linear inequalities, for reasoning about the rules themselves.

A rule ``when A: B`` says NOT A OR B.  Conditions are brought to a disjunction of conjunctions of
linear comparisons; ``is_venue`` and ``level`` become variables with few values.  Strict
comparisons are between reported figures, which are whole numbers or have two decimals, so ``a < b``
is ``a <= b - 0.01``.  What is not linear (a product of two items) is None, and not reasoned about.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

from pipelines.survey import Rule

#: The smallest difference between two different figures.
STEP = 0.01
#: A disjunction of more conjunctions than this is not worth the trouble.
_MOST = 64


@dataclass(frozen=True)
class Row:
    """``sum(factor * name) <= limit``."""

    factors: tuple[tuple[str, float], ...]
    limit: float


Conjunction = tuple[Row, ...]
#: Any of the conjunctions.
Disjunction = tuple[Conjunction, ...]


class NotLinearError(ValueError):
    """The expression is outside of what can be reasoned about."""


def applying(rule: Rule) -> Disjunction | None:
    """Where the rule applies and holds; what makes a rule worth having."""
    return _both(rule, True)


def breaking(rule: Rule) -> Disjunction | None:
    """Where the rule applies and does not hold."""
    return _both(rule, False)


def condition(rule: Rule) -> Disjunction | None:
    """Where the rule applies, whether or not it holds."""
    try:
        return _read(_tree(rule.when), True) if rule.when else ((),)
    except NotLinearError:
        return None


@cache
def holding(rule: Rule) -> Disjunction | None:
    """Where the rule holds: it does not apply, or what must be is."""
    try:
        ways = _read(_tree(rule.expr), True)
        if rule.when:
            ways = (*_read(_tree(rule.when), False), *ways)
    except NotLinearError:
        return None
    return ways


def _both(rule: Rule, holds: bool) -> Disjunction | None:
    try:
        ways = _read(_tree(rule.expr), holds)
        if rule.when:
            ways = _joined(_read(_tree(rule.when), True), ways)
    except NotLinearError:
        return None
    return ways


def _tree(text: str) -> Any:
    import sqlglot

    return sqlglot.parse_one(text, read="duckdb")


def _read(node: Any, wanted: bool) -> Disjunction:
    """The ways in which a condition is ``wanted`` (TRUE or FALSE)."""
    from sqlglot import exp

    node = node.unnest()
    if isinstance(node, exp.Not):
        return _read(node.this, not wanted)
    if isinstance(node, exp.And | exp.Or):
        sides = _read(node.left, wanted), _read(node.right, wanted)
        together = isinstance(node, exp.And) == wanted
        return _joined(*sides) if together else (*sides[0], *sides[1])
    if isinstance(node, exp.Between):
        ends = exp.And(
            this=exp.GTE(this=node.this.copy(), expression=node.args["low"].copy()),
            expression=exp.LTE(this=node.this.copy(), expression=node.args["high"].copy()),
        )
        return _read(ends, wanted)
    if isinstance(node, exp.Column):
        return ((_row({node.name: -1.0}, -1.0),),) if wanted else ((_row({node.name: 1.0}, 0.0),),)
    return _comparison(node, wanted)


def _comparison(node: Any, wanted: bool) -> Disjunction:
    from sqlglot import exp

    if not isinstance(node, exp.LTE | exp.LT | exp.GTE | exp.GT | exp.EQ | exp.NEQ):
        raise NotLinearError(node.sql())
    if isinstance(node.right, exp.Literal) and node.right.is_string:
        fact = _fact(node.left.name, node.right.name)
        equal = isinstance(node, exp.EQ) == wanted
        return ((_row({fact: -1.0}, -1.0),),) if equal else ((_row({fact: 1.0}, 0.0),),)
    kind: Any = type(node)
    if not wanted:
        opposite = {exp.LTE: exp.GT, exp.LT: exp.GTE, exp.GTE: exp.LT, exp.GT: exp.LTE,
                    exp.EQ: exp.NEQ, exp.NEQ: exp.EQ}  # fmt: skip
        kind = opposite[kind]
    left = node.left.unnest()
    if isinstance(left, exp.Abs):
        return _absolute(left.this, node.right, kind)
    return _ordered(_difference(node.left, node.right), kind)


def _absolute(inside: Any, right: Any, kind: Any) -> Disjunction:
    """``abs(x) <= t`` is ``x <= t AND -x <= t``; ``abs(x) > t`` is either one the other way."""
    from sqlglot import exp

    above = _difference(inside, right)
    below = _difference(exp.Neg(this=exp.paren(inside.copy())), right)
    if kind in {exp.LTE, exp.LT}:
        return _joined(_ordered(above, kind), _ordered(below, kind))
    if kind in {exp.GTE, exp.GT}:
        return (*_ordered(above, kind), *_ordered(below, kind))
    raise NotLinearError(inside.sql())


def _ordered(sides: tuple[dict[str, float], float], kind: Any) -> Disjunction:
    """``factors + constant`` compared with 0."""
    from sqlglot import exp

    factors, constant = sides
    under = {name: -factor for name, factor in factors.items()}
    at_most = (_row(factors, -constant),)
    at_least = (_row(under, constant),)
    less, more = (_row(factors, -constant - STEP),), (_row(under, constant - STEP),)
    ways: dict[Any, Disjunction] = {
        exp.LTE: (at_most,),
        exp.GTE: (at_least,),
        exp.LT: (less,),
        exp.GT: (more,),
        exp.EQ: ((*at_most, *at_least),),
        exp.NEQ: (less, more),
    }
    return ways[kind]


def _difference(left: Any, right: Any) -> tuple[dict[str, float], float]:
    one, other = _linear(left), _linear(right)
    factors = {
        name: one[0].get(name, 0.0) - other[0].get(name, 0.0) for name in {**one[0], **other[0]}
    }
    return factors, one[1] - other[1]


def _linear(node: Any) -> tuple[dict[str, float], float]:
    """A sum of multiples of items, and a constant."""
    from sqlglot import exp

    node = node.unnest()
    if isinstance(node, exp.Column):
        return {node.name: 1.0}, 0.0
    if isinstance(node, exp.Literal) and not node.is_string:
        return {}, float(node.name)
    if isinstance(node, exp.Neg):
        return _times(_linear(node.this), -1.0)
    if isinstance(node, exp.Add | exp.Sub):
        left = _linear(node.left)
        right = _times(_linear(node.right), 1.0 if isinstance(node, exp.Add) else -1.0)
        names = {**left[0], **right[0]}
        return {n: left[0].get(n, 0.0) + right[0].get(n, 0.0) for n in names}, left[1] + right[1]
    if isinstance(node, exp.Mul):
        left, right = _linear(node.left), _linear(node.right)
        if not left[0]:
            return _times(right, left[1])
        if not right[0]:
            return _times(left, right[1])
    raise NotLinearError(node.sql())


def _times(side: tuple[dict[str, float], float], factor: float) -> tuple[dict[str, float], float]:
    return {name: value * factor for name, value in side[0].items()}, side[1] * factor


def _fact(name: str, value: str) -> str:
    """A text fact as a variable that is 0 or 1."""
    return f"{name}={value}"


def _row(factors: dict[str, float], limit: float) -> Row:
    return Row(tuple(sorted((n, f) for n, f in factors.items() if f)), limit)


def _joined(left: Disjunction, right: Disjunction) -> Disjunction:
    if len(left) * len(right) > _MOST:
        raise NotLinearError("too many cases")
    return tuple((*a, *b) for a, b in product(left, right))

"""Compile a rule's expression to DuckDB SQL with explicit three-valued logic.

A rule says what must be TRUE.  Compiled, it gives TRUE (holds, or does not apply), FALSE (a
finding) or NULL (cannot be judged because something it needs is blank or unreadable).  Functions
that skip NULL would judge what cannot be judged, so ``greatest`` and ``least`` are rewritten to
carry NULL and everything outside a short list is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

from pipelines.errors import SurveyDefinitionError
from pipelines.survey import Edition, Rule

#: Names that are not items: what the cover says.
FACTS = ("is_venue", "level")
#: Names that ``each`` rules may use.
EACH_NAMES = ("v", "prev")
#: A constant this large times a cell could leave DECIMAL(38,15); then doubles are used.
_LARGE = Decimal(10) ** 8

Shape = Literal["at_most", "at_least", "equal", "balance", "other"]


@dataclass(frozen=True)
class Compiled:
    """One rule ready to run.

    ``gap`` is the smallest change of ``gap_item`` that would make the rule hold (for a balance the
    whole difference), NULL where that cannot be said; ``right`` is the value of the right-hand
    side.  ``items`` stand in the order in which the rule mentions them.
    """

    rule: Rule
    items: tuple[str, ...]
    verdict: str
    gap: str
    gap_item: str
    right: str
    shape: Shape


def compile_rule(rule: Rule, edition: Edition) -> Compiled:
    """Compile an expression rule; raises SurveyDefinitionError when it is not one we can run."""
    return _compiled(rule, tuple(edition.item))


@lru_cache(maxsize=4096)
def _compiled(rule: Rule, items: tuple[str, ...]) -> Compiled:
    known = frozenset(EACH_NAMES if rule.each else (*items, *FACTS))
    expression = _parse(rule, rule.expr, known)
    condition = _parse(rule, rule.when, known) if rule.when else None
    mentioned = [*_columns(expression), *(_columns(condition) if condition else [])]
    named = tuple(dict.fromkeys(name for name in mentioned if name in items))
    holds = _sql(expression)
    verdict = holds
    if condition is not None:
        when = _sql(condition)
        verdict = (
            f"CASE WHEN ({when}) IS NULL THEN NULL WHEN NOT ({when}) THEN TRUE ELSE {holds} END"
        )
    gap, gap_item, right, shape = _measure(expression)
    return Compiled(rule, named, f"({verdict})", gap, gap_item, right, shape)


def _parse(rule: Rule, text: str, known: frozenset[str]) -> Any:
    import sqlglot
    from sqlglot import exp

    try:
        tree = sqlglot.parse_one(text, read="duckdb")
    except sqlglot.errors.SqlglotError as error:
        raise _refuse(rule, text, "不是规范的条件表达式") from error
    allowed = (
        exp.Abs, exp.Floor, exp.Ceil, exp.Round, exp.Greatest, exp.Least, exp.And, exp.Or, exp.Case,
        exp.If,
    )  # fmt: skip
    for node in tree.walk():
        if isinstance(node, exp.Func) and not isinstance(node, allowed):
            raise _refuse(rule, text, f"不能使用 {node.sql(dialect='duckdb')}")
        if isinstance(node, exp.Query | exp.Window | exp.Star | exp.Placeholder | exp.Command):
            raise _refuse(rule, text, "只能写对指标的条件")
        if isinstance(node, exp.Column) and (node.table or node.name not in known):
            raise _refuse(rule, text, f"用了不认识的指标“{node.sql()}”")
    return _avoid_overflow(tree.transform(_keep_null))


def _refuse(rule: Rule, text: str, why: str) -> SurveyDefinitionError:
    return SurveyDefinitionError(
        f"规则 {rule.id} 的条件“{text}”{why}",
        "条件中只能用本版调查表的指标编号、is_venue、level 和 abs、floor、greatest 等函数",
    )


def _keep_null(node: Any) -> Any:
    """greatest and least of anything unknown are unknown."""
    from sqlglot import exp

    if not isinstance(node, exp.Greatest | exp.Least) or isinstance(node.parent, exp.If):
        return node
    arguments = [node.this, *node.expressions]
    unknown = exp.or_(*(exp.Is(this=part.copy(), expression=exp.Null()) for part in arguments))
    return exp.Case(ifs=[exp.If(this=unknown, true=exp.Null())], default=node.copy())


def _avoid_overflow(tree: Any) -> Any:
    """A cell times a cell, or times a huge constant, is computed in doubles, innermost first."""
    from sqlglot import exp

    for product in reversed(list(tree.find_all(exp.Mul))):
        sides = (product.left, product.right)
        if not any(_is_small(side.unnest()) for side in sides):
            left, right = (exp.cast(side.copy(), "DOUBLE") for side in sides)
            product.replace(exp.Mul(this=left, expression=right))
    return tree


def _is_small(node: Any) -> bool:
    from sqlglot import exp

    return isinstance(node, exp.Literal) and abs(Decimal(node.name)) < _LARGE


def _columns(tree: Any) -> list[str]:
    from sqlglot import exp

    found = [node for node in tree.walk(bfs=False) if isinstance(node, exp.Column)]
    return [node.name for node in found]


def _sql(tree: Any) -> str:
    from sqlglot import exp

    quoted = tree.transform(
        lambda node: exp.column(node.name, quoted=True) if isinstance(node, exp.Column) else node
    )
    text: str = quoted.sql(dialect="duckdb")
    return text


def _measure(tree: Any) -> tuple[str, str, str, Shape]:
    """(gap, gap item, right side, shape) of what must hold."""
    from sqlglot import exp

    tree = tree.unnest()
    if isinstance(tree, exp.Between) and isinstance(tree.this, exp.Column):
        value, low, high = (_sql(tree.args[key]) for key in ("this", "low", "high"))
        return f"greatest({low} - {value}, {value} - {high})", tree.this.name, "NULL", "other"
    if not isinstance(tree, exp.LTE | exp.LT | exp.GTE | exp.GT | exp.EQ):
        return "NULL", "", "NULL", "other"
    left, right = tree.left.unnest(), tree.right.unnest()
    if isinstance(left, exp.Abs) and isinstance(left.this.unnest(), exp.Sub):
        difference = left.this.unnest()
        total, parts = difference.left.unnest(), difference.right
        item = total.name if isinstance(total, exp.Column) else ""
        return f"abs({_sql(difference)})", item, _sql(parts), "balance"
    alone = next((side.name for side in (left, right) if isinstance(side, exp.Column)), "")
    gap = f"nullif(abs({_sql(tree.left)} - ({_sql(tree.right)})), 0)" if alone else "NULL"
    both = isinstance(left, exp.Column) and isinstance(right, exp.Column)
    return gap, alone, _sql(tree.right), _shape_of(tree) if both else "other"


def _shape_of(tree: Any) -> Shape:
    from sqlglot import exp

    shapes: dict[Callable[..., Any], Shape] = {
        exp.LTE: "at_most",
        exp.LT: "at_most",
        exp.GTE: "at_least",
        exp.GT: "at_least",
        exp.EQ: "equal",
    }
    return shapes[type(tree)]

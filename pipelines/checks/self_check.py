"""Check the rules against each other: contradictions, rules that say nothing new, rules that never
fire.

Only rules that must hold (``must_correct``) bind the others: a doubtful figure may be right.  What
a figure may be at all is that it is not negative (G02).  Each question is whether a system of
linear inequalities has a solution; a rule that is not linear, or is a method, is passed over and
counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pipelines.checks.linear import Conjunction, Disjunction, Row, applying, breaking, holding
from pipelines.survey import Edition, Rule

Figures = dict[str, float]
Kind = Literal["contradiction", "redundant", "never"]

#: Facts of the cover, which are 0 or 1.
_FACTS = ("is_venue", "level=")
_BIG = 1e12


@dataclass(frozen=True)
class Remark:
    """Something that is wrong with a rule, and the rules that it is wrong with."""

    kind: Kind
    rule_id: str
    others: tuple[str, ...]
    text_zh: str


@dataclass(frozen=True)
class SelfCheck:
    """The remarks, and how many rules could be reasoned about."""

    remarks: tuple[Remark, ...]
    examined: int
    passed_over: tuple[str, ...]


def self_check(edition: Edition, rules: Sequence[Rule] | None = None) -> SelfCheck:
    """What the rules of an edition say against each other."""
    chosen = [
        rule
        for rule in (edition.rules if rules is None else rules)
        if rule.kind == "expression" and not rule.each and rule.scope == "return"
    ]
    known = {rule.id: ways for rule in chosen if (ways := holding(rule)) is not None}
    linear = [rule for rule in chosen if rule.id in known]
    remarks = [remark for rule in linear for remark in _remarks(rule, linear, known)]
    over = tuple(rule.id for rule in chosen if rule.id not in known)
    return SelfCheck(tuple(remarks), len(linear), over)


def _remarks(rule: Rule, rules: Sequence[Rule], known: dict[str, Disjunction]) -> Iterator[Remark]:
    broken, applied = breaking(rule), applying(rule)
    assert broken is not None
    assert applied is not None
    if not _possible(broken):
        yield Remark("never", rule.id, (), f"规则 {rule.id} 在任何情况下都成立，永远不会提出问题")
        return
    near = _related(rule, rules, known)
    if not _possible(applied, *(known[other.id] for other in near)):
        others = _culprits(applied, near, known)
        text = f"规则 {rule.id} 与 {_listed(others)}矛盾：适用时不可能同时成立"
        yield Remark("contradiction", rule.id, others, text)
        return
    if not _possible(broken, *(known[other.id] for other in near)):
        others = _culprits(broken, near, known)
        text = f"规则 {rule.id} 多余：{_listed(others)}成立时它必然成立"
        yield Remark("redundant", rule.id, others, text)


def _related(rule: Rule, rules: Sequence[Rule], known: dict[str, Disjunction]) -> list[Rule]:
    """The binding rules that share items with the rule; then, of those that share items with
    them, the ones that leave no choice, which cost nothing to take in."""
    binding = [other for other in rules if other.must_correct and other.id != rule.id]
    names = _names(rule)
    near = [other for other in binding if names & _names(other)]
    names = names.union(*map(_names, near))
    plain = [other for other in binding if other not in near and len(known[other.id]) == 1]
    return [*near, *(other for other in plain if names & _names(other))]


def _names(rule: Rule) -> set[str]:
    ways = holding(rule) or ()
    return {name for way in ways for row in way for name, _ in row.factors
            if not name.startswith(_FACTS)}  # fmt: skip


def _culprits(
    claim: Disjunction, others: Sequence[Rule], known: dict[str, Disjunction]
) -> tuple[str, ...]:
    """The fewest of the others that make the claim impossible, by leaving out one after another."""
    kept = list(others)
    for other in others:
        fewer = [one for one in kept if one is not other]
        if not _possible(claim, *(known[one.id] for one in fewer)):
            kept = fewer
    return tuple(one.id for one in kept)


def _listed(rule_ids: Sequence[str]) -> str:
    return "、".join(rule_ids) + " " if rule_ids else "自身"


def _possible(claim: Disjunction, *others: Disjunction) -> bool:
    """Whether some figures satisfy one way of each.

    Ways that are single conjunctions go in at once; choices are tried one by one, cut off as soon
    as what is chosen so far cannot be.
    """
    fixed = tuple(row for ways in others if len(ways) == 1 for row in ways[0])
    choices = [ways for ways in others if len(ways) > 1]
    for way in claim:
        rows = (*way, *fixed)
        figures = _solution(rows)
        if figures is not None and _extends(rows, choices, figures):
            return True
    return False


def _extends(rows: Conjunction, choices: Sequence[Disjunction], figures: Figures) -> bool:
    """Whether the choices can be made as well; ``figures`` satisfy the rows.

    A way that these very figures satisfy is taken first, for it needs no search.
    """
    if not choices:
        return True
    first, rest = choices[0], choices[1:]
    ready = [way for way in first if all(_satisfied(row, figures) for row in way)]
    for way in ready:
        if _extends((*rows, *way), rest, figures):
            return True
    for way in (way for way in first if way not in ready):
        found = _solution((*rows, *way))
        if found is not None and _extends((*rows, *way), rest, found):
            return True
    return False


def _satisfied(row: Row, figures: Figures) -> bool:
    return sum(factor * figures.get(name, 0.0) for name, factor in row.factors) <= row.limit


def _solution(rows: Conjunction) -> Figures | None:
    """Non-negative figures that satisfy all rows, if any do; facts of the cover are 0 or 1."""
    from scipy.optimize import linprog

    names = sorted({name for row in rows for name, _ in row.factors})
    if not names:
        return {} if all(row.limit >= 0 for row in rows) else None
    at = {name: n for n, name in enumerate(names)}
    matrix = np.zeros((len(rows), len(names)))
    for n, row in enumerate(rows):
        for name, factor in row.factors:
            matrix[n, at[name]] = factor
    facts = [name.startswith(_FACTS) for name in names]
    found = linprog(
        np.zeros(len(names)),
        A_ub=matrix,
        b_ub=np.array([row.limit for row in rows]),
        bounds=[(0, 1 if fact else _BIG) for fact in facts],
        integrality=[1 if fact else 0 for fact in facts] if any(facts) else None,
        method="highs",
    )
    if found.status != 0:
        return None
    return {name: float(value) for name, value in zip(names, found.x, strict=True)}


__all__ = ["Remark", "SelfCheck", "self_check"]

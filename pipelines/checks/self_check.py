"""Check the rules against each other: contradictions, rules that say nothing new, rules that never
fire.

Only rules that must hold (``must_correct``) bind the others: a doubtful figure may be right.  Items
of a return are not negative (G02); a rule over every cell is compared with other rules over every
cell, where ``v`` may be anything.  Each question is whether a system of linear inequalities has a
solution; a rule that is not linear, or is a method, is passed over and counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pipelines.checks.compiling import EACH_NAMES
from pipelines.checks.linear import (
    Conjunction,
    Disjunction,
    Row,
    applying,
    breaking,
    condition,
    holding,
)
from pipelines.survey import Edition, Rule

Figures = dict[str, float]
Kind = Literal["contradiction", "redundant", "never"]

#: Facts of the cover, which are 0 or 1.
_LEVEL = "level="
_FACTS = ("is_venue", _LEVEL)
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


def self_check(
    edition: Edition, rules: Sequence[Rule] | None = None, levels: Sequence[str] = ()
) -> SelfCheck:
    """What the rules of an edition say against each other.

    ``levels`` are the levels of units that there are, by their Chinese names; none means any.
    """
    chosen = [
        rule
        for rule in (edition.rules if rules is None else rules)
        if rule.kind == "expression" and (rule.each or rule.scope == "return")
    ]
    known = {rule.id: ways for rule in chosen if (ways := holding(rule)) is not None}
    book = _Book(edition, [rule for rule in chosen if rule.id in known], known, frozenset(levels))
    over = tuple(rule.id for rule in chosen if rule.id not in known)
    return SelfCheck(tuple(book.remarks()), len(book.rules), over)


@dataclass(frozen=True)
class _Book:
    """The rules that can be reasoned about, with the ways in which each holds."""

    edition: Edition
    rules: Sequence[Rule]
    known: dict[str, Disjunction]
    levels: frozenset[str]

    def remarks(self) -> list[Remark]:
        """In the order of the rules.  What contradicts others makes no rule redundant."""
        found = {rule.id: self._never(rule) or self._contradiction(rule) for rule in self.rules}
        sound = [rule for rule in self.rules if found[rule.id] is None]
        for rule in sound:
            found[rule.id] = self._redundant(rule, sound)
        return [remark for remark in found.values() if remark]

    def _never(self, rule: Rule) -> Remark | None:
        if not self._years(rule):
            return Remark("never", rule.id, (), _said(rule, "在本版调查表的年度都不适用"))
        missing = self._unknown_levels(rule)
        if missing:
            names = "、".join(f"“{name}”" for name in missing)
            return Remark("never", rule.id, (), _said(rule, f"用了没有的级别{names}"))
        if not _possible(_of(condition(rule))):
            return Remark("never", rule.id, (), _said(rule, "的适用条件不可能成立"))
        if not _possible(_of(breaking(rule))):
            return Remark("never", rule.id, (), _said(rule, "在任何情况下都成立"))
        return None

    def _contradiction(self, rule: Rule) -> Remark | None:
        applied = _of(applying(rule))
        # Which rules stand beside it may differ from year to year.
        sides = {tuple(r for r in self.rules if self._meets(rule, r, y)) for y in self._years(rule)}
        for near in sorted((self._related(rule, side) for side in sides), key=len):
            ways = [self.known[other.id] for other in near]
            # Others that contradict each other say nothing about this rule.
            if not _possible(applied, *ways) and _possible(((),), *ways):
                others = _culprits(applied, near, self.known)
                text = f"规则 {rule.id} 与 {_listed(others)}矛盾：适用时不可能同时成立"
                return Remark("contradiction", rule.id, others, text)
        return None

    def _redundant(self, rule: Rule, sound: Sequence[Rule]) -> Remark | None:
        broken = _of(breaking(rule))
        near = self._related(rule, [r for r in sound if self._covers(r, rule)])
        if _possible(broken, *(self.known[other.id] for other in near)):
            return None
        others = _culprits(broken, near, self.known)
        text = f"规则 {rule.id} 多余：{_listed(others)}成立时它必然成立"
        return Remark("redundant", rule.id, others, text)

    def _years(self, rule: Rule) -> set[int]:
        first, last = self.edition.years
        return {year for year in range(first, last + 1) if rule.applies_to(year)}

    def _items(self, rule: Rule) -> set[str]:
        """The items whose cells an ``each`` rule is about; none for a rule over a return."""
        return {i.item_id for i in self.edition.selected_by(rule.each)} if rule.each else set()

    def _meets(self, rule: Rule, other: Rule, year: int) -> bool:
        """Whether both are judged of the same return, or the same cell, in a year."""
        if bool(rule.each) != bool(other.each) or not other.applies_to(year):
            return False
        return not rule.each or bool(self._items(rule) & self._items(other))

    def _covers(self, other: Rule, rule: Rule) -> bool:
        """Whether the other is judged wherever the rule is."""
        if bool(rule.each) != bool(other.each) or not self._years(rule) <= self._years(other):
            return False
        return self._items(rule) <= self._items(other)

    def _unknown_levels(self, rule: Rule) -> list[str]:
        named = {
            name.removeprefix(_LEVEL)
            for way in self.known[rule.id]
            for row in way
            for name, _ in row.factors
            if name.startswith(_LEVEL)
        }
        return sorted(named - self.levels) if self.levels else []

    def _related(self, rule: Rule, others: Sequence[Rule]) -> list[Rule]:
        """The binding rules that share items with the rule; then, of those that share items with
        them, the ones that leave no choice, which cost nothing to take in."""
        binding = [other for other in others if other.must_correct and other.id != rule.id]
        names = _names(rule)
        near = [other for other in binding if names & _names(other)]
        names = names.union(*map(_names, near))
        plain = [r for r in binding if r not in near and len(self.known[r.id]) == 1]
        return [*near, *(other for other in plain if names & _names(other))]


def _of(ways: Disjunction | None) -> Disjunction:
    """Ways of a rule that is known to be linear."""
    assert ways is not None
    return ways


def _said(rule: Rule, why: str) -> str:
    return f"规则 {rule.id} {why}，永远不会提出问题"


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
    """Figures that satisfy all rows, if any do: items not negative, facts of the cover 0 or 1."""
    from scipy.optimize import linprog

    names = sorted({name for row in rows for name, _ in row.factors})
    rows = (*rows, *_one_level(names))
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
        bounds=[_range(name) for name in names],
        integrality=[1 if fact else 0 for fact in facts] if any(facts) else None,
        method="highs",
    )
    if found.status != 0:
        return None
    return {name: float(value) for name, value in zip(names, found.x, strict=True)}


def _one_level(names: Sequence[str]) -> Conjunction:
    """A unit has one level."""
    levels = tuple((name, 1.0) for name in names if name.startswith(_LEVEL))
    return (Row(levels, 1.0),) if len(levels) > 1 else ()


def _range(name: str) -> tuple[float, float]:
    if name in EACH_NAMES:
        return (-_BIG, _BIG)
    return (0, 1 if name.startswith(_FACTS) else _BIG)


__all__ = ["Remark", "SelfCheck", "self_check"]

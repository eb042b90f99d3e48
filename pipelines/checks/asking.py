"""Which rules asked about a cell, and what each of them came to: the audit trail of a figure.

Findings are the record of what failed.  That a rule passed, or could not be judged because
something it needs is blank, is told by judging it again over the same snapshot: storing that for
every cell would be many times the data.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from pipelines.checks.compiling import compile_rule
from pipelines.checks.methods_cells import JUDGED
from pipelines.checks.scene import checked_sql, earlier_pairs, lay_cells
from pipelines.survey import Edition, Rule, Survey
from pipelines.warehouse import Snapshot, Workshop
from pipelines.warehouse.schema import quoted

#: Return and item.
Cell = tuple[str, str]
_Verdict = bool | None


@dataclass
class Asked:
    """Ids of the rules that looked at one cell, by what came of it.

    Rules over several returns or over totals stand here only where they failed: which single
    cells such a rule looked at is not a question with an answer.
    """

    passed: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    not_evaluated: list[str] = field(default_factory=list)


def rules_over(
    snapshot: Snapshot | Workshop, survey: Survey, year: int, cells: Iterable[Cell]
) -> dict[Cell, Asked]:
    """For every cell of basic returns of ``year`` the rules that looked at it."""
    chosen = sorted(set(cells))
    asked = {cell: Asked() for cell in chosen}
    edition = survey.edition_of(year)
    items = {item_id for _, item_id in chosen}
    rules = [rule for rule in edition.rules if rule.applies_to(year)]
    whole = [r for r in rules if r.kind == "expression" and not r.each and _mentions(r, items)]
    single = [r for r in rules if r.id in JUDGED or (r.kind == "expression" and r.each)]
    failed = _failed(snapshot, year, asked)
    for cell, rule_ids in failed.items():
        asked[cell].failed = sorted(rule_ids)

    def note(rule: Rule, cell: Cell, verdict: _Verdict) -> None:
        if cell in asked and rule.id not in failed[cell]:
            where = asked[cell]
            {True: where.passed, False: where.failed, None: where.not_evaluated}[verdict].append(
                rule.id
            )

    if chosen:
        judge = _Judge(snapshot, survey, year, edition)
        try:
            judge.prepare({return_id for return_id, _ in chosen}, items, whole)
            judge.judge_whole(whole, items, note)
            for rule in single:
                judge.judge_cells(rule, items, note)
        finally:
            judge.drop()
    for found in asked.values():
        found.passed.sort()
        found.failed.sort()
        found.not_evaluated.sort()
    return asked


@dataclass
class _Judge:
    """The temporary tables over the chosen returns, and the rules run over them."""

    snapshot: Snapshot | Workshop
    survey: Survey
    year: int
    edition: Edition

    def prepare(self, return_ids: set[str], items: set[str], rules: list[Rule]) -> None:
        """``checked`` and ``cells``, over the chosen returns and the items their rules need."""
        con = self.snapshot.con
        needed = items.union(*(compile_rule(rule, self.edition).items for rule in rules))
        listed = ", ".join(quoted(item) for item in sorted(needed))
        # Lists as parameters: registering a table costs the import of pandas, half a second.
        pairs = earlier_pairs(self.survey, self.edition, self.year)
        con.execute(
            "CREATE TEMP TABLE earlier_items AS"
            " SELECT unnest(?::VARCHAR[]) AS item_id, unnest(?::VARCHAR[]) AS earlier_item_id",
            [[pair[side] for pair in pairs] for side in (0, 1)],
        )
        judged = "(SELECT * FROM returns WHERE return_id IN (SELECT unnest(?)))"
        chosen = [sorted(return_ids), self.year - 1, self.year]
        con.execute(checked_sql(self.survey, judged), chosen)
        lay_cells(con, self.edition, f"a.item_id IN ({listed})")

    def drop(self) -> None:
        for name in ("earlier_items", "checked", "before", "cells"):
            self.snapshot.con.execute(f"DROP TABLE IF EXISTS temp.{name}")

    def judge_whole(
        self, rules: list[Rule], items: set[str], note: Callable[[Rule, Cell, _Verdict], None]
    ) -> None:
        """Rules over a return: what such a rule says holds for every cell it names."""
        compiled = [compile_rule(rule, self.edition) for rule in rules]
        if not compiled:
            return
        columns = ", ".join(
            f'max(a.v) FILTER (a.item_id = {quoted(item)}) AS "{item}"'
            for item in sorted({item for one in compiled for item in one.items})
        )
        verdicts = ", ".join(f"{one.verdict} AS r{n}" for n, one in enumerate(compiled))
        rows = self.snapshot.con.execute(
            f"WITH wide AS (SELECT c.return_id, c.is_venue, c.level, {columns}"
            " FROM checked c LEFT JOIN cells a USING (return_id) GROUP BY ALL)"
            f" SELECT return_id, {verdicts} FROM wide"
        ).fetchall()
        for return_id, *said in rows:
            for one, verdict in zip(compiled, said, strict=True):
                for item in items.intersection(one.items):
                    note(one.rule, (return_id, item), verdict)

    def judge_cells(
        self, rule: Rule, items: set[str], note: Callable[[Rule, Cell, _Verdict], None]
    ) -> None:
        """Rules over single cells; of a method rule the findings say whether it failed."""
        among = {item.item_id for item in self.edition.selected_by(rule.each or "all")}
        looked = sorted(items & among)
        if not looked:
            return
        verdict = (
            f"CASE WHEN {JUDGED[rule.id]} THEN TRUE END"
            if rule.kind == "method"
            else compile_rule(rule, self.edition).verdict
        )
        rows = self.snapshot.con.execute(
            f"SELECT return_id, item_id, {verdict} FROM cells"
            f" WHERE item_id IN ({', '.join(quoted(item) for item in looked)})"
        ).fetchall()
        for return_id, item_id, said in rows:
            note(rule, (return_id, item_id), said)


def _mentions(rule: Rule, items: set[str]) -> bool:
    words = re.findall(r"\w+", f"{rule.expr} {rule.when}")
    return not items.isdisjoint(words)


def _failed(
    snapshot: Snapshot | Workshop, year: int, cells: dict[Cell, Asked]
) -> dict[Cell, set[str]]:
    """The rules with a finding about each cell."""
    rows = snapshot.con.execute(
        "SELECT DISTINCT return_id, unnest(items), rule_id FROM findings"
        " WHERE year = ? AND return_id <> ''",
        [year],
    ).fetchall()
    found: dict[Cell, set[str]] = defaultdict(set)
    for return_id, item_id, rule_id in rows:
        if (return_id, item_id) in cells:
            found[return_id, item_id].add(rule_id)
    return found

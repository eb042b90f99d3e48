"""Judge the expression rules of a year: all returns at once, in SQL.

A rule whose ``when`` is FALSE on a return holds there and counts as evaluated and passed: an
implication with a false premise is true.  Where ``when`` is NULL, or is TRUE and ``expr`` is NULL,
the rule is not evaluated and counted as such.  Only failing returns reach Python, to be put into
words.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyarrow as pa

from pipelines.checks.causes import balance_cause
from pipelines.checks.compiling import Compiled, compile_rule
from pipelines.checks.filing import file_changes
from pipelines.checks.findings import Finding, Outcome, finding, joined, percent, shown
from pipelines.checks.scene import Scene, texts
from pipelines.checks.wide import wide_table
from pipelines.checks.wording import clause, wording
from pipelines.survey import Rule
from pipelines.survey.notation import plain_text

_FIGURE = "DECIMAL(38,15)"


def judge_returns(scene: Scene, rules: list[Rule]) -> dict[str, Outcome]:
    """Outcomes by rule id of the rules over one whole return."""
    compiled = [compile_rule(rule, scene.edition) for rule in rules]
    if not compiled:
        return {}
    verdicts = ", ".join(f"{c.verdict} AS r{n}" for n, c in enumerate(compiled))
    con = scene.workshop.con
    with wide_table(scene, {item for one in compiled for item in one.items}):
        con.execute(f"CREATE TEMP TABLE verdicts AS SELECT return_id, {verdicts} FROM wide")
        try:
            outcomes, failing = _counts(scene, compiled)
            for row in _failures(scene, compiled, failing):
                rule = compiled[row["n"]]
                outcomes[rule.rule.id].findings.append(_put_in_words(scene, rule, row))
            return outcomes
        finally:
            con.execute("DROP TABLE temp.verdicts")


def judge_each(scene: Scene, rule: Rule) -> Outcome:
    """The outcome of a rule over ``v`` and ``prev`` of every item that its selector names."""
    compiled = compile_rule(rule, scene.edition)
    con = scene.workshop.con
    chosen = texts(scene.item_ids(rule.each))
    # Verdicts are worked out once, and of the many that hold nothing is kept.
    con.execute(f"""
        CREATE TEMP TABLE unmet AS
        SELECT rowid AS place, {compiled.verdict} AS holds FROM cells
        WHERE item_id IN ({chosen}) AND {compiled.verdict} IS NOT TRUE
    """)
    try:
        cells = scene.one(f"SELECT count(*) AS n FROM cells WHERE item_id IN ({chosen})")["n"]
        undecided = scene.one("SELECT count(*) AS n FROM unmet WHERE holds IS NULL")["n"]
        outcome = Outcome(cells - undecided, undecided)
        with_prev = "prev" in rule.expr
        if with_prev and rule.severity == "note":
            outcome.filed = file_changes(scene, compiled, _FAILING)
        else:
            failing = scene.rows(f"""
                SELECT *, TRY_CAST({compiled.gap} AS {_FIGURE}) AS gap FROM {_FAILING}
                ORDER BY return_id, item_id
            """)
            outcome.findings = [_cell_finding(scene, rule, row, with_prev) for row in failing]
        return outcome
    finally:
        con.execute("DROP TABLE temp.unmet")


#: The cells on which the rule that is being judged is FALSE.
_FAILING = "(FROM cells SEMI JOIN (FROM unmet WHERE NOT holds) u ON u.place = cells.rowid)"


def _counts(scene: Scene, compiled: list[Compiled]) -> tuple[dict[str, Outcome], list[int]]:
    """Outcomes without their findings, and the numbers of the rules that fail somewhere."""
    counted = ", ".join(
        f"count(r{n}) AS r{n}, bool_and(r{n}) IS FALSE AS f{n}" for n in range(len(compiled))
    )
    row = scene.one(f"SELECT count(*) AS returns, {counted} FROM verdicts")
    outcomes = {
        c.rule.id: Outcome(row[f"r{n}"], row["returns"] - row[f"r{n}"])
        for n, c in enumerate(compiled)
    }
    return outcomes, [n for n in range(len(compiled)) if row[f"f{n}"]]


def _failures(scene: Scene, compiled: list[Compiled], numbers: list[int]) -> list[dict[str, Any]]:
    """A row for every return on which a rule is FALSE, with the cells that the rule names.

    Only the rules of ``numbers`` are looked at: measuring every rule costs DuckDB more time to
    plan than all returns of a province take to judge.
    """
    if not numbers:
        return []
    failing = ", ".join(f"CASE WHEN NOT r{n} THEN {n} END" for n in numbers)
    gaps, rights = (
        " ".join(f"WHEN {n} THEN TRY_CAST({sql} AS {_FIGURE})" for n, sql in measures)
        for measures in (
            [(n, compiled[n].gap) for n in numbers],
            [(n, compiled[n].right) for n in numbers],
        )
    )
    named = [(n, p, item) for n in numbers for p, item in enumerate(compiled[n].items)]
    schema = pa.schema([("n", pa.int64()), ("pos", pa.int64()), ("item_id", pa.string())])
    con = scene.workshop.con
    con.register("rule_items", pa.table([list(c) for c in zip(*named, strict=True)], schema=schema))
    try:
        return scene.rows(f"""
        WITH failing AS (
            SELECT return_id, unnest(list_filter([{failing}], lambda x: x IS NOT NULL)) AS n
            FROM verdicts
        ), measured AS (
            SELECT f.return_id, f.n,
                CASE f.n {gaps} END AS gap, CASE f.n {rights} END AS "right"
            FROM failing f JOIN wide USING (return_id)
        )
        SELECT m.return_id, m.n, any_value(r.submission_id) AS submission_id,
            any_value(m.gap) AS gap, any_value(m."right") AS "right",
            list({{'item_id': i.item_id, 'v': a.v, 'state': a.state,
                   'raw_text': coalesce(a.raw_text, ''),
                   'sheet': a.sheet, 'cell': a.cell}} ORDER BY i.pos) AS cells
        FROM measured m
        JOIN checked r USING (return_id)
        JOIN rule_items i ON i.n = m.n
        LEFT JOIN cells a ON a.return_id = m.return_id AND a.item_id = i.item_id
        GROUP BY m.return_id, m.n ORDER BY m.n, m.return_id
        """)
    finally:
        con.unregister("rule_items")


def _put_in_words(scene: Scene, compiled: Compiled, row: dict[str, Any]) -> Finding:
    items, cells = scene.edition.item, row["cells"]
    figures = [shown(items[c["item_id"]], c["state"], c["v"]) for c in cells]
    cause = ""
    if compiled.shape == "balance" and compiled.gap_item and not compiled.rule.when:
        total = items[compiled.gap_item]
        cause = balance_cause(scene.edition, cells, row["gap"], compiled.rule.tolerance)
        said = clause(
            "balance",
            first=figures[0],
            right=plain_text(row["right"]),
            gap=plain_text(row["gap"]),
            unit=f" {total.unit}",
        )
    elif compiled.shape in {"at_most", "at_least", "equal"} and len(figures) == 2:
        said = clause(compiled.shape, first=figures[0], second=figures[1])
    else:
        said = clause("listing", all=joined(figures))
    return finding(
        compiled.rule,
        scene.year,
        said,
        about=row,
        items=[c["item_id"] for c in cells],
        cells=cells,
        cause=cause,
        effect=row["gap"],
        effect_item=compiled.gap_item,
    )


def _cell_finding(scene: Scene, rule: Rule, row: dict[str, Any], with_prev: bool) -> Finding:
    item = scene.edition.item[row["item_id"]]
    if with_prev:
        said = change_clause(item.name_zh, item.unit, row["v"], row["prev"])
    else:
        said = clause("each", first=shown(item, row["state"], row["v"]))
    return finding(
        rule,
        scene.year,
        said,
        about=row,
        items=[item.item_id],
        cells=[row],
        effect=row["gap"],
        effect_item=item.item_id,
    )


def change_clause(name: str, unit: str, v: Decimal, prev: Decimal) -> str:
    """How a figure moved against last year's."""
    parts = {"name": name, "v": plain_text(v), "prev": plain_text(prev), "unit": f" {unit}"}
    if prev == 0:
        return clause("each_from_zero", **parts)
    direction = wording().figures["up" if v > prev else "down"]
    change = percent(abs(v - prev) / abs(prev))
    return clause("each_prev", **parts, direction=direction, change=change)

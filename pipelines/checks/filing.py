"""Findings about change against last year, composed and filed inside DuckDB.

The national rule asks for a reason wherever a figure moves by more than 8 %: a province has half a
million such cells, and taking each through Python would cost more than all other rules together.
Sentences come from the same patterns as everywhere; a test holds them equal to those of
``expressions``.
"""

from __future__ import annotations

from string import Formatter

import pyarrow as pa

from pipelines.checks.compiling import Compiled
from pipelines.checks.scene import Scene
from pipelines.checks.wording import wording
from pipelines.survey import Rule
from pipelines.warehouse.schema import quoted

#: Decimals of the amounts that a percentage is worked out from; more change no digit of it.
_SCALE = 10**6


def file_changes(scene: Scene, compiled: Compiled, source: str) -> int:
    """File a finding for every cell of ``source``; says how many."""
    rule = compiled.rule
    con = scene.workshop.con
    items = scene.edition.items
    known = pa.table(
        {
            "item_id": [item.item_id for item in items],
            "name": [item.name_zh for item in items],
            "unit": [f" {item.unit}" for item in items],
        }
    )
    con.register("item_names", known)
    before = scene.workshop.count("findings")
    con.execute(f"""
        INSERT INTO findings BY NAME
        WITH failing AS (
            SELECT f.*, i.name, i.unit, {compiled.gap} AS gap,
                CASE WHEN f.sheet <> '' AND f.cell <> '' THEN f.sheet || '!' || f.cell
                    ELSE f.cell END AS address
            FROM {source} f JOIN item_names i USING (item_id)
        )
        SELECT {_identity(scene, rule)} AS finding_id, {scene.year} AS year,
            {quoted(rule.id)} AS rule_id, {quoted(rule.scope)} AS scope,
            {quoted(rule.severity)} AS severity, {rule.must_correct} AS must_correct,
            return_id, submission_id, [item_id] AS items, [address] AS cells,
            [raw_text] AS observed, {_message(rule)} AS message_zh, '' AS likely_cause_zh,
            round(TRY_CAST(gap AS DECIMAL(38,15)), 6) AS effect,
            CASE WHEN TRY_CAST(gap AS DECIMAL(38,15)) IS NULL THEN '' ELSE item_id END
                AS effect_item_id
        FROM failing
    """)
    con.unregister("item_names")
    return scene.workshop.count("findings") - before


def _identity(scene: Scene, rule: Rule) -> str:
    """The finding's id, as ``findings.finding`` works it out."""
    parts = (quoted(str(scene.year)), quoted(rule.id), "return_id", "''", "item_id", "address")
    return f"left(sha256(concat_ws(chr(31), {', '.join(parts)})), 20)"


def _message(rule: Rule) -> str:
    figures, clauses = wording().figures, wording().clauses
    fields = {
        "name": "name",
        "unit": "unit",
        "v": _plain("v"),
        "prev": _plain("prev"),
        "direction": f"CASE WHEN v > prev THEN {quoted(figures['up'])}"
        f" ELSE {quoted(figures['down'])} END",
        "change": _percent("abs(v - prev)", "abs(prev)"),
    }
    moved = _filled(clauses["each_prev"], fields)
    from_zero = _filled(clauses["each_from_zero"], fields)
    clause = f"CASE WHEN prev = 0 THEN {from_zero} ELSE {moved} END"
    return _filled(figures["finding"], {"message": quoted(rule.message_zh), "clause": clause})


def _filled(pattern: str, fields: dict[str, str]) -> str:
    """A sentence pattern as an SQL concatenation."""
    parts = []
    for literal, name, _, _ in Formatter().parse(pattern):
        if literal:
            parts.append(quoted(literal))
        if name:
            parts.append(f"({fields[name]})")
    return f"concat({', '.join(parts)})"


def _plain(amount: str) -> str:
    """An amount with no more digits than it has."""
    return f"rtrim(rtrim(CAST({amount} AS VARCHAR), '0'), '.')"


def _percent(part: str, whole: str) -> str:
    """part / whole in percent, two decimals, half up, exactly."""
    above, below = (f"CAST(({x}) * {_SCALE} AS HUGEINT)" for x in (part, whole))
    hundredths = f"(({above} * 20000 + {below}) // (2 * {below}))"
    return (
        f"concat({hundredths} // 100, '.', lpad(CAST({hundredths} % 100 AS VARCHAR), 2, '0'), '%')"
    )

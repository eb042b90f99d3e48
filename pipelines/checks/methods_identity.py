"""Method rules over identity: whose a return is, double counts across units, stale rulings.

What intake could not settle stands in ``identity_questions``; who decides is the office, so that
these findings, but for double counts, name no return and never go to a respondent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipelines.checks.findings import Finding, Outcome, address, finding, joined, shown
from pipelines.checks.scene import Scene
from pipelines.checks.wording import cause, clause
from pipelines.survey import Rule

#: Kinds of questions that have a rule of their own.
_ELSEWHERE = ("duplicate", "double_count", "stale_ruling")


def unit_unclear(scene: Scene, rule: Rule) -> Outcome:
    """G23: the unit of every return is told by credit code, or by name within its division."""
    rows = [row for row in _questions(scene) if row["kind"] not in _ELSEWHERE]
    found = []
    for row in rows:
        candidates = clause("candidates", all=joined(row["candidates"]))
        said = clause(
            "identity",
            message=row["message_zh"],
            file=row["file"],
            candidates=candidates if row["candidates"] else "",
        )
        found.append(_of_the_office(rule, scene, said, row))
    listed = scene.one(
        "SELECT count(*) AS n FROM checked"
        " WHERE EXISTS (SELECT 1 FROM units u WHERE u.year = checked.year)"
    )["n"]
    return Outcome(max(listed, len(found)), 0, found)


def stale_ruling(scene: Scene, rule: Rule) -> Outcome:
    """C02: every ruling of the year is about a return that is still as it was."""
    rows = [row for row in _questions(scene) if row["kind"] == "stale_ruling"]
    found = [_of_the_office(rule, scene, row["message_zh"], row) for row in rows]
    total = scene.one("SELECT count(*) AS n FROM rulings WHERE year = ?", [scene.year])["n"]
    return Outcome(total, 0, found)


def venue_inside_bureau(scene: Scene, rule: Rule) -> Outcome:
    """V46: the return of another unit of the same department and place repeats a venue's figures.

    A venue of the unit itself is V42's.  The question goes to the bureau, whose return is at fault.
    """
    rows = scene.rows(
        """
        SELECT q.items, q.message_zh, v.file AS venue_file, v.return_id AS venue_return,
            u.return_id, u.submission_id
        FROM identity_questions q
        JOIN checked v ON v.return_id = q.return_id
        JOIN checked u ON u.return_id = q.other_return_id
        WHERE q.year = ? AND q.kind = 'double_count' AND v.unit_id <> u.unit_id
        ORDER BY q.question_id
        """,
        [scene.year],
    )
    found = [_double_count(scene, rule, row) for row in rows]
    total = scene.one("SELECT count(*) AS n FROM checked WHERE venue_name <> '' OR is_venue")["n"]
    return Outcome(max(total, len(found)), 0, found)


def differing(scene: Scene, one: str, other: str) -> list[dict[str, Any]]:
    """The cells in which two returns differ, in the order of the questionnaire.

    Each row has the cell of the first return (``sheet``, ``cell``, ``raw_text``) and the second's
    (``other_…``); "" stands for a cell that a return lacks.
    """
    rows = scene.rows(
        """
        SELECT coalesce(a.item_id, b.item_id) AS item_id,
            coalesce(a.sheet, '') AS sheet, coalesce(a.cell, '') AS cell,
            coalesce(a.raw_text, '') AS raw_text,
            coalesce(b.sheet, '') AS other_sheet, coalesce(b.cell, '') AS other_cell,
            coalesce(b.raw_text, '') AS other_raw_text
        FROM (SELECT * FROM answers WHERE return_id = ?) a
        FULL JOIN (SELECT * FROM answers WHERE return_id = ?) b USING (item_id)
        WHERE a.state IS DISTINCT FROM b.state OR a.value IS DISTINCT FROM b.value
            OR (a.state = 'unreadable' AND a.raw_text <> b.raw_text)
        """,
        [one, other],
    )
    order = {item.item_id: n for n, item in enumerate(scene.edition.items)}
    return sorted((r for r in rows if r["item_id"] in order), key=lambda r: order[r["item_id"]])


def differences_clause(scene: Scene, rows: Sequence[dict[str, Any]], most: int) -> str:
    """Differing cells as a sentence: both texts with their places."""
    if not rows:
        return clause("same_content")
    said = [
        clause(
            "difference",
            name=scene.edition.item[row["item_id"]].name_zh,
            first=row["raw_text"],
            first_cell=address(row),
            second=row["other_raw_text"],
            second_cell=address({"sheet": row["other_sheet"], "cell": row["other_cell"]}),
        )
        for row in rows[:most]
    ]
    more = clause("more", count=len(rows)) if len(rows) > most else ""
    return clause("differences", count=len(rows), all=joined(said), more=more)


def _double_count(scene: Scene, rule: Rule, row: dict[str, Any]) -> Finding:
    cells = scene.rows(
        "SELECT item_id, v, state, raw_text, sheet, cell FROM cells"
        " WHERE return_id = ? AND item_id IN (SELECT unnest(?)) ORDER BY item_id",
        [row["return_id"], row["items"]],
    )
    items = scene.edition.item
    figures = joined(shown(items[c["item_id"]], c["state"], c["v"]) for c in cells)
    said = clause("double_count", message=row["message_zh"], file=row["venue_file"], all=figures)
    return finding(
        rule,
        scene.year,
        said,
        about=row,
        items=[c["item_id"] for c in cells],
        cells=cells,
        cause=cause("overlap"),
        subject=row["venue_return"],
    )


def _of_the_office(rule: Rule, scene: Scene, said: str, row: dict[str, Any]) -> Finding:
    files = [file for file in (row["file"], row["other_file"]) if file]
    return finding(rule, scene.year, said, observed=files, subject=row["question_id"])


def _questions(scene: Scene) -> list[dict[str, Any]]:
    return scene.rows(
        "SELECT * FROM identity_questions WHERE year = ? ORDER BY file, question_id", [scene.year]
    )

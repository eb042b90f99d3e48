"""Method rules that find figures too alike: copied from last year, from a neighbour, or made up."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from pipelines.checks.findings import Finding, Outcome, finding, shown
from pipelines.checks.params import Constant, Copied, SameEvent, params_of
from pipelines.checks.scene import Scene
from pipelines.checks.wording import cause, clause
from pipelines.survey import Rule
from pipelines.survey.notation import plain_text
from pipelines.warehouse.schema import quoted

Row = dict[str, Any]


def copied(scene: Scene, rule: Rule) -> Outcome:
    """G18: every figure of a form is last year's.

    A few small figures stay the same by themselves; how many must agree, and how large they must
    be together, is in the params.  A form is judged when nothing in it is blank or unreadable.
    """
    limits = params_of(rule, Copied)
    forms = ", ".join(
        f"({quoted(item.item_id)}, {quoted(item.form_id)})" for item in scene.edition.items
    )
    con = scene.workshop.con
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE grouped AS
        WITH forms(item_id, form_id) AS (VALUES {forms})
        SELECT c.return_id, f.form_id, any_value(c.submission_id) AS submission_id,
            bool_and(c.v = c.prev) AS same, count(*) = count(c.v + c.prev) AS whole,
            count(*) FILTER (WHERE c.v > 0) AS figures,
            round(sum(log10(greatest(c.v::DOUBLE / 10, 1))), 6) AS weight,
            list(c.item_id ORDER BY c.item_id) FILTER (WHERE c.v > 0) AS items
        FROM cells c JOIN forms f USING (item_id) SEMI JOIN (
            SELECT return_id FROM checked WHERE prev_id IS NOT NULL
        ) USING (return_id)
        GROUP BY c.return_id, f.form_id
    """)
    counts = scene.one("SELECT count(*) AS n, count(*) FILTER (WHERE whole) AS judged FROM grouped")
    rows = scene.rows(f"""
        SELECT g.return_id, g.form_id, g.submission_id, g.figures,
            list({{'item_id': c.item_id, 'raw_text': c.raw_text, 'sheet': c.sheet, 'cell': c.cell}}
                ORDER BY c.item_id) AS cells
        FROM grouped g JOIN cells c ON c.return_id = g.return_id
            AND list_contains(g.items, c.item_id)
        WHERE g.whole AND g.same AND g.figures >= {limits.figures} AND g.weight >= {limits.weight}
        GROUP BY ALL ORDER BY g.return_id, g.form_id
    """)
    con.execute("DROP TABLE temp.grouped")
    found = [_copy_finding(scene, rule, row) for row in rows]
    return Outcome(counts["judged"], counts["n"] - counts["judged"], found)


def _copy_finding(scene: Scene, rule: Rule, row: Row) -> Finding:
    form, cells = scene.edition.form[row["form_id"]], row["cells"]
    return finding(
        rule,
        scene.year,
        clause("copied", form=form.name_zh, count=row["figures"]),
        about=row,
        items=[cell["item_id"] for cell in cells],
        cells=cells,
        cause=cause("copied"),
        subject=form.form_id,
    )


def constant(scene: Scene, rule: Rule) -> Outcome:
    """G19: many units of a county report the very same figure."""
    limits = params_of(rule, Constant)
    scene.workshop.con.execute("""
        CREATE OR REPLACE TEMP TABLE alike AS
        WITH amounts AS (
            SELECT c.item_id, r.county_code, c.v FROM cells c JOIN checked r USING (return_id)
            WHERE c.v > 0 AND r.county_code <> ''
        ), counted AS (
            SELECT item_id, county_code, v, count(*) AS n FROM amounts GROUP BY ALL
        )
        SELECT *, (sum(n) OVER (PARTITION BY item_id, county_code))::BIGINT AS units FROM counted
    """)
    counts = scene.one(f"""
        SELECT coalesce(sum(n) FILTER (WHERE units >= {limits.units}), 0)::BIGINT AS judged,
            coalesce(sum(n), 0)::BIGINT AS cells FROM alike
    """)
    rows = scene.rows(f"""
        SELECT c.*, r.county_code, a.n, a.units FROM alike a
        JOIN cells c ON c.item_id = a.item_id AND c.v = a.v
        JOIN checked r ON r.return_id = c.return_id AND r.county_code = a.county_code
        WHERE a.n >= {limits.units} AND a.n >= {limits.share} * a.units
            AND a.v >= {limits.from_amount}
        ORDER BY c.return_id, c.item_id
    """)
    scene.workshop.con.execute("DROP TABLE temp.alike")
    found = [_constant_finding(scene, rule, row) for row in rows]
    return Outcome(counts["judged"], counts["cells"] - counts["judged"], found)


def _constant_finding(scene: Scene, rule: Rule, row: Row) -> Finding:
    item = scene.edition.item[row["item_id"]]
    place = scene.survey.divisions.get(row["county_code"], scene.year)
    said = clause(
        "constant",
        place=place.name_zh if place else row["county_code"],
        units=row["units"],
        n=row["n"],
        name=item.name_zh,
        v=plain_text(row["v"]),
        unit=f" {item.unit}",
    )
    return finding(
        rule, scene.year, said, about=row, items=[item.item_id], cells=[row],
        cause=cause("constant"),
    )  # fmt: skip


def same_event(scene: Scene, rule: Rule) -> Outcome:
    """G21: units of a county report as many events with exactly the same crowd.

    The event of one organiser is then counted once for every unit that took part.  The others are
    not named: the sentence goes to one of them.
    """
    limits = params_of(rule, SameEvent)
    kinds = ", ".join(f"({quoted(k.events)}, {quoted(k.crowd)})" for k in limits.kinds)
    rows = scene.rows(f"""
        WITH kinds(events, crowd) AS (VALUES {kinds})
        SELECT r.county_code, r.unit_id, k.events, k.crowd, e.v AS held, c.*
        FROM kinds k
        JOIN cells e ON e.item_id = k.events
        JOIN cells c ON c.item_id = k.crowd AND c.return_id = e.return_id
        JOIN checked r ON r.return_id = e.return_id
        WHERE e.v > 0 AND c.v >= {limits.from_crowd} AND r.county_code <> ''
        ORDER BY c.item_id, r.county_code, c.return_id
    """)
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row["county_code"], row["crowd"], row["held"], row["v"]].append(row)
    found = []
    for group in groups.values():
        if len({row["unit_id"] for row in group}) < 2:
            continue
        for row in group:
            items = scene.edition.item
            said = clause(
                "same_event",
                count=len(group),
                events=shown(items[row["events"]], None, row["held"]),
                crowd=shown(items[row["crowd"]], row["state"], row["v"]),
            )
            found.append(
                finding(
                    rule,
                    scene.year,
                    said,
                    about=row,
                    items=[row["crowd"], row["events"]],
                    cells=[row],
                    cause=cause("same_event"),
                    effect=row["v"],
                    effect_item=row["crowd"],
                )
            )
    found.sort(key=lambda one: (one["return_id"], one["items"]))
    return Outcome(len(rows), 0, found)

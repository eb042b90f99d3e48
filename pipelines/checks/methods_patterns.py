"""Method rules that find figures too alike: copied from last year, from a neighbour, or made up."""

from __future__ import annotations

from typing import Any

from pipelines.checks.findings import Finding, Outcome, finding, shown
from pipelines.checks.params import Constant, Copied, SameEvent, params_of
from pipelines.checks.scene import Scene, item_type, texts
from pipelines.checks.wording import cause, clause
from pipelines.survey import Rule
from pipelines.survey.notation import plain_text
from pipelines.warehouse.schema import quoted

Row = dict[str, Any]


def copied(scene: Scene, rule: Rule) -> Outcome:
    """G18: every figure of a form, or of a whole return, is last year's.

    A few small figures stay the same by themselves; how many must agree, and how large they must
    be together, is in the params.  A form is judged when nothing in it is blank or unreadable.  A
    return whose forms are all the same is asked about once; its figures are taken together, so
    that a small unit that copied everything is found, whose single forms prove nothing.
    """
    limits = params_of(rule, Copied)
    forms = ", ".join(
        f"({quoted(item.item_id)}, {quoted(item.form_id)})" for item in scene.edition.items
    )
    con = scene.workshop.con
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE grouped AS
        WITH forms AS (
            SELECT item_id::{item_type(scene.edition)} AS item_id, form_id
            FROM (VALUES {forms}) t(item_id, form_id)
        )
        SELECT any_value(c.return_id) AS return_id, f.form_id,
            any_value(c.submission_id) AS submission_id,
            bool_and(c.v = c.prev) AS same, count(*) = count(c.v + c.prev) AS whole,
            count(*) FILTER (WHERE c.v > 0) AS figures,
            round(sum(log10(greatest(c.v::DOUBLE / 10, 1))), 6) AS weight,
            list(c.item_id ORDER BY c.item_id) FILTER (WHERE c.v > 0) AS items
        FROM cells c JOIN forms f USING (item_id) SEMI JOIN (
            SELECT seq FROM checked WHERE prev_id IS NOT NULL
        ) USING (seq)
        GROUP BY c.seq, f.form_id
    """)
    counts = scene.one("SELECT count(*) AS n, count(*) FILTER (WHERE whole) AS judged FROM grouped")
    large = f"figures >= {limits.figures} AND weight >= {limits.weight}"
    rows = scene.rows(f"""
        WITH returns AS (
            SELECT return_id, '' AS form_id, any_value(submission_id) AS submission_id,
                sum(figures)::BIGINT AS figures, round(sum(weight), 6) AS weight,
                flatten(list(items)) AS items
            FROM grouped GROUP BY return_id
            HAVING bool_and(whole AND same) AND count(*) FILTER (WHERE figures > 0) > 1
        ), alike AS (
            SELECT return_id, form_id, submission_id, figures, items FROM returns WHERE {large}
            UNION ALL
            SELECT return_id, form_id, submission_id, figures, items FROM grouped
                ANTI JOIN (SELECT return_id FROM returns WHERE {large}) USING (return_id)
            WHERE whole AND same AND {large}
        )
        SELECT a.return_id, a.form_id, a.submission_id, a.figures,
            list({{'item_id': c.item_id, 'raw_text': c.raw_text, 'sheet': c.sheet, 'cell': c.cell}}
                ORDER BY c.item_id) AS cells
        FROM alike a JOIN cells c ON c.return_id = a.return_id
            AND list_contains(a.items, c.item_id)
        GROUP BY ALL ORDER BY a.return_id, a.form_id
    """)
    con.execute("DROP TABLE temp.grouped")
    found = [_copy_finding(scene, rule, row) for row in rows]
    return Outcome(counts["judged"], counts["n"] - counts["judged"], found)


def _copy_finding(scene: Scene, rule: Rule, row: Row) -> Finding:
    form_id, cells = row["form_id"], row["cells"]
    if form_id:
        said = clause("copied", form=scene.edition.form[form_id].name_zh, count=row["figures"])
    else:
        said = clause("copied_all", count=row["figures"])
    return finding(
        rule,
        scene.year,
        said,
        about=row,
        items=[cell["item_id"] for cell in cells],
        cells=cells,
        cause=cause("copied"),
        subject=form_id,
    )


def constant(scene: Scene, rule: Rule) -> Outcome:
    """G19: many units of a county report the very same figure.

    Many are a good share of those that report the item, or many times as many as there would be if
    the figure were as common here as in the other counties.
    """
    limits = params_of(rule, Constant)
    scene.workshop.con.execute("""
        CREATE OR REPLACE TEMP TABLE alike AS
        WITH amounts AS (
            SELECT c.item_id, r.county_code, c.v FROM cells c JOIN checked r USING (seq)
            WHERE c.v > 0 AND r.county_code <> ''
        ), counted AS (
            SELECT item_id, county_code, v, count(*) AS n FROM amounts GROUP BY ALL
        )
        SELECT *, (sum(n) OVER (PARTITION BY item_id, county_code))::BIGINT AS units,
            (sum(n) OVER (PARTITION BY item_id))::BIGINT AS everywhere,
            (sum(n) OVER (PARTITION BY item_id, v))::BIGINT AS equal
        FROM counted
    """)
    counts = scene.one(f"""
        SELECT coalesce(sum(n) FILTER (WHERE units >= {limits.units}), 0)::BIGINT AS judged,
            coalesce(sum(n), 0)::BIGINT AS cells FROM alike
    """)
    # One more unit elsewhere than there is, as if it had the figure, so that none is not never.
    expected = "a.units * (a.equal - a.n + 1)::DOUBLE / (a.everywhere - a.units + 1)"
    rows = scene.rows(f"""
        SELECT c.*, r.county_code, a.n, a.units FROM alike a
        JOIN cells c ON c.item_id = a.item_id AND c.v = a.v
        JOIN checked r ON r.seq = c.seq AND r.county_code = a.county_code
        WHERE a.n >= {limits.units} AND a.v >= {limits.from_amount}
            AND (a.n >= {limits.share} * a.units OR a.n >= {limits.times} * {expected})
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
    item = item_type(scene.edition)
    kinds = ", ".join(f"({quoted(k.events)}, {quoted(k.crowd)})" for k in limits.kinds)
    con = scene.workshop.con
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE crowds AS
        WITH kinds AS (
            SELECT events::{item} AS events, crowd::{item} AS crowd
            FROM (VALUES {kinds}) t(events, crowd)
        ), large AS (
            SELECT seq, item_id AS crowd, v FROM cells
            WHERE v >= {limits.from_crowd} AND item_id IN ({texts(k.crowd for k in limits.kinds)})
        )
        SELECT seq, r.county_code, r.unit_id, k.events, crowd, e.v AS held, large.v
        FROM large JOIN kinds k USING (crowd)
        JOIN (
            SELECT seq, item_id AS events, v FROM cells
            WHERE v > 0 AND item_id IN ({texts(k.events for k in limits.kinds)})
        ) e USING (seq, events)
        JOIN checked r USING (seq) WHERE r.county_code <> ''
    """)
    rows = scene.rows("""
        WITH shared AS (
            SELECT county_code, crowd, held, v, count(*) AS returns FROM crowds
            GROUP BY ALL HAVING count(DISTINCT unit_id) > 1
        )
        SELECT k.events, k.crowd, k.held, s.returns, c.*
        FROM crowds k JOIN shared s USING (county_code, crowd, held, v)
        JOIN cells c ON c.seq = k.seq AND c.item_id = k.crowd
    """)
    judged = scene.one("SELECT count(*) AS n FROM crowds")["n"]
    con.execute("DROP TABLE temp.crowds")
    items = scene.edition.item
    found = []
    for row in rows:
        said = clause(
            "same_event",
            count=row["returns"],
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
    return Outcome(judged, 0, found)

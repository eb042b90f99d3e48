"""Method rules over totals: summary rows, who is missing, who dominates, what stands out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from statistics import median
from typing import Any

from pipelines.checks.findings import Outcome, finding, percent
from pipelines.checks.params import Dominance, Outliers, Response, params_of
from pipelines.checks.scene import Scene, texts
from pipelines.checks.wording import clause, settings
from pipelines.survey import Rule
from pipelines.survey.notation import plain_text
from pipelines.survey.quantities import round_half_up
from pipelines.survey.reference import PROVINCE

_SUMMARIES = (
    "SELECT count(*) AS n FROM returns"
    " WHERE year = ? AND role = 'summary' AND status <> 'superseded'"
)


def summary_rows(scene: Scene, rule: Rule) -> Outcome:
    """A01: a summary row equals the sum of the basic rows it sums.

    Those are the basic rows of its own sheet; a summary sent alone is compared with the counted
    returns of its place.  Where there is neither, or a cell is not a figure, it is not judged.
    Summaries that a later one has taken the place of are passed over.
    """
    if not scene.one(_SUMMARIES, [scene.year])["n"]:
        return Outcome(0)
    rows = scene.rows(
        """
        WITH summary AS (
            SELECT s.return_id, s.submission_id, s.file, s.sheet, s.division_code, a.item_id,
                a.shown_text AS raw_text, a.cell, a.amount AS v
            FROM returns s JOIN current_answers a USING (return_id)
            WHERE s.year = ? AND s.role = 'summary' AND s.status <> 'superseded'
        ), basic AS (
            SELECT r.*, a.item_id, a.amount
            FROM returns r JOIN current_answers a USING (return_id)
            WHERE r.year = ? AND r.role = 'basic'
        ), own AS (
            SELECT s.return_id, s.item_id, sum(b.amount) AS total
            FROM summary s JOIN basic b ON b.file = s.file AND b.sheet = s.sheet
                AND b.item_id = s.item_id
                AND s.division_code IN ('', ?, b.division_code, b.county_code, b.prefecture_code)
            GROUP BY ALL
        ), placed AS (
            SELECT s.return_id, s.item_id, sum(b.amount) AS total
            FROM summary s JOIN basic b ON b.item_id = s.item_id
                AND b.status IN ('received', 'accepted', 'queried')
                AND s.division_code IN (b.county_code, b.prefecture_code)
            WHERE s.division_code <> '' GROUP BY ALL
        )
        SELECT s.*, coalesce(own.total, placed.total) AS total
        FROM summary s
        LEFT JOIN own USING (return_id, item_id) LEFT JOIN placed USING (return_id, item_id)
        ORDER BY s.return_id, s.item_id
        """,
        [scene.year, scene.year, PROVINCE],
    )
    additive = set(scene.item_ids("additive"))
    rows = [row for row in rows if row["item_id"] in additive]
    judged = [row for row in rows if row["v"] is not None and row["total"] is not None]
    found = []
    for row in judged:
        gap = abs(row["v"] - row["total"])
        if gap:
            item = scene.edition.item[row["item_id"]]
            said = clause(
                "summary",
                name=item.name_zh,
                v=plain_text(row["v"]),
                right=plain_text(row["total"]),
                gap=plain_text(gap),
                unit=f" {item.unit}",
            )
            found.append(
                finding(
                    rule,
                    scene.year,
                    said,
                    about=row,
                    items=[item.item_id],
                    cells=[row],
                    effect=gap,
                    effect_item=item.item_id,
                )
            )
    return Outcome(len(judged), len(rows) - len(judged), found)


def response(scene: Scene, rule: Rule) -> Outcome:
    """A04: of the listed units enough have reported, in the province, each place and department.

    Without a list of units there is nothing to judge.  Returns sent back do not count as reported.
    """
    rows = scene.rows(
        """
        SELECT *, unit_name || CASE WHEN venue_name = '' THEN '' ELSE '—' END || venue_name AS name
        FROM expected_units WHERE year = ? ORDER BY division_code, unit_id, venue_name
        """,
        [scene.year],
    )
    if not rows:
        return Outcome(0, 1)
    outcome = Outcome(0)
    least = Decimal(str(params_of(rule, Response).least_rate))
    for group_zh, members in _groups(scene, rows):
        outcome.evaluated += 1
        missing = [row["name"] for row in members if not row["returned"]]
        rate = Decimal(len(members) - len(missing)) / len(members)
        if rate < least:
            said = clause(
                "response",
                group=group_zh,
                listed=len(members),
                returned=len(members) - len(missing),
                rate=percent(rate),
                missing=len(missing),
            )
            names = missing[: settings().missing_names]
            outcome.findings.append(
                finding(rule, scene.year, said, observed=names, subject=group_zh)
            )
    return outcome


def dominance(scene: Scene, rule: Rule) -> Outcome:
    """A05: one return does not make most of a place's total.

    Which unit it is stands in ``observed`` only: the sentence may be read outside the office.
    """
    limits = params_of(rule, Dominance)
    totals = [i.item_id for i in scene.edition.items if i.relation == "total" and i.additive]
    rows = scene.rows(
        f"""
        WITH amounts AS (
            SELECT a.item_id, g.code, a.v AS amount, r.unit_name, r.venue_name, r.return_id
            FROM cells a
            JOIN (FROM checked SEMI JOIN counted_returns USING (return_id)) r USING (seq),
                LATERAL (SELECT unnest([?, r.prefecture_code]) AS code) g
            WHERE a.v > 0 AND g.code <> '' AND a.item_id IN ({texts(totals)})
        )
        SELECT code, item_id, sum(amount) AS total, max(amount) AS top,
            min_by(CASE WHEN venue_name = '' THEN unit_name ELSE venue_name END,
                (-amount, return_id)) AS name
        FROM amounts GROUP BY code, item_id HAVING count(*) >= {limits.units}
        ORDER BY code, item_id
        """,
        [PROVINCE],
    )
    found = []
    for row in rows:
        share = row["top"] / row["total"]
        if share > Decimal(str(limits.largest_share)):
            item = scene.edition.item[row["item_id"]]
            said = clause(
                "dominance",
                group=scene.place_zh(row["code"]),
                name=item.name_zh,
                total=plain_text(row["total"]),
                unit=f" {item.unit}",
                share=percent(share),
            )
            found.append(
                finding(
                    rule,
                    scene.year,
                    said,
                    items=[item.item_id],
                    observed=[row["name"]],
                    subject=row["code"],
                )
            )
    return Outcome(len(rows), 0, found)


def outliers(scene: Scene, rule: Rule) -> Outcome:
    """A06: a prefecture's amount a head lies within so many absolute deviations of its peers."""
    limits = params_of(rule, Outliers)
    totals = [i.item_id for i in scene.edition.items if i.relation == "total" and i.additive]
    rows = scene.rows(
        f"""
        SELECT item_id, prefecture_code, sum(amount) AS total FROM sums
        WHERE prefecture_code <> '' AND item_id IN ({texts(totals)})
        GROUP BY ALL HAVING sum(amount) IS NOT NULL ORDER BY item_id, prefecture_code
        """
    )
    outcome = Outcome(0)
    for item_id in totals:
        ratios = dict(_per_head(scene, [row for row in rows if row["item_id"] == item_id]))
        middle = median(ratios.values()) if ratios else Decimal(0)
        spread = median(abs(ratio - middle) for ratio in ratios.values()) if ratios else Decimal(0)
        if len(ratios) < limits.places or not spread:
            outcome.not_evaluated += 1
            continue
        outcome.evaluated += len(ratios)
        item = scene.edition.item[item_id]
        for code, ratio in ratios.items():
            if abs(ratio - middle) > Decimal(str(limits.deviations)) * spread:
                said = clause(
                    "outlier",
                    group=scene.place_zh(code),
                    name=item.name_zh,
                    v=f"{round_half_up(ratio, 2):f}",
                    median=f"{round_half_up(middle, 2):f}",
                    unit=f" {item.unit}",
                )
                outcome.findings.append(
                    finding(rule, scene.year, said, items=[item_id], subject=code)
                )
    return outcome


def _per_head(scene: Scene, rows: Sequence[dict[str, Any]]) -> Iterator[tuple[str, Decimal]]:
    """Amounts for every ten thousand residents, where the population is known."""
    for row in rows:
        code = row["prefecture_code"]
        residents = scene.survey.population.first_published(code, scene.year)
        if residents is not None and residents.persons:
            yield code, row["total"] * 10_000 / residents.persons


def _groups(scene: Scene, rows: list[dict[str, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    yield scene.place_zh(PROVINCE), rows
    for code in scene.prefectures():
        members = [row for row in rows if row["prefecture_code"] == code]
        if members:
            yield scene.place_zh(code), members
    for one in scene.survey.departments.active(scene.year):
        members = [row for row in rows if row["department_id"] == one.department_id]
        if members:
            yield one.name_zh, members

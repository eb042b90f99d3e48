"""Method rules over single cells: what cannot be read, what is blank, what slipped a unit."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from pipelines.checks.causes import slip_cause
from pipelines.checks.findings import Finding, Outcome, finding, three_digits
from pipelines.checks.params import Slip, params_of
from pipelines.checks.scene import Scene
from pipelines.checks.wording import clause
from pipelines.survey import Rule
from pipelines.survey.notation import explain_unreadable, normalise_text, plain_text
from pipelines.warehouse.schema import quoted

#: Where each rule over single cells is judged, as a condition over ``cells``.
JUDGED = {
    "G03": "TRUE",
    "G04": "TRUE",
    "G13": "prev IS NOT NULL",
    "G14": "v IS NOT NULL AND prev IS NOT NULL",
}


def unreadable(scene: Scene, rule: Rule) -> Outcome:
    """G03: a cell that holds something else than a figure."""
    return _by_state(scene, rule, "unreadable", _unreadable_clause)


def blank(scene: Scene, rule: Rule) -> Outcome:
    """G04: a blank cell says neither zero nor "no such business"."""
    return _by_state(scene, rule, "blank", lambda name, row: clause("blank", name=name))


def nothing_reported(scene: Scene, rule: Rule) -> Outcome:
    """G05: no cell of the return is above zero; not judged when some cell cannot be read."""
    rows = scene.rows("""
        WITH counted AS (
            SELECT seq, count(*) AS cells, bool_or(v > 0) AS filled,
                bool_or(state = 'unreadable') AS unclear
            FROM cells GROUP BY seq
        )
        SELECT c.return_id, c.submission_id, coalesce(cells, 0) AS cells,
            coalesce(unclear, FALSE) AS unclear
        FROM checked c LEFT JOIN counted USING (seq) WHERE filled IS NOT TRUE ORDER BY c.seq
    """)
    found = [
        finding(rule, scene.year, clause("all_zero", cells=row["cells"]), about=row)
        for row in rows
        if not row["unclear"]
    ]
    unclear = len(rows) - len(found)
    total = scene.one("SELECT count(*) AS n FROM checked")["n"]
    return Outcome(total - unclear, unclear, found)


def blank_after_figure(scene: Scene, rule: Rule) -> Outcome:
    """G13: last year's figure was above zero and this year's cell is blank."""
    return _year_on_year(scene, rule, JUDGED[rule.id], "prev > 0 AND state = 'blank'", _blanked)


def unit_slip(scene: Scene, rule: Rule) -> Outcome:
    """G14: the figure is about k times last year's, or a k-th, for a usual k.

    A factor fits when what remains after dividing by it is within three times of last year's
    figure and nearer to it than the figure as reported; the nearest factor is named.
    """
    limits = params_of(rule, Slip)
    windows = " OR ".join(
        f"(v::DOUBLE / prev::DOUBLE BETWEEN {low} AND {high})"
        for low, high in slip_windows((*limits.factors, *limits.hour_factors))
    )
    # Of most cells the cheap comparison says enough; doubles are dear.
    least = int(min((*limits.factors, *limits.hour_factors)) / 3.001)
    moved = f"(v >= {least} * prev OR prev >= {least} * v)"
    asked = (
        f"prev > 0 AND v > 0 AND greatest(v, prev) >= {limits.from_amount} AND {moved}"
        f" AND ({windows})"
    )
    outcome = _year_on_year(scene, rule, JUDGED[rule.id], asked, _slipped)
    scene.tell(outcome.findings)
    return outcome


def slip_windows(factors: Iterable[int]) -> list[tuple[float, float]]:
    """Where a ratio may be explained by a factor or its inverse: as few ranges as cover them.

    They are a little wide; ``slip_factor`` decides.
    """
    merged: list[tuple[float, float]] = []
    for middle in sorted({exact for k in factors for exact in (float(k), 1 / k)}):
        low, high = middle / 3.001, middle * 3.001
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], high)
        else:
            merged.append((low, high))
    return merged


def _by_state(scene: Scene, rule: Rule, state: str, say: Any) -> Outcome:
    total = scene.one("SELECT count(*) AS n FROM cells")["n"]
    rows = scene.rows("SELECT * FROM cells WHERE state = ? ORDER BY return_id, item_id", [state])
    found = []
    for row in rows:
        item = scene.edition.item[row["item_id"]]
        said = say(item.name_zh, row)
        found.append(finding(rule, scene.year, said, about=row, items=[item.item_id], cells=[row]))
    return Outcome(total, 0, found)


def _unreadable_clause(name: str, row: dict[str, Any]) -> str:
    raw = row["raw_text"]
    # Reading leaves its reason as the last note; a reader that left none is asked again.
    notes = row["notes"] or []
    reason = notes[-1] if notes else explain_unreadable(normalise_text(raw)[0])
    if not raw:
        return clause("unreadable_empty", name=name, reason=reason)
    return clause("unreadable", name=name, raw=raw, reason=reason)


def _year_on_year(scene: Scene, rule: Rule, judged: str, failing: str, say: Any) -> Outcome:
    chosen = ", ".join(quoted(name) for name in scene.item_ids(rule.each))
    counts = scene.one(
        f"SELECT count(*) AS n, count(*) FILTER (WHERE {judged}) AS judged FROM cells"
        f" WHERE item_id IN ({chosen})"
    )
    # Which cells first, then their texts: a scan that carries the texts along is far slower.
    rows = scene.rows(f"""
        FROM cells SEMI JOIN (
            SELECT rowid AS place FROM cells
            WHERE item_id IN ({chosen}) AND {judged} AND {failing}
        ) found ON found.place = cells.rowid ORDER BY seq, item_id
    """)
    said = (say(scene, rule, row) for row in rows)
    found = [one for one in said if one is not None]
    return Outcome(counts["judged"], counts["n"] - counts["judged"], found)


def _blanked(scene: Scene, rule: Rule, row: dict[str, Any]) -> Finding:
    item = scene.edition.item[row["item_id"]]
    said = clause(
        "blank_with_prev", name=item.name_zh, prev=plain_text(row["prev"]), unit=f" {item.unit}"
    )
    return finding(rule, scene.year, said, about=row, items=[item.item_id], cells=[row])


def _slipped(scene: Scene, rule: Rule, row: dict[str, Any]) -> Finding | None:
    item = scene.edition.item[row["item_id"]]
    limits = params_of(rule, Slip)
    hours = limits.hour_factors if item.unit == "小时" else ()
    found = slip_factor(row["v"], row["prev"], (*limits.factors, *hours))
    if found is None:
        return None
    factor, larger = found
    v, prev = row["v"], row["prev"]
    likely = v / factor if larger else v * factor
    said = clause(
        "slip_up" if larger else "slip_down",
        name=item.name_zh,
        v=plain_text(v),
        prev=plain_text(prev),
        unit=f" {item.unit}",
        times=three_digits(v / prev if larger else prev / v),
    )
    return finding(
        rule,
        scene.year,
        said,
        about=row,
        items=[item.item_id],
        cells=[row],
        cause=slip_cause(item, factor, larger),
        effect=abs(v - likely),
        effect_item=item.item_id,
    )


def slip_factor(v: Decimal, prev: Decimal, factors: tuple[int, ...]) -> tuple[int, bool] | None:
    """The factor that explains ``v`` against ``prev`` best, and whether ``v`` is the larger one.

    Distances are ratios of at least one: 1 means exactly last year's figure.
    """
    larger = v > prev
    ratio = v / prev if larger else prev / v
    fits = [(max(ratio / k, k / ratio), k) for k in factors]
    fits = [(distance, k) for distance, k in fits if distance <= 3 and distance < ratio]
    return (min(fits)[1], larger) if fits else None

"""Method rules that compare a unit with its like: change, ratios and sizes out of the usual range.

None of them says that a figure is wrong; each says that it is unlike the figures of other units of
the same level and department, by bounds that the data themselves set (see ``peers``).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pipelines.checks.expressions import change_clause
from pipelines.checks.findings import Finding, Outcome, finding, three_digits
from pipelines.checks.params import HidiroglouBerthelot, Pair, Ratios, Sizes, params_of
from pipelines.checks.peers import (
    Sample,
    bounded_sql,
    effect_sql,
    group_zh,
    learn_hidiroglou_berthelot,
    learn_robust,
)
from pipelines.checks.scene import Scene, item_type, texts
from pipelines.checks.wording import clause
from pipelines.survey import Rule
from pipelines.survey.notation import plain_text
from pipelines.warehouse.schema import quoted

#: Columns of the cell that a finding stands on, beside those of the return.
_CELL = "c.submission_id, c.state, c.raw_text, c.sheet, c.cell, c.v AS reported"
_MEMBER = "r.peers, r.level_peers"
#: A change nearer than this factor to that of the item above follows it.
_FOLLOWS = 1.5
_KNOWN = "r.peers IS NOT NULL"


def change_among_peers(scene: Scene, rule: Rule) -> Outcome:
    """G17: a change against last year outside the bounds of Hidiroglou and Berthelot."""
    limits = params_of(rule, HidiroglouBerthelot)
    chosen, none = texts(scene.item_ids(rule.each)), f"''::{item_type(scene.edition)}"
    con = scene.workshop.con
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE sample AS
        SELECT c.seq, c.item_id, {none} AS base_id, {_MEMBER},
            c.v::DOUBLE AS v, c.prev::DOUBLE AS prev
        FROM cells c JOIN checked r USING (seq)
        WHERE c.v > 0 AND c.prev > 0 AND c.item_id IN ({chosen}) AND {_KNOWN}
    """)
    learn_hidiroglou_berthelot(
        scene, rule, Sample("sample"), limits.u, limits.a, limits.c, limits.smallest_group
    )
    factor = limits.least_factor
    rows, judged = _outside(
        scene,
        rule,
        effect_sql("v", "prev", "middle", limits.u),
        f"(v >= {factor} * prev OR prev >= {factor} * v)"
        f" AND greatest(v, prev) >= {limits.from_amount}",
    )
    found = [_changed(scene, rule, row) for row in _of_their_own(scene, rows)]
    return _outcome(scene, chosen, judged, found)


def _of_their_own(scene: Scene, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The changes that do not merely follow the item above them.

    Twice the lectures draw twice the people: the question is about the lectures, and one answer
    explains both.
    """
    factors = {(row["return_id"], row["item_id"]): row["v"] / row["prev"] for row in rows}
    told = scene.rows("""
        SELECT c.return_id, c.item_id, c.v::DOUBLE / c.prev::DOUBLE AS factor
        FROM cells c SEMI JOIN told USING (seq, item_id) WHERE c.v > 0 AND c.prev > 0
    """)
    asked = {(row["return_id"], row["item_id"]): row["factor"] for row in told} | factors
    items = scene.edition.item

    def follows(row: dict[str, Any]) -> bool:
        above = asked.get((row["return_id"], items[row["item_id"]].parent_id))
        own = row["v"] / row["prev"]
        return above is not None and max(own / above, above / own) < _FOLLOWS

    return [row for row in rows if not follows(row)]


def ratio_among_peers(scene: Scene, rule: Rule) -> Outcome:
    """G20: people a lecture, visitors a square metre, 万元 a head … far from those of its like.

    Bounds are learnt from this year's and last year's ratios together.
    """
    limits = params_of(rule, Ratios)
    pairs = ", ".join(
        f"({quoted(p.numerator)}, {quoted(p.denominator)},"
        f" {quoted(p.numerator_less)}, {quoted(p.denominator_less)})"
        for p in limits.pairs
    )
    con = scene.workshop.con
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE named AS
        SELECT seq, item_id, v::DOUBLE AS v, prev::DOUBLE AS prev FROM cells
        WHERE item_id IN ({texts(sorted(set(limits.items())))})
    """)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE sample AS
        WITH pairs AS (
            SELECT COLUMNS(*)::{item_type(scene.edition)}
            FROM (VALUES {pairs}) t(item_id, base_id, less_id, base_less_id)
        ), figures AS (
            SELECT n.seq, p.item_id, p.base_id, {_MEMBER},
                {_less("n", "nl", "p.less_id", "v")} AS top,
                {_less("d", "dl", "p.base_less_id", "v")} AS base,
                {_less("n", "nl", "p.less_id", "prev")} AS old_top,
                {_less("d", "dl", "p.base_less_id", "prev")} AS old_base
            FROM pairs p
            JOIN named n ON n.item_id = p.item_id
            JOIN named d ON d.item_id = p.base_id AND d.seq = n.seq
            LEFT JOIN named nl ON nl.item_id = p.less_id AND nl.seq = n.seq
            LEFT JOIN named dl ON dl.item_id = p.base_less_id AND dl.seq = n.seq
            JOIN checked r ON r.seq = n.seq
            WHERE {_KNOWN}
        )
        SELECT * EXCLUDE (old_top, old_base), top / base AS amount, FALSE AS old FROM figures
        WHERE top > 0 AND base > 0
        UNION ALL
        SELECT * EXCLUDE (old_top, old_base), old_top / old_base AS amount, TRUE FROM figures
        WHERE old_top > 0 AND old_base > 0
    """)
    con.execute("DROP TABLE temp.named")
    learn_robust(
        scene, rule, Sample("sample"), limits.spreads, limits.least_spread, limits.smallest_group
    )
    rows, judged = _outside(
        scene,
        rule,
        "amount",
        f"NOT old AND greatest(top, middle * base) >= {limits.from_amount}",
        "NOT old",
    )
    by_items = {(pair.numerator, pair.denominator): pair for pair in limits.pairs}
    found = [
        _unlike_ratio(scene, rule, row, by_items[row["item_id"], row["base_id"]]) for row in rows
    ]
    scene.tell(found)
    total = scene.one("SELECT count(*) AS n FROM checked")["n"] * len(limits.pairs)
    return Outcome(judged, total - judged, found)


def size_among_peers(scene: Scene, rule: Rule) -> Outcome:
    """G22: a figure far from its peers', of a unit that has no figure of last year to compare."""
    limits = params_of(rule, Sizes)
    chosen, none = texts(scene.item_ids(rule.each)), f"''::{item_type(scene.edition)}"
    con = scene.workshop.con
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE sample AS
        SELECT c.seq, c.item_id, {none} AS base_id, {_MEMBER}, c.v::DOUBLE AS amount,
            coalesce(c.prev, 0) > 0 AS known
        FROM cells c JOIN checked r USING (seq)
        WHERE c.v > 0 AND c.item_id IN ({chosen}) AND {_KNOWN}
    """)
    learn_robust(
        scene, rule, Sample("sample"), limits.spreads, limits.least_spread, limits.smallest_group
    )
    rows, judged = _outside(
        scene,
        rule,
        "amount",
        f"NOT known AND greatest(amount, middle) >= {limits.from_amount}",
        "NOT known",
    )
    found = [_unlike_size(scene, rule, row) for row in rows]
    return _outcome(scene, chosen, judged, found)


def _outside(
    scene: Scene, rule: Rule, measure: str, asked: str, judged: str = "TRUE"
) -> tuple[list[dict[str, Any]], int]:
    """Rows of the sample beyond their bounds that are to be asked about, and how many judged.

    Where either item of a ratio has been asked about, the ratio says nothing new.
    """
    con = scene.workshop.con
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE bounded AS
        SELECT b.* FROM ({bounded_sql(rule, "sample")}) b
        ANTI JOIN told t ON t.seq = b.seq AND t.item_id = b.item_id
        ANTI JOIN told d ON d.seq = b.seq AND d.item_id = b.base_id
    """)
    count = scene.one(f"SELECT count(*) AS n FROM bounded WHERE n IS NOT NULL AND {judged}")
    rows = scene.rows(f"""
        SELECT s.*, {_CELL}, c.prev AS last_year, c.return_id, r.is_venue, r.level_id,
            r.department_id
        FROM (
            SELECT * FROM bounded
            WHERE n IS NOT NULL AND ({asked}) AND NOT ({measure} BETWEEN lower AND upper)
        ) s
        JOIN cells c ON c.seq = s.seq AND c.item_id = s.item_id
        JOIN checked r ON r.seq = s.seq
        ORDER BY s.seq, s.item_id, s.base_id
    """)
    for table in ("bounded", "sample"):
        con.execute(f"DROP TABLE temp.{table}")
    return rows, count["n"]


def _outcome(scene: Scene, chosen: str, judged: int, found: list[Finding]) -> Outcome:
    scene.tell(found)
    total = scene.one(f"SELECT count(*) AS n FROM cells WHERE item_id IN ({chosen})")["n"]
    return Outcome(judged, total - judged, found)


def _changed(scene: Scene, rule: Rule, row: dict[str, Any]) -> Finding:
    item = scene.edition.item[row["item_id"]]
    v, prev = row["reported"], row["last_year"]
    said = clause(
        "peers_change",
        change=change_clause(item.name_zh, item.unit, v, prev),
        group=group_zh(scene, row),
        middle=three_digits(row["middle"]),
    )
    usual = prev * Decimal(str(row["middle"]))
    return _found(scene, rule, row, said, [item.item_id], abs(v - usual))


def _unlike_ratio(scene: Scene, rule: Rule, row: dict[str, Any], pair: Pair) -> Finding:
    items = scene.edition.item
    top, base = items[pair.numerator], items[pair.denominator]
    said = clause(
        "peers_ratio",
        top=_name(scene, top.item_id, pair.numerator_less),
        base=_name(scene, base.item_id, pair.denominator_less),
        v=three_digits(row["amount"]),
        unit=f" {top.unit}/{base.unit}",
        group=group_zh(scene, row),
        lower=three_digits(row["lower"]),
        upper=three_digits(row["upper"]),
    )
    effect = abs(Decimal(str(row["top"])) - Decimal(str(row["middle"])) * Decimal(str(row["base"])))
    return _found(scene, rule, row, said, list(pair.items()), effect)


def _name(scene: Scene, item_id: str, less: str) -> str:
    items = scene.edition.item
    name = f"“{items[item_id].name_zh}”"
    return f"{name}减“{items[less].name_zh}”" if less else name


def _less(whole: str, part: str, part_id: str, column: str) -> str:
    """An amount without its part; the whole of it where the ratio names no part."""
    amount, taken = f"{whole}.{column}", f"{part}.{column}"
    return f"CASE WHEN {part_id} = '' THEN {amount} ELSE {amount} - {taken} END"


def _unlike_size(scene: Scene, rule: Rule, row: dict[str, Any]) -> Finding:
    item = scene.edition.item[row["item_id"]]
    said = clause(
        "peers_size",
        name=item.name_zh,
        v=plain_text(row["reported"]),
        unit=f" {item.unit}",
        group=group_zh(scene, row),
        middle=three_digits(row["middle"]),
    )
    usual = Decimal(str(row["middle"]))
    return _found(scene, rule, row, said, [item.item_id], abs(row["reported"] - usual))


def _found(
    scene: Scene, rule: Rule, row: dict[str, Any], said: str, items: list[str], effect: Decimal
) -> Finding:
    return finding(
        rule,
        scene.year,
        said,
        about=row,
        items=items,
        cells=[row],
        effect=effect,
        effect_item=items[0],
    )

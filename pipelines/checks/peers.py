"""Bounds that a year's own returns set: learnt within groups of like units, or pinned by a person.

A peer group is what has the same level and department and is (or is not) a venue, in one edition
of the questionnaire.  A group that is too small to learn from falls back on all units of its
level, then on all.  Quartiles, medians and absolute deviations do not follow single wrong figures,
so that bounds may be learnt from returns that are still to be corrected.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipelines.checks.scene import Scene
from pipelines.survey import Rule
from pipelines.warehouse.schema import TABLES, quoted

#: Digits after the point of a bound; a pinned file holds exactly what judged.
PLACES = 9
#: From the absolute deviation to the standard deviation of a normal distribution.
_NORMAL = 1.4826

_GROUPINGS = (
    "(item_id, base_id, level_peers, peers), (item_id, base_id, level_peers), (item_id, base_id)"
)


@dataclass(frozen=True)
class Sample:
    """A temporary table to learn from: return, item, base (a second item or ""), and amounts.

    Its columns are seq, item_id, base_id, peers, level_peers and the amounts that the statistic
    needs.  Groups are numbers, as in ``checked`` and ``groups``.
    """

    table: str


def learn_robust(
    scene: Scene, rule: Rule, sample: Sample, spreads: float, least_spread: float, smallest: int
) -> None:
    """Bounds of ``amount`` in the sample: median ± spreads of its logarithm, as plain amounts."""
    learnt = f"""
        SELECT item_id, base_id, peers, level_peers, count(*) AS n,
            median(ln(amount)) AS mid,
            {spreads} * greatest({_NORMAL} * mad(ln(amount)), {least_spread}) AS reach
        FROM {sample.table} GROUP BY GROUPING SETS ({_GROUPINGS}) HAVING count(*) >= {smallest}
    """
    _keep(scene, rule, f"SELECT * , exp(mid) AS middle, exp(mid - reach) AS low,"
                       f" exp(mid + reach) AS high FROM ({learnt})")  # fmt: skip


def learn_hidiroglou_berthelot(
    scene: Scene, rule: Rule, sample: Sample, u: float, a: float, c: float, smallest: int
) -> None:
    """Bounds of the effect E of ``v`` against ``prev``; ``middle`` is the median ratio.

    Hidiroglou and Berthelot (1986): r = v / prev; s = r / rM - 1 where r >= rM, else 1 - rM / r;
    E = s * max(v, prev) ^ U; bounds EM - C * max(EM - EQ1, |A * EM|) and EM + C * max(EQ3 - EM,
    |A * EM|).  Quartiles are interpolated (type 7).
    """
    members = ("AND s.peers = m.peers", "AND s.level_peers = m.level_peers", "")
    tiers = " UNION ALL ".join(
        f"SELECT m.*, {effect_sql('s.v', 's.prev', 'm.middle', u)} AS e FROM {sample.table} s"
        f" JOIN medians m ON s.item_id = m.item_id AND s.base_id = m.base_id {join}"
        f" WHERE m.tier = {tier}"
        for tier, join in enumerate(members)
    )
    con = scene.workshop.con
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE medians AS
        SELECT item_id, base_id, peers, level_peers, count(*) AS n, median(v / prev) AS middle,
            grouping(peers) + grouping(level_peers) AS tier
        FROM {sample.table} GROUP BY GROUPING SETS ({_GROUPINGS}) HAVING count(*) >= {smallest}
    """)
    learnt = f"""
        SELECT item_id, base_id, peers, level_peers, any_value(n) AS n,
            any_value(middle) AS middle, quantile_cont(e, [0.25, 0.5, 0.75]) AS q
        FROM ({tiers}) GROUP BY item_id, base_id, peers, level_peers
    """
    _keep(scene, rule, f"""
        SELECT *, q[2] - {c} * greatest(q[2] - q[1], abs({a} * q[2])) AS low,
            q[2] + {c} * greatest(q[3] - q[2], abs({a} * q[2])) AS high FROM ({learnt})
    """)  # fmt: skip
    con.execute("DROP TABLE temp.medians")


def effect_sql(v: str, prev: str, median: str, u: float) -> str:
    """The effect E of Hidiroglou and Berthelot, in SQL."""
    ratio = f"({v} / {prev})"
    return (
        f"(CASE WHEN {ratio} >= {median} THEN {ratio} / {median} - 1"
        f" ELSE 1 - {median} / {ratio} END) * pow(greatest({v}, {prev}), {u})"
    )


def bounded_sql(rule: Rule, table: str) -> str:
    """The rows of ``table`` (as a ``Sample``), each with the bounds of its finest known group."""
    names = "b.item_id, b.base_id, b.n, b.middle, b.lower, b.upper"
    grouped = "JOIN groups g USING (is_venue, level_id, department_id)"
    tiers = (
        f"SELECT g.peers AS member, {names} FROM bounds b {grouped} WHERE g.peers IS NOT NULL",
        f"SELECT g.level_peers AS member, {names} FROM bounds b {grouped} WHERE g.peers IS NULL",
        f"SELECT 0 AS member, {names} FROM bounds b WHERE b.level_id = '' AND b.department_id = ''",
    )
    joins = " ".join(
        f"LEFT JOIN ({tier} AND b.rule_id = {quoted(rule.id)}) b{n} ON b{n}.member = {member}"
        f" AND b{n}.item_id = s.item_id AND b{n}.base_id = s.base_id"
        for n, (tier, member) in enumerate(
            zip(tiers, ("s.peers", "s.level_peers", "0"), strict=True)
        )
    )
    picked = ", ".join(
        f"CASE WHEN b0.n IS NOT NULL THEN b0.{name} WHEN b1.n IS NOT NULL THEN b1.{name}"
        f" ELSE b2.{name} END AS {name}"
        for name in ("n", "middle", "lower", "upper")
    )
    return f"SELECT s.*, {picked} FROM {table} s {joins}"


def _keep(scene: Scene, rule: Rule, learnt: str) -> None:
    """Add bounds to the year's, where no person has pinned others."""
    names = ", ".join(column.name for column in TABLES["thresholds"].columns)
    rounded = ", ".join(
        f"round({source}, {PLACES}) AS {name}"
        for source, name in (("middle", "middle"), ("low", "lower"), ("high", "upper"))
    )
    scene.workshop.con.execute(f"""
        INSERT INTO bounds BY NAME
        SELECT {names} FROM (
            SELECT {scene.year} AS year, {quoted(rule.id)} AS rule_id, item_id, base_id,
                is_venue, level_id, department_id, n, {rounded}, FALSE AS pinned
            FROM ({learnt}) k JOIN groups g ON g.peers IS NOT DISTINCT FROM k.peers
                AND g.level_peers IS NOT DISTINCT FROM k.level_peers
        ) l
        ANTI JOIN bounds b USING (rule_id, item_id, base_id, is_venue, level_id, department_id)
    """)


def group_zh(scene: Scene, row: dict[str, Any]) -> str:
    """The group that a return belongs to, as people call it."""
    level = next((x.name_zh for x in scene.survey.levels if x.level_id == row["level_id"]), "")
    department = scene.survey.departments.get(row["department_id"], scene.year)
    kind = "场馆" if row["is_venue"] else ""
    return f"{level}{department.name_zh if department else ''}{kind}"

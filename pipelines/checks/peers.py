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
    "(item_id, base_id, is_venue, level_id, department_id),"
    " (item_id, base_id, is_venue, level_id), (item_id, base_id)"
)


@dataclass(frozen=True)
class Sample:
    """A temporary table to learn from: return, item, base (a second item or ""), and amounts.

    Its columns are return_id, item_id, base_id, is_venue, level_id, department_id and the
    amounts that the statistic needs.
    """

    table: str


def learn_robust(
    scene: Scene, rule: Rule, sample: Sample, spreads: float, least_spread: float, smallest: int
) -> None:
    """Bounds of ``amount`` in the sample: median ± spreads of its logarithm, as plain amounts."""
    learnt = f"""
        SELECT item_id, base_id, is_venue, level_id, department_id, count(*) AS n,
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
    member = ("AND s.is_venue = m.is_venue AND s.level_id = m.level_id",
              "AND s.department_id = m.department_id")  # fmt: skip
    tiers = " UNION ALL ".join(
        f"SELECT m.*, {effect_sql('s.v', 's.prev', 'm.middle', u)} AS e FROM {sample.table} s"
        f" JOIN medians m ON s.item_id = m.item_id AND s.base_id = m.base_id {join}"
        f" WHERE m.tier = {tier}"
        for tier, join in enumerate((" ".join(member), member[0], ""))
    )
    con = scene.workshop.con
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE medians AS
        SELECT item_id, base_id, is_venue, level_id, department_id, count(*) AS n,
            median(v / prev) AS middle,
            grouping(department_id) + grouping(level_id) AS tier
        FROM {sample.table} GROUP BY GROUPING SETS ({_GROUPINGS}) HAVING count(*) >= {smallest}
    """)
    learnt = f"""
        SELECT item_id, base_id, is_venue, level_id, department_id, n, middle,
            quantile_cont(e, [0.25, 0.5, 0.75]) AS q FROM ({tiers}) GROUP BY ALL
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
    level = "AND b{n}.is_venue = s.is_venue AND b{n}.level_id = s.level_id"
    widths = (
        f"{level} AND b{{n}}.department_id = s.department_id",
        f"{level} AND b{{n}}.department_id = ''",
        "AND b{n}.level_id = '' AND b{n}.department_id = ''",
    )
    joins = " ".join(
        f"LEFT JOIN bounds b{n} ON b{n}.rule_id = {quoted(rule.id)}"
        f" AND b{n}.item_id = s.item_id AND b{n}.base_id = s.base_id {width.format(n=n)}"
        for n, width in enumerate(widths)
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
                coalesce(is_venue, FALSE) AS is_venue, coalesce(level_id, '') AS level_id,
                coalesce(department_id, '') AS department_id, n, {rounded}, FALSE AS pinned
            FROM ({learnt})
        ) l
        ANTI JOIN bounds b USING (rule_id, item_id, base_id, is_venue, level_id, department_id)
    """)


def group_zh(scene: Scene, row: dict[str, Any]) -> str:
    """The group that a return belongs to, as people call it."""
    level = next((x.name_zh for x in scene.survey.levels if x.level_id == row["level_id"]), "")
    department = scene.survey.departments.get(row["department_id"], scene.year)
    kind = "场馆" if row["is_venue"] else ""
    return f"{level}{department.name_zh if department else ''}{kind}"

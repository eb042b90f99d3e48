"""What waits for a person: open questions, void decisions, files refused, units that are late."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.checks.arrangement import Arrangement
from pipelines.checks.response import count_of, units_of
from pipelines.survey import Survey
from pipelines.warehouse import Snapshot


@dataclass(frozen=True)
class Waiting:
    """A kind of open decision: how many there are, and where to look and decide."""

    what: str
    count: int
    where: str


#: Kinds that are a count of rows: what, where, SQL over one year; ``{changing}`` is the rule of
#: the 变动说明 sheet.
_COUNTED = (
    (
        "必须更正的问题", "查询单；或写入 更正.yaml",
        ("SELECT count(*) AS n FROM open_findings WHERE year = $year AND severity = 'query'"
        " AND must_correct AND return_id <> ''"),
    ),
    (
        "退回的调查表", "查询单（性质“退回”）",
        "SELECT count(*) AS n FROM returns WHERE year = $year AND status = 'rejected'",
    ),
    (
        "待核实的问题", "查询单；或写入 说明.xlsx",
        ("SELECT count(*) AS n FROM open_findings WHERE year = $year AND severity = 'query'"
        " AND NOT must_correct AND return_id <> ''"),
    ),
    (
        "没有说明的变动", "查询单的“变动说明”页",
        ("SELECT count(*) AS n FROM open_findings WHERE year = $year AND rule_id = $changing"
        " AND return_id <> ''"),
    ),
    (
        "汇总层的问题", "查询单/审核汇总.xlsx 的“汇总层问题”",
        ("SELECT count(*) AS n FROM open_findings WHERE year = $year AND return_id = ''"
        " AND severity <> 'note'"),
    ),
    (
        "没有采用的说明", "查询单/审核汇总.xlsx 的“已收到的说明”",
        ("SELECT count(*) AS n FROM explanations WHERE year = $year"
        " AND state IN ('stale', 'hard', 'incomplete', 'unmatched')"),
    ),
    (
        "没有采用的更正", "更正.yaml",
        "SELECT count(*) AS n FROM corrections WHERE year = $year AND status <> 'applied'",
    ),
    (
        "待认定的单位和重复", "待认定.yaml；填好写入 认定.yaml",
        "SELECT count(*) AS n FROM identity_questions WHERE year = $year",
    ),
    (
        "拒收的文件", "查询单/审核汇总.xlsx 的“未载入的文件”",
        "SELECT count(*) AS n FROM submissions WHERE year = $year AND status = 'rejected'",
    ),
)  # fmt: skip


def open_decisions(
    snapshot: Snapshot, survey: Survey, year: int, arrangement: Arrangement
) -> list[Waiting]:
    """Every kind of which something is open, most pressing first."""
    from pipelines.checks.sheets import words

    changing = words().changes.rule
    found = []
    for what, where, sql in _COUNTED:
        params = {"year": year, **({"changing": changing} if "$changing" in sql else {})}
        found.append(Waiting(what, snapshot.rows(sql, params)[0]["n"], where))
    count = count_of(units_of(snapshot, survey, year, arrangement))
    late = "截止时间未设" if count.overdue is None else f"其中逾期 {count.overdue}"
    found.append(Waiting(f"未报的单位（{late}）", count.missing, "查询单/催报名单.xlsx"))
    return [one for one in found if one.count]

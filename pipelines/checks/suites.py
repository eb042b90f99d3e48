"""What is expected of a snapshot, without yet naming Great Expectations: checks by suite."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from pipelines.checks.rulebook import in_words
from pipelines.checks.sheets import words
from pipelines.survey import Rule, Survey
from pipelines.survey.notation import State
from pipelines.warehouse import Snapshot


@dataclass(frozen=True)
class Check:
    """One expectation: its GX type and arguments, and how it is explained."""

    check_id: str
    kind: str
    arguments: dict[str, Any]
    title_zh: str
    severity: str
    group_zh: str
    notes_zh: str = ""
    #: Only the row of the results with this rule id.
    only_rule: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Suite:
    name: str
    title_zh: str
    about_zh: str
    frame: pa.Table
    checks: tuple[Check, ...]


@dataclass(frozen=True)
class Verdict:
    """One expectation, judged by Great Expectations."""

    check: Check
    success: bool
    result: dict[str, Any] = field(default_factory=dict)


_STATUSES = ["received", "accepted", "queried", "rejected", "superseded", "duplicate"]
_DIVISION = r"^(?:[0-9]{6}|22Z[0-9]{3})?$"


def suites_of(snapshot: Snapshot, survey: Survey) -> list[Suite]:
    """A suite of rules for every year, newest first, then the contracts of the tables."""
    years = snapshot.rows("SELECT DISTINCT year FROM rule_results ORDER BY year DESC")
    return [*(_rules(snapshot, survey, row["year"]) for row in years), *_contracts(snapshot)]


def _rules(snapshot: Snapshot, survey: Survey, year: int) -> Suite:
    frame = snapshot.query(
        "SELECT rule_id, severity, evaluated, passed, failed, not_evaluated"
        " FROM rule_results WHERE year = ? ORDER BY rule_id",
        [year],
    )
    results = {row["rule_id"]: row for row in frame.to_pylist()}
    edition = survey.edition_of(year)
    checks = tuple(
        Check(
            check_id=rule.id,
            kind="ExpectColumnMaxToBeBetween",
            arguments={"column": "failed", "max_value": 0},
            title_zh=rule.message_zh,
            severity=rule.severity,
            group_zh=words().scopes[rule.scope],
            notes_zh=_notes(rule, in_words(edition, rule.when), in_words(edition, rule.expr)),
            only_rule=rule.id,
            facts=results[rule.id],
        )
        for rule in edition.rules
        if rule.id in results
    )
    about = "每条规则一个期望：该规则在任何一份表上都没有不成立。由 DuckDB 判断，这里记录结果。"
    return Suite(f"审核规则-{year}", f"{year} 年度审核规则", about, frame, checks)


def _notes(rule: Rule, when: str, expr: str) -> str:
    parts = {
        "适用条件": when,
        "必须成立": rule.expr if rule.kind == "method" else expr,
        "依据": words().evidences[rule.evidence],
        "出处": rule.source,
        "备注": rule.note_zh,
    }
    return "\n".join(f"{name}：{text}" for name, text in parts.items() if text)


def _contracts(snapshot: Snapshot) -> Iterator[Suite]:
    yield Suite(
        "数据约定-returns",
        "调查表（returns）的约定",
        "各环节交接的表必须满足的条件。",
        snapshot.query(
            "SELECT return_id, year, edition_id, layout, role, unit_id, division_code,"
            " county_code, prefecture_code, uscc, status FROM returns ORDER BY return_id"
        ),
        (
            _unique("return_id", "调查表编号不重复"),
            _filled("unit_id", "都有单位编号"),
            _among("status", _STATUSES, "状态在规定范围内"),
            _among("role", ["basic", "summary"], "不是基层表就是汇总行"),
            _among("layout", ["questionnaire", "table"], "版式在规定范围内"),
            _like("division_code", _DIVISION, "区划代码是文本，6 位或空"),
            _like("county_code", r"^(?:[0-9]{6})?$", "县级代码是 6 位 GB 代码或空"),
            _like("prefecture_code", r"^(?:[0-9]{4}00)?$", "市州代码以 00 结尾或空"),
            _like("uscc", r"^(?:[0-9A-HJ-NPQRTUWXY]{18})?$", "信用代码是 18 位文本或空"),
        ),
    )
    yield Suite(
        "数据约定-answers",
        "指标值（answers）的约定",
        "逐格数据先按指标和状态汇总，再核对；每行是一个指标的一种状态。",
        snapshot.query("""
            -- By returns, of which each is small: counting distinct returns of every item would
            -- keep all ids of a province in memory.
            WITH of_returns AS (
                SELECT return_id, list(item_id) AS items FROM answers GROUP BY return_id
            ), twice AS (
                SELECT return_id, unnest(items) AS item_id FROM of_returns
                WHERE len(items) > list_unique(items)
            ), repeats AS (
                SELECT item_id, count(*) - count(DISTINCT return_id) AS repeated
                FROM twice GROUP BY item_id
            )
            SELECT a.item_id, a.state, count(*) AS cells, count(a.value) AS with_value,
                count(*) FILTER (WHERE (a.value IS NOT NULL)
                    <> (a.state IN ('reported', 'zero'))) AS contradictory,
                count(*) FILTER (WHERE a.cell = '') AS without_address,
                coalesce(any_value(r.repeated), 0) AS repeated
            FROM answers a LEFT JOIN repeats r USING (item_id)
            GROUP BY a.item_id, a.state ORDER BY a.item_id, a.state
        """),
        (
            _among("state", [str(state) for state in State], "状态只有五种"),
            _like("item_id", "^[a-z][a-z0-9_]*$", "指标编号是文本"),
            _none("repeated", "同一份表的同一指标只有一个值"),
            _none("contradictory", "有数的是“已填”或“零”，空白、- 与无法识别都没有数"),
            _none("without_address", "每个值都有单元格地址"),
        ),
    )
    yield Suite(
        "数据约定-units",
        "名录（units）的约定",
        "名录里的单位每年每馆一行。",
        snapshot.query(
            "SELECT year, unit_id, venue_name, unit_name, division_code FROM units"
            " ORDER BY year, unit_id, venue_name"
        ),
        (
            Check(
                "unique_unit",
                "ExpectCompoundColumnsToBeUnique",
                {"column_list": ["year", "unit_id", "venue_name"]},
                "单位不重复（年度、单位、场馆）",
                "query",
                "主键",
            ),
            _filled("unit_name", "都有单位名称"),
            _like("division_code", _DIVISION, "区划代码是文本，6 位或空"),
        ),
    )


def _unique(column: str, title: str) -> Check:
    return _contract("unique", "ExpectColumnValuesToBeUnique", column, title, "主键")


def _filled(column: str, title: str) -> Check:
    return _contract("filled", "ExpectColumnValuesToNotBeNull", column, title, "必有")


def _among(column: str, values: list[str], title: str) -> Check:
    kind = "ExpectColumnValuesToBeInSet"
    return _contract("among", kind, column, title, "取值", value_set=values)


def _like(column: str, regex: str, title: str) -> Check:
    kind = "ExpectColumnValuesToMatchRegex"
    return _contract("like", kind, column, title, "写法", regex=regex)


def _none(column: str, title: str) -> Check:
    kind = "ExpectColumnMaxToBeBetween"
    return _contract("none", kind, column, title, "一致", max_value=0)


def _contract(name: str, kind: str, column: str, title: str, group: str, **more: Any) -> Check:
    return Check(f"{name}_{column}", kind, {"column": column, **more}, title, "query", group)

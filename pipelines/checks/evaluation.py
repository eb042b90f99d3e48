"""Judge every return by the rules of its year, and give every return its status."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pipelines.checks.compiling import compile_rule
from pipelines.checks.explaining import settle_explanations
from pipelines.checks.expressions import judge_each, judge_returns
from pipelines.checks.findings import Finding, Outcome
from pipelines.checks.methods import AGGREGATE, METHODS, PARAMS
from pipelines.checks.params import NoParams, assert_params
from pipelines.checks.scene import Scene, scene_of
from pipelines.checks.wording import settings, wording
from pipelines.errors import SurveyDefinitionError
from pipelines.survey import Edition, Rule, Survey
from pipelines.warehouse import Workshop, arrow_table

#: Severities that send a return back, and the one that asks about it.
_REJECTING = ("reject_file", "reject_return")
_ASKING = "query"


def evaluate(workshop: Workshop, survey: Survey, pinned: Iterable[Mapping[str, Any]] = ()) -> None:
    """Fill ``findings`` and ``rule_results`` and set ``returns.status``, year by year.

    Judged are the basic returns that are neither superseded nor duplicate; what an earlier
    evaluation decided about them is forgotten first, so that evaluating twice changes nothing.
    A return is rejected by a finding that rejects, queried by one that asks, accepted otherwise.

    Counting: a rule whose ``when`` is FALSE counts as evaluated and passed; one that a blank or
    unreadable cell, or a missing last year, leaves undecided counts as not evaluated.  For rules
    over cells the unit of counting is the cell, for rules over totals the total.
    """
    years = [row["year"] for row in workshop.rows("SELECT DISTINCT year FROM returns ORDER BY 1")]
    for year in years:
        assert_rules(survey.edition_of(year), year)
    fixed = list(pinned)
    for table in ("findings", "thresholds"):
        workshop.con.execute(f"DELETE FROM {table}")
    workshop.con.execute(
        "UPDATE returns SET status = 'received', status_reason_zh = ''"
        " WHERE role = 'basic' AND status IN ('accepted', 'queried', 'rejected')"
    )
    findings: list[Finding] = []
    results: list[dict[str, Any]] = []
    with _at_full_speed(workshop):
        for year in years:
            own = [row for row in fixed if row["year"] == year]
            with scene_of(workshop, survey, year, own) as scene:
                for rule, outcome in _judge_year(scene):
                    findings += outcome.findings
                    results.append(_result(scene, rule, outcome))
                scene.keep_bounds()
    findings.sort(key=_order)
    workshop.load("findings", arrow_table("findings", findings))
    workshop.replace("rule_results", results)
    settle_explanations(workshop, survey)


@contextmanager
def _at_full_speed(workshop: Workshop) -> Iterator[None]:
    """Several threads within a bounded memory, until done or failed.

    All that is judged is exact or sorted, so that two threads give what one gives.
    """
    allowed = settings()
    with workshop.threads(allowed.judging_threads):
        workshop.con.execute(f"SET memory_limit = '{allowed.judging_memory}'")
        try:
            yield
        finally:
            workshop.con.execute("RESET memory_limit")


def _judge_year(scene: Scene) -> list[tuple[Rule, Outcome]]:
    """Every rule of the year with its outcome, in the order of the rule file."""
    rules = [rule for rule in scene.edition.rules if rule.applies_to(scene.year)]
    single = [rule for rule in rules if rule.id not in AGGREGATE]
    whole = [r for r in single if r.kind == "expression" and not r.each]
    outcomes = judge_returns(scene, whole)
    for rule in single:
        if rule.id not in outcomes:
            outcomes[rule.id] = _judge_one(scene, rule)
    _set_statuses(scene, [f for outcome in outcomes.values() for f in outcome.findings])
    scene.add_up()
    for rule in rules:
        if rule.id in AGGREGATE:
            outcomes[rule.id] = _judge_one(scene, rule)
    return [(rule, outcomes[rule.id]) for rule in rules]


def assert_rules(edition: Edition, year: int) -> None:
    """Every rule of the year can be run; raises SurveyDefinitionError before anything is judged."""
    for rule in (rule for rule in edition.rules if rule.applies_to(year)):
        if rule.kind == "expression":
            compile_rule(rule, edition)
        elif rule.id in METHODS:
            assert_params(rule, PARAMS.get(rule.id, NoParams), edition)
        else:
            raise SurveyDefinitionError(
                f"规则 {rule.id} 写明由程序实现，但程序中没有这条规则",
                "请改写为条件表达式（kind: expression），或删去这条规则",
            )


def _judge_one(scene: Scene, rule: Rule) -> Outcome:
    if rule.kind == "expression":
        return judge_each(scene, rule)
    return METHODS[rule.id](scene, rule)


def _set_statuses(scene: Scene, findings: list[Finding]) -> None:
    """Statuses of the judged returns, from the findings about them."""
    rejecting: dict[str, list[str]] = {}
    asking: dict[str, int] = {}
    for one in findings:
        if one["severity"] in _REJECTING:
            rejecting.setdefault(one["return_id"], []).append(one["message_zh"])
        elif one["severity"] == _ASKING:
            asking[one["return_id"]] = asking.get(one["return_id"], 0) + 1
    words = wording().status
    rows = []
    for return_id in rejecting.keys() | asking.keys():
        if return_id in rejecting:
            reason = words["rejected"].format(messages="；".join(rejecting[return_id]))
            rows.append((return_id, "rejected", reason))
        else:
            rows.append((return_id, "queried", words["queried"].format(count=asking[return_id])))
    con = scene.workshop.con
    con.execute(
        "UPDATE returns SET status = 'accepted', status_reason_zh = ?"
        " WHERE return_id IN (SELECT return_id FROM checked)",
        [words["accepted"]],
    )
    if rows:
        import pyarrow as pa

        names = ("return_id", "status", "reason")
        con.register(
            "decided", pa.table(dict(zip(names, zip(*sorted(rows), strict=True), strict=True)))
        )
        con.execute(
            "UPDATE returns SET status = decided.status, status_reason_zh = decided.reason"
            " FROM decided WHERE returns.return_id = decided.return_id"
            " AND returns.return_id IN (SELECT return_id FROM checked)"
        )
        con.unregister("decided")


def _result(scene: Scene, rule: Rule, outcome: Outcome) -> dict[str, Any]:
    return {
        "year": scene.year,
        "rule_id": rule.id,
        "severity": rule.severity,
        "evaluated": outcome.evaluated,
        "passed": outcome.evaluated - outcome.failed,
        "failed": outcome.failed,
        "not_evaluated": outcome.not_evaluated,
    }


def _order(one: Finding) -> tuple[Any, ...]:
    return (one["year"], one["return_id"], one["rule_id"], one["items"], one["finding_id"])

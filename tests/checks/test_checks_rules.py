"""Expression rules: every rule of every edition against a passing and a failing return."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from checks_bench import Bench, figure
from witnesses import witness

from pipelines.checks.compiling import compile_rule
from pipelines.checks.methods import METHODS
from pipelines.errors import SurveyDefinitionError
from pipelines.survey import Edition, Rule, Survey, load_survey
from pipelines.survey.definition import BUILT_IN

SURVEY = load_survey()
YEAR = {"kp-2014": 2015, "kp-2021": 2023}
WHOLE = [
    (edition, rule)
    for edition in SURVEY.editions
    for rule in edition.rules
    if rule.kind == "expression" and not rule.each
]


def file_facts(bench: Bench, edition: Edition, facts: dict[str, Any]) -> str:
    figures = {name: str(value) for name, value in facts.items() if name in edition.item}
    return bench.add(
        figures,
        year=YEAR[edition.edition_id],
        is_venue=facts["is_venue"],
        level_id="county" if facts["level"] == "区县级" else "prefectural",
    )


@pytest.mark.parametrize("edition", SURVEY.editions, ids=lambda edition: edition.edition_id)
def test_every_expression_rule_passes_and_fails_where_it_should(edition: Edition) -> None:
    bench, year = Bench(SURVEY), YEAR[edition.edition_id]
    expected: dict[str, tuple[str, str]] = {}
    for rule in (rule for one, rule in WHOLE if one is edition):
        good = file_facts(bench, edition, witness(edition, rule, True))
        bad = file_facts(bench, edition, witness(edition, rule, False))
        expected[rule.id] = (good, bad)
    judged = bench.judge()
    found = {(row["rule_id"], row["return_id"]) for row in judged.found()}
    for rule_id, (good, bad) in expected.items():
        assert (rule_id, bad) in found, f"{rule_id} missed its failing return"
        assert (rule_id, good) not in found, f"{rule_id} fired on its passing return"
        evaluated, passed, failed, open_ = judged.counts(rule_id, year)
        assert evaluated == passed + failed
        assert evaluated + open_ == len(bench.returns)
        assert failed == sum(1 for rule, _ in found if rule == rule_id)


def test_method_rules_and_their_code_are_the_same_set(survey: Survey) -> None:
    others = [load_survey(path) for path in (BUILT_IN / "others").iterdir()]
    beside = {rule.id for other in others for e in other.editions for rule in e.rules}
    for edition in survey.editions:
        declared = {rule.id for rule in edition.rules if rule.kind == "method"}
        assert declared <= set(METHODS) <= declared | beside, edition.edition_id


def test_of_which_names_both_cells_and_both_numbers(bench: Bench) -> None:
    bad = bench.add({"staff_full_time": "12", "staff_full_time_women": "15"})
    row = bench.judge().one("R_staff_full_time_women", bad)
    assert row["cells"] == ["科普人员!D8", "科普人员!D6"]
    assert row["observed"] == ["15", "12"]
    assert "科普专职人员中的女性 15 人，大于科普专职人员 12 人" in row["message_zh"]
    assert row["effect"] == figure("3")
    assert row["effect_item_id"] == "staff_full_time_women"


FUNDS = {
    "fund_raised": "100",
    "fund_raised_government": "60",
    "fund_raised_donation": "-",
    "fund_raised_own": "40",
    "fund_raised_other": "0",
}


#: Changes to FUNDS, the gap they make, and the likely cause ("" where none explains the gap).
UNBALANCED: list[tuple[dict[str, str], str, str]] = [
    ({"fund_raised": "60"}, "40", "“筹集额：自筹资金”"),
    ({"fund_raised": "1000000"}, "999900", "缩小到 10000 分之一"),
    ({"fund_raised_government": "600000"}, "599940", "缩小到 10000 分之一"),
    ({"fund_raised": "130", "fund_raised_government": "132"}, "42", ""),
    ({"fund_raised_government": "150", "fund_raised": "148"}, "42", ""),
    ({"fund_raised_government": "48", "fund_raised": "124"}, "36", "相邻两位数字对调"),
]


def test_a_sum_that_does_not_balance(bench: Bench) -> None:
    filed = [bench.add({**FUNDS, **changes}) for changes, _, _ in UNBALANCED]
    judged = bench.judge()
    for bad, (_, gap, cause) in zip(filed, UNBALANCED, strict=True):
        row = judged.one("J01", bad)
        assert row["effect"] == figure(gap)
        assert row["effect_item_id"] == "fund_raised"
        assert f"相差 {gap} 万元" in row["message_zh"]
        assert cause in row["likely_cause_zh"]
        assert bool(cause) == bool(row["likely_cause_zh"])


def test_tolerance_and_dash_as_zero_balance(bench: Bench) -> None:
    bench.add(FUNDS)
    bench.add({**FUNDS, "fund_raised": "102"})
    assert bench.judge().counts("J01") == (2, 2, 0, 0)


@pytest.mark.parametrize("text", ["", "约60"])
def test_blank_and_unreadable_leave_a_rule_undecided(bench: Bench, text: str) -> None:
    bench.add({**FUNDS, "fund_raised": "9999", "fund_raised_government": text})
    assert bench.judge().counts("J01") == (0, 0, 0, 1)


def test_an_item_missing_from_the_return_leaves_a_rule_undecided(bench: Bench) -> None:
    bench.add({"fund_raised": "9999"}, layout="table")
    assert bench.judge().counts("J01") == (0, 0, 0, 1)


def test_a_false_condition_counts_as_passed_even_when_the_rest_is_blank(bench: Bench) -> None:
    bench.add({"staff_part_time": "0", "staff_part_time_person_days": ""})
    bench.add({"staff_part_time": "", "staff_part_time_person_days": "0"})
    assert bench.judge().counts("R12") == (1, 1, 0, 1)


@pytest.mark.parametrize(
    ("rule_id", "item", "good", "bad"),
    [
        ("G01", "lectures", "3", "3.5"),
        ("G15", "fund_raised", "3", "3.5"),
        ("G02", "lectures", "0", "-3"),
    ],
)
def test_rules_over_every_cell(bench: Bench, rule_id: str, item: str, good: str, bad: str) -> None:
    bench.add({item: good})
    wrong = bench.add({item: bad})
    judged = bench.judge()
    row = judged.one(rule_id)
    assert (row["return_id"], row["items"], row["observed"]) == (wrong, [item], [bad])
    assert judged.counts(rule_id) == (2, 1, 1, 0)


def test_change_against_last_year(bench: Bench) -> None:
    old = {"volunteers": "100", "lectures": "100", "exhibitions": "", "competitions": "0"}
    new = {"volunteers": "108", "lectures": "91", "exhibitions": "5", "competitions": "5"}
    bench.add(old, year=2022, unit_id="A")
    this = bench.add(new, unit_id="A")
    judged = bench.judge()
    row = judged.one("G12", this)
    assert row["items"] == ["lectures"]
    assert "本年 91 次，上年 100 次，减少 9.00%" in row["message_zh"]
    assert row["effect"] == figure("9")
    assert judged.counts("G12") == (3, 2, 1, 1)
    assert judged.counts("G12", 2022) == (0, 0, 0, 4)


CHANGES = [("100", "91"), ("3", "4000000"), ("7", "900.125"), ("1200.5", "0"), ("8", "14.335"),
           ("6", "99"), ("160", "139.98"), ("33333", "99999.9999")]  # fmt: skip


def test_changes_filed_in_sql_are_worded_like_all_others(bench: Bench) -> None:
    """The same rule as a query is put in words one by one, in Python."""
    for n, (before, now) in enumerate(CHANGES):
        bench.add({"lectures": before}, year=2022, unit_id=f"U{n}")
        bench.add({"lectures": now}, unit_id=f"U{n}")
    filed = bench.judge().found("G12")
    edition = SURVEY.edition_of(2023)
    rules = tuple(
        rule.model_copy(update={"severity": "query"}) if rule.id == "G12" else rule
        for rule in edition.rules
    )
    other = edition.model_copy(update={"rules": rules})
    bench.survey = replace(SURVEY, editions=(SURVEY.editions[0], other))
    worded = bench.judge().found("G12")
    assert len(filed) == len(CHANGES)
    assert [{**row, "severity": "query"} for row in filed] == worded


def test_another_venue_of_the_same_unit_is_not_last_year(bench: Bench) -> None:
    bench.add({"lectures": "100"}, year=2022, unit_id="A", venue_name="甲馆")
    bench.add({"lectures": "5"}, unit_id="A", venue_name="乙馆")
    assert bench.judge().counts("G12") == (0, 0, 0, 1)


def rule_of(expr: str, when: str = "") -> Rule:
    return Rule(id="X1", scope="return", severity="query", when=when, expr=expr,
                message_zh="测试", evidence="obvious")  # fmt: skip


@pytest.mark.parametrize(
    "expr",
    ["no_such_item > 0", "coalesce(lectures, 0) > 0", "lectures >", "sum(lectures) > 0",
     "lectures > (SELECT 1)", "read_text('x') = ''"],
)  # fmt: skip
def test_a_rule_that_cannot_be_run_is_refused_by_name(survey: Survey, expr: str) -> None:
    with pytest.raises(SurveyDefinitionError, match="X1"):
        compile_rule(rule_of(expr), survey.edition_of(2023))


@pytest.mark.parametrize(
    ("expr", "verdict"),
    [
        ("greatest(a, b) > 0", None),
        ("least(a, b) > 0", None),
        ("a + b > 0", None),
        ("a > 0 OR b > 0", True),
        ("greatest(a, a) > 0", True),
        ("a * a * a > 0", True),
        ("a / 3 > 0", True),
    ],
)
def test_three_valued_logic(survey: Survey, expr: str, verdict: bool | None) -> None:
    import duckdb

    text = re.sub(r"\ba\b", "lectures", re.sub(r"\bb\b", "volunteers", expr))
    sql = compile_rule(rule_of(text), survey.edition_of(2023)).verdict
    source = "(SELECT 123456789012::DECIMAL(38,15) AS lectures, NULL::DECIMAL(38,15) AS volunteers)"
    assert duckdb.sql(f"SELECT {sql} FROM {source}").fetchall() == [(verdict,)]

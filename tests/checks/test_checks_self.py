"""The rules against each other, and against the catalogue of relations they stand for."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from pipelines.checks.self_check import self_check
from pipelines.survey import Rule, Survey


def rule(name: str, expr: str, when: str = "", must: bool = True) -> Rule:
    return Rule(id=name, scope="return", severity="query", must_correct=must, when=when, expr=expr,
                message_zh=name, evidence="obvious")  # fmt: skip


def said(survey: Survey, *rules: Rule) -> dict[str, str]:
    found = self_check(survey.edition("kp-2021"), rules)
    return {remark.rule_id: remark.kind for remark in found.remarks}


def test_two_rules_that_cannot_both_hold(survey: Survey) -> None:
    rules = rule("A1", "lectures > volunteers"), rule("A2", "lectures < volunteers")
    assert said(survey, *rules) == {"A1": "contradiction", "A2": "contradiction"}


def test_a_contradiction_that_takes_three_rules_names_them(survey: Survey) -> None:
    found = self_check(
        survey.edition("kp-2021"),
        [
            rule("A1", "lectures >= 10", when="volunteers > 0"),
            rule("A2", "exhibitions >= lectures"),
            rule("A3", "exhibitions <= 5"),
            rule("A4", "camps <= 7"),
        ],
    )
    by_rule = {remark.rule_id: remark for remark in found.remarks}
    assert by_rule["A1"].kind == "contradiction"
    assert set(by_rule["A1"].others) == {"A2", "A3"}
    assert "A4" not in by_rule


def test_rules_that_agree_get_no_remark(survey: Survey) -> None:
    assert said(survey, rule("A1", "lectures <= volunteers"), rule("A2", "camps <= lectures")) == {}


def test_a_rule_that_others_imply_is_redundant(survey: Survey) -> None:
    rules = (
        rule("A1", "lectures <= volunteers"),
        rule("A2", "volunteers <= camps"),
        rule("A3", "lectures <= camps"),
    )
    assert said(survey, *rules) == {"A3": "redundant"}


def test_a_doubtful_rule_makes_no_other_redundant(survey: Survey) -> None:
    rules = (
        rule("A1", "lectures <= volunteers", must=False),
        rule("A2", "volunteers <= camps"),
        rule("A3", "lectures <= camps"),
    )
    assert said(survey, *rules) == {}


@pytest.mark.parametrize(
    ("expr", "when"),
    [
        ("lectures >= 0", ""),
        ("lectures <= lectures + 1", ""),
        ("volunteers >= 0", "lectures > 3"),
        ("lectures > 0", "lectures > 5 AND lectures < 3"),
        ("abs(lectures - volunteers) >= 0", ""),
    ],
)
def test_a_rule_that_can_never_fire(survey: Survey, expr: str, when: str) -> None:
    assert said(survey, rule("A1", expr, when)) == {"A1": "never"}


def test_facts_of_the_cover_are_yes_or_no(survey: Survey) -> None:
    rules = (
        rule("A1", "lectures = 1", when="is_venue"),
        rule("A2", "lectures = 0", when="NOT is_venue"),
        rule("A3", "lectures <= 1"),
        rule("A4", "lectures > 3", when="level = '区县级'"),
    )
    assert said(survey, *rules) == {"A3": "redundant", "A4": "contradiction"}


def test_a_rule_for_a_level_that_there_is_not(survey: Survey) -> None:
    edition, levels = survey.edition("kp-2021"), [level.name_zh for level in survey.levels]
    rules = [
        rule("A1", "lectures <= 4", when="level = '县级'"),
        rule("A2", "lectures <= 4", when="level = '区县级'"),
        rule("A3", "lectures <= 4", when="level = '区县级' AND level = '省级'"),
    ]
    found = self_check(edition, rules, levels)
    assert {remark.rule_id: remark.kind for remark in found.remarks} == {
        "A1": "never", "A3": "never"
    }  # fmt: skip
    assert "没有的级别“县级”" in found.remarks[0].text_zh
    assert "适用条件不可能成立" in found.remarks[1].text_zh


def test_years_of_rules_keep_them_apart(survey: Survey) -> None:
    rules = (
        rule("A1", "lectures > volunteers").model_copy(update={"years": (2021, 2021)}),
        rule("A2", "lectures < volunteers").model_copy(update={"years": (2022, 2023)}),
        rule("A3", "lectures <= volunteers"),
        rule("A4", "camps <= 4").model_copy(update={"years": (2030, 2035)}),
    )
    # A1 and A3 meet in 2021; A2 says more than A3, but not in 2021; A4's years are another's.
    assert said(survey, *rules) == {"A1": "contradiction", "A3": "contradiction", "A4": "never"}


def test_rules_over_every_cell(survey: Survey) -> None:
    def each(name: str, expr: str, selector: str, when: str = "") -> Rule:
        return rule(name, expr, when).model_copy(update={"each": selector, "scope": "cell"})

    rules = (
        each("A1", "v >= 0", "all"),
        each("A2", "v >= -1", "money"),
        each("A3", "v <= prev", "additive", when="prev > 0 AND prev < 0"),
        each("A4", "v <= 10 * prev", "additive"),
        rule("A5", "lectures >= -1"),
    )
    # A cell may hold anything; the items of a return are not negative, as A1 says of every cell.
    assert said(survey, *rules) == {"A2": "redundant", "A3": "never", "A5": "never"}


def test_rules_over_other_cells_do_not_meet(survey: Survey) -> None:
    def each(name: str, expr: str, selector: str) -> Rule:
        return rule(name, expr).model_copy(update={"each": selector, "scope": "cell"})

    assert said(survey, each("A1", "v >= 0", "money"), each("A2", "v <= -5", "count")) == {}
    rules = (
        each("A1", "v >= 0", "all"),
        each("A2", "v <= -5", "count"),
        each("A3", "v < 9", "all"),
    )
    # A3 agrees with both of the two that disagree.
    assert said(survey, *rules) == {"A1": "contradiction", "A2": "contradiction"}


def test_what_contradicts_the_rest_makes_nothing_redundant(survey: Survey) -> None:
    rules = (
        rule("A1", "lectures > volunteers", when="lectures > 0"),
        rule("A2", "lectures <= volunteers"),
        rule("A3", "lectures <= 9"),
    )
    # With A1 and A2 there is no lecture, which A3 would follow from.
    assert said(survey, *rules) == {"A1": "contradiction"}


def test_what_is_not_linear_is_passed_over_and_named(survey: Survey) -> None:
    found = self_check(survey.edition("kp-2021"), [rule("A1", "lectures * volunteers <= 5")])
    assert (found.examined, found.passed_over, found.remarks) == (0, ("A1",), ())


def test_the_rules_of_the_newest_edition_do_not_contradict_each_other(survey: Survey) -> None:
    found = self_check(survey.edition("kp-2021"))
    assert {remark.kind for remark in found.remarks} <= {"redundant"}
    # What is left is implied only where nothing is blank; a blank cell makes the other undecided.
    assert {remark.rule_id[:2] for remark in found.remarks} <= {"Z_", "P_"}


def test_every_relation_of_the_catalogue_has_its_rule(survey: Survey) -> None:
    path = Path(__file__).parent / "relations.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        pairs = [(row["relation"], row["rule_id"]) for row in csv.DictReader(handle)]
    rules = survey.edition("kp-2021").rule
    assert len(pairs) == len({relation for relation, _ in pairs}) == 158
    assert [relation for relation, rule_id in pairs if rule_id not in rules] == []

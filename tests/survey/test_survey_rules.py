"""The rule books: complete, specific, sensible; and a few expressions worked out by hand."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pytest

from pipelines.survey import Edition, Rule, Survey
from pipelines.survey.consistency import FACTS, names_in


def holds(edition: Edition, rule_id: str, **values: object) -> bool | None:
    """Evaluate a rule over given values (items not given are 0); True where it does not apply."""
    rule = edition.rule[rule_id]
    names = sorted(names_in(f"{rule.when} {rule.expr}"))
    facts = {"is_venue": False, "level": "市级"}
    given = [values.get(name, facts.get(name, 0)) for name in names]
    cells = [
        Decimal(v) if isinstance(v, int | str) and name not in FACTS else v
        for name, v in zip(names, given, strict=True)
    ]
    columns = ", ".join(f"?{'::DECIMAL(20,4)' if n not in FACTS else ''} AS {n}" for n in names)
    condition = f"NOT ({rule.when or 'true'}) OR ({rule.expr})"
    with duckdb.connect() as con:
        return con.execute(f"SELECT {condition} FROM (SELECT {columns})", cells).fetchall()[0][0]


@pytest.fixture(params=["kp-2014", "kp-2021"])
def edition(request: pytest.FixtureRequest, survey: Survey) -> Edition:
    return survey.edition(request.param)


def test_rules_are_many_and_no_id_is_given_twice(edition: Edition) -> None:
    assert len(edition.rule) == len(edition.rules) > 130


def test_every_rule_says_its_own_thing(edition: Edition) -> None:
    messages = [rule.message_zh for rule in edition.rules]
    assert len(set(messages)) == len(messages)


def test_only_an_unknown_respondent_makes_a_return_unusable(edition: Edition) -> None:
    assert {r.id for r in edition.rules if r.severity == "reject_return"} == {"G08"}
    assert not any(rule.must_correct for rule in edition.rules if rule.severity == "note")


def test_rules_worked_by_code_are_known_by_id(edition: Edition) -> None:
    methods = {rule.id for rule in edition.rules if rule.kind == "method"}
    assert methods == {
        *("G03", "G04", "G05", "G06", "G07", "G08", "G09", "G10", "G11", "G13", "G14", "G16"),
        *("G17", "G18", "G19", "G20", "G21", "G22", "G23", "C01", "C02", "V46"),
        *("V42", "A01", "A02", "A03", "A04", "A05", "A06"),
    }


def test_every_contained_item_has_a_rule(edition: Edition) -> None:
    """Whatever is contained in something else cannot exceed it, and some rule says so."""
    used = [names_in(rule.expr) for rule in edition.rules if rule.kind == "expression"]
    for item in edition.items:
        if item.relation in {"of_which", "part"}:
            pair = {item.item_id, item.parent_id}
            assert any(pair <= names for names in used), item.item_id


def test_every_attribute_needs_its_owner(edition: Edition) -> None:
    """参加人数 without 举办次数, 面积 without 馆: some rule speaks of both."""
    used = [names_in(f"{r.when} {r.expr}") for r in edition.rules if r.kind == "expression"]
    for item in edition.items:
        if item.relation == "attribute":
            pair = {item.item_id, item.parent_id}
            assert any(pair <= names for names in used), item.item_id


def test_thresholds_nobody_published_are_marked(edition: Edition) -> None:
    assert edition.rule["R16a"].evidence == "inferred"
    assert edition.rule["J01"].evidence == "sourced"
    assert all(rule.source for rule in edition.rules if rule.evidence == "sourced")


@pytest.mark.parametrize(
    ("rule_id", "values", "expected"),
    [
        ("R_staff_full_time_women", {"staff_full_time": 5, "staff_full_time_women": 5}, True),
        ("R_staff_full_time_women", {"staff_full_time": 5, "staff_full_time_women": 6}, False),
        ("R12", {"staff_part_time": 3}, False),
        ("R12", {"staff_part_time": 3, "staff_part_time_person_days": 1}, True),
        ("R12", {}, True),
        ("R13", {"staff_part_time": 2, "staff_part_time_person_days": 732}, True),
        ("R13", {"staff_part_time": 2, "staff_part_time_person_days": 733}, False),
        ("R15", {"staff_full_time": 10, "staff_full_time_managers": 12}, True),
        ("R15", {"staff_full_time": 10, "staff_full_time_managers": 13}, False),
        ("Z_science_centers_floor_area", {"science_centers_floor_area": 800}, False),
        (
            "Z_science_centers_floor_area",
            {"science_centers": 1, "science_centers_floor_area": 8},
            True,
        ),
        ("P_science_centers_exhibition_area", {"science_centers": 1}, False),
        ("V_science_centers_4", {"science_centers": 1, "science_centers_floor_area": 499}, False),
        ("V_science_centers_4", {"science_centers": 1, "science_centers_floor_area": 500}, True),
        (
            "V_science_centers_8",
            {"science_centers_floor_area": 1000, "science_centers_exhibition_area": 99},
            False,
        ),
        (
            "V_science_centers_8",
            {"science_centers_floor_area": 1000, "science_centers_exhibition_area": 100},
            True,
        ),
        ("V_science_centers_9", {"science_centers": 1, "science_centers_free_days": 367}, False),
        ("V40", {"is_venue": True, "science_museums": 1}, True),
        ("V40", {"is_venue": True, "science_museums": 1, "youth_centers": 1}, False),
        ("V40", {"is_venue": True}, False),
        ("V41", {"is_venue": False, "youth_centers": 1}, False),
        ("V41", {"is_venue": True, "youth_centers": 1}, True),
        ("J01", {"fund_raised": 102, "fund_raised_government": 100}, True),
        ("J01", {"fund_raised": "102.01", "fund_raised_government": 100}, False),
        ("J03", {"fund_used": 100, "fund_used_activities": 60, "fund_used_exhibits": 37}, True),
        ("J03", {"fund_used": 100, "fund_used_activities": 60, "fund_used_exhibits": 36}, False),
        ("J05", {"week_fund_raised": 9, "week_fund_raised_government": 10}, True),
        ("J05", {"week_fund_raised": 9, "week_fund_raised_enterprise": 11}, False),
        ("J07", {"fund_raised": 10, "fund_used": 4}, False),
        ("J07", {"fund_raised": 0, "fund_used": 4}, True),
        ("J09", {"fund_used_construction": 1}, False),
        ("J09", {"fund_used_construction": 1, "is_venue": True}, True),
        ("J10", {"lectures": 1}, False),
        ("J12", {"fund_used": 1}, False),
        ("M_books_titles_2", {"books_titles": 2, "books_copies": 199}, False),
        ("M05", {"audiovisual_discs": 1}, False),
        ("M13c", {"level": "区县级", "websites": 1}, False),
        ("M13c", {"level": "市级", "websites": 1}, True),
        ("Z_lectures_attendance", {"lectures_attendance": 1}, False),
        (
            "R_lectures_attendance_online",
            {"lectures_attendance": 9, "lectures_attendance_online": 10},
            False,
        ),
        (
            "H_lectures_4",
            {"lectures": 2, "lectures_online": 1, "lectures_attendance": 20001},
            False,
        ),
        # Nothing held at all is not "all of it online": only Z_lectures_attendance speaks then.
        ("H_lectures_5", {"lectures_attendance": 5}, True),
        ("H_lectures_5", {"lectures": 1, "lectures_online": 1, "lectures_attendance": 5}, False),
        ("H40", {"large_events": 2, "lectures_attendance": 1999}, False),
        ("H40", {"large_events": 2, "lectures_attendance": 2000}, True),
    ],
)
def test_expressions(
    survey: Survey, rule_id: str, values: dict[str, object], expected: bool
) -> None:
    assert holds(survey.edition("kp-2021"), rule_id, **values) is expected


def test_workload_of_2014_is_in_months(survey: Survey) -> None:
    old = survey.edition("kp-2014")
    assert holds(old, "R13", staff_part_time=2, staff_part_time_person_months=24)
    assert not holds(old, "R13", staff_part_time=2, staff_part_time_person_months=25)
    assert "人月" in old.rule["R13"].message_zh


def test_exhibits_are_a_part_of_construction_in_2014(survey: Survey) -> None:
    old = survey.edition("kp-2014")
    values = {"fund_used": 100, "fund_used_construction": 100}
    assert holds(old, "J03", **values, fund_used_construction_exhibits=40)
    assert not holds(
        old,
        "R_fund_used_construction_exhibits",
        fund_used_construction=3,
        fund_used_construction_exhibits=4,
    )


def test_blank_leaves_a_rule_unevaluated(survey: Survey) -> None:
    assert holds(survey.edition("kp-2021"), "J02", fund_raised_government_special=None) is None


def test_a_rule_may_be_limited_to_years() -> None:
    rule = Rule(
        id="X1",
        scope="return",
        severity="query",
        expr="a > 0",
        years=(2021, 2022),
        message_zh="说明",
        evidence="inferred",
    )
    assert [rule.applies_to(year) for year in (2020, 2021, 2022, 2023)] == [
        False,
        True,
        True,
        False,
    ]


def test_names_in_an_expression() -> None:
    assert names_in(
        "level = '区县级 or_not' AND NOT is_venue OR abs(a_b - c1) BETWEEN 1e3 AND 2"
    ) == {*("level", "is_venue", "a_b", "c1")}

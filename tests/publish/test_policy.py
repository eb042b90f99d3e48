"""What the bulletin says of the measures of the plan; what it may say is worked out by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from pipelines.indicators import Definitions
from pipelines.publish.figures import Figures
from pipelines.publish.policy import Policy
from pipelines.publish.sentences import load_sentences
from pipelines.publish.words import Words
from pipelines.survey import Survey
from pipelines.warehouse import Workshop

YEAR = 2023
CAST = "science_association"

#: indicator, this year, last year, breakdown, member
VALUES = (
    ("fund_raised_government", "24000", "23000", "province", "220000"),
    ("fund_raised_government_special", "13000", "13000", "province", "220000"),
    ("youth_centers", "12", None, "province", "220000"),
    ("exchanges", "7", "5", "province", "220000"),
    ("staff_full_time", "583", "600", "department", CAST),
    ("staff_full_time", "4866", "4700", "province", "220000"),
    ("lectures", "100", "90", "department", CAST),
)


def _row(name: str, year: int, value: str | None, breakdown: str, member: str) -> dict[str, Any]:
    return {
        "indicator_id": name, "year": year, "breakdown": breakdown, "member_id": member,
        "member2_id": "", "member_zh": member, "value": value and Decimal(value), "unit": "",
        "numerator": None, "denominator": None, "units_covered": 1, "units_expected": None,
        "response_rate": None, "flags": [],
    }  # fmt: skip


@pytest.fixture(scope="module")
def policy(survey: Survey, definitions: Definitions) -> Iterator[Policy]:
    with Workshop() as workshop:
        rows = [
            _row(name, year, value, breakdown, member)
            for name, this, last, breakdown, member in VALUES
            for year, value in ((YEAR, this), (YEAR - 1, last))
            if value
        ]
        workshop.load("indicator_values", rows)
        hidden = {
            "year": YEAR, "indicator_id": "staff_full_time", "breakdown": "department",
            "member_id": CAST, "member2_id": "", "reason": "primary", "rule": "fewest",
        }  # fmt: skip
        workshop.load("suppressions", [hidden])
        words = Words(Figures(workshop, survey, definitions, YEAR), load_sentences())
        yield Policy(words, None, "资料来源：调查。")


@pytest.fixture(scope="module")
def rows(policy: Policy) -> dict[str, list[str]]:
    return {row["label"]: row["cells"] for row in policy.table()["rows"]}


def test_every_measure_has_its_line(rows: dict[str, list[str]], survey: Survey) -> None:
    assert list(rows) == [f"{m.number}　{m.title_zh}" for m in survey.measures]
    assert len(rows) == 28


def test_a_measure_says_its_indicators_their_values_and_changes(rows: dict[str, list[str]]) -> None:
    # 24000 / 23000 = 1.04348
    assert rows["1　强化各级党委和政府的科普工作领导责任"] == [
        "部分",
        "政府拨款2.40亿元，比上年增长4.35%；科普专项经费1.30亿元，与上年持平。",
    ]


def test_a_measure_about_a_system_is_told_of_that_system(rows: dict[str, list[str]]) -> None:
    _, said = rows["3　发挥各级科学技术协会的科普工作主要社会力量作用"]
    assert "科普讲座100次，比上年增长11.11%" in said
    assert "科普兼职人员无数据" in said


def test_what_is_suppressed_is_nowhere(policy: Policy) -> None:
    """Neither the value, nor the province's in its place."""
    said = json.dumps(policy.table(), ensure_ascii=False) + "".join(policy.paragraphs())
    assert "科普专职人员不予公布" in said
    assert "583" not in said


def test_what_no_statistic_measures_is_named(policy: Policy, rows: dict[str, list[str]]) -> None:
    counted, unmeasured, _ = policy.paragraphs()
    assert "共28条措施，其中20条有统计指标可以反映（13条可度量，7条只能度量一部分）" in counted
    for number in (2, 7, 20, 21, 23, 24, 25, 26):
        assert f"第{number}条（" in unmeasured
    assert rows["7　加强政策体系建设"] == ["无", "没有统计指标。"]
    # One of the indicators the plan names is in no questionnaire.
    assert "流动科技馆站没有统计指标" in rows["8　优化基层科普服务"][1]


def test_an_indicator_of_several_measures_counts_once(policy: Policy) -> None:
    """Up: government funds, exchanges, lectures of the association; flat: special funds.

    Full-time staff of the province moved too (measure 12), of the association is hidden."""
    assert "与上年可比的5项指标中，4项上升，1项持平，0项下降。" in policy.paragraphs()[0]


def test_without_a_year_before_nothing_is_compared(
    survey: Survey, definitions: Definitions
) -> None:
    with Workshop() as workshop:
        workshop.load("indicator_values", [_row("youth_centers", YEAR, "12", "province", "220000")])
        words = Words(Figures(workshop, survey, definitions, YEAR), load_sentences())
        policy = Policy(words, None, "")
        assert "没有与上年可比的指标。" in policy.paragraphs()[0]
        said = json.dumps(policy.table(), ensure_ascii=False)
    assert "青少年科技馆站12个；" in said
    assert "比上年" not in "".join(row["cells"][1] for row in json.loads(said)["rows"])

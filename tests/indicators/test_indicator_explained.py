"""Every ratio and derived figure that was published is reproduced, or it is said why not."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

import pipelines.survey
from pipelines.indicators import Definitions, evaluate
from pipelines.survey.quantities import in_unit, round_half_up

HERE = Path(__file__).parent
EXPLAINED = yaml.safe_load((HERE / "published_explained.yaml").read_text("utf-8"))
RATIOS = yaml.safe_load((HERE / "published_ratios.yaml").read_text("utf-8"))["ratios"]
SERIES = Path(pipelines.survey.__file__).parent / "published_series"
D = Decimal
HALF = D("0.005")


def read(name: str) -> list[dict[str, str]]:
    with (SERIES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    "case", EXPLAINED["shared_total"], ids=lambda case: f"{case['total']}-{case['year']}"
)
def test_one_total_gives_all_the_shares_of_it(
    case: dict[str, Any], definitions: Definitions
) -> None:
    """Parts and shares are printed at two decimals: each leaves a stretch of totals open."""
    ends = [
        ((D(s["part"]) - HALF) / (D(s["published"]) + HALF) * 100,
         (D(s["part"]) + HALF) / (D(s["published"]) - HALF) * 100)
        for s in case["shares"]
    ]  # fmt: skip
    low, high = max(end[0] for end in ends), min(end[1] for end in ends)
    assert low < high
    total = (low + high) / 2
    for share in case["shares"]:
        definition = definitions[share["indicator"]]
        part = definition.numerator[0].id
        printed = D(share["published"])
        possible = [
            evaluate(definition, {part: _ours(definitions, part, D(share["part"]) + shift, case),
                                  case["total"]: _ours(definitions, case["total"], total, case)})
            for shift in (-HALF, HALF)
        ]  # fmt: skip
        least, most = (value for value in possible if value is not None)
        assert least <= printed + HALF
        assert most >= printed - HALF


def _ours(definitions: Definitions, name: str, value: Decimal, case: dict[str, Any]) -> Decimal:
    exact = in_unit(value, case["unit"], definitions[name].unit)
    assert exact is not None
    return exact


@pytest.mark.parametrize(
    "case", EXPLAINED["differences"], ids=lambda c: f"{c['name_zh']}{c['year']}"
)
def test_a_figure_follows_from_the_printed_change(case: dict[str, Any]) -> None:
    assert D(case["from"]) - D(case["moved"]) == D(case["value"])


@pytest.mark.parametrize("case", EXPLAINED["sums"], ids=lambda case: case["name_zh"])
def test_the_regions_add_up_to_the_nation(case: dict[str, Any]) -> None:
    terms = case["terms"].values()
    middle = sum(D(term["value"]) * term["times"] for term in terms)
    room = sum(D(term["precision"]) * term["times"] / 2 for term in terms)
    assert abs(middle - D(case["total"])) <= room + D(case["precision"]) / 2


def test_no_published_ratio_is_left_out() -> None:
    ids = {row["name_zh"]: row["series_id"] for row in read("series.csv")}
    accounted = set(_accounted())
    left = [
        (row["year"], row["region"], row["name_zh"])
        for row in read("national.csv")
        if row["nature"] != "公布数"
        and not accounted
        & {
            (int(row["year"]), row["region"], name)
            for name in (row["name_zh"], ids.get(row["name_zh"], ""))
        }
    ]
    assert left == []


def _accounted() -> Iterator[tuple[int, str, str]]:
    """Year, region, and name or indicator of what is reproduced or explained."""
    for case in RATIOS:
        if "last_year" not in case:
            yield case["year"], "全国", case["indicator"]
    for case in EXPLAINED["shared_total"]:
        for share in case["shares"]:
            yield case["year"], "全国", share["indicator"]
    for case in (*EXPLAINED["differences"], *EXPLAINED["confirmed"]):
        yield case["year"], "全国", case["name_zh"]
    for case in EXPLAINED["sums"]:
        for region in case["terms"]:
            yield case["year"], region, case["name_zh"]
    for case in EXPLAINED["not_recomputable"]:
        for year in case["years"]:
            yield year, case["region"], case.get("name_zh") or case["indicator"]


def test_a_share_of_an_unprinted_total_is_not_taken_for_one_that_disagrees() -> None:
    """2024 with a share one tenth higher would leave no total in common."""
    activities = (D("80.55") + HALF) / (D("38.07") - HALF) * 100
    construction = (D("29.60") - HALF) / (D("13.96") + HALF) * 100
    assert round_half_up(activities, 2) < round_half_up(construction, 2)

"""Composite indexes: the arithmetic against worked examples, the tables against plain sums."""

from __future__ import annotations

import math
import statistics
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from indicator_rows import indicator_row

from pipelines.errors import SurveyDefinitionError
from pipelines.indicators import Definitions, score_composites
from pipelines.indicators.composite import LABEL_ZH, load_indexes
from pipelines.indicators.composite.methods import aggregated, normalised, ranks, weights_of
from pipelines.survey import Survey
from pipelines.warehouse import Workshop

# Three members, three items, already between 0 and 1: A = 0, ½, 1; B = 0, 0, 1; C = 1, 0, 0.
EXAMPLE = np.array([[0.0, 0.0, 1.0], [0.5, 0.0, 0.0], [1.0, 1.0, 0.0]])
UP = [False, False, False]


def test_entropy_weights_of_the_worked_example() -> None:
    # A: shares 0, 1/3, 2/3, entropy ln 3 - (2/3)ln 2, so 1 - e = (2/3)ln 2 / ln 3.
    # B and C: everything with one member, entropy 0, so 1 - e = 1.
    telling = (2 / 3) * math.log(2) / math.log(3)
    expected = [telling / (telling + 2), 1 / (telling + 2), 1 / (telling + 2)]
    assert weights_of(EXAMPLE, UP, "entropy") == pytest.approx(expected)


def test_critic_weights_of_the_worked_example() -> None:
    # Standard deviations ½, 1/√3, 1/√3; correlations AB √3/2, AC -√3/2, BC -½.
    # A: ½(1 - √3/2 + 1 + √3/2) = 1.  B: (2½ - √3/2)/√3 = 2½/√3 - ½.  C: 2½/√3 + ½.
    half = 2.5 / math.sqrt(3)
    whole = 1 + 2 * half
    expected = [1 / whole, (half - 0.5) / whole, (half + 0.5) / whole]
    assert weights_of(EXAMPLE, UP, "critic") == pytest.approx(expected)
    assert expected[2] == pytest.approx(0.5)


@pytest.mark.parametrize("weighting", ["entropy", "critic"])
def test_an_item_equal_for_all_weighs_nothing(weighting: Any) -> None:
    values = np.column_stack([EXAMPLE, [7.0, 7.0, 7.0]])
    found = weights_of(values, [*UP, False], weighting)
    assert found[3] == 0
    assert found[:3] == pytest.approx(weights_of(EXAMPLE, UP, weighting))


@pytest.mark.parametrize("weighting", ["entropy", "critic"])
def test_where_nothing_tells_members_apart_all_items_weigh_the_same(weighting: Any) -> None:
    assert weights_of(np.ones((4, 2)), UP[:2], weighting) == pytest.approx([0.5, 0.5])


def test_given_weights_are_brought_to_one() -> None:
    assert weights_of(EXAMPLE, UP, "given", [1, 1, 2]) == pytest.approx([0.25, 0.25, 0.5])


def test_the_three_scales() -> None:
    values = np.array([[10.0, 3.0], [20.0, 2.0], [40.0, 1.0]])
    down = [False, True]
    # 10, 20, 40 on 0—1: 0, 1/3, 1; the smaller the better: 3 → 0, 2 → ½, 1 → 1.
    assert normalised(values, down, "min_max") == pytest.approx(
        np.array([[0, 0], [1 / 3, 0.5], [1, 1]])
    )
    # Mean 2, standard deviation 1, turned round.
    assert normalised(values, down, "z_score")[:, 1] == pytest.approx([-1, 0, 1])
    assert normalised(values, UP[:2], "base_year", [20, 2]) == pytest.approx(
        np.array([[0.5, 1.5], [1, 1], [2, 0.5]])
    )


def test_the_two_means() -> None:
    scaled, weights = np.array([[0.25, 1.0], [1.0, 0.0]]), np.array([0.5, 0.5])
    assert aggregated(scaled, weights, "arithmetic", "min_max", 0.01) == pytest.approx([62.5, 50])
    # √(0.25 × 1) = 0.5; a nought is a nought.
    assert aggregated(scaled, weights, "geometric", "base_year", 0.01) == pytest.approx([50, 0])
    # On the 0-to-1 scale nought stands at the floor: √(1 × 0.04) = 0.2.
    lifted = aggregated(np.array([[1.0, 0.0]]), weights, "geometric", "min_max", 0.04)
    assert lifted == pytest.approx([20])
    assert aggregated(scaled, np.array([0.0, 1.0]), "geometric", "base_year", 0.01)[1] == 0
    assert aggregated(scaled, np.array([1.0, 0.0]), "geometric", "base_year", 0.01)[1] == 100


def test_equal_scores_share_the_better_rank() -> None:
    assert ranks(np.array([5.0, 9.0, 5.0, 1.0])).tolist() == [2, 1, 2, 4]


@given(st.lists(st.lists(st.integers(0, 50), min_size=3, max_size=3), min_size=4, max_size=9))
def test_weights_agree_with_a_plain_second_computation(rows: list[list[int]]) -> None:
    """Entropy and CRITIC by the textbook, item by item, with the statistics module."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    scaled = [[(x - min(c)) / (max(c) - min(c)) for x in c] for c in columns if max(c) > min(c)]
    if len(scaled) < 2:
        return
    entropies = []
    for column in scaled:
        shares = [x / sum(column) for x in column]
        e = -sum(p * math.log(p) for p in shares if p) / math.log(len(column))
        entropies.append(1 - e)
    conflicts = [
        statistics.stdev(one) * sum(1 - statistics.correlation(one, other) for other in scaled)
        for one in scaled
    ]
    values = np.array(rows, dtype=float)
    found = [float(w) for w in weights_of(values, UP, "entropy")]
    kept = [w for w, c in zip(found, columns, strict=True) if max(c) > min(c)]
    assert kept == pytest.approx([e / sum(entropies) for e in entropies], abs=1e-9)
    if sum(conflicts) > 1e-6:
        found = [float(w) for w in weights_of(values, UP, "critic")]
        kept = [w for w, c in zip(found, columns, strict=True) if max(c) > min(c)]
        assert kept == pytest.approx([c / sum(conflicts) for c in conflicts], abs=1e-6)


YEAR = 2023
CHANGCHUN, JILIN_CITY, SIPING = "220100", "220200", "220300"

INDEXES = """
indexes:
- index_id: small
  name_zh: 小指数
  breakdowns: [prefecture]
  normalisation: {normalisation}
  weighting: equal
  aggregation: arithmetic
  min_response: 0.5
  {base}
  items:
  - {{indicator_id: staff_total, direction: up}}
  - {{indicator_id: lectures, direction: up}}
  sensitivity: {{draws: 200, seed: 1, spread: {spread}, normalisations: [{normalisation}],
    weightings: [equal], aggregations: [arithmetic]}}
reasons: {{missing: "缺{{names}}", not_asked: "未问{{names}}", low_response: "{{rate}}<{{limit}}",
  too_few: "不足{{count}}", no_base: "{{year}}无{{names}}"}}
"""


def overlay_of(folder: Path, **changed: str) -> Path:
    text = INDEXES.format(
        **{"normalisation": "min_max", "base": "floor: 0.01", "spread": "0", **changed}
    )
    (folder / "composite").mkdir(parents=True)
    (folder / "composite" / "indexes.yaml").write_text(text, encoding="utf-8")
    return folder


def scored(
    survey: Survey,
    definitions: Definitions,
    overlay: Path,
    figures: dict[str, tuple[str | None, str | None]],
    extra: list[dict[str, Any]] | None = None,
    rates: dict[str, str] | None = None,
) -> dict[str, list[dict[str, Any]]]:
    rows = [
        indicator_row(name, YEAR, "prefecture", place, value, rate=(rates or {}).get(place, "1"))
        for place, values in figures.items()
        for name, value in zip(("staff_total", "lectures"), values, strict=True)
    ]
    rows += [
        indicator_row(name, YEAR, "province", "220000", "1") for name in ("staff_total", "lectures")
    ]
    with Workshop() as workshop:
        workshop.load("indicator_values", rows + (extra or []))
        score_composites(workshop, survey, definitions, overlay)
        workshop.assert_keys()
        names = ("composite_scores", "composite_ranks", "composite_weights")
        return {name: workshop.table(name).to_pylist() for name in names}


FIGURES: dict[str, tuple[str | None, str | None]] = {
    CHANGCHUN: ("10", "30"),
    JILIN_CITY: ("20", "10"),
    SIPING: ("0", "20"),
}


def test_scores_ranks_and_reasons(survey: Survey, definitions: Definitions, tmp_path: Path) -> None:
    figures = FIGURES | {"220400": ("5", None), "220500": (None, None), "220600": ("9", "9")}
    found = scored(survey, definitions, overlay_of(tmp_path), figures, rates={"220600": "0.4"})
    by_place = {row["member_id"]: row for row in found["composite_scores"]}
    # 长春 (½ + 1)/2, 吉林 (1 + 0)/2, 四平 (0 + ½)/2.
    values = {place: by_place[place]["score"] for place in FIGURES}
    assert values == {
        CHANGCHUN: Decimal(75),
        JILIN_CITY: Decimal(50),
        SIPING: Decimal(25),
    }
    staff, lectures = definitions["staff_total"].name_zh, definitions["lectures"].name_zh
    reasons = {place: row["reason_zh"] for place, row in by_place.items() if row["reason_zh"]}
    assert reasons.pop("220400") == f"缺{lectures}"
    assert reasons.pop("220600") == "40.0%<50.0%"
    assert set(reasons.values()) == {f"缺{staff}、{lectures}"}
    assert len(by_place) == 9
    assert {row["label_zh"] for row in by_place.values()} == {LABEL_ZH}
    ranked = {row["member_id"]: row["rank"] for row in found["composite_ranks"]}
    assert ranked == {CHANGCHUN: 1, JILIN_CITY: 2, SIPING: 3}
    assert {row["weight"] for row in found["composite_weights"]} == {Decimal("0.5")}


def test_nothing_varied_gives_no_interval(
    survey: Survey, definitions: Definitions, tmp_path: Path
) -> None:
    found = scored(survey, definitions, overlay_of(tmp_path), FIGURES)
    for row in found["composite_ranks"]:
        assert {row["rank"]} == {
            row[name] for name in ("rank_low", "rank_high", "rank_best", "rank_worst")
        }


def test_moved_weights_change_ranks_only_where_they_can(
    survey: Survey, definitions: Definitions, tmp_path: Path
) -> None:
    # 长春 leads in neither case of 吉林 = 100w, 长春 = 50w + 100(1 - w): equal at w = 2/3.
    overlay = overlay_of(tmp_path, spread="0.9")
    found = scored(survey, definitions, overlay, FIGURES)
    again = scored(survey, definitions, overlay, FIGURES)
    assert found == again
    intervals = {
        row["member_id"]: (row["rank_best"], row["rank_worst"]) for row in found["composite_ranks"]
    }
    # 四平 = 50(1 - w) beats 吉林 = 100w below w = 1/3, and never 长春.
    assert intervals == {CHANGCHUN: (1, 2), JILIN_CITY: (1, 3), SIPING: (2, 3)}


def test_two_members_are_too_few(survey: Survey, definitions: Definitions, tmp_path: Path) -> None:
    figures = {CHANGCHUN: FIGURES[CHANGCHUN], JILIN_CITY: FIGURES[JILIN_CITY]}
    found = scored(survey, definitions, overlay_of(tmp_path), figures)
    reasons = {row["member_id"]: row["reason_zh"] for row in found["composite_scores"]}
    assert reasons[CHANGCHUN] == reasons[JILIN_CITY] == "不足3"
    assert not found["composite_ranks"]
    assert not found["composite_weights"]


BASE = {"normalisation": "base_year", "base": "base_year: 2022"}


def test_a_base_year_is_the_provinces(
    survey: Survey, definitions: Definitions, tmp_path: Path
) -> None:
    base = [
        indicator_row("staff_total", 2022, "province", "220000", "10"),
        indicator_row("lectures", 2022, "province", "220000", "20"),
    ]
    found = scored(survey, definitions, overlay_of(tmp_path, **BASE), FIGURES, base)
    values = {
        row["member_id"]: row["score"] for row in found["composite_scores"] if row["year"] == YEAR
    }
    # 长春 (10/10 + 30/20)/2, 吉林 (2 + ½)/2, 四平 (0 + 1)/2, times 100.
    assert [values[p] for p in FIGURES] == [Decimal(125), Decimal(125), Decimal(50)]


@pytest.mark.parametrize("broken", [True, False])
def test_no_base_no_score(
    survey: Survey, definitions: Definitions, tmp_path: Path, *, broken: bool
) -> None:
    base = [indicator_row("staff_total", 2022, "province", "220000", "10")]
    if broken:
        base += [
            indicator_row("lectures", 2022, "province", "220000", "20"),
            indicator_row("lectures", YEAR, "province", "220000", "1", flags=["break"]),
        ]
    rows = [
        indicator_row(name, YEAR, "prefecture", place, value)
        for place, values in FIGURES.items()
        for name, value in zip(("staff_total", "lectures"), values, strict=True)
    ]
    rows.append(indicator_row("staff_total", YEAR, "province", "220000", "1"))
    if not broken:
        rows.append(indicator_row("lectures", YEAR, "province", "220000", "1"))
    with Workshop() as workshop:
        workshop.load("indicator_values", rows + base)
        score_composites(workshop, survey, definitions, overlay_of(tmp_path, **BASE))
        said = workshop.rows("SELECT DISTINCT reason_zh FROM composite_scores WHERE year = 2023")
    assert said == [{"reason_zh": f"2022无{definitions['lectures'].name_zh}"}]


def test_a_year_that_does_not_ask_an_item_says_so(
    survey: Survey, definitions: Definitions, tmp_path: Path
) -> None:
    with Workshop() as workshop:
        workshop.load(
            "indicator_values", [indicator_row("staff_total", YEAR, "province", "220000", "1")]
        )
        score_composites(workshop, survey, definitions, overlay_of(tmp_path))
        said = workshop.rows("SELECT DISTINCT reason_zh FROM composite_scores")
    assert said == [{"reason_zh": f"未问{definitions['lectures'].name_zh}"}]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("staff_total", "staff_missing", "不在指标目录中"),
        ("staff_total", "fund_raised_growth", "不能合成"),
        ("indicator_id: lectures", "indicator_id: staff_total", "用两次"),
        ("normalisations: [min_max]", "normalisations: [base_year]", "base_year"),
        ("weightings: [equal]", "weightings: [given]", "weight"),
        ("weighting: equal\n", "weighting: official\n", "weighting"),
        ("floor: 0.01", "base_year: 2020", "base_year"),
    ],
)
def test_a_contradictory_index_is_refused(
    definitions: Definitions, tmp_path: Path, old: str, new: str, said: str
) -> None:
    overlay = overlay_of(tmp_path)
    path = overlay / "composite" / "indexes.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(SurveyDefinitionError, match=said):
        load_indexes(definitions, overlay)


def test_the_built_in_list_has_no_given_weights(definitions: Definitions) -> None:
    for index in load_indexes(definitions).indexes:
        assert all(item.weight is None for item in index.items)

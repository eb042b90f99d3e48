"""``protect``: what of a province's values must not be published, worked out by hand.

Two prefectures: 长春 with 南关 and 宽城, 吉林 with 昌邑 and 龙潭.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from indicator_province import Province
from scipy.optimize import linprog

from pipelines.errors import SurveyDefinitionError
from pipelines.indicators import Definitions
from pipelines.indicators.disclosure import load_thresholds, protect
from pipelines.survey import Survey
from pipelines.warehouse import Workshop

CHANGCHUN, NANGUAN, KUANCHENG = "220100", "220102", "220103"
JILIN, CHANGYI, LONGTAN = "220200", "220202", "220203"

Key = tuple[str, int, str, str, str]


@pytest.fixture
def workshop() -> Iterator[Workshop]:
    with Workshop() as opened:
        yield opened


def protected(
    province: Province,
    definitions: Definitions,
    workshop: Workshop,
    overlay: Path | None = None,
) -> dict[Key, tuple[str, str]]:
    """Reason and rule of every suppressed value."""
    province.compute(definitions, workshop)
    protect(workshop, province.survey, definitions, overlay)
    workshop.assert_keys()
    return {
        (r["indicator_id"], r["year"], r["breakdown"], r["member_id"], r["member2_id"]): (
            r["reason"],
            r["rule"],
        )
        for r in workshop.few_rows("SELECT * FROM suppressions")
    }


def public(workshop: Workshop, indicator_id: str, breakdown: str, member: str, year: int = 2023):  # type: ignore[no-untyped-def]
    rows = workshop.few_rows(
        "SELECT * FROM public_indicator_values WHERE indicator_id = ? AND breakdown = ?"
        " AND member_id = ? AND member2_id = '' AND year = ?",
        [indicator_id, breakdown, member, year],
    )
    assert len(rows) == 1
    return rows[0]


def fill(province: Province, county: str, figures: list[int], item: str = "volunteers") -> None:
    for figure in figures:
        province.add(2023, county, {item: str(figure)})


def spread(province: Province) -> None:
    """Four contributors and more everywhere, none of them dominant."""
    for county in (NANGUAN, KUANCHENG, CHANGYI, LONGTAN):
        fill(province, county, [20, 21, 22, 23])


def test_many_contributors_and_none_dominant_are_published(
    province: Province, definitions: Definitions, workshop: Workshop
) -> None:
    spread(province)
    assert not protected(province, definitions, workshop)


def test_two_contributors_are_too_few_and_take_a_neighbour_with_them(
    province: Province, definitions: Definitions, workshop: Workshop
) -> None:
    fill(province, NANGUAN, [30, 34])
    fill(province, KUANCHENG, [20, 21, 22, 23])
    fill(province, CHANGYI, [20, 21, 22, 23])
    fill(province, LONGTAN, [20, 21, 22, 23])
    found = protected(province, definitions, workshop)
    assert found["volunteers", 2023, "county", NANGUAN, ""] == ("primary", "few")
    assert found["volunteers", 2023, "county", KUANCHENG, ""] == ("complementary", "margin")
    # 长春 = 南关 + 宽城 stays, and so does all that is not in it.
    assert public(workshop, "volunteers", "prefecture", CHANGCHUN)["value"] == 150
    assert public(workshop, "volunteers", "county", CHANGYI)["value"] == 86
    hidden = public(workshop, "volunteers", "county", NANGUAN)
    assert (hidden["value"], hidden["numerator"]) == (None, None)
    assert "suppressed" in hidden["flags"]


@pytest.mark.parametrize(
    ("figures", "rule"),
    [
        ([86, 7, 7], "dominance"),  # 86 of 100 is above 85 %
        ([84, 9, 7], "p_percent"),  # 100 - 84 - 9 = 7, below 10 % of 84
        ([80, 11, 9], ""),  # 9 is above 10 % of 80
    ],
)
def test_dominance_and_p_percent(
    province: Province,
    definitions: Definitions,
    workshop: Workshop,
    figures: list[int],
    rule: str,
) -> None:
    spread(province)
    fill(province, "220104", figures)
    found = protected(province, definitions, workshop)
    at = ("volunteers", 2023, "county", "220104", "")
    assert found.get(at, ("", ""))[1] == rule


def test_the_venues_of_one_unit_are_one_contributor(
    province: Province, definitions: Definitions, workshop: Workshop
) -> None:
    spread(province)
    for _ in range(3):
        province.add(2023, "220104", {"volunteers": "30"}, unit="one")
    found = protected(province, definitions, workshop)
    assert found["volunteers", 2023, "county", "220104", ""] == ("primary", "few")


def test_a_zero_is_published_and_a_unit_without_any_does_not_contribute(
    province: Province, definitions: Definitions, workshop: Workshop
) -> None:
    spread(province)
    fill(province, "220104", [0])
    fill(province, "220105", [9, 0, 0, 0])
    found = protected(province, definitions, workshop)
    assert ("volunteers", 2023, "county", "220104", "") not in found
    assert public(workshop, "volunteers", "county", "220104")["value"] == 0
    assert found["volunteers", 2023, "county", "220105", ""] == ("primary", "few")


def test_a_ratio_goes_with_its_numerator_or_denominator(
    province: Province, definitions: Definitions, workshop: Workshop
) -> None:
    figures = {"fund_raised": "100", "fund_raised_government": "60"}
    for county in (NANGUAN, KUANCHENG, CHANGYI, LONGTAN):
        for _ in range(4):
            province.add(2023, county, figures)
    for _ in range(4):
        province.add(2023, "220104", {"fund_raised": "100"})
    province.add(2023, "220104", {"fund_raised_government": "60"})
    found = protected(province, definitions, workshop)
    assert found["fund_raised_government", 2023, "county", "220104", ""][1] == "few"
    assert found["government_share", 2023, "county", "220104", ""] == ("complementary", "ratio")
    share = public(workshop, "government_share", "county", "220104")
    assert (share["value"], share["numerator"], share["denominator"]) == (None, None, None)
    # The population is public: 人均 gives its numerator away.
    province.add(2023, "220105", {"fund_raised": "50"})
    found = protected(province, definitions, workshop)
    assert ("fund_raised_per_head", 2023, "county", "220105", "") in found


def test_a_change_needs_both_years(
    province: Province, definitions: Definitions, workshop: Workshop
) -> None:
    spread(province)
    for county in (NANGUAN, KUANCHENG, CHANGYI, LONGTAN):
        for figure in (20, 21, 22, 23) if county != NANGUAN else (30, 34):
            province.add(2022, county, {"staff_full_time": str(figure), "staff_part_time": "0"})
            province.add(2023, county, {"staff_full_time": str(figure), "staff_part_time": "0"})
        if county == NANGUAN:
            for figure in (31, 33):
                province.add(2023, county, {"staff_full_time": str(figure), "staff_part_time": "0"})
    changes = {d.indicator_id: d.of for d in definitions if d.is_change}
    found = protected(province, definitions, workshop)
    of_last_year = {key[0] for key in found if key[1:4] == (2022, "county", NANGUAN)}
    this_year = {key[0] for key in found if key[1:4] == (2023, "county", NANGUAN)}
    assert "staff_total" in of_last_year
    assert "staff_total" not in this_year
    assert {name for name, of in changes.items() if of == "staff_total"} <= this_year


def test_items_left_open_are_not_sensitive(
    province: Province, definitions: Definitions, workshop: Workshop, tmp_path: Path
) -> None:
    fill(province, NANGUAN, [1], "science_museums")
    fill(province, CHANGYI, [1, 2, 3, 4], "science_museums")
    built_in = Path(load_thresholds.__code__.co_filename).with_name("thresholds.yaml")
    text = built_in.read_text(encoding="utf-8")
    own = text.replace(
        "open_items: []", "open_items: [science_centers, science_museums, youth_centers]"
    )
    (tmp_path / "disclosure.yaml").write_text(own, encoding="utf-8")
    assert ("science_museums", 2023, "county", NANGUAN, "") in protected(
        province, definitions, workshop
    )
    assert ("science_museums", 2023, "county", NANGUAN, "") not in protected(
        province, definitions, workshop, tmp_path
    )


def test_limits_that_are_no_limits_are_refused(tmp_path: Path) -> None:
    built_in = Path(load_thresholds.__code__.co_filename).with_name("thresholds.yaml")
    text = built_in.read_text(encoding="utf-8").replace("fewest: 3", "fewest: 0", 1)
    (tmp_path / "disclosure.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SurveyDefinitionError):
        load_thresholds(tmp_path)


MONEY = ("fund_raised_government", "fund_raised_donation", "fund_raised_own", "fund_raised_other")


def test_an_attacker_with_every_public_value_of_a_province_recovers_nothing(
    province: Province, survey: Survey, definitions: Definitions, workshop: Workshop
) -> None:
    """All that the view shows of 经费筹集额 and its parts, printed to two decimals, and the ratios.

    The attacker writes one equation for each sum it knows of, over unknown cells of
    (item, breakdown, members), and may move every published figure by half of its last digit.
    """
    rng = np.random.default_rng(5)
    counties = (NANGUAN, KUANCHENG, CHANGYI, LONGTAN, "220204")
    for _ in range(24):
        parts = np.round(rng.gamma(0.6, 40, 4) * (rng.random(4) < 0.7), 2)
        figures = {name: f"{part:.2f}" for name, part in zip(MONEY, parts, strict=True)}
        province.add(
            2023,
            str(rng.choice(counties)),
            {**figures, "fund_raised": f"{parts.sum():.2f}"},
            department=str(rng.choice(["education", "health", "science_association"])),
            level=str(rng.choice(["county", "prefectural", "provincial"])),
            channel=str(rng.choice(["county", "department"])),
        )
    found = protected(province, definitions, workshop)
    rows = workshop.few_rows(
        "SELECT p.indicator_id, p.breakdown, p.member_id, p.member2_id, p.value AS public,"
        " v.value AS true_value FROM public_indicator_values p JOIN indicator_values v"
        " USING (year, indicator_id, breakdown, member_id, member2_id) WHERE p.year = 2023"
    )
    cells = {
        (r["indicator_id"], r["breakdown"], r["member_id"], r["member2_id"]): r
        for r in rows
        if r["indicator_id"] in ("fund_raised", *MONEY) and r["true_value"] is not None
    }
    place = {key: n for n, key in enumerate(cells)}
    equations = _sums(survey, place) + _ratios(rows, place, definitions)
    matrix = np.zeros((len(equations), len(place)))
    for n, terms in enumerate(equations):
        for column, factor in terms:
            matrix[n, column] += factor
    truth = np.array([float(r["true_value"]) for r in cells.values()])
    assert np.abs(matrix @ truth).max() < 1e-6
    bounds = [
        (0, None)
        if r["public"] is None
        else (float(r["public"]) - 0.005, float(r["public"]) + 0.005)
        for r in cells.values()
    ]
    bounds = [
        (0, 0) if r["public"] == 0 else known
        for r, known in zip(cells.values(), bounds, strict=True)
    ]
    sensitive = [k for k in place if found.get((k[0], 2023, *k[1:]), ("", ""))[0] == "primary"]
    assert len(sensitive) > 20
    for key in sensitive[:: max(1, len(sensitive) // 40)]:
        value = float(cells[key]["true_value"])
        goal = np.zeros(len(place))
        goal[place[key]] = 1
        ends = [
            linprog(sign * goal, A_eq=matrix, b_eq=np.zeros(len(equations)), bounds=bounds)
            for sign in (1, -1)
        ]
        assert ends[0].status == 0
        assert ends[0].fun <= value * 0.85 + 0.01, key
        assert ends[1].status == 3 or -ends[1].fun >= value * 1.15 - 0.01, key


Terms = list[tuple[int, float]]
Cell = tuple[str, str, str, str]


def _sums(survey: Survey, place: dict[Cell, int]) -> list[Terms]:
    found: list[Terms] = []

    def equation(whole: Cell, parts: list[Cell]) -> None:
        if whole in place and parts:
            found.append([(place[whole], 1.0), *((place[p], -1.0) for p in parts)])

    for item in ("fund_raised", *MONEY):
        of = [key for key in place if key[0] == item]
        province = next(key for key in of if key[1] == "province")
        for breakdown in ("prefecture", "department", "level", "channel", "prefecture_apart"):
            equation(province, [key for key in of if key[1] == breakdown])
        for key in of:
            if key[1] in ("prefecture", "prefecture_apart"):
                county = "county" + key[1].removeprefix("prefecture")
                inside = [
                    k
                    for k in of
                    if k[1] == county and survey.divisions.prefecture_of(k[2], 2023) == key[2]
                ]
                equation(key, inside if inside else [])
            for cross in ("prefecture_department", "department_level", "prefecture_level"):
                first, second = cross.split("_")
                if key[1] == first:
                    equation(key, [k for k in of if k[1] == cross and k[2] == key[2]])
                if key[1] == second:
                    equation(key, [k for k in of if k[1] == cross and k[3] == key[2]])
    for key in place:
        parts = [(item, *key[1:]) for item in MONEY]
        if key[0] == "fund_raised" and all(part in place for part in parts):
            equation(key, parts)
    return found


def _ratios(rows: list[dict], place: dict[Cell, int], definitions: Definitions) -> list[Terms]:  # type: ignore[type-arg]
    """A share that is shown ties its numerator to its denominator, taken as exact."""
    found: list[Terms] = []
    for row in rows:
        definition = definitions[row["indicator_id"]]
        if definition.kind != "share" or row["public"] is None or not row["public"]:
            continue
        above, below = definition.items_above, definition.items_below
        at = (row["breakdown"], row["member_id"], row["member2_id"])
        keys = [(side[0][0], *at) for side in (above, below) if len(side) == 1]
        if len(keys) == 2 and all(key in place for key in keys):
            found.append([(place[keys[0]], 100.0), (place[keys[1]], -float(row["true_value"]))])
    return found

"""``protect``: what of a province's values must not be published, worked out by hand.

Two prefectures: 长春 with 南关 and 宽城, 吉林 with 昌邑 and 龙潭.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
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
ERDAO, LVYUAN = "220104", "220105"
JILIN, CHANGYI, LONGTAN = "220200", "220202", "220203"
COUNTIES = (NANGUAN, KUANCHENG, CHANGYI, LONGTAN)

Key = tuple[str, int, str, str, str]


@pytest.fixture(scope="module")
def workshop() -> Iterator[Workshop]:
    with Workshop() as opened:
        yield opened


def protected(
    workshop: Workshop, survey: Survey, definitions: Definitions, overlay: Path | None = None
) -> dict[Key, tuple[str, str]]:
    """Reason and rule of every suppressed value."""
    protect(workshop, survey, definitions, overlay)
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


def fill(province: Province, county: str, figures: list[int], item: str) -> None:
    for figure in figures:
        province.add(2023, county, {item: str(figure)})


def spread(province: Province, item: str, counties: tuple[str, ...] = COUNTIES) -> None:
    """Four contributors in each county, none of them dominant."""
    for county in counties:
        fill(province, county, [20, 21, 22, 23], item)


@dataclass
class Case:
    """A province of which everything is suppressed that must be, and the database it is in."""

    workshop: Workshop
    found: dict[Key, tuple[str, str]]

    def at(self, indicator_id: str, county: str, year: int = 2023) -> tuple[str, str] | None:
        return self.found.get((indicator_id, year, "county", county, ""))

    def of(self, indicator_id: str) -> set[Key]:
        return {key for key in self.found if key[0] == indicator_id}


@pytest.fixture(scope="module")
def case(survey: Survey, definitions: Definitions) -> Iterator[Case]:
    """Items that have nothing to do with each other, one for each thing to be shown."""
    province = Province(survey)
    spread(province, "materials_distributed")
    spread(province, "volunteers", (KUANCHENG, CHANGYI, LONGTAN))
    fill(province, NANGUAN, [30, 34], "volunteers")
    for item, figures in DOMINATED.items():
        spread(province, item)
        fill(province, ERDAO, figures, item)
    spread(province, "books_titles")
    for _ in range(3):
        province.add(2023, ERDAO, {"books_titles": "30"}, unit="one")
    spread(province, "journals_copies")
    fill(province, ERDAO, [0], "journals_copies")
    fill(province, LVYUAN, [9, 0, 0, 0], "journals_copies")
    money(province)
    staff_of_two_years(province)
    fill(province, NANGUAN, [1], "science_museums")
    fill(province, CHANGYI, [1, 2, 3, 4], "science_museums")
    with Workshop() as workshop:
        province.compute(definitions, workshop)
        yield Case(workshop, protected(workshop, survey, definitions))


#: Figures in one county by item, and by which rule they are sensitive.
DOMINATED = {
    "audiovisual_titles": [86, 7, 7],
    "newspapers_copies": [84, 9, 7],
    "electronic_screens": [80, 11, 9],
}


def money(province: Province) -> None:
    for county in COUNTIES:
        for _ in range(4):
            province.add(2023, county, {"fund_raised": "100", "fund_raised_government": "60"})
    for _ in range(4):
        province.add(2023, ERDAO, {"fund_raised": "100"})
    province.add(2023, ERDAO, {"fund_raised_government": "60"})
    province.add(2023, LVYUAN, {"fund_raised": "50"})


def staff_of_two_years(province: Province) -> None:
    """南关 has two contributors last year and four this year."""
    for county in COUNTIES:
        for figure in (20, 21, 22, 23) if county != NANGUAN else (30, 34):
            for year in (2022, 2023):
                staff = {"staff_full_time": str(figure), "staff_part_time": "0"}
                province.add(year, county, staff)
    for figure in (31, 33):
        province.add(2023, NANGUAN, {"staff_full_time": str(figure), "staff_part_time": "0"})


def test_many_contributors_and_none_dominant_are_published(case: Case) -> None:
    assert not case.of("materials_distributed")


def test_two_contributors_are_too_few_and_take_a_neighbour_with_them(case: Case) -> None:
    assert case.at("volunteers", NANGUAN) == ("primary", "few")
    assert case.at("volunteers", KUANCHENG) == ("complementary", "margin")
    # 长春 = 南关 + 宽城 stays, and so does all that is not in it.
    assert public(case.workshop, "volunteers", "prefecture", CHANGCHUN)["value"] == 150
    assert public(case.workshop, "volunteers", "county", CHANGYI)["value"] == 86
    hidden = public(case.workshop, "volunteers", "county", NANGUAN)
    assert (hidden["value"], hidden["numerator"]) == (None, None)
    assert "suppressed" in hidden["flags"]


def test_dominance_and_p_percent(case: Case) -> None:
    # 86 of 100 is above 85 %.
    assert case.at("audiovisual_titles", ERDAO) == ("primary", "dominance")
    # 100 - 84 - 9 = 7, below 10 % of 84.
    assert case.at("newspapers_copies", ERDAO) == ("primary", "p_percent")
    # 9 is above 10 % of 80.
    assert not case.of("electronic_screens")


def test_the_venues_of_one_unit_are_one_contributor(case: Case) -> None:
    assert case.at("books_titles", ERDAO) == ("primary", "few")


def test_a_zero_is_published_and_a_unit_without_any_does_not_contribute(case: Case) -> None:
    assert case.at("journals_copies", ERDAO) is None
    assert public(case.workshop, "journals_copies", "county", ERDAO)["value"] == 0
    assert case.at("journals_copies", LVYUAN) == ("primary", "few")


def test_a_ratio_goes_with_its_numerator_or_denominator(case: Case) -> None:
    assert case.found["fund_raised_government", 2023, "county", ERDAO, ""][1] == "few"
    assert case.at("government_share", ERDAO) == ("complementary", "ratio")
    share = public(case.workshop, "government_share", "county", ERDAO)
    assert (share["value"], share["numerator"], share["denominator"]) == (None, None, None)
    # The population is public: 人均 gives its numerator away.
    assert case.at("fund_raised_per_head", LVYUAN) is not None


def test_a_change_needs_both_years(case: Case, definitions: Definitions) -> None:
    changes = {d.indicator_id: d.of for d in definitions if d.is_change}
    of_last_year = {key[0] for key in case.found if key[1:4] == (2022, "county", NANGUAN)}
    this_year = {key[0] for key in case.found if key[1:4] == (2023, "county", NANGUAN)}
    assert "staff_total" in of_last_year
    assert "staff_total" not in this_year
    assert {name for name, of in changes.items() if of == "staff_total"} <= this_year


def test_items_left_open_are_not_sensitive(
    case: Case, survey: Survey, definitions: Definitions, tmp_path: Path
) -> None:
    built_in = Path(load_thresholds.__code__.co_filename).with_name("thresholds.yaml")
    text = built_in.read_text(encoding="utf-8")
    own = text.replace(
        "open_items: []", "open_items: [science_centers, science_museums, youth_centers]"
    )
    (tmp_path / "disclosure.yaml").write_text(own, encoding="utf-8")
    assert case.at("science_museums", NANGUAN)
    workshop = case.workshop
    try:
        opened = protected(workshop, survey, definitions, tmp_path)
    finally:
        protect(workshop, survey, definitions)
    assert ("science_museums", 2023, "county", NANGUAN, "") not in opened
    assert ("volunteers", 2023, "county", NANGUAN, "") in opened


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
    province.compute(definitions, workshop)
    found = protected(workshop, survey, definitions)
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

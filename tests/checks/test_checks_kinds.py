"""Every kind of doubtful figure that the office must hear about: asked where it is, not where not.

One county's returns of two years, judged once.  Each kind has a return with the mistake and one
that comes close to it without making it.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from checks_bench import Bench, Judged

from pipelines.survey import Survey

Figures = dict[str, str]

#: A form of last year; ``REST`` belongs to another form of the same return.
ACTIVITIES = {"lectures": "41", "lectures_attendance": "5120", "trainings": "17",
              "trainings_attendance": "913"}  # fmt: skip
REST = {"volunteers": "333", "staff_part_time": "9", "staff_part_time_person_days": "130",
        "staff_part_time_qualified": "4"}  # fmt: skip
#: What a unit so small may well report twice: it says something only of all forms together.
SMALL = {"lectures": "12", "lectures_attendance": "21", "trainings": "13", "camps": "1"}
SMALL_REST = {"volunteers": "26", "staff_part_time": "9", "staff_full_time": "2"}


@dataclass(frozen=True)
class Pair:
    """Last year's figures and this year's; ``wrong`` are asked about by the rule, ``right`` not."""

    rule: str
    wrong: tuple[Figures, Figures]
    right: tuple[Figures, Figures]
    cause: str = ""


def one(item: str, before: int, wrong: int, right: int) -> tuple[tuple[Figures, Figures], ...]:
    """A single item: what it was, and this year's figure with and without the mistake."""
    return (
        ({item: str(before)}, {item: str(wrong)}),
        ({item: str(before)}, {item: str(right)}),
    )


KINDS: dict[str, Pair] = {
    "more than 8 %": Pair("G12", *one("volunteers", 1000, 1081, 1080)),
    "more than 8 % down": Pair("G12", *one("volunteers", 1000, 919, 920)),
    "more than the floor": Pair("G12", *one("volunteers", 50, 56, 55)),
    "ten times": Pair("G14", *one("volunteers", 20, 200, 60), "多填了 1 个零"),
    "a tenth": Pair("G14", *one("volunteers", 200, 20, 70), "少填了 1 个零"),
    "a hundred times": Pair("G14", *one("volunteers", 20, 2000, 60), "多填了 2 个零"),
    "yuan for 10,000 yuan": Pair("G14", *one("fund_raised", 100, 1_000_000, 110), "把元填成了万元"),
    "100 million yuan for 10,000": Pair("G14", *one("fund_raised", 250_000, 25, 250_001), "按亿元"),
    "10,000 persons for persons": Pair(
        "G14", *one("week_events_attendance", 120_000, 12, 100_000), "按万人次填报（应按人次填）"
    ),
    "persons for 10,000 persons": Pair(
        "G14", *one("week_events_attendance", 30, 300_000, 80), "本年按个位单位填"
    ),
    "minutes for hours": Pair("G14", *one("tv_hours", 50, 3000, 80), "把分钟填成了小时"),
    "hours taken for minutes": Pair("G14", *one("tv_hours", 6000, 100, 5000), "相差 60 倍"),
    "a form as last year": Pair(
        "G18", (ACTIVITIES, ACTIVITIES), (ACTIVITIES, {**ACTIVITIES, "trainings": "18"})
    ),
    "a small return as last year": Pair(
        "G18",
        (SMALL | SMALL_REST, SMALL | SMALL_REST),
        (SMALL | SMALL_REST, SMALL | SMALL_REST | {"volunteers": "27"}),
    ),
    "hall larger than the building": Pair(
        "V_science_centers_3",
        ({}, {"science_centers_floor_area": "900", "science_centers_exhibition_area": "901"}),
        ({}, {"science_centers_floor_area": "900", "science_centers_exhibition_area": "900"}),
    ),
    "more days than a leap year has": Pair(
        "V_science_centers_9",
        ({}, {"science_centers": "1", "science_centers_free_days": "367"}),
        ({}, {"science_centers": "1", "science_centers_free_days": "366"}),
    ),
    "days as people times twelve": Pair(
        "R18",
        ({}, {"staff_part_time": "5", "staff_part_time_person_days": "60"}),
        ({}, {"staff_part_time": "5", "staff_part_time_person_days": "61"}),
    ),
}

#: Ratios of the peers (numerator, denominator), the usual one, and the one far from it.
RATIOS = {
    "days a head": ("staff_part_time_person_days", "staff_part_time", 10, 150),
    "visits a square metre": (
        "science_centers_visits",
        "science_centers_exhibition_area",
        20,
        1000,
    ),
    "people an event": ("trainings_attendance", "trainings", 80, 4000),
    "people an event, too few": ("camps_attendance", "camps", 90, 1),
}


def ratio(name: str, value: int) -> Figures:
    top, base, *_ = RATIOS[name]
    return {base: "8", top: str(8 * value)}


@pytest.fixture(scope="module")
def judged(survey: Survey) -> Judged:
    bench = Bench(survey)
    for name, pair in KINDS.items():
        for side, (before, now) in (("wrong", pair.wrong), ("right", pair.right)):
            unit = f"{name} {side}"
            where = {"unit_id": unit, "county_code": "220102", "division_code": "220102"}
            fill = "-" if pair.rule == "G18" else None
            if before:
                bench.add(before, year=2022, fill=fill, **where)
            bench.add(now, fill=fill, return_id=unit, **where)
    for name, (_, _, usual, odd) in RATIOS.items():
        for n in range(24):
            bench.add(ratio(name, usual + n % 5), return_id=f"{name} {n}")
        bench.add(ratio(name, odd), return_id=f"{name} wrong")
    return bench.judge()


def asked(judged: Judged, rule: str) -> set[str]:
    return {row["return_id"] for row in judged.found(rule)}


@pytest.mark.parametrize("name", KINDS)
def test_the_mistake_is_asked_about_and_its_neighbour_is_not(judged: Judged, name: str) -> None:
    pair = KINDS[name]
    found = asked(judged, pair.rule)
    assert f"{name} wrong" in found
    assert f"{name} right" not in found
    row = judged.one(pair.rule, f"{name} wrong")
    assert pair.cause in row["likely_cause_zh"]


@pytest.mark.parametrize("name", RATIOS)
def test_a_ratio_far_from_its_peers(judged: Judged, name: str) -> None:
    of_kind = {one for one in asked(judged, "G20") if one.startswith(f"{name} ")}
    assert of_kind == {f"{name} wrong"}


def test_changes_are_notes_and_leave_the_return_accepted(judged: Judged) -> None:
    row = judged.one("G12", "more than 8 % wrong")
    assert row["severity"] == "note"
    assert judged.status("more than 8 % wrong") == "accepted"


def test_a_slip_says_how_many_times(judged: Judged) -> None:
    said = {name: judged.one("G14", f"{name} wrong")["message_zh"] for name in
            ("ten times", "hours taken for minutes", "a tenth")}  # fmt: skip
    assert "本年 200 人，上年 20 人，本年是上年的 10 倍" in said["ten times"]
    assert "上年是本年的 60 倍" in said["hours taken for minutes"]
    assert "上年是本年的 10 倍" in said["a tenth"]


def test_a_wholly_copied_return_is_one_question(judged: Judged) -> None:
    row = judged.one("G18", "a small return as last year wrong")
    assert "整份表大于 0 的 7 项与上年逐项相同" in row["message_zh"]
    assert set(row["items"]) == (SMALL | SMALL_REST).keys()


def test_forms_alike_beside_a_form_that_is_not(bench: Bench) -> None:
    """Two forms, one of them changed: the other is asked about by its name."""
    bench.add(ACTIVITIES | REST, year=2022, fill="-", unit_id="A")
    bench.add(ACTIVITIES | REST | {"volunteers": "334"}, fill="-", unit_id="A")
    row = bench.judge().one("G18")
    assert "“科普活动”大于 0 的 4 项" in row["message_zh"]
    assert set(row["items"]) == ACTIVITIES.keys()


# -- peers and neighbours ----------------------------------------------------------------------


def test_peers_are_of_the_same_level_and_department(bench: Bench) -> None:
    """Each group has its own usual crowd; a unit with another group's crowd is asked about."""
    groups = {("county", "science_technology"): 60, ("provincial", "science_technology"): 2000,
              ("county", "education"): 30_000}  # fmt: skip
    odd: set[str] = set()
    for (level, department), usual in groups.items():
        where = {"level_id": level, "department_id": department}
        for n in range(24):
            bench.add({"trainings": "4", "trainings_attendance": str(4 * (usual + n % 7))}, **where)
        other = next(value for value in groups.values() if value != usual)
        odd.add(bench.add({"trainings": "4", "trainings_attendance": str(4 * other)}, **where))
    assert asked(bench.judge(), "G20") == odd


@pytest.mark.parametrize(("units", "same", "expected"), [(40, 7, True), (40, 4, False)])
def test_a_figure_far_more_common_than_elsewhere(
    bench: Bench, units: int, same: int, expected: bool
) -> None:
    """7 of 40 are less than a quarter; but of 360 units elsewhere one has the figure."""
    for n in range(units):
        bench.add({"volunteers": "500" if n < same else str(1000 + n)})
    for n in range(360):
        bench.add({"volunteers": "500" if n == 0 else str(2000 + n)}, county_code="220102",
                  division_code="220102")  # fmt: skip
    # As common as elsewhere, 40 units would have 40 × 2 / 361 = 0.22; 20 times that is 4.4.
    found = bench.judge().found("G19")
    assert len(found) == (same if expected else 0)


def test_a_figure_as_common_everywhere_is_no_agreement(bench: Bench) -> None:
    for n in range(40):
        bench.add({"volunteers": "500" if n < 7 else str(1000 + n)})
        bench.add({"volunteers": "500" if n < 4 else str(2000 + n)}, county_code="220102",
                  division_code="220102")  # fmt: skip
    assert bench.judge().found("G19") == []


# -- one question a cause ----------------------------------------------------------------------


def growing(bench: Bench, name: str, before: Figures, now: Figures) -> None:
    bench.add(before, year=2022, unit_id=name)
    bench.add(now, unit_id=name, return_id=name)


def test_what_follows_the_item_above_is_not_asked_about_again(bench: Bench) -> None:
    last = {"trainings": "40", "trainings_attendance": "4000"}
    for n in range(40):
        now = {"trainings": str(40 + n % 3), "trainings_attendance": str(4000 + 90 * (n % 4))}
        growing(bench, f"peer{n}", last, now)
    growing(bench, "both", last, {"trainings": "120", "trainings_attendance": "12500"})
    growing(bench, "alone", last, {"trainings": "41", "trainings_attendance": "12500"})
    growing(bench, "twice", last, {"trainings": "90", "trainings_attendance": "4100"})
    judged = bench.judge()
    assert [(row["return_id"], row["items"]) for row in judged.found("G17")] == [
        ("alone", ["trainings_attendance"]),
        ("both", ["trainings"]),
    ]
    # Not 2.5 times as many: on the sheet of changes, and no query.
    assert ["trainings"] in [row["items"] for row in judged.found("G12", "twice")]


def test_a_ratio_with_a_slipped_denominator_says_nothing_new(bench: Bench) -> None:
    for n in range(24):
        bench.add({"trainings": "4", "trainings_attendance": str(400 + 4 * n)})
    growing(bench, "slipped", {"trainings": "40"},
            {"trainings": "4000", "trainings_attendance": "4100"})  # fmt: skip
    judged = bench.judge()
    assert judged.one("G14")["items"] == ["trainings"]
    assert judged.found("G20") == []


def test_a_figure_far_below_the_peers_without_a_last_year(bench: Bench) -> None:
    for n in range(24):
        bench.add({"materials_distributed": str(20_000 + 100 * n)})
    few = bench.add({"materials_distributed": "2"})
    assert bench.judge().one("G22")["return_id"] == few


def test_small_figures_below_small_peers_are_not_asked_about(bench: Bench) -> None:
    for n in range(24):
        bench.add({"volunteers": str(90 + n % 9)})
    bench.add({"volunteers": "1"})
    assert bench.judge().found("G22") == []

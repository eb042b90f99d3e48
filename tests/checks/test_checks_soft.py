"""Soft rules: what is unlike last year, unlike one's peers, or too like one's neighbours."""

from __future__ import annotations

import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from checks_bench import Bench, Judged, figure

from pipelines.checks.thresholds import read_thresholds, write_thresholds
from pipelines.checks.worklist import worklist
from pipelines.errors import SurveyDefinitionError
from pipelines.survey import Survey
from pipelines.warehouse import Root

#: Twenty-five pairs of last year and this year; the last one stands far out.
PAIRS = [(100 + 37 * n % 411, 100 + (37 * n % 411) * (90 + n) // 100) for n in range(24)]
PAIRS.append((300, 930))


def quantile(values: list[float], share: float) -> float:
    """Interpolated between the two nearest order statistics (type 7)."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def reference_bounds(
    pairs: list[tuple[int, int]], u: float, a: float, c: float
) -> tuple[float, float, float]:
    """Median ratio and bounds of E, straight from the paper of Hidiroglou and Berthelot (1986)."""
    ratios = [now / before for before, now in pairs]
    middle = quantile(ratios, 0.5)
    effects = []
    for (before, now), ratio in zip(pairs, ratios, strict=True):
        score = 1 - middle / ratio if ratio < middle else ratio / middle - 1
        effects.append(score * max(before, now) ** u)
    low, mid, high = (quantile(effects, share) for share in (0.25, 0.5, 0.75))
    return (
        middle,
        mid - c * max(mid - low, abs(a * mid)),
        mid + c * max(high - mid, abs(a * mid)),
    )


def two_years(bench: Bench, pairs: list[tuple[int, int]], item: str, **changes: Any) -> list[str]:
    for n, (before, _) in enumerate(pairs):
        bench.add({item: str(before)}, year=2022, unit_id=f"U{n}", **changes)
    return [
        bench.add({item: str(now)}, unit_id=f"U{n}", **changes) for n, (_, now) in enumerate(pairs)
    ]


def thresholds(judged: Judged, rule_id: str) -> list[dict[str, Any]]:
    rows = judged.workshop.table("thresholds").to_pylist()
    return [row for row in rows if row["rule_id"] == rule_id]


def test_bounds_are_those_of_the_paper(bench: Bench, survey: Survey) -> None:
    two_years(bench, PAIRS, "lectures")
    judged = bench.judge()
    params = survey.edition_of(2023).rule["G17"].params
    expected = reference_bounds(PAIRS, params["u"], params["a"], params["c"])
    rows = thresholds(judged, "G17")
    assert {row["department_id"] for row in rows} == {"science_technology", ""}
    for row in rows:
        assert row["n"] == 25
        for name, value in zip(("middle", "lower", "upper"), expected, strict=True):
            assert abs(float(row[name]) - value) < 1e-9


def test_a_change_unlike_that_of_the_peers(bench: Bench) -> None:
    returns = two_years(bench, PAIRS, "lectures")
    judged = bench.judge()
    row = judged.one("G17")
    assert (row["return_id"], row["items"]) == (returns[-1], ["lectures"])
    assert "本年 930 次，上年 300 次" in row["message_zh"]
    assert "区县级科技管理部门" in row["message_zh"]


def test_too_few_peers_fall_back_on_all_departments(bench: Bench) -> None:
    two_years(bench, PAIRS[:24], "lectures", department_id="education")
    bench.add({"lectures": "300"}, year=2022, unit_id="odd")
    odd = bench.add({"lectures": "930"}, unit_id="odd")
    judged = bench.judge()
    assert judged.one("G17")["return_id"] == odd
    assert "science_technology" not in {r["department_id"] for r in thresholds(judged, "G17")}


def test_fewer_than_the_smallest_group_are_not_judged(bench: Bench) -> None:
    two_years(bench, PAIRS[-10:], "lectures")
    assert bench.judge().counts("G17") == (0, 0, 0, 10)


def test_a_slip_is_named_once_and_not_asked_about_again(bench: Bench) -> None:
    returns = two_years(bench, [*PAIRS[:24], (300, 3_000_000)], "lectures")
    judged = bench.judge()
    assert judged.one("G14")["return_id"] == returns[-1]
    assert judged.found("G17") == []
    assert judged.found("G22") == []


def test_a_slip_of_small_figures_is_no_slip(bench: Bench) -> None:
    bench.add({"lectures": "1", "volunteers": "1"}, year=2022, unit_id="A")
    bench.add({"lectures": "10", "volunteers": "20"}, unit_id="A")
    assert bench.judge().one("G14")["items"] == ["volunteers"]


def test_minutes_are_looked_for_among_hours_only(bench: Bench) -> None:
    bench.add({"tv_hours": "30", "lectures": "30"}, year=2022, unit_id="A")
    bench.add({"tv_hours": "1800", "lectures": "1800"}, unit_id="A")
    causes = {row["items"][0]: row["likely_cause_zh"] for row in bench.judge().found("G14")}
    assert "分钟填成了小时" in causes["tv_hours"]
    assert "60" not in causes["lectures"]


def crowd(bench: Bench, people: list[int], **changes: Any) -> list[str]:
    return [
        bench.add({"trainings": "4", "trainings_attendance": str(4 * n)}, **changes) for n in people
    ]


def test_a_ratio_unlike_that_of_the_peers(bench: Bench) -> None:
    returns = crowd(bench, [50 + n for n in range(25)] + [5000])
    judged = bench.judge()
    row = judged.one("G20")
    assert row["return_id"] == returns[-1]
    assert row["items"] == ["trainings_attendance", "trainings"]
    assert "为 5000 人次/次" in row["message_zh"]
    # The median of 26 is between 62 and 63: 62.5 a training, geometric mean in logarithms.
    assert float(row["effect"]) == pytest.approx(20000 - 4 * math.sqrt(62 * 63), abs=1e-4)


def test_online_visitors_do_not_count_among_those_who_came(bench: Bench) -> None:
    plain = {"lectures": "10", "lectures_online": "0", "lectures_attendance_online": "0"}
    for n in range(25):
        bench.add({**plain, "lectures_attendance": str(600 + 11 * n)})
    online = {"lectures": "10", "lectures_online": "2", "lectures_attendance_online": "90000"}
    bench.add({**online, "lectures_attendance": "90560"})
    assert bench.judge().found("G20") == []


def test_a_figure_far_above_the_peers_without_a_last_year(bench: Bench) -> None:
    for n in range(25):
        bench.add({"fund_raised": str(40 + n)})
    odd = bench.add({"fund_raised": "520000"})
    assert bench.judge().one("G22")["return_id"] == odd


FORM = {"lectures": "41", "lectures_attendance": "5120", "trainings": "17", "large_events": "2",
        "trainings_attendance": "913"}  # fmt: skip


def test_a_form_copied_from_last_year(bench: Bench) -> None:
    bench.add(FORM, fill="-", year=2022, unit_id="A")
    copied = bench.add(FORM, fill="-", unit_id="A")
    bench.add(FORM, fill="-", year=2022, unit_id="B")
    bench.add({**FORM, "large_events": "3"}, fill="-", unit_id="B")
    judged = bench.judge()
    row = judged.one("G18")
    assert (row["return_id"], sorted(row["items"])) == (copied, sorted(FORM))
    assert "“科普活动”大于 0 的 5 项与上年逐项相同" in row["message_zh"]


def test_a_few_small_figures_may_stay_the_same(bench: Bench) -> None:
    small = {"lectures": "3", "lectures_attendance": "20", "trainings": "1",
             "trainings_attendance": "9"}  # fmt: skip
    bench.add(small, fill="-", year=2022, unit_id="A")
    bench.add(small, fill="-", unit_id="A")
    assert bench.judge().found("G18") == []


def test_a_form_with_a_blank_is_not_judged_for_copying(bench: Bench) -> None:
    bench.add(FORM, fill="-", year=2022, unit_id="A")
    bench.add({**FORM, "camps": "", "exchanges": ""}, fill="-", unit_id="A")
    judged = bench.judge()
    assert judged.found("G18") == []
    assert judged.counts("G18")[3] == 2


def test_one_figure_from_a_whole_county(bench: Bench) -> None:
    same = [bench.add({"volunteers": "200"}) for _ in range(5)]
    bench.add({"volunteers": "180"})
    elsewhere = {"county_code": "220102", "division_code": "220102"}
    for n in range(5):
        bench.add({"volunteers": str(200 + n)}, **elsewhere)
    judged = bench.judge()
    assert {row["return_id"] for row in judged.found("G19")} == set(same)
    assert judged.counts("G19") == (11, 6, 5, 0)


def test_small_equal_figures_are_chance(bench: Bench) -> None:
    for _ in range(6):
        bench.add({"volunteers": "19"})
    assert bench.judge().found("G19") == []


def test_one_event_reported_by_two_units(bench: Bench) -> None:
    event = {"week_events": "1", "week_events_attendance": "3200"}
    both = [bench.add(event), bench.add(event)]
    bench.add({**event, "week_events": "2"})
    bench.add(event, county_code="220102", division_code="220102")
    judged = bench.judge()
    assert {row["return_id"] for row in judged.found("G21")} == set(both)
    assert judged.one("G21", both[0])["effect"] == figure("3200")


@pytest.mark.parametrize(
    ("year", "item"),
    [(2023, "staff_part_time_person_days"), (2015, "staff_part_time_person_months")],
)
def test_person_days_as_people_times_twelve(bench: Bench, year: int, item: str) -> None:
    bad = bench.add({"staff_part_time": "6", item: "72"}, year=year)
    bench.add({"staff_part_time": "6", item: "71"}, year=year)
    bench.add({"staff_part_time": "4", item: "48"}, year=year)
    assert [row["return_id"] for row in bench.judge().found("R18")] == [bad]


# -- thresholds -------------------------------------------------------------------------------


def test_thresholds_are_written_pinned_and_judge(
    bench: Bench, survey: Survey, tmp_path: Path
) -> None:
    crowd(bench, [50 + n for n in range(25)] + [5000])
    judged = bench.judge()
    root = Root(tmp_path)
    path = root.inbox(2023) / "审核阈值.yaml"
    write_thresholds(judged.workshop, 2023, path)  # type: ignore[arg-type]
    rows = read_thresholds(root, [2022, 2023], survey)
    learnt = thresholds(judged, "G20") + thresholds(judged, "G17") + thresholds(judged, "G22")
    key = ("rule_id", "item_id", "base_id", "department_id", "middle", "lower", "upper")
    assert sorted(tuple(row[k] for k in key) for row in rows) == sorted(
        tuple(Decimal(str(row[k])).normalize() if isinstance(row[k], Decimal) else row[k]
              for k in key)
        for row in learnt
    )  # fmt: skip
    text = path.read_text("utf-8")
    for row in thresholds(judged, "G20"):
        text = text.replace(f"upper: {row['upper'].normalize():f}", "upper: 6000")
    path.write_text(text, encoding="utf-8")
    again = bench.judge(read_thresholds(root, [2023], survey))
    assert again.found("G20") == []
    assert {row["pinned"] for row in thresholds(again, "G20")} == {True}


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("thresholds:\n- {rule: G99, item: lectures, n: 1, middle: 1, lower: 1, upper: 2}\n",
         2, "没有规则"),
        ("thresholds:\n- {rule: G20, item: lecture, n: 1, middle: 1, lower: 1, upper: 2}\n",
         2, "没有指标"),
        ("thresholds:\n- {rule: G14, item: lectures, n: 1, middle: 1, lower: 1, upper: 2}\n",
         2, "规则“G14”没有“lectures”的阈值"),
        (("thresholds:\n- {rule: G17, item: websites, base: lectures, n: 1, middle: 1, lower: 1,"
         " upper: 2}\n"), 2, "规则“G17”没有“websites”、“lectures”的阈值"),
        ("thresholds:\n- {rule: G20, item: trainings, n: 1, middle: 1, lower: 1, upper: 2}\n",
         2, "规则“G20”没有“trainings”的阈值"),
        (("thresholds:\n- {rule: G22, item: lectures, level: 县级, n: 1, middle: 1, lower: 1,"
         " upper: 2}\n"), 2, "没有级别“县级”"),
        (("thresholds:\n- {rule: G22, item: lectures, level: county, department: 教育, n: 1,"
         " middle: 1, lower: 1, upper: 2}\n"), 2, "没有部门“教育”"),
        (("thresholds:\n- {rule: G22, item: lectures, venue: true, n: 1, middle: 1, lower: 1,"
         " upper: 2}\n"), 2, "要写级别"),
        (("thresholds:\n- {rule: G22, item: lectures, n: 1, middle: 1, lower: 1, upper: 2}\n"
         "- {rule: G22, item: lectures, n: 2, middle: 1, lower: 1, upper: 3}\n"), 3, "重复"),
        ("thresholds:\n- {rule: G22, item: lectures, n: 1, middle: 1, lower: 1, upper: .inf}\n",
         2, "upper"),
        ("thresholds:\n\n- {rule: G22, item: lectures, n: 1, middle: 1, lower: 3, upper: 2}\n",
         3, "下限大于上限"),
        ("thresholds:\n- {rule: G22, item: lectures, n: 1, middle: 1, lower: 一, upper: 2}\n",
         2, "应填数字"),
        ("rules: []\n", 0, "没有“thresholds:”"),
    ],
)  # fmt: skip
def test_a_malformed_file_of_thresholds_names_the_line(
    survey: Survey, tmp_path: Path, text: str, line: int, why: str
) -> None:
    root = Root(tmp_path)
    path = root.inbox(2023) / "审核阈值.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SurveyDefinitionError, match=why) as caught:
        read_thresholds(root, [2023], survey)
    assert caught.value.place.line == line


# -- the worklist --------------------------------------------------------------------------------


def test_the_worklist_starts_with_what_moves_a_total_most(bench: Bench, survey: Survey) -> None:
    bench.add({"volunteers": "1000", "staff_full_time": "100"}, year=2022, unit_id="A")
    large = bench.add({"staff_full_time": "100", "staff_full_time_women": "130"}, unit_id="A")
    small = bench.add({"staff_full_time": "200", "staff_full_time_women": "201"}, unit_id="B")
    nameless = bench.add({"volunteers": "1"}, unit_id="C", level_id="", cover={"level": ""})
    found = worklist(bench.judge().workshop, survey, 2023)
    asked = [(task.return_id, task.rule_id) for task in found.tasks]
    assert asked[0] == (large, "R_staff_full_time_women")
    assert asked[1] == (small, "R_staff_full_time_women")
    assert (nameless, "G07") in asked[2:]
    # Women: 331 this year, none last year to compare with; 30 and 1 too many.
    assert found.tasks[0].score == Decimal(30) / 331
    assert float(found.tasks[0].cumulative) == pytest.approx(30 / 31)
    assert (found.enough, found.tasks[1].cumulative) == (1, 1)
    assert found.sentence_zh == (
        f"前 1 条查询涵盖对全省合计可能影响的 96.8%（共 {len(found.tasks)} 条）"
    )


def test_two_queries_about_one_figure_count_once(bench: Bench, survey: Survey) -> None:
    bench.add({"staff_part_time": "10", "staff_part_time_person_days": "9000"})
    found = worklist(bench.judge().workshop, survey, 2023)
    about = [t for t in found.tasks if t.effect_item_id == "staff_part_time_person_days"]
    assert len(about) == 2
    assert [bool(task.adds) for task in about] == [True, False]


def test_without_a_query_there_is_nothing_to_say(bench: Bench, survey: Survey) -> None:
    bench.add({"lectures": "4"}, fill="-")
    found = worklist(bench.judge().workshop, survey, 2021)
    assert (found.tasks, found.enough, found.sentence_zh) == ((), 0, "")

"""Method rules: each with returns that pass and returns that fail; statuses."""

from __future__ import annotations

from decimal import Decimal

import pytest
from checks_bench import Bench, figure

from pipelines.checks import evaluate
from pipelines.checks.methods_cells import slip_factor

GOOD_CODE = "91350100M000100Y43"


def test_unreadable_cell_keeps_its_text_and_says_why(bench: Bench) -> None:
    bad = bench.add({"lectures": "约500", "volunteers": "3"})
    judged = bench.judge()
    row = judged.one("G03")
    assert (row["return_id"], row["cells"], row["observed"]) == (bad, ["科普活动!D6"], ["约500"])
    assert "填了约数" in row["message_zh"]
    assert row["effect"] is None
    assert row["effect_item_id"] == ""
    assert judged.counts("G03") == (2, 1, 1, 0)


def test_blank_cell_is_a_note_and_dash_is_not_blank(bench: Bench) -> None:
    bench.add({"lectures": "", "volunteers": "-"})
    judged = bench.judge()
    assert judged.one("G04")["items"] == ["lectures"]
    assert judged.one("G04")["severity"] == "note"


def test_nothing_above_zero(bench: Bench) -> None:
    empty = bench.add({}, fill="0")
    bench.add({"lectures": "1"}, fill="-")
    bench.add({"lectures": "约1"}, fill="0")
    judged = bench.judge()
    assert judged.one("G05")["return_id"] == empty
    assert judged.counts("G05") == (2, 1, 1, 1)


def test_department_that_is_not_on_the_list(bench: Bench) -> None:
    said = {"人口计生部门": "现为：卫生健康部门", "不知道": "不在 2023 年度", "": "没有填"}
    bad = {raw: bench.add({}, department_id="", cover={"department": raw}) for raw in said}
    bench.add({})
    judged = bench.judge()
    for raw, return_id in bad.items():
        row = judged.one("G06", return_id)
        assert said[raw] in row["message_zh"]
        assert row["cells"] == ["封面!C6"]
    assert judged.counts("G06") == (4, 1, 3, 0)


def test_level_must_be_one_of_four(bench: Bench) -> None:
    bad = bench.add({}, level_id="", cover={"level": "市级、县级"})
    bench.add({})
    row = bench.judge().one("G07")
    assert row["return_id"] == bad
    assert "市级、县级" in row["message_zh"]


def test_name_and_region_send_a_return_back(bench: Bench) -> None:
    nowhere = {"county_code": "", "division_code": ""}
    cases: list[tuple[dict[str, str], str, str]] = [
        ({"unit_name": ""}, "吉林省长春市朝阳区", "没有填单位名称"),
        ({"county_code": "", "division_code": "220100"}, "长春市", "只写到长春市"),
        (nowhere, "某某地", "认不出"),
        (nowhere, "吉林省四平市公主岭市", "是以前的区划"),
        (nowhere, "吉林省四平市公主岭市", "现为：长春市公主岭市"),
        (nowhere, "", "没有填单位所在地"),
    ]
    bad = [bench.add({}, cover={"region": raw}, **changes) for changes, raw, _ in cases]
    good = bench.add({"lectures": "1"}, fill="-")
    judged = bench.judge()
    for return_id, (_, _, said) in zip(bad, cases, strict=True):
        assert said in judged.one("G08", return_id)["message_zh"]
        assert judged.status(return_id) == "rejected"
    assert judged.status(good) != "rejected"


def test_phone_is_asked_for_only_where_there_is_a_cover(bench: Bench) -> None:
    bad = bench.add({}, cover={"phone": " "})
    bench.add({})
    bench.add({}, layout="table")
    judged = bench.judge()
    assert judged.one("G09")["return_id"] == bad
    assert judged.counts("G09") == (2, 1, 1, 1)


def test_credit_code(bench: Bench) -> None:
    bench.add({}, cover={"uscc": GOOD_CODE})
    bad = bench.add({}, cover={"uscc": GOOD_CODE[:-1] + "4"})
    bench.add({}, cover={"uscc": ""})
    judged = bench.judge()
    assert judged.one("G16")["return_id"] == bad
    assert judged.counts("G16") == (2, 1, 1, 1)


def test_reported_twice_is_asked_once_about_the_return_that_counts(bench: Bench) -> None:
    kept = bench.add({}, unit_id="A")
    bench.add({}, unit_id="A", status="duplicate", channel="department")
    bench.add({}, unit_id="B", status="superseded")
    bench.add({}, unit_id="B")
    bench.add({}, unit_id="A", venue_name="甲馆")
    judged = bench.judge()
    row = judged.one("G10")
    assert row["return_id"] == kept
    assert "r000.xlsx、县区/r001.xlsx" in row["message_zh"]
    assert "两条渠道" in row["likely_cause_zh"]
    assert judged.counts("G10") == (3, 2, 1, 0)


def test_same_name_under_two_ids(bench: Bench) -> None:
    bench.add({}, unit_name="吉林省长春市朝阳区科技局")
    bench.add({}, unit_name="朝阳区科学技术局")
    bench.add({}, unit_name="长春市科学技术局")
    bench.add({}, unit_name="朝阳区科学技术局", division_code="220102", county_code="220102")
    judged = bench.judge()
    row = judged.one("G11")
    assert row["observed"] == ["吉林省长春市朝阳区科技局", "朝阳区科学技术局"]
    assert judged.counts("G11") == (3, 2, 1, 0)


def test_blank_after_a_figure(bench: Bench) -> None:
    bench.add({"lectures": "7", "volunteers": "0"}, year=2022, unit_id="A")
    bench.add({"lectures": "", "volunteers": ""}, unit_id="A")
    row = bench.judge().one("G13")
    assert row["items"] == ["lectures"]
    assert "上年 7 次" in row["message_zh"]


@pytest.mark.parametrize(
    ("prev", "v", "factor", "larger"),
    [
        ("100", "1000000", 10_000, True),
        ("1000000", "100", 10_000, False),
        ("3", "180", 60, True),
        ("50", "500", 10, True),
        ("50", "5200", 100, True),
    ],
)
def test_slip_of_a_unit(prev: str, v: str, factor: int, larger: bool) -> None:
    assert slip_factor(Decimal(v), Decimal(prev), (10, 100, 10_000, 60)) == (factor, larger)


@pytest.mark.parametrize(
    ("prev", "v"), [("100", "100"), ("100", "310"), ("100", "50"), ("1", "1000")]
)
def test_no_slip(prev: str, v: str) -> None:
    assert slip_factor(Decimal(v), Decimal(prev), (10, 100, 10_000, 60)) is None


def test_slip_of_money_names_yuan_and_its_effect(bench: Bench) -> None:
    bench.add({"fund_raised": "100"}, year=2022, unit_id="A")
    bench.add({"fund_raised": "1200000"}, unit_id="A")
    row = bench.judge().one("G14")
    assert "元填成了万元" in row["likely_cause_zh"]
    assert row["effect"] == figure("1199880")


def test_venue_figures_inside_the_unit_own_return(bench: Bench) -> None:
    figures = {"lectures": "31", "volunteers": "57", "fund_raised": "230"}
    unit = bench.add(figures, unit_id="A")
    bench.add(figures, unit_id="A", venue_name="甲馆", is_venue=True)
    bench.add({**figures, "volunteers": "58"}, unit_id="B")
    bench.add(figures, unit_id="B", venue_name="乙馆", is_venue=True)
    judged = bench.judge()
    row = judged.one("V42")
    assert row["return_id"] == unit
    assert sorted(row["items"]) == sorted(figures)
    assert judged.counts("V42") == (2, 1, 1, 0)


def test_summary_row_against_its_basic_rows(bench: Bench) -> None:
    same = {"layout": "table", "file": "汇总.xlsx", "sheet": "表"}
    bench.add({"lectures": "2", "volunteers": "-"}, **same)
    bench.add({"lectures": "3", "volunteers": "4"}, **same)
    total = bench.add({"lectures": "6", "volunteers": "4"}, role="summary", division_code="",
                      county_code="", prefecture_code="", **same)  # fmt: skip
    judged = bench.judge()
    row = judged.one("A01")
    assert (row["return_id"], row["items"], row["effect"]) == (total, ["lectures"], figure("1"))
    assert judged.counts("A01") == (2, 1, 1, 0)
    assert judged.status(total) == "received"


def test_a_summary_that_was_sent_anew_is_held_against_its_own_rows(bench: Bench) -> None:
    """The sum of the first, wrong table is of no interest once the second has come."""
    whole = {"role": "summary", "division_code": "", "county_code": "", "prefecture_code": ""}
    first = {"layout": "table", "file": "汇总.xlsx", "sheet": "表", "status": "superseded"}
    second = {"layout": "table", "file": "汇总（更正）.xlsx", "sheet": "表"}
    bench.add({"lectures": "2"}, **first)
    bench.add({"lectures": "9"}, **first, **whole)
    bench.add({"lectures": "3"}, **second)
    bench.add({"lectures": "3"}, **second, **whole)
    judged = bench.judge()
    assert judged.found("A01") == []
    assert judged.counts("A01") == (1, 1, 0, 0)


def test_totals_close_or_the_break_is_named(bench: Bench) -> None:
    bench.add({"lectures": "2"})
    assert bench.judge().found("A02") == []
    bench.add({"lectures": "5"}, county_code="220582", division_code="220582")
    row = bench.judge().one("A02")
    assert "长春市" in row["message_zh"]
    assert "7 / 2" in row["message_zh"]


def test_groupings_agree_or_not(bench: Bench) -> None:
    bench.add({"lectures": "2"})
    bench.add({"lectures": "3"}, department_id="")
    assert bench.judge().found("A03") == []
    bench.add({"lectures": "5"}, department_id="no_such_department")
    row = bench.judge().one("A03")
    assert row["effect"] == figure("5")


def test_response_rate(bench: Bench) -> None:
    bench.add({"lectures": "1"}, unit_id="A")
    bench.list_unit("A", "甲单位")
    assert bench.judge().counts("A04") == (3, 3, 0, 0)
    bench.list_unit("B", "乙单位", prefecture_code="220200")
    judged = bench.judge()
    assert judged.counts("A04") == (4, 1, 3, 0)
    assert {tuple(row["observed"]) for row in judged.found("A04")} == {("乙单位",)}


def test_response_is_not_judged_without_a_list(bench: Bench) -> None:
    bench.add({"lectures": "1"})
    assert bench.judge().counts("A04") == (0, 0, 0, 1)


def test_one_return_that_makes_most_of_a_total(bench: Bench) -> None:
    for n in range(11):
        bench.add({"lectures": "1000" if n == 0 else "10", "volunteers": "5"})
    judged = bench.judge()
    rows = judged.found("A05")
    assert {row["items"][0] for row in rows} == {"lectures"}
    assert len(rows) == 2  # the province and the prefecture
    assert "90.91%" in rows[0]["message_zh"]
    assert "r000" not in rows[0]["message_zh"]


def test_a_prefecture_far_from_its_peers(bench: Bench) -> None:
    places = [
        (place.code, people.persons)
        for place in bench.survey.divisions.prefectures(2023)
        if (people := bench.survey.population.first_published(place.code, 2023))
    ]
    for n, (code, persons) in enumerate(places):
        counties = bench.survey.divisions.county_units(2023)
        county = next(one.code for one in counties if one.parent_code == code)
        a_head = 1000 if code == places[-1][0] else 10 + n
        bench.add({"lectures": str(int(persons * a_head / 10_000))}, prefecture_code=code,
                  county_code=county, division_code=county)  # fmt: skip
    rows = bench.judge().found("A06")
    last = bench.survey.divisions.get(places[-1][0], 2023)
    assert last is not None
    assert [last.name_zh in row["message_zh"] for row in rows] == [True]


def test_statuses_and_untouched_rows(bench: Bench) -> None:
    fine = {"lectures": "2", "lectures_attendance": "50", "staff_full_time": "1",
            "fund_raised": "10", "fund_raised_own": "10", "fund_used": "10",
            "fund_used_activities": "10"}  # fmt: skip
    accepted = bench.add(fine, fill="-")
    queried = bench.add({**fine, "staff_full_time_women": "3"}, fill="-")
    note_only = bench.add({**fine, "volunteers": ""}, fill="-")
    rejected = bench.add(fine, fill="-", unit_name="")
    superseded = bench.add(fine, fill="-", unit_id="u-r000", status="superseded")
    judged = bench.judge()
    states = [judged.status(r) for r in (accepted, queried, note_only, rejected, superseded)]
    assert states == ["accepted", "queried", "accepted", "rejected", "superseded"]
    rows = {row["return_id"]: row for row in judged.workshop.table("returns").to_pylist()}
    assert rows[queried]["status_reason_zh"] == "有 1 条待核实"
    assert "没有填单位名称" in rows[rejected]["status_reason_zh"]


def test_evaluating_twice_changes_nothing(bench: Bench) -> None:
    bench.add({"staff_full_time": "1", "staff_full_time_women": "3"}, unit_name="")
    bench.add({"lectures": "x"})
    judged = bench.judge()
    before = judged.workshop.content_hashes()
    evaluate(judged.workshop, bench.survey)
    assert judged.workshop.content_hashes() == before


def test_findings_do_not_depend_on_the_order_of_arrival(bench: Bench) -> None:
    bench.add({"staff_full_time": "1", "staff_full_time_women": "3"})
    bench.add({"lectures": "x", "fund_raised": "1.5"})
    first = bench.judge().workshop.content_hashes()
    bench.returns.reverse()
    bench.answers.reverse()
    bench.covers.reverse()
    second = bench.judge().workshop.content_hashes()
    assert first["findings"] == second["findings"]
    assert first["rule_results"] == second["rule_results"]

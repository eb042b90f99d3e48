"""A value that is missing says why; changes on the year before; what cannot be compared."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from indicator_province import Key, Province

from pipelines.errors import SurveyDefinitionError
from pipelines.indicators import Definitions, load_definitions
from pipelines.indicators.breaks import breaks_of
from pipelines.indicators.change import change
from pipelines.indicators.flags import flags, reason_of
from pipelines.survey import Survey

NANGUAN, CHANGCHUN, SIPING, TIEXI = "220102", "220100", "220300", "220302"
D = Decimal


def row(rows: dict[Key, dict[str, Any]], indicator: str, year: int, *place: str) -> Any:
    breakdown, member = place or ("province", "220000")
    return rows[indicator, year, breakdown, member, ""]


def test_every_missing_value_has_a_reason_of_the_closed_list(
    province: Province, definitions: Definitions
) -> None:
    province.add(2021, NANGUAN, {"volunteers": "", "science_centers": "0", "lectures": "2"})
    province.expect(2021, TIEXI, "x")
    rows = province.compute(definitions)
    for key, found in rows.items():
        marks = [mark.partition(":")[0] for mark in found["flags"]]
        assert set(marks) <= {*flags().missing, *flags().caution}, key
        assert bool(reason_of(found["flags"])) == (found["value"] is None), key
    assert row(rows, "volunteers", 2021)["flags"] == ["not_filled"]
    siping = row(rows, "volunteers", 2021, "prefecture", SIPING)
    assert (siping["flags"], siping["response_rate"]) == (["no_return"], 0)
    free = row(rows, "science_centers_free_days", 2021)
    assert free["flags"] == ["not_filled"]
    assert reason_of(row(rows, "lectures_online_share", 2021)["flags"]) == "not_filled"


def test_a_zero_below_the_line_is_named(province: Province, definitions: Definitions) -> None:
    province.add(2021, NANGUAN, {"books_copies": "7", "books_titles": "0"})
    rows = province.compute(definitions)
    assert reason_of(row(rows, "copies_per_book", 2021)["flags"]) == "zero_denominator"


def test_a_year_without_population_is_named(survey: Survey, definitions: Definitions) -> None:
    from pipelines.survey.reference import Population

    province = Province(replace(survey, population=Population(())))
    province.add(2021, NANGUAN, {"fund_raised": "5"})
    found = row(province.compute(definitions), "fund_raised_per_head", 2021)
    assert (found["value"], found["numerator"]) == (None, 5)
    assert reason_of(found["flags"]) == "no_population"


def test_growth_and_difference(province: Province, definitions: Definitions) -> None:
    """200 after 160 万元 is 25 %; per head 200/2347.69 - 160/2375.37 万人, in 元."""
    province.add(2021, NANGUAN, {"fund_raised": "160", "fund_raised_government": "80"})
    province.add(2022, NANGUAN, {"fund_raised": "200", "fund_raised_government": "150"})
    rows = province.compute(definitions)
    growth = row(rows, "fund_raised_growth", 2022)
    assert (growth["value"], growth["unit"]) == (D(25), "%")
    assert (growth["numerator"], growth["denominator"]) == (200, 160)
    per_head = row(rows, "fund_raised_per_head_change", 2022)
    assert per_head["unit"] == "元"
    this, last = D(2000000) / D(23476900), D(1600000) / D(23753700)
    assert abs(per_head["value"] - (this - last)) < D("0.00000000000001")
    share = row(rows, "government_share_change", 2022)
    assert (share["value"], share["unit"]) == (D(25), "个百分点")
    assert row(rows, "fund_raised_growth", 2021)["flags"] == ["no_last_year"]
    assert "prefecture" in {key[2] for key in rows if key[0] == "fund_raised_growth"}


def test_no_growth_over_a_gap_or_a_break(province: Province, definitions: Definitions) -> None:
    for year in (2015, 2021):
        province.add(year, NANGUAN, {"fund_raised": "160", "lectures_attendance": "9"})
    rows = province.compute(definitions)
    assert row(rows, "fund_raised_growth", 2021)["flags"] == ["no_last_year"]
    attendance = row(rows, "attendance_all_growth", 2021)
    assert (attendance["value"], attendance["flags"][-1]) == (None, "not_comparable")
    changchun = row(rows, "fund_raised_growth", 2021, "prefecture", CHANGCHUN)
    assert (changchun["value"], changchun["flags"][-1]) == (None, "not_comparable")


def test_growth_over_a_break_only_when_asked_for(definitions: Definitions) -> None:
    lectures = definitions["lectures"]
    assert change(lectures, D(300), D(200), broken=True).kind == "break"
    asked = change(lectures, D(300), D(200), broken=True, over_break=True)
    assert (asked.kind, asked.amount, asked.over_break) == ("rate", D(50), True)
    plain = change(lectures, D(300), D(200), over_break=True)
    assert not plain.over_break


GROWTH = """theme: funding
indicators:
- {indicator_id: own_growth, name_zh: 甲, name_en: A, kind: KIND, of: OF, unit: 'UNIT', decimals: 2,
   basis: 推, compare: COMPARE, formula_zh: 无}
"""


@pytest.mark.parametrize(
    ("kind", "of", "unit", "compare", "said"),
    [
        ("growth", "fund_special_per_head", "%", "points", "人均值报差额"),
        ("growth", "government_share", "%", "points", "不是总量"),
        ("growth", "fund_raised", "万元", "points", "同比的单位"),
        ("growth", "fund_raised_growth", "%", "points", "不能是同比"),
        ("difference", "fund_special_per_head", "万元", "difference", "单位应为“元”"),
        ("difference", "fund_special_per_head", "元", "rate", "差额"),
        ("growth", "no_such_item", "%", "points", "问到"),
    ],
)
def test_a_change_that_the_office_does_not_publish_is_refused(
    tmp_path: Path, kind: str, of: str, unit: str, compare: str, said: str
) -> None:
    text = GROWTH.replace("KIND", kind).replace("OF", of).replace("UNIT", unit)
    folder = tmp_path / "indicators"
    folder.mkdir()
    (folder / "own.yaml").write_text(text.replace("COMPARE", compare), "utf-8")
    with pytest.raises(SurveyDefinitionError, match=said):
        load_definitions(tmp_path)


def test_an_edition_without_a_crosswalk_is_compared_with_nothing_before(
    survey: Survey, definitions: Definitions
) -> None:
    older, newer = sorted(survey.editions, key=lambda e: e.years)
    bare = newer.model_copy(update={"crosswalk": ()})
    breaks = breaks_of(replace(survey, editions=(older, bare)))
    raised = definitions["fund_raised"]
    assert breaks.flags(raised, 2015, 2021) == ("break", "no_crosswalk")
    assert breaks.flags(raised, 2021, 2022) == ()
    assert breaks_of(survey).flags(raised, 2015, 2021) == ()


def test_a_break_says_what_changed(survey: Survey, definitions: Definitions) -> None:
    found = breaks_of(survey).found(definitions["lectures"], 2015, 2022)
    assert found == {2020: "2019年度及以前只有线下，2020年度起含线上"}


def test_other_provinces_stand_beside_the_nation(
    province: Province, definitions: Definitions
) -> None:
    """辽宁: 55000 万元 for 4229 万人 at the end of 2021."""
    province.publish("辽宁", "fund_raised", 2021, "5.50", "亿元")
    province.publish("吉林省", "fund_raised", 2021, "3.00", "亿元")
    province.publish("全国", "fund_raised", 2021, "189.07", "亿元")
    rows = province.compute(definitions)
    liaoning = rows["fund_raised", 2021, "peer_province", "210000", ""]
    assert (liaoning["value"], liaoning["member_zh"]) == (55000, "辽宁省")
    assert rows["fund_raised", 2021, "peer_province", "220000", ""]["value"] == 30000
    per_head = rows["fund_raised_per_head", 2021, "peer_province", "210000", ""]
    assert per_head["flags"] == ["recomputed"]
    assert abs(per_head["value"] - D(550000000) / D(42290000)) < D("0.00000000000001")


def test_national_growth_is_recomputed_from_two_published_years(
    province: Province, definitions: Definitions
) -> None:
    province.publish("全国", "fund_raised", 2020, "171.72", "亿元")
    province.publish("全国", "fund_raised", 2021, "189.07", "亿元")
    rows = province.compute(definitions)
    found = rows["fund_raised_growth", 2021, "nation", "000000", ""]
    assert (round(found["value"], 2), found["flags"]) == (D("10.10"), ["recomputed"])
    assert ("fund_raised_growth", 2020, "nation", "000000", "") not in rows

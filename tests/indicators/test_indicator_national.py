"""Jilin beside the nation: published figures in our units, recomputed only where they must be."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from indicator_province import Key, Province

from pipelines.indicators import Definitions
from pipelines.survey import Survey
from pipelines.survey.published import load_national

D = Decimal
Rows = dict[Key, dict[str, Any]]


def nation(rows: Rows, indicator: str, year: int) -> Any:
    return rows[indicator, year, "nation", "000000", ""]


def test_published_figures_are_scaled_exactly(province: Province, definitions: Definitions) -> None:
    province.publish("全国", "fund_raised", 2021, "189.07", "亿元")
    province.publish("全国", "staff_total", 2021, "182.75", "万人")
    province.publish("全国", "lectures_attendance", 2021, "33.80", "亿人次")
    province.publish("全国", "population_per_venue", 2019, "94.79", "万人")
    rows = province.compute(definitions)
    assert nation(rows, "fund_raised", 2021)["value"] == D(1890700)
    assert nation(rows, "staff_total", 2021)["value"] == D(1827500)
    assert nation(rows, "lectures_attendance", 2021)["value"] == D(3380000000)
    assert nation(rows, "population_per_venue", 2019)["value"] == D("94.79")
    assert nation(rows, "fund_raised", 2021)["member_zh"] == "全国"
    assert nation(rows, "fund_raised", 2021)["flags"] == []


def test_a_published_ratio_stands_and_is_not_recomputed(
    province: Province, definitions: Definitions
) -> None:
    """2018: printed 78.20 from unrounded figures; the printed parts give 78.2053."""
    province.publish("全国", "fund_raised", 2018, "161.14", "亿元")
    province.publish("全国", "fund_raised_government", 2018, "126.02", "亿元")
    province.publish("全国", "government_share", 2018, "78.20", "%")
    found = nation(province.compute(definitions), "government_share", 2018)
    assert (found["value"], found["flags"]) == (D("78.20"), [])


def test_an_unpublished_ratio_is_recomputed_and_says_so(
    province: Province, definitions: Definitions
) -> None:
    """2023: 215.06 亿元 raised among 140967 万人, as first counted."""
    province.publish("全国", "fund_raised", 2023, "215.06", "亿元")
    province.publish("全国", "staff_full_time", 2023, "29.32", "万人")
    province.publish("全国", "staff_part_time", 2023, "186.31", "万人")
    rows = province.compute(definitions)
    per_head = nation(rows, "fund_raised_per_head", 2023)
    assert per_head["flags"] == ["recomputed"]
    assert per_head["value"] == D("15.256052835060687")  # 2150600 / 140967
    assert nation(rows, "staff_total", 2023)["value"] == D(2156300)
    assert ("use_rate", 2023, "nation", "000000", "") not in rows


def test_breaks_hold_for_the_nation_too(province: Province, definitions: Definitions) -> None:
    province.publish("全国", "attendance_all", 2019, "11.49", "亿人次")
    province.publish("全国", "attendance_all", 2020, "27.36", "亿人次")
    rows = province.compute(definitions)
    assert nation(rows, "attendance_all", 2020)["flags"] == ["break"]
    assert nation(rows, "attendance_all", 2019)["flags"] == []


def test_regions_stand_apart_and_other_places_are_left_out(
    province: Province, definitions: Definitions
) -> None:
    province.publish("东部", "fund_raised", 2021, "100.00", "亿元")
    province.publish("四川省广元市", "fund_raised", 2020, "1313.49", "万元")
    rows = province.compute(definitions)
    assert rows["fund_raised", 2021, "region3", "东部", ""]["value"] == D(1000000)
    assert {key[2] for key in rows} == {"region3"}


def test_a_figure_in_a_unit_that_is_not_ours_is_not_compared(
    province: Province, definitions: Definitions
) -> None:
    province.publish("全国", "materials_distributed", 2012, "11.73", "亿件")
    assert not province.compute(definitions)


def test_of_two_publications_the_later_is_taken(
    province: Province, definitions: Definitions
) -> None:
    province.publish("全国", "volunteers", 2023, "804.50", "万人", source="a", on="2024-12-30")
    province.publish("全国", "volunteers", 2023, "804.53", "万人", source="b", on="2024-12-31")
    assert nation(province.compute(definitions), "volunteers", 2023)["value"] == D(8045300)


def test_of_two_that_differ_the_one_its_parts_add_up_to_is_taken(
    province: Province, definitions: Definitions
) -> None:
    province.publish("全国", "staff_total", 2023, "215.62", "万人", source="a", on="2024-12-31")
    province.publish("全国", "staff_total", 2023, "215.63", "万人", source="b", on="2024-12-30")
    province.publish("全国", "staff_full_time", 2023, "29.32", "万人")
    province.publish("全国", "staff_part_time", 2023, "186.31", "万人")
    assert nation(province.compute(definitions), "staff_total", 2023)["value"] == D(2156300)


def test_every_national_figure_we_ship_that_means_an_indicator_is_compared(
    province: Province, survey: Survey, definitions: Definitions
) -> None:
    wanted = set()
    for figure in (f for f in load_national() if f.region == "全国"):
        series = survey.series[figure.name_zh].series_id
        province.publish(
            figure.region, series, figure.year, figure.value, figure.unit, source=figure.source_id
        )
        if series in definitions:
            wanted.add((series, figure.year, "nation", "000000", ""))
    rows = province.compute(definitions)
    assert wanted
    assert wanted <= rows.keys()
    assert all("recomputed" not in rows[key]["flags"] for key in wanted)

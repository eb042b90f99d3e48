"""A small made-up province as a published snapshot: two years, gaps, a zero, a suppressed value.

Figures are plain arithmetic on the member's place in the official list, so that a test can say
what a page must show.  白山市 did not report, 洮北区 has no venue (a zero), 东丰县 is suppressed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.indicators import Definitions, load_definitions
from pipelines.survey import Survey
from pipelines.survey.published import load_national
from pipelines.survey.quantities import in_unit
from pipelines.warehouse import Snapshot, Workshop

YEAR = 2023
ABSENT = "220600"  # 白山市: asked and did not answer
NO_VENUE = "220802"  # 洮北区
SUPPRESSED = "220421"  # 东丰县

#: Provincial values of the year and of the year before, in our units.
PROVINCE: dict[str, tuple[str, str]] = {
    "fund_raised": ("29512.50", "27866.00"),
    "fund_raised_government": ("23020.00", "22270.00"),
    "fund_raised_government_special": ("13105.00", "12010.00"),
    "fund_raised_donation": ("118.50", "210.00"),
    "fund_raised_own": ("5062.00", "4120.00"),
    "fund_raised_other": ("1312.00", "1266.00"),
    "fund_used": ("28120.00", "27020.00"),
    "fund_used_administration": ("5230.00", "5110.00"),
    "fund_used_activities": ("12815.00", "10890.00"),
    "fund_used_construction": ("5160.00", "7020.00"),
    "fund_used_exhibits": ("3815.00", "3010.00"),
    "fund_used_other": ("1100.00", "990.00"),
    "government_share": ("78.0009", "79.9182"),
    "fund_raised_per_head": ("12.6168", "11.8667"),
    "fund_special_per_head": ("5.6024", "5.1145"),
    "use_rate": ("95.2817", "96.9640"),
    "staff_total": ("41286", "42010"),
    "staff_full_time": ("6120", "5980"),
    "staff_part_time": ("35166", "36030"),
    "staff_per_10k": ("17.6501", "17.8899"),
    "staff_women_share": ("47.2300", "46.1200"),
    "staff_qualified_share": ("61.0400", "60.9800"),
    "staff_full_time_qualified_share": ("68.3000", "66.9000"),
    "staff_part_time_qualified_share": ("59.7000", "59.9000"),
    "creators_share_of_full_time": ("9.8000", "9.9000"),
    "guides_share_of_full_time": ("22.4000", "20.1000"),
    "volunteers": ("152300", "120400"),
    "venues_two_kinds": ("41", "38"),
    "science_centers": ("17", "15"),
    "science_museums": ("24", "23"),
    "youth_centers": ("12", "12"),
    "venues_per_million": ("1.7528", "1.6182"),
    "population_per_venue": ("57.05", "61.80"),
    "visits_two_kinds": ("3921400", "1802300"),
    "visits_per_venue": ("9.5644", "4.7429"),
    "exhibition_share": ("47.10", "46.80"),
    "science_centers_visits": ("1760200", "830100"),
    "science_museums_visits": ("2161200", "972200"),
    "websites": ("62", "66"),
    "weibo_accounts": ("41", "52"),
    "weibo_posts": ("20110", "23050"),
    "weibo_reads": ("61200000", "58800000"),
    "wechat_accounts": ("212", "198"),
    "wechat_posts": ("51230", "48700"),
    "wechat_reads": ("98200000", "81300000"),
    "books_titles": ("121", "118"),
    "books_copies": ("812000", "905000"),
    "journals_titles": ("18", "18"),
    "journals_copies": ("1320000", "1298000"),
    "newspapers_copies": ("2210000", "2630000"),
    "tv_hours": ("3120", "2980"),
    "radio_hours": ("2240", "2510"),
    "materials_distributed": ("6120000", "7240000"),
    "attendance_all": ("16450000", "12300000"),
    "lectures_attendance": ("8120000", "6010000"),
    "exhibitions_attendance": ("5230000", "3120000"),
    "competitions_attendance": ("1900000", "2105000"),
    "week_events_attendance": ("1200000", "1065000"),
    "trainings_attendance": ("812000", "901000"),
    "open_institutions_visits": ("310200", "181300"),
    "interest_groups_attendance": ("261000", "240100"),
    "lectures_online_share": ("55.20", "62.40"),
    "exhibitions_online_share": ("21.30", "35.80"),
    "competitions_online_share": ("71.00", "69.00"),
    "lectures_attendance_per_event": ("612.40", "402.10"),
    "exhibitions_attendance_per_event": ("2212.10", "1520.30"),
    "competitions_attendance_per_event": ("1802.20", "2310.80"),
    "attendance_per_head": ("7.0325", "5.2379"),
}
#: Levels that are split over places and departments.
SPLIT = (
    "fund_raised", "staff_total", "visits_two_kinds", "venues_two_kinds", "science_centers",
    "science_museums", "attendance_all", "lectures_attendance",
)  # fmt: skip
#: Ratios of the prefectures; each is the province's value ± a step.
LOCAL = ("fund_raised_per_head", "staff_per_10k", "population_per_venue", "fund_special_per_head")
_CAST = ("cast_lectures", "cast_exhibitions", "cast_websites", "cast_bases")

Make = Callable[..., Path]


@pytest.fixture(scope="session")
def definitions(survey: Survey) -> Definitions:
    return load_definitions().with_items(survey)


@pytest.fixture(scope="session")
def make_snapshot(
    survey: Survey, definitions: Definitions, tmp_path_factory: pytest.TempPathFactory
) -> Make:
    """Write the synthetic snapshot; ``years`` with returns, ``simulated``, ``nation`` rows."""

    def make(
        years: tuple[int, ...] = (YEAR - 1, YEAR), *, simulated: bool = True, nation: bool = True
    ) -> Path:
        path = tmp_path_factory.mktemp("snapshot") / "kepu.duckdb"
        with Workshop() as workshop:
            for year in years:
                _load_year(workshop, survey, definitions, year, simulated)
            if nation:
                workshop.load("indicator_values", _nation(definitions))
                workshop.load("published_series", _cast())
            workshop.load("meta", [{"key": "simulated", "value": "yes" if simulated else "no"}])
            workshop.assert_keys()
            workshop.write_snapshot(path)
        return path

    return make


@pytest.fixture(scope="session")
def two_years(make_snapshot: Make) -> Path:
    return make_snapshot()


@pytest.fixture
def snapshot(two_years: Path) -> Iterator[Snapshot]:
    with Snapshot(two_years) as opened:
        yield opened


@pytest.fixture(scope="session")
def one_year(make_snapshot: Make) -> Path:
    """No year before, nothing of the nation, real returns."""
    return make_snapshot((YEAR,), simulated=False, nation=False)


@pytest.fixture(scope="session")
def nothing(make_snapshot: Make) -> Path:
    """Nobody was asked and nobody answered."""
    return make_snapshot((), simulated=False, nation=False)


@pytest.fixture
def snapshot_of_one_year(one_year: Path) -> Iterator[Snapshot]:
    with Snapshot(one_year) as opened:
        yield opened


def _load_year(
    workshop: Workshop, survey: Survey, definitions: Definitions, year: int, simulated: bool
) -> None:
    places = [(d.code, d.parent_code) for d in survey.divisions.county_units(year)]
    departments = [d.department_id for d in survey.departments.active(year)]
    workshop.load("indicator_values", _values(survey, definitions, year))
    units = [_unit(year, n, *places[n % len(places)], departments) for n in range(120)]
    workshop.load("units", units)
    answered = [u for n, u in enumerate(units) if u["prefecture_code"] != ABSENT and n % 9]
    workshop.load("returns", [_return(year, n, unit, simulated) for n, unit in enumerate(answered)])
    rules = [r.id for r in survey.edition_of(year).rules if r.severity in {"query", "note"}][:14]
    workshop.load("findings", _findings(survey, year, rules))
    workshop.load(
        "rule_results",
        [
            {"year": year, "rule_id": rule, "severity": "query", "evaluated": 100,
             "passed": 90 - n, "failed": n, "not_evaluated": 10}
            for n, rule in enumerate(rules)
        ],
    )  # fmt: skip


def _values(survey: Survey, definitions: Definitions, year: int) -> Iterator[dict[str, Any]]:
    this = 0 if year == YEAR else 1
    for name, pair in PROVINCE.items():
        yield _value(definitions, name, year, "province", "220000", "吉林省", Decimal(pair[this]))
    groups = {
        "prefecture": [(d.code, d.name_zh) for d in survey.divisions.prefectures(year)],
        "county": [(d.code, d.name_zh) for d in survey.divisions.county_units(year)],
        "department": [(d.department_id, d.name_zh) for d in survey.departments.active(year)],
    }
    for breakdown, members in groups.items():
        for n, (member, name_zh) in enumerate(members):
            for name in (*SPLIT, *(LOCAL if breakdown == "prefecture" else ())):
                whole = Decimal(PROVINCE[name][this])
                part = _part(whole, n, len(members), name)
                row = _value(definitions, name, year, breakdown, member, name_zh, part)
                yield _with_gaps(row, survey, year)


def _part(whole: Decimal, n: int, of: int, name: str) -> Decimal:
    """Shares falling with the place in the list; ratios around the province's."""
    if name in LOCAL:
        return round(whole * (Decimal("0.62") + Decimal("0.11") * ((n * 5) % of)), 6)
    weight = Decimal(of - n) / Decimal(of * (of + 1) // 2)
    part = whole * weight
    return round(part, 2) if name == "fund_raised" else part.to_integral_value()


def _with_gaps(row: dict[str, Any], survey: Survey, year: int) -> dict[str, Any]:
    member, name = row["member_id"], row["indicator_id"]
    missing = {"value": None, "units_covered": 0, "response_rate": Decimal(0)}
    if ABSENT in (member, survey.divisions.prefecture_of(member, year)):
        return row | missing
    if member == NO_VENUE and name in {"venues_two_kinds", "science_centers", "science_museums"}:
        return row | {"value": Decimal(0)}
    if member == SUPPRESSED:
        return row | {"flags": ["suppressed"]}
    return row


def _value(
    definitions: Definitions, name: str, year: int, breakdown: str, member: str, zh: str, value: Any
) -> dict[str, Any]:
    return {
        "indicator_id": name, "year": year, "breakdown": breakdown, "member_id": member,
        "member2_id": "", "member_zh": zh, "value": value, "unit": definitions[name].unit,
        "numerator": None, "denominator": None, "units_covered": 93, "units_expected": 120,
        "response_rate": Decimal("0.775") if breakdown == "province" else Decimal("0.89"),
        "flags": [],
    }  # fmt: skip


def _nation(definitions: Definitions) -> list[dict[str, Any]]:
    """The national releases of 科技部, in our units; the first figure of a year stands."""
    names = {
        "年度科普经费筹集额": "fund_raised", "政府拨款": "fund_raised_government",
        "人均科普专项经费": "fund_special_per_head", "科普场馆（三类）": "venues_three_kinds",
        "科技馆和科学技术类博物馆": "venues_two_kinds", "科技馆": "science_centers",
        "科学技术类博物馆": "science_museums", "每万人口科普人员": "staff_per_10k",
    }  # fmt: skip
    rows: dict[tuple[str, int], dict[str, Any]] = {}
    for figure in load_national():
        name = names.get(figure.name_zh)
        if name is None or figure.region != "全国" or (name, figure.year) in rows:
            continue
        value = in_unit(Decimal(figure.value), figure.unit, definitions[name].unit)
        row = _value(definitions, name, figure.year, "nation", "000000", "全国", value)
        rows[name, figure.year] = row | {
            "units_covered": 0, "units_expected": None, "response_rate": None
        }  # fmt: skip
    return list(rows.values())


def _cast() -> Iterator[dict[str, Any]]:
    for n, name in enumerate(_CAST, 1):
        for year in range(2008, 2012):
            value = None if (name, year) == ("cast_websites", 2009) else 1000 * n + 40 * (year % 7)
            yield {
                "source_id": "cast_system", "region": "中国科协系统", "series_id": name,
                "name_zh": name, "year": year, "value": None if value is None else Decimal(value),
                "raw_text": "" if value is None else str(value), "unit": "", "derived": False,
                "publisher_zh": "中国科学技术协会", "title_zh": "中国科协系统统计",
                "published_on": "2012", "note_zh": "", "file": "科协.csv", "sheet": "",
                "cell": "A1",
            }  # fmt: skip


def _unit(
    year: int, n: int, county: str, prefecture: str, departments: list[str]
) -> dict[str, Any]:
    return {
        "year": year, "unit_id": f"单位{n:03d}", "unit_name": f"示例单位{n:03d}", "venue_name": "",
        "uscc": "", "division_code": county, "county_code": county, "prefecture_code": prefecture,
        "department_id": departments[n % 12], "level_id": "county", "channel": "county",
        "file": "名录.xlsx", "sheet": "名录", "row": n + 2,
    }  # fmt: skip


def _return(year: int, n: int, unit: dict[str, Any], simulated: bool) -> dict[str, Any]:
    return {
        "return_id": f"{year}-{n:03d}", "submission_id": f"s{year}-{n:03d}", "file": f"{n}.xlsx",
        "sheet": "封面", "year": year, "edition_id": "kp-2021", "layout": "questionnaire",
        "role": "basic", "unit_id": unit["unit_id"], "unit_name": unit["unit_name"],
        "venue_name": "", "uscc": "", "is_venue": False, "division_code": unit["division_code"],
        "county_code": unit["county_code"], "prefecture_code": unit["prefecture_code"],
        "department_id": unit["department_id"], "level_id": "county", "channel": "county",
        "revision": 1, "fill_date": None,
        "status": ("accepted", "accepted", "queried", "rejected")[n % 4],
        "status_reason_zh": "", "simulated": simulated,
    }  # fmt: skip


def _findings(survey: Survey, year: int, rules: list[str]) -> Iterator[dict[str, Any]]:
    severity = {rule.id: rule for rule in survey.edition_of(year).rules}
    for n, rule in enumerate(rules):
        for k in range(2 * n + 1):
            yield {
                "finding_id": f"{year}-{rule}-{k}", "year": year, "rule_id": rule,
                "scope": severity[rule].scope, "severity": severity[rule].severity,
                "must_correct": severity[rule].must_correct, "return_id": f"{year}-{k:03d}",
                "submission_id": f"s{year}-{k:03d}", "items": [], "cells": [], "observed": [],
                "message_zh": "不一致", "likely_cause_zh": "", "effect": None, "effect_item_id": "",
            }  # fmt: skip

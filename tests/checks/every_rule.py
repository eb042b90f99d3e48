"""Returns of one year that break every rule of its edition, soft ones and those over totals too."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from checks_bench import Bench
from witnesses import witness

from pipelines.checks import evaluate
from pipelines.survey import Survey
from pipelines.warehouse import Workshop, arrow_table

YEAR = 2023
ELSEWHERE = {"county_code": "220102", "division_code": "220102"}
COPIED = {"lectures": "41", "lectures_attendance": "5120", "trainings": "17",
          "trainings_attendance": "913"}  # fmt: skip


def broken_workshop(survey: Survey) -> Workshop:
    """A workshop whose findings name every rule of the year; judged."""
    bench = Bench(survey)
    edition = survey.edition_of(YEAR)
    for rule in edition.rules:
        if rule.kind == "expression" and not rule.each:
            facts = witness(edition, rule, False)
            level = "county" if facts["level"] == "区县级" else "prefectural"
            bench.add(_figures(facts, edition.item), is_venue=facts["is_venue"], level_id=level)
    _single_returns(bench)
    _against_last_year(bench)
    _among_peers(bench)
    _neighbours(bench)
    _totals(bench)
    workshop = Workshop()
    for name in ("returns", "answers", "covers", "units", "submissions"):
        workshop.load(name, arrow_table(name, getattr(bench, name)))
    workshop.load("corrections", arrow_table("corrections", [_unapplied()]))
    workshop.load("identity_questions", arrow_table("identity_questions", _open_questions(bench)))
    evaluate(workshop, survey)
    return workshop


def _figures(facts: dict[str, Any], items: Any) -> dict[str, str]:
    return {name: str(value) for name, value in facts.items() if name in items}


def _single_returns(bench: Bench) -> None:
    bench.add({"lectures": "1.5", "fund_raised": "2.5", "camps": "-5"})
    bench.add({"lectures": "约五次", "volunteers": ""})
    bench.add({"lectures": "2"}, division_code="长春")
    bench.add({}, fill="0")
    bench.add({"lectures": "1"}, department_id="", cover={"department": "不知道"})
    bench.add({"lectures": "1"}, level_id="", cover={"level": "市级、县级"})
    bench.add({"lectures": "1"}, unit_name="", cover={"phone": " ", "uscc": "91350100M000100Y44"})


def _against_last_year(bench: Bench) -> None:
    def growing(before: dict[str, str], now: dict[str, str], fill: str | None = None) -> None:
        unit = f"grows {len(bench.returns)}"
        bench.add(before, year=2022, unit_id=unit, fill=fill, **ELSEWHERE)
        bench.add(now, unit_id=unit, fill=fill, **ELSEWHERE)

    growing({"lectures": "7", "fund_raised": "100"}, {"lectures": "", "fund_raised": "1000000"})
    growing(COPIED, COPIED, "-")
    for n in range(24):
        growing({"camps": str(400 + n)}, {"camps": str(400 + n + n % 3)})
    growing({"camps": "400"}, {"camps": "1240"})


def _among_peers(bench: Bench) -> None:
    for n in range(24):
        bench.add({"trainings": "4", "trainings_attendance": str(4 * (50 + n))})
        bench.add({"materials_distributed": str(4000 + n)})
    bench.add({"trainings": "4", "trainings_attendance": "20000"})
    bench.add({"materials_distributed": "9000000"})


def _neighbours(bench: Bench) -> None:
    for _ in range(6):
        bench.add({"volunteers": "200", "week_events": "1", "week_events_attendance": "3200"})
    bench.add({"lectures": "3"}, unit_id="twice")
    bench.add({"lectures": "4"}, unit_id="twice", status="duplicate", channel="department")
    for name in ("吉林省长春市朝阳区科技局", "朝阳区科学技术局"):
        bench.add({"lectures": "5"}, unit_name=name)
    own = {"lectures": "31", "staff_full_time": "57", "fund_raised": "230"}
    bench.add(own, unit_id="whole")
    bench.add(own, unit_id="whole", venue_name="甲馆", is_venue=True)
    bench.add({"science_museums_visits": "31000"}, return_id="bureau")
    bench.add({"science_museums_visits": "31000"}, return_id="venue", venue_name="某馆",
              is_venue=True)  # fmt: skip


def _totals(bench: Bench) -> None:
    survey = bench.survey
    table = {"layout": "table", "file": "汇总.xlsx", "sheet": "表"}
    whole = {"role": "summary", "division_code": "", "county_code": "", "prefecture_code": ""}
    bench.add({"lectures": "2"}, **table)
    bench.add({"lectures": "3"}, **table, **whole)
    bench.add({"lectures": "5"}, county_code="220582", division_code="220582")
    bench.add({"lectures": "5"}, department_id="no_such_department")
    bench.list_unit("never sent", "乙单位", prefecture_code="220200")
    for n in range(11):
        bench.add({"journals_titles": "1000" if n == 0 else "10"})
    counties = survey.divisions.county_units(YEAR)
    for n, place in enumerate(survey.divisions.prefectures(YEAR)):
        people = survey.population.first_published(place.code, YEAR)
        county = next(one.code for one in counties if one.parent_code == place.code)
        if people:
            a_head = 9000 if n == 0 else 10 + n
            bench.add(
                {"websites": str(int(people.persons * a_head / 10_000))},
                prefecture_code=place.code,
                county_code=county,
                division_code=county,
            )


def _unapplied() -> dict[str, Any]:
    return {
        "year": YEAR, "number": 1, "line": 3, "return_asked_zh": "单位“某局”", "return_id": "",
        "item_id": "lectures", "old_text": "5", "found_text": "", "new_text": "6",
        "new_value": Decimal(6), "new_state": "reported", "confirmed_by": "张三",
        "confirmed_on": dt.date(2024, 5, 20), "means_zh": "电话", "reason_zh": "漏写",
        "status": "guard_failed", "status_zh": "原值应为“5”，现在没有这一格",
    }  # fmt: skip


def _open_questions(bench: Bench) -> list[dict[str, Any]]:
    def question(kind: str, **changes: Any) -> dict[str, Any]:
        return {
            "question_id": f"q-{kind}", "year": YEAR, "kind": kind, "return_id": "",
            "file": "县区/某局.xlsx", "sheet": "封面", "content": "0" * 16, "unit_name": "某局",
            "venue_name": "", "other_return_id": "", "other_file": "", "other_unit_name": "",
            "candidates": [], "candidate_ids": [], "items": [], "message_zh": kind, **changes,
        }  # fmt: skip

    return [
        question("unknown_unit", return_id=bench.returns[0]["return_id"]),
        question("stale_ruling"),
        question(
            "double_count", return_id="venue", other_return_id="bureau",
            items=["science_museums_visits"],
        ),
    ]  # fmt: skip

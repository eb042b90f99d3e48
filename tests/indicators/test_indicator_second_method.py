"""The cube a second way: plain loops over random returns give every cell that SQL gives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from indicator_province import Key, Province

from pipelines.indicators import Definitions
from pipelines.survey import Survey
from pipelines.survey.departments import Departments
from pipelines.survey.reference import Divisions
from pipelines.warehouse import Workshop

ITEMS = (
    "staff_full_time",
    "staff_part_time",
    "science_centers",
    "science_museums",
    "science_centers_free_days",
    "fund_raised",
    "fund_raised_government_special",
)
#: What each indicator adds up and divides by, written out by hand; None is the population.
WANTED: dict[str, tuple[tuple[str, ...] | None, tuple[str, ...] | None, Fraction]] = {
    "staff_total": (("staff_full_time", "staff_part_time"), (), Fraction(1)),
    "staff_full_part_ratio": (("staff_full_time",), ("staff_part_time",), Fraction(1)),
    "staff_per_10k": (("staff_full_time", "staff_part_time"), None, Fraction(10_000)),
    "fund_raised_per_head": (("fund_raised",), None, Fraction(10_000)),
    "population_per_venue": (None, ("science_centers", "science_museums"), Fraction(1, 10_000)),
    "science_centers_free_days": (
        ("science_centers_free_days",),
        ("science_centers",),
        Fraction(1),
    ),
    "fund_raised": (("fund_raised",), (), Fraction(1)),
}
CROSSED = ("prefecture_department", "department_level", "prefecture_level")
#: Some counties, a zone and the county that carries it, a prefecture, and nowhere.
DIVISIONS = ("220102", "220105", "220171", "222401", "220100", "22Z900")
#: Those, what stands above them, and 长白山 with its homes.
PLACES = {*DIVISIONS, "220000", "222400", "220172", "220600", "22Z600"} | {
    "22Z601", "22Z602", "22Z603", "222426", "220621", "220623",
}  # fmt: skip
CELLS = st.sampled_from(("0", "-", "", "约3", "1", "7", "0.35", "1200.5", "99999999.99"))
RETURNS = st.lists(
    st.fixed_dictionaries(
        {
            "year": st.sampled_from((2021, 2022)),
            "division": st.sampled_from(DIVISIONS),
            "answers": st.dictionaries(st.sampled_from(ITEMS), CELLS),
            "department": st.sampled_from(("education", "health", "")),
            "level": st.sampled_from(("county", "provincial", "")),
            "channel": st.sampled_from(("county", "department")),
            "status": st.sampled_from(("accepted", "queried", "received", "rejected")),
        }
    ),
    max_size=12,
)


@pytest.fixture(scope="module")
def small(survey: Survey) -> Survey:
    """The survey with the items and places of this test only: an example takes milliseconds."""
    edition = survey.edition("kp-2021")
    items = tuple(item for item in edition.items if item.item_id in ITEMS)
    rows = tuple(row for row in edition.crosswalk if row.item_id in ITEMS)
    return replace(
        survey,
        editions=(edition.model_copy(update={"items": items, "crosswalk": rows}),),
        divisions=Divisions(tuple(d for d in survey.divisions.rows if d.code in PLACES)),
        departments=Departments(
            tuple(d for d in survey.departments.rows if d.department_id in ("education", "health"))
        ),
    )


@pytest.fixture(scope="module")
def few(definitions: Definitions) -> Definitions:
    """The definitions that rest on those items; venues_two_kinds is a part of one of them."""
    ids = [name for name in (*WANTED, "venues_two_kinds") if name in definitions.places]
    return replace(
        definitions,
        by_id={name: definitions[name] for name in ids},
        places={name: definitions.places[name] for name in ids},
        cross_tables=dict.fromkeys(CROSSED, ("fund_raised", "staff_total")),
    )


@pytest.fixture(scope="module")
def workshop() -> Iterator[Workshop]:
    with Workshop() as shared:
        yield shared


def amount(text: str) -> Fraction | None:
    """By the law of five states: "-" is 0 in sums, blank and unreadable are nothing."""
    if text in ("", "约3"):
        return None
    return Fraction(0) if text == "-" else Fraction(text)


def members(answer: dict[str, Any]) -> Iterable[tuple[str, str, str]]:
    """Every (breakdown, member, second member) a return belongs to.

    None of these places changed its borders or code between the two years: there is no other
    territory to be constant on.
    """
    county = {"220171": "220105", "220100": "", "22Z900": ""}.get(
        answer["division"], answer["division"]
    )
    prefecture = "" if answer["division"] == "22Z900" else answer["division"][:4] + "00"
    department = answer["department"] or "none"
    yield "province", "220000", ""
    yield "prefecture", prefecture or "none", ""
    yield "county", county or prefecture or "none", ""
    yield "department", department, ""
    yield "level", answer["level"] or "none", ""
    yield "channel", answer["channel"], ""
    yield "prefecture_department", prefecture or "none", department
    yield "department_level", department, answer["level"] or "none"
    yield "prefecture_level", prefecture or "none", answer["level"] or "none"
    yield "prefecture_apart", prefecture or "none", ""
    zone = {"220171": "220171"}.get(answer["division"])
    yield "county_apart", zone or county or prefecture or "none", ""


def sums(
    returns: list[dict[str, Any]], items: tuple[str, ...]
) -> dict[tuple[int, str, str, str], tuple[Fraction | None, int, int]]:
    """Sum, returns covered and queried returns covered, by year and member."""
    found: dict[Any, list[Any]] = defaultdict(lambda: [None, 0, 0])
    for answer in returns:
        amounts = [amount(answer["answers"].get(item, "")) for item in items]
        known = [a for a in amounts if a is not None]
        if answer["status"] == "rejected" or not known:
            continue
        for member in members(answer):
            cell = found[answer["year"], *member]
            cell[0] = (cell[0] or Fraction(0)) + sum(known)
            cell[1] += 1
            cell[2] += answer["status"] == "queried"
    return {key: tuple(cell) for key, cell in found.items()}


def cut(value: Fraction) -> Decimal:
    """The first 15 decimal places of a non-negative number."""
    return Decimal(value.numerator * 10**15 // value.denominator).scaleb(-15)


def population(key: Key) -> Fraction | None:
    """Denominators of the places of this test, from the tables by hand."""
    _, year, breakdown, member, _ = key
    by_hand = {
        (2021, "220000"): 23753700,
        (2022, "220000"): 23476900,
        (2021, "220100"): 9087200,
        (2022, "220100"): 9065400,
        (2021, "222400"): 1912800 + 44313,  # and 延边's part of 长白山: 60700 x 44639/61146
        (2022, "222400"): 1912800 + 44313,
    }
    counties = {"220102": 657682 + 408740, "220105": 559966 + 429387, "222401": 686136}
    alone = {"220102": 657682, "220105": 559966, "222401": 686136, "220171": 429387}
    if breakdown == "county_apart":
        persons = alone.get(member)
    elif breakdown.startswith("county"):
        persons = counties.get(member)
    elif breakdown == "prefecture_apart":
        persons = {"222400": 1912800}.get(member, by_hand.get((year, member)))
    else:
        persons = by_hand.get((year, member))
    return None if persons is None else Fraction(persons)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(returns=RETURNS)
def test_every_cell_agrees_with_plain_loops(
    returns: list[dict[str, Any]],
    small: Survey,
    few: Definitions,
    workshop: Workshop,
) -> None:
    province = Province(small)
    for answer in returns:
        province.add(**answer)
    rows = province.compute(few, workshop)
    for indicator, (numerator, denominator, multiplier) in WANTED.items():
        num = sums(returns, numerator) if numerator else {}
        den = sums(returns, denominator) if denominator else {}
        for key, row in rows.items():
            if key[0] != indicator:
                continue
            place = key[1:]
            by_population = numerator is None or denominator is None
            if by_population and key[3] not in _KNOWN_PLACES:
                continue
            top = num.get(place, (None,))[0] if numerator else population(key)
            bottom = den.get(place, (None,))[0] if denominator else population(key)
            expected: Fraction | None = top
            if denominator != ():
                expected = top * multiplier / bottom if top is not None and bottom else None
            assert row["value"] == (None if expected is None else cut(expected)), key
            nobody = (None, 0, 0)
            above, below = num.get(place, nobody), den.get(place, nobody)
            assert row["units_covered"] == (above if numerator else below)[1], key
            assert ("provisional" in row["flags"]) == (above[2] + below[2] > 0), key
    heard = [answer for answer in returns if _counts(answer)]
    assert {member for answer in heard for member in members(answer)} <= {k[2:] for k in rows}


_KNOWN_PLACES = {"220000", "220100", "222400", "220102", "220105", "222401", "220171", "none"}


def _counts(answer: dict[str, Any]) -> bool:
    return answer["status"] != "rejected" and bool(answer["answers"])


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(returns=RETURNS)
def test_every_breakdown_closes_to_the_province(
    returns: list[dict[str, Any]],
    small: Survey,
    few: Definitions,
    workshop: Workshop,
) -> None:
    province = Province(small)
    for answer in returns:
        province.add(**answer)
    rows = province.compute(few, workshop)
    levels = [name for name in few.by_id if few[name].kind == "level"]
    for indicator, year in ((i, y) for i in levels for y in {r["year"] for r in returns}):
        whole = rows[indicator, year, "province", "220000", ""]["value"]
        for breakdown in {key[2] for key in rows} - {"province", "nation", "region3"}:
            if breakdown in CROSSED and indicator not in few.cross_tables[breakdown]:
                continue
            assert _closed(rows, indicator, year, breakdown) == whole
        for prefecture in ("220100", "222400"):
            inside = _closed(rows, indicator, year, "county", prefecture[:4])
            assert inside == rows[indicator, year, "prefecture", prefecture, ""]["value"]


def _closed(
    rows: dict[Key, dict[str, Any]], indicator: str, year: int, breakdown: str, prefix: str = ""
) -> Decimal | None:
    """Sum over the members that have a value; None when none has."""
    values = [
        row["value"]
        for key, row in rows.items()
        if key[:3] == (indicator, year, breakdown)
        and key[3].startswith(prefix)
        and row["value"] is not None
    ]
    return sum(values, Decimal(0)) if values else None

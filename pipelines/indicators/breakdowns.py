"""The ways a total is broken down, and who the members of each breakdown are in a year.

Every breakdown closes to the province: what belongs to no member stands under ``none``, and what
sits in a prefecture but in none of its counties stands, among the counties, under the
prefecture's own code.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipelines.survey import Survey
from pipelines.survey.reference import PROVINCE

#: Member for what a breakdown cannot place.
NONE = "none"

#: Columns that returns and register are grouped by.
DIMENSIONS = ("prefecture_code", "county_code", "department_id", "level_id", "channel")

_CHANNELS = {"county": "属地渠道", "department": "部门渠道"}
#: What the row of them is called.
NONE_ZH = {
    "prefecture": "未归市州",
    "county": "未归市州",
    "department": "部门不明",
    "level": "级别不明",
    "channel": "渠道不明",
}


@dataclass(frozen=True)
class Breakdown:
    """``dimensions`` are grouped by; ``territorial`` members have a population."""

    name: str
    dimensions: tuple[str, ...]
    territorial: bool = False

    def key_of(self, group: dict[str, str]) -> tuple[str, str]:
        """Member ids of one group of the cube."""
        values = [group[dimension] for dimension in self.dimensions]
        if self.name == "province":
            return PROVINCE, ""
        if self.name == "county":
            return values[1] or values[0] or NONE, ""
        if self.name == "prefecture_department":
            return values[0] or NONE, values[1] or NONE
        return values[0] or NONE, ""


BREAKDOWNS = (
    Breakdown("province", (), territorial=True),
    Breakdown("prefecture", ("prefecture_code",), territorial=True),
    Breakdown("county", ("prefecture_code", "county_code"), territorial=True),
    Breakdown("department", ("department_id",)),
    Breakdown("level", ("level_id",)),
    Breakdown("channel", ("channel",)),
    Breakdown("prefecture_department", ("prefecture_code", "department_id")),
)


@dataclass(frozen=True, slots=True)
class Member:
    breakdown: Breakdown
    member_id: str
    member2_id: str
    name_zh: str


def members_of(
    survey: Survey, year: int, seen: Iterable[tuple[str, str, str]]
) -> tuple[Member, ...]:
    """Everyone on the year's lists, whether heard of or not, then whoever else was ``seen``.

    ``seen`` are (breakdown, member, second member); a cross table has only the members seen.
    """
    found: dict[str, set[tuple[str, str]]] = {b.name: set() for b in BREAKDOWNS}
    for name, member, member2 in seen:
        found[name].add((member, member2))
    names = {b.name: _names(survey, year, b.name) for b in BREAKDOWNS}
    members: list[Member] = []
    for breakdown in BREAKDOWNS:
        listed = [(member, "") for member in _listed(survey, year, breakdown.name)]
        others = sorted(found[breakdown.name] - set(listed))
        members.extend(
            Member(breakdown, *ids, _name(breakdown.name, ids, names)) for ids in [*listed, *others]
        )
    return tuple(members)


def _listed(survey: Survey, year: int, breakdown: str) -> list[str]:
    if breakdown == "county":
        return [d.code for d in survey.divisions.county_units(year)]
    if breakdown == "prefecture_department":
        return []
    return list(_names(survey, year, breakdown))


def _names(survey: Survey, year: int, breakdown: str) -> dict[str, str]:
    divisions = survey.divisions
    prefectures = {d.code: d.name_zh for d in divisions.prefectures(year)}
    if breakdown == "province":
        row = divisions.get(PROVINCE, year)
        return {PROVINCE: row.name_zh if row else "全省"}
    if breakdown == "prefecture":
        return prefectures
    if breakdown == "county":
        unplaced = {code: f"{name}（未落区县）" for code, name in prefectures.items()}
        return unplaced | {d.code: d.name_zh for d in divisions.county_units(year)}
    if breakdown == "department":
        return {d.department_id: d.name_zh for d in survey.departments.active(year)}
    if breakdown == "level":
        return {level.level_id: level.name_zh for level in survey.levels}
    return dict(_CHANNELS)


def _name(breakdown: str, ids: tuple[str, str], names: dict[str, dict[str, str]]) -> str:
    if breakdown == "prefecture_department":
        place = names["prefecture"].get(ids[0], NONE_ZH["prefecture"])
        return f"{place}：{names['department'].get(ids[1], NONE_ZH['department'])}"
    return names[breakdown].get(ids[0], NONE_ZH.get(breakdown, ids[0]))

"""The ways a total is broken down, and who the members of each breakdown are in a year.

Every breakdown closes to the province: what belongs to no member stands under ``none``, and what
sits in a prefecture but in none of its counties stands, among the counties, under the
prefecture's own code.  Territorial breakdowns stand on one of the bases of ``territory``; the same
return is on each of them, so that a sum, a table or a chart takes members of one basis only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipelines.indicators.territory import NONE, Basis, territories
from pipelines.survey import Survey
from pipelines.survey.reference import PROVINCE

_CHANNELS = {"county": "属地渠道", "department": "部门渠道"}
_NO_PLACE = "未归市州"
#: What the row of them is called, by what could not be told.
NONE_ZH = {
    "province": _NO_PLACE,
    "prefecture": _NO_PLACE,
    "county": _NO_PLACE,
    "department": "部门不明",
    "level": "级别不明",
    "channel": "渠道不明",
}


#: What each breakdown is called, also those of published figures, which nothing is grouped by.
_NAMES_ZH = {
    "province": "全省",
    "prefecture": "市州",
    "county": "区县",
    "department": "部门",
    "level": "级别",
    "channel": "渠道",
    "prefecture_department": "市州×部门",
    "department_level": "部门×级别",
    "prefecture_level": "市州×级别",
    "prefecture_apart": "市州（分列口径）",
    "county_apart": "区县（分列口径）",
    "prefecture_constant": "市州（不变口径）",
    "county_constant": "区县（不变口径）",
    "nation": "全国",
    "region3": "东中西部",
    "peer_province": "各省",
}


def breakdown_zh(name: str) -> str:
    """What a breakdown is called; its id where another version of the program made it."""
    return _NAMES_ZH.get(name, name)


@dataclass(frozen=True)
class Breakdown:
    """``dimensions`` are grouped by; territorial members have a population, on ``basis``.

    A cross table has two dimensions, and the members of the first and of the second.
    """

    name: str
    dimensions: tuple[str, ...]
    basis: Basis | None = None

    @property
    def territorial(self) -> bool:
        """Whether the members are places: a population belongs to those only."""
        return self.basis is not None and not self.crossed

    @property
    def crossed(self) -> bool:
        return len(self.dimensions) == 2

    @property
    def kind(self) -> str:
        """``prefecture``, on whatever basis."""
        return self.name.removesuffix(f"_{self.basis}")


BREAKDOWNS = (
    Breakdown("province", (), "gb"),
    Breakdown("prefecture", ("prefecture",), "gb"),
    Breakdown("county", ("county",), "gb"),
    Breakdown("department", ("department",)),
    Breakdown("level", ("level",)),
    Breakdown("channel", ("channel",)),
    Breakdown("prefecture_department", ("prefecture", "department"), "gb"),
    Breakdown("department_level", ("department", "level")),
    Breakdown("prefecture_level", ("prefecture", "level"), "gb"),
    Breakdown("prefecture_apart", ("prefecture_apart",), "apart"),
    Breakdown("county_apart", ("county_apart",), "apart"),
    Breakdown("prefecture_constant", ("prefecture_constant",), "constant"),
    Breakdown("county_constant", ("county_constant",), "constant"),
)

BREAKDOWN = {breakdown.name: breakdown for breakdown in BREAKDOWNS}


@dataclass(frozen=True, slots=True)
class Member:
    breakdown: Breakdown
    member_id: str
    member2_id: str
    name_zh: str


def members_of(
    survey: Survey,
    year: int,
    seen: Iterable[tuple[str, str, str]],
    last: int | None = None,
) -> tuple[Member, ...]:
    """Everyone on the year's lists, whether heard of or not, then whoever else was ``seen``.

    ``seen`` are (breakdown, member, second member); a cross table has only the members seen.
    ``last`` is the last year loaded, whose divisions the constant territory has; without one, or
    in a series of one year, there are no members on it.
    """
    found: dict[str, set[tuple[str, str]]] = {b.name: set() for b in BREAKDOWNS}
    for name, member, member2 in seen:
        found[name].add((member, member2))
    members: list[Member] = []
    for breakdown in BREAKDOWNS:
        if breakdown.basis == "constant" and last is None:
            continue
        divided = last if breakdown.basis == "constant" and last else year
        names = [_names(survey, divided, d) for d in breakdown.dimensions or (breakdown.name,)]
        listed = [(member, "") for member in _listed(survey, divided, breakdown)]
        others = sorted(found[breakdown.name] - set(listed))
        members.extend(
            Member(breakdown, *ids, _name(breakdown, ids, names)) for ids in [*listed, *others]
        )
    return tuple(members)


def _listed(survey: Survey, year: int, breakdown: Breakdown) -> list[str]:
    if breakdown.crossed:
        return []
    if breakdown.name == "province":
        return [PROVINCE]
    if breakdown.kind == "county":
        return [d.code for d in survey.divisions.county_units(year)]
    return list(_names(survey, year, breakdown.name))


def _names(survey: Survey, year: int, dimension: str) -> dict[str, str]:
    divisions = survey.divisions
    prefectures = {d.code: d.name_zh for d in divisions.prefectures(year)}
    if dimension == "province":
        row = divisions.get(PROVINCE, year)
        return {PROVINCE: row.name_zh if row else "全省"}
    if dimension == "department":
        return {d.department_id: d.name_zh for d in survey.departments.active(year)}
    if dimension == "level":
        return {level.level_id: level.name_zh for level in survey.levels}
    if dimension == "channel":
        return dict(_CHANNELS)
    if dimension.startswith("prefecture"):
        apart = territories().apart if dimension == "prefecture_apart" else ()
        found = (divisions.get(code, year) for code in apart)
        return prefectures | {d.code: d.name_zh for d in found if d is not None}
    unplaced = {code: f"{name}（未落区县）" for code, name in prefectures.items()}
    places = {d.code: d.name_zh for d in divisions.county_units(year)}
    if dimension == "county_apart":
        zones = [d for d in divisions.rows if d.level != "prefecture" and d.valid_in(year)]
        places |= {d.code: d.name_zh for d in zones}
    return unplaced | places


def _name(breakdown: Breakdown, ids: tuple[str, str], names: list[dict[str, str]]) -> str:
    if not breakdown.dimensions:
        return names[0][PROVINCE]
    said = [
        known.get(member, NONE_ZH[dimension.partition("_")[0]])
        for known, member, dimension in zip(names, ids, breakdown.dimensions, strict=False)
    ]
    return "：".join(said)


__all__ = ["BREAKDOWN", "BREAKDOWNS", "NONE", "NONE_ZH", "Breakdown", "Member", "members_of"]

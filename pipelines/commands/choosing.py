"""What people name on the command line, found in what is published; or the nearest there is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

from pipelines.errors import NotFoundError
from pipelines.indicators import Definition, Definitions
from pipelines.indicators.breakdowns import NONE, NONE_ZH
from pipelines.survey import Survey
from pipelines.survey.notation import normalise_text
from pipelines.survey.reference import PROVINCE
from pipelines.warehouse import Snapshot
from pipelines.warehouse.trace import Selection

_NEAREST = 5

#: Breakdowns that are published, by the columns of ``returns`` that they group by.
_PUBLISHED = {
    (): "province",
    ("prefecture_code",): "prefecture",
    ("county_code",): "county",
    ("department_id",): "department",
    ("level_id",): "level",
    ("prefecture_code", "department_id"): "prefecture_department",
    ("prefecture_code", "level_id"): "prefecture_level",
    ("department_id", "level_id"): "department_level",
}
_REGION_COLUMNS = {"prefecture": "prefecture_code", "county": "county_code"}


@dataclass(frozen=True)
class Asked:
    """The returns that a question is about; ``place`` is the division, "" when none is named."""

    year: int
    conditions: dict[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    place: str = PROVINCE
    unit: bool = False

    @property
    def name_zh(self) -> str:
        return " · ".join(self.names) or "全省"

    @property
    def selection(self) -> Selection:
        return Selection(self.year, self.conditions, with_rejected=self.unit)

    @property
    def is_whole_place(self) -> bool:
        """Province, prefecture or county and no part of it: what a population is known of."""
        published = self.published_as
        return published is not None and published[0] in ("province", "prefecture", "county")

    @property
    def published_as(self) -> tuple[str, str, str] | None:
        """Breakdown, member and second member; None for returns of which no total is published."""
        breakdown = _PUBLISHED.get(tuple(self.conditions))
        if breakdown is None:
            return None
        members = [value or NONE for value in self.conditions.values()] or [PROVINCE]
        return breakdown, members[0], members[1] if len(members) > 1 else ""


def year_of(snapshot: Snapshot, year: int | None) -> int:
    """The year asked for, or the latest; raises NotFoundError with those there are."""
    held = [r["year"] for r in snapshot.few_rows("SELECT DISTINCT year FROM returns ORDER BY 1")]
    if not held:
        raise NotFoundError("快照中没有任何调查表", "请放入报表后运行 kepu run")
    if year is not None and year not in held:
        raise NotFoundError(f"快照中没有 {year} 年度", f"现有：{'、'.join(map(str, held))}")
    return year if year is not None else int(held[-1])


def definition_of(survey: Survey, definitions: Definitions, asked: str, year: int) -> Definition:
    """An indicator by id, Chinese name or the code that the form of ``year`` prints; raises
    NotFoundError with the nearest names."""
    catalogue = definitions.with_items(survey)
    wanted = normalise_text(asked)[0]
    by_name: dict[str, Definition] = {normalise_text(d.name_zh)[0]: d for d in catalogue}
    if wanted in catalogue:
        return catalogue[wanted]
    if wanted in by_name:
        return by_name[wanted]
    for item in survey.edition_of(year).items:
        if item.code and item.code == wanted.upper():
            return catalogue[item.item_id]
    raise _not_found("指标", asked, by_name, "指标名称见 指标表.xlsx 的“指标解释”")


def returns_of(
    snapshot: Snapshot,
    survey: Survey,
    year: int,
    *,
    region: str = "",
    department: str = "",
    level: str = "",
    unit: str = "",
) -> Asked:
    """The returns that fit everything named; what is not named does not matter."""
    conditions: dict[str, str] = {}
    names: list[str] = []
    place = PROVINCE
    if region:
        place, name, condition = _region(survey, year, region)
        conditions |= condition
        names.append(name)
    if department == NONE_ZH["department"]:
        conditions["department_id"] = ""
        names.append(department)
    elif department:
        found = survey.departments.resolve(department, year)
        if found is None:
            active = survey.departments.active(year)
            raise _not_found("部门", department, (d.name_zh for d in active), "请写部门全称")
        conditions["department_id"] = found.department_id
        names.append(found.name_zh)
    if level:
        conditions["level_id"], name = _level(survey, level)
        names.append(name)
    if unit:
        condition, name = _unit(snapshot, year, unit)
        conditions |= condition
        names.append(name)
    return Asked(year, conditions, tuple(names), place, bool(unit))


def _region(survey: Survey, year: int, asked: str) -> tuple[str, str, dict[str, str]]:
    found = survey.divisions.resolve(asked, year)
    if found is None:
        rows = [row for row in survey.divisions.rows if row.valid_in(year)]
        same = [row for row in rows if normalise_text(asked)[0] in row.names]
        if len(same) > 1:
            ways = [
                f"{_place_zh(survey, r.parent_code, year)}{r.name_zh}（{r.code}）" for r in same
            ]
            raise NotFoundError(
                f"叫“{asked}”的地区有 {len(same)} 个", f"请写明是哪一个：{'、'.join(ways)}"
            )
        raise _not_found("地区", asked, (r.name_zh for r in rows), "请写全称，如 长春市、榆树市")
    if found.level == "province":
        return found.code, found.name_zh, {}
    column = _REGION_COLUMNS.get(found.level, "division_code")
    return found.code, found.name_zh, {column: found.code}


def _place_zh(survey: Survey, code: str, year: int) -> str:
    place = survey.divisions.get(code, year)
    return place.name_zh if place else ""


def _level(survey: Survey, asked: str) -> tuple[str, str]:
    wanted = normalise_text(asked)[0]
    if wanted == NONE_ZH["level"]:
        return "", wanted
    for level in survey.levels:
        if wanted in {level.level_id, level.name_zh, *level.aliases}:
            return level.level_id, level.name_zh
    known = [level.name_zh for level in survey.levels]
    raise _not_found("级别", asked, known, f"级别有：{'、'.join(known)}")


def _unit(snapshot: Snapshot, year: int, asked: str) -> tuple[dict[str, str], str]:
    """A unit by credit code, id or name, or one of its venues by name."""
    rows = snapshot.few_rows(
        "SELECT DISTINCT unit_id, unit_name, venue_name, uscc FROM returns"
        " WHERE year = $year AND role = 'basic' ORDER BY unit_id, venue_name, unit_name",
        {"year": year},
    )
    wanted = _compact(asked)
    units = {
        r["unit_id"]: r["unit_name"]
        for r in rows
        if wanted in (r["unit_id"], r["uscc"], _compact(r["unit_name"]))
    }
    if len(units) == 1:
        ((unit_id, name),) = units.items()
        return {"unit_id": unit_id}, name
    venues = {
        (r["unit_id"], r["venue_name"]): r["unit_name"]
        for r in rows
        if r["venue_name"] and wanted == _compact(r["venue_name"])
    }
    if not units and len(venues) == 1:
        (((unit_id, venue), name),) = venues.items()
        return {"unit_id": unit_id, "venue_name": venue}, f"{name}（{venue}）"
    if units or venues:
        same = [*units.items(), *((unit_id, name) for (unit_id, _), name in venues.items())]
        listed = "、".join(f"{name}（{unit_id}）" for unit_id, name in same)
        raise NotFoundError(f"叫“{asked}”的单位有 {len(same)} 个", f"请改写编号：{listed}")
    expected = snapshot.few_rows(
        "SELECT DISTINCT unit_name, venue_name, uscc FROM units WHERE year = $year", {"year": year}
    )
    if any(wanted in (_compact(r["unit_name"]), _compact(r["venue_name"]), r["uscc"])
           for r in expected):  # fmt: skip
        raise NotFoundError(f"“{asked}”在名录上，{year} 年度没有载入它的调查表", "请先催报")
    names = {r["unit_name"] for r in rows} | {r["venue_name"] for r in rows if r["venue_name"]}
    raise _not_found("单位", asked, sorted(names), "请写单位全称或统一社会信用代码")


def _not_found(what: str, asked: str, known: Iterable[str], otherwise: str) -> NotFoundError:
    """With the names that hold what was asked, else the most alike, else what to do."""
    names = list(dict.fromkeys(known))
    wanted = normalise_text(asked)[0]
    near = [n for n in names if wanted in n] or get_close_matches(wanted, names, _NEAREST, 0.4)
    hint = f"是不是：{'、'.join(near[:_NEAREST])}" if near else otherwise
    return NotFoundError(f"没有{what}“{asked}”", hint)


def _compact(text: str) -> str:
    return "".join(normalise_text(text)[0].split())

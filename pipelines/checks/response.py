"""Who has reported and who has not: the register against the returns, at every level.

A unit (or venue) has reported when a return of it counts; what was sent back does not.  It is
overdue when it has not reported by its deadline as of the day that the office has set.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pipelines.checks.arrangement import Arrangement
from pipelines.survey import Survey
from pipelines.warehouse import Snapshot

Row = dict[str, Any]

#: What a group of units may be told apart by, with its name on the lists.
GROUPINGS = (("prefecture_code", "市（州）"), ("county_code", "县（市、区）"),
             ("department_id", "主管部门"), ("level_id", "级别"))  # fmt: skip


@dataclass(frozen=True)
class Unit:
    """A unit or venue that is listed or has sent something; ``late`` in working days, if it is."""

    row: Row
    prefecture: str
    county: str
    department: str
    level: str
    late: int | None

    @property
    def missing(self) -> bool:
        return bool(self.row["listed"] and not self.row["returned"])


@dataclass(frozen=True)
class Count:
    """How many of a group of units are in which state."""

    expected: int
    received: int
    reported: int
    accepted: int
    queried: int
    rejected: int
    missing: int
    overdue: int | None

    @property
    def rate(self) -> Decimal | None:
        """Share of the expected that has reported; None without a register."""
        return Decimal(self.reported) / self.expected if self.expected else None


def units_of(snapshot: Snapshot, survey: Survey, year: int, arrangement: Arrangement) -> list[Unit]:
    """Every unit of a year, by place, department and id."""
    rows = snapshot.rows(
        "SELECT * FROM unit_responses WHERE year = ? ORDER BY prefecture_code, county_code,"
        " department_id, unit_id, venue_name",
        [year],
    )
    levels = {one.level_id: one.name_zh for one in survey.levels}
    late: dict[tuple[str, ...], int | None] = {}
    units = []
    for row in rows:
        places = [survey.divisions.get(row[k], year) for k in ("prefecture_code", "county_code")]
        names = [place.name_zh if place else "" for place in places]
        department = survey.departments.get(row["department_id"], year)
        own = department.name_zh if department else ""
        key = tuple(name for name in (*names, own) if name)
        if key not in late:
            late[key] = arrangement.days_late(*key)
        days = late[key] if row["listed"] and not row["returned"] else 0
        level = levels.get(row["level_id"], "")
        units.append(Unit(row, names[0], names[1], own, level, days))
    return units


def count_of(units: Sequence[Unit]) -> Count:
    """Counts over units; overdue is None while deadlines are not set."""
    missing = [unit for unit in units if unit.missing]
    unknown = any(unit.late is None for unit in missing)

    def total(key: str) -> int:
        return sum(unit.row[key] for unit in units)

    return Count(
        expected=sum(unit.row["listed"] for unit in units),
        received=total("accepted") + total("queried"),
        reported=sum(unit.row["listed"] and unit.row["returned"] for unit in units),
        accepted=total("accepted"),
        queried=total("queried"),
        rejected=total("rejected"),
        missing=len(missing),
        overdue=None if unknown else sum(bool(unit.late) for unit in missing),
    )


def grouped(
    survey: Survey, year: int, units: Sequence[Unit], key: str
) -> list[tuple[str, list[Unit]]]:
    """Units by a grouping in official order: the whole first, the unknown last, empty ones out."""
    names = names_of(survey, year, key)
    groups = [("全省", list(units))]
    groups += [(name, [u for u in units if u.row[key] == code]) for code, name in names.items()]
    groups.append(("未归类", [u for u in units if u.row[key] not in names]))
    return [(name, members) for name, members in groups if members]


@dataclass(frozen=True)
class Matrix:
    """Prefectures down, departments across: 已报/应报 in every cell, "" where there is nothing."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


_ALL = "*"


def matrix_of(survey: Survey, year: int, units: Sequence[Unit], whole: str, unknown: str) -> Matrix:
    """The matrix with its sums first, under ``whole``; what is not known stands last."""
    down, across = (names_of(survey, year, key) for key in ("prefecture_code", "department_id"))
    cells: dict[tuple[str, str], list[Unit]] = defaultdict(list)
    for unit in units:
        row = unit.row["prefecture_code"] if unit.row["prefecture_code"] in down else ""
        column = unit.row["department_id"] if unit.row["department_id"] in across else ""
        for at in ((_ALL, _ALL), (_ALL, column), (row, _ALL), (row, column)):
            cells[at].append(unit)
    rows = {_ALL: whole, **down, "": unknown}
    columns = {_ALL: whole, **across, "": unknown}
    held = {code: name for code, name in columns.items() if (_ALL, code) in cells}
    return Matrix(
        tuple(held.values()),
        tuple(
            (name, tuple(_share(cells.get((code, column), ())) for column in held))
            for code, name in rows.items()
            if (code, _ALL) in cells
        ),
    )


def _share(units: Sequence[Unit]) -> str:
    count = count_of(units)
    if not count.expected:
        return str(count.received) if count.received else ""
    return f"{count.reported}/{count.expected}"


def names_of(survey: Survey, year: int, key: str) -> dict[str, str]:
    """Codes and names of the groups of a grouping, in official order."""
    givers: dict[str, Callable[[], dict[str, str]]] = {
        "prefecture_code": lambda: {p.code: p.name_zh for p in survey.divisions.prefectures(year)},
        "county_code": lambda: _counties(survey, year),
        "department_id": lambda: {
            one.department_id: one.name_zh for one in survey.departments.active(year)
        },
        "level_id": lambda: {one.level_id: one.name_zh for one in survey.levels},
    }
    return givers[key]()


def _counties(survey: Survey, year: int) -> dict[str, str]:
    """Counties under their prefecture's name, since names such as 朝阳区 are many."""
    places = survey.divisions
    names = {place.code: place.name_zh for place in places.prefectures(year)}
    return {
        place.code: names.get(places.prefecture_of(place.code, year), "") + place.name_zh
        for place in places.county_units(year)
    }

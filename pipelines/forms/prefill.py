"""What the office already knows of a unit, in the words of the cover."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipelines.survey import Survey
from pipelines.survey.reference import Division

YES_NO = ("是", "否")

#: A row of the units table.
Unit = Mapping[str, Any]


def known_cover(survey: Survey, year: int, unit: Unit) -> dict[str, str]:
    """Cover fields that the register answers; fields it does not answer are absent."""
    if not unit:
        return {}
    venue = str(unit.get("venue_name") or "")
    division = survey.divisions.get(str(unit.get("division_code") or ""), year)
    department = survey.departments.get(str(unit.get("department_id") or ""), year)
    level = str(unit.get("level_id") or "")
    known = {
        "unit_name": str(unit.get("unit_name") or ""),
        "uscc": str(unit.get("uscc") or ""),
        "region": full_name(survey, division, year) if division else "",
        "department": department.name_zh if department else "",
        "level": next((row.name_zh for row in survey.levels if row.level_id == level), ""),
        "is_venue": YES_NO[0] if venue else YES_NO[1],
        "venue_name": venue,
    }
    asked = {field.field_id for field in survey.edition_of(year).cover}
    return {field: text for field, text in known.items() if text and field in asked}


def region_names(survey: Survey, year: int) -> list[str]:
    """Every place a unit may lie in, by its full path, counties before zones, in code order."""
    places = [
        row
        for row in survey.divisions.rows
        if row.level in {"county", "zone"} and row.valid_in(year)
    ]
    places.sort(key=lambda row: (row.level, row.code))
    return [full_name(survey, place, year) for place in places]


def full_name(survey: Survey, division: Division, year: int) -> str:
    """吉林省长春市南关区: a place with everything above it."""
    names = [division.name_zh]
    above = survey.divisions.get(division.parent_code, year) if division.parent_code else None
    while above is not None:
        names.append(above.name_zh)
        above = survey.divisions.get(above.parent_code, year) if above.parent_code else None
    return "".join(reversed(names))

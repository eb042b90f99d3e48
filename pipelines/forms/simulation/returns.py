"""One simulated return on its way to a file, and the record of what was done wrong in it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

from pipelines.forms.filling import Value
from pipelines.forms.simulation.chance import Chance
from pipelines.forms.simulation.roster import SimUnit
from pipelines.survey import Survey

_TELEPHONE = "0431-8000"


@dataclass
class Slip:
    """One wrong cell (or, with no item and no field, one wrong sending)."""

    kind: str
    note: str
    item_id: str = ""
    field_id: str = ""
    true_value: str = ""


@dataclass
class SimReturn:
    """What stands in one file for one unit and year."""

    year: int
    unit: SimUnit
    cover: dict[str, Value]
    answers: dict[str, Value]
    last_year: dict[str, Value]
    slips: list[Slip] = field(default_factory=list)
    #: xlsx, xls, et, csv or summary (a row of its county's table).
    shape: str = "xlsx"
    #: A second copy follows: same, other_channel or correction.
    again: str = ""
    truth: SimReturn | None = None


def cover_of(survey: Survey, chance: Chance, unit: SimUnit, year: int) -> dict[str, Value]:
    """A complete cover; contact persons are visibly made up."""
    department = survey.departments.get(unit.department_id, year)
    level = next(row for row in survey.levels if row.level_id == unit.level_id)
    day = int(chance.between(0, 60, "day", unit.number, year))
    assert department is not None
    return {
        "unit_name": unit.unit_name,
        "uscc": unit.uscc,
        "region": unit.region,
        "department": department.name_zh,
        "level": level.name_zh,
        "is_venue": "是" if unit.venue_name else "否",
        "venue_name": unit.venue_name or None,
        "industry": None,
        "head": "模拟负责人",
        "stat_head": "模拟统计负责人",
        "filler": "模拟填表人",
        "phone": f"{_TELEPHONE}{unit.number % 10_000:04d}",
        "fax": None,
        "email": f"u{unit.number}@example.invalid",
        "postcode": "130000",
        "fill_date": datetime.date(year + 1, 4, 1) + datetime.timedelta(days=day),
    }

"""Simulated provinces straight into the warehouse, without writing and reading files."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pipelines.checks import evaluate
from pipelines.forms.simulation.chance import Chance
from pipelines.forms.simulation.figures import Drawer
from pipelines.forms.simulation.roster import Roster, SimUnit
from pipelines.forms.simulation.settings import settings
from pipelines.survey import Survey
from pipelines.survey.notation import read_figure
from pipelines.survey.reference import PROVINCE
from pipelines.warehouse import Workshop, arrow_table

YEARS = (2022, 2023)


@dataclass
class ReturnRow:
    """One return: cell texts by item, and what differs from an ordinary cover."""

    return_id: str
    unit: SimUnit
    year: int
    texts: dict[str, str]
    changes: dict[str, Any] = field(default_factory=dict)


@dataclass
class Province:
    years: dict[int, list[ReturnRow]]


def simulated(survey: Survey, seed: int, returns: int) -> Province:
    """Two years of returns without a mistake."""
    chance = Chance(seed)
    drawn = settings()
    roster = Roster(survey, drawn, chance, YEARS, returns)
    drawer = Drawer(survey.edition(drawn.edition_id), drawn, chance, YEARS[0])
    years = {}
    for year in YEARS:
        figure = survey.population.first_published(PROVINCE, year)
        assert figure is not None
        units = roster.reporting(year)
        answers = drawer.draw(units, year, float(figure.population_wan))
        years[year] = [
            ReturnRow(
                f"{year}-{unit.number:06d}",
                unit,
                year,
                {item: str(value) for item, value in answers[unit.number].items()},
            )
            for unit in units
        ]
    return Province(years)


def judged(survey: Survey, province: Province) -> list[dict[str, Any]]:
    """Findings of all years."""
    with filled(survey, province) as workshop:
        evaluate(workshop, survey)
        return workshop.table("findings").to_pylist()


def filled(survey: Survey, province: Province) -> Workshop:
    """A workshop that holds the returns as intake would have left them."""
    workshop = Workshop()
    rows = [row for year in province.years.values() for row in year]
    workshop.load("returns", arrow_table("returns", [_return(survey, row) for row in rows]))
    for year in province.years.values():
        answers = [answer for row in year for answer in _answers(survey, row)]
        workshop.load("answers", arrow_table("answers", answers))
    return workshop


def _return(survey: Survey, row: ReturnRow) -> dict[str, Any]:
    unit = row.unit
    return {
        "return_id": row.return_id,
        "submission_id": row.return_id,
        "file": f"县区/{row.return_id}.xlsx",
        "sheet": "封面",
        "year": row.year,
        "edition_id": survey.edition_of(row.year).edition_id,
        "layout": "questionnaire",
        "role": "basic",
        "unit_id": unit.uscc,
        "unit_name": unit.unit_name,
        "venue_name": unit.venue_name,
        "uscc": unit.uscc,
        "is_venue": bool(unit.venue_name),
        "division_code": unit.division_code,
        "county_code": survey.divisions.county_of(unit.division_code, row.year),
        "prefecture_code": survey.divisions.prefecture_of(unit.division_code, row.year),
        "department_id": unit.department_id,
        "level_id": unit.level_id,
        "channel": unit.channel,
        "revision": 1,
        "fill_date": None,
        "status": "received",
        "status_reason_zh": "",
        "simulated": True,
        **row.changes,
    }


def _answers(survey: Survey, row: ReturnRow) -> list[dict[str, Any]]:
    edition = survey.edition_of(row.year)
    made = []
    for item_id, text in row.texts.items():
        item = edition.item[item_id]
        notes: list[str] = []
        if text == "-":
            value, state = None, "not_applicable"
        elif text.isdecimal():
            value, state = Decimal(text), "zero" if text == "0" else "reported"
        else:
            reading = read_figure(text, unit=item.unit)
            value, state, notes = reading.value, str(reading.state), list(reading.notes)
        made.append(
            {
                "return_id": row.return_id,
                "submission_id": row.return_id,
                "item_id": item_id,
                "value": value,
                "state": state,
                "raw_text": text,
                "file": f"县区/{row.return_id}.xlsx",
                "sheet": edition.form[item.form_id].name_zh,
                "cell": f"D{item.order + 5}",
                "notes": notes,
            }
        )
    return made

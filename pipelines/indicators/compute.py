"""Fill ``indicators`` and ``indicator_values``: the year's catalogue at every breakdown."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator
from typing import Any

from pipelines.indicators.breaks import breaks_of
from pipelines.indicators.cube import build_cube
from pipelines.indicators.definition import Definition, Definitions
from pipelines.indicators.national import comparison_rows
from pipelines.indicators.population import Denominators
from pipelines.indicators.report import Books, YearReport
from pipelines.indicators.territory import Territory
from pipelines.survey import Survey
from pipelines.warehouse import Workshop


def compute(workshop: Workshop, survey: Survey, definitions: Definitions) -> None:
    """Replace the two indicator tables by what the loaded returns and publications give."""
    with _nothing_collected():
        _compute(workshop, survey, definitions)


@contextlib.contextmanager
def _nothing_collected() -> Iterator[None]:
    """Millions of small objects are made and none of them in a cycle: searching them for cycles
    takes a third of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _compute(workshop: Workshop, survey: Survey, definitions: Definitions) -> None:
    catalogue = definitions.with_items(survey)  # changes nothing that already holds them
    years = _loaded_years(workshop)
    asked = {year: catalogue.asked_in(year, survey.edition_of(year)) for year in years}
    territory = Territory(survey.divisions, max(years, default=0))
    cube, responses = build_cube(workshop, territory, asked)
    books = Books(
        survey=survey,
        catalogue=catalogue,
        years=tuple(years),
        asked=asked,
        cube=cube,
        responses=responses,
        breaks=breaks_of(survey),
        territory=territory,
        denominators=Denominators(survey, territory),
    )
    workshop.replace("indicators", (_describe(definition) for definition in catalogue))
    workshop.replace(
        "indicator_values",
        comparison_rows(workshop, survey, catalogue, books.breaks, books.denominators),
    )
    before: YearReport | None = None
    for year in years:
        report = YearReport(books, year, before)
        workshop.load("indicator_values", report.table())
        report.before, before = None, report


def _loaded_years(workshop: Workshop) -> list[int]:
    found = workshop.con.execute(
        "SELECT year FROM returns UNION SELECT year FROM units ORDER BY year"
    ).fetchall()
    return [int(row[0]) for row in found]


def _describe(definition: Definition) -> dict[str, Any]:
    return {
        "indicator_id": definition.indicator_id,
        "name_zh": definition.name_zh,
        "name_en": definition.name_en,
        "theme": definition.theme,
        "kind": definition.kind,
        "unit": definition.unit,
        "decimals": definition.decimals,
        "formula_zh": definition.formula_zh,
        "basis": definition.basis,
        "note_zh": definition.note_zh,
    }

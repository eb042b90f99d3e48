"""Write the survey definition into the snapshot, so that its tables explain themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pipelines.survey import Survey
from pipelines.warehouse.store import Workshop


def load_dimensions(workshop: Workshop, survey: Survey, years: Sequence[int]) -> None:
    """Fill ``items``, ``divisions`` and ``departments`` for the loaded years."""
    workshop.replace("items", _items(survey, years))
    workshop.replace("divisions", _divisions(survey, years))
    workshop.replace("departments", _departments(survey, years))


def load_meta(workshop: Workshop, facts: dict[str, str]) -> None:
    """Fill ``meta``: facts of the snapshot as text."""
    workshop.replace("meta", [{"key": key, "value": facts[key]} for key in sorted(facts)])


def _items(survey: Survey, years: Sequence[int]) -> Iterator[dict[str, Any]]:
    ids = sorted({survey.edition_of(year).edition_id for year in years})
    for edition in (survey.edition(edition_id) for edition_id in ids):
        for item in edition.items:
            yield {
                "edition_id": edition.edition_id,
                **item.model_dump(
                    include={
                        "item_id", "form_id", "order", "parent_id", "relation", "label_zh",
                        "name_zh", "unit", "decimals", "kind", "additive", "code", "evidence",
                        "note_zh",
                    }
                ),
            }  # fmt: skip


def _divisions(survey: Survey, years: Sequence[int]) -> Iterator[dict[str, Any]]:
    divisions = survey.divisions
    for year in years:
        for row in divisions.rows:
            if row.valid_in(year):
                yield {
                    "year": year,
                    "code": row.code,
                    "name_zh": row.name_zh,
                    "level": row.level,
                    "parent_code": row.parent_code,
                    "county_code": divisions.county_of(row.code, year),
                    "prefecture_code": divisions.prefecture_of(row.code, year),
                }


def _departments(survey: Survey, years: Sequence[int]) -> Iterator[dict[str, Any]]:
    for year in years:
        for order, row in enumerate(survey.departments.active(year), 1):
            yield {
                "year": year,
                "department_id": row.department_id,
                "name_zh": row.name_zh,
                "code": row.code,
                "order": order,
            }

"""Fill ``measure_scores``: each measure's indicators, for the province and its responsible units.

A unit's figures are those of the returns under its department category, the only thing that the
survey knows of it; the row says how complete these returns are, and when several units share a
category.  A measure that no statistic can measure has rows that say so, and carry what the unit
itself reports where a 督查台账 has been collected.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.indicators.change import Change, change
from pipelines.indicators.flags import flags, reason_of
from pipelines.indicators.measures.book import Measurement, Measurements, load_measurements
from pipelines.survey.quantities import MISSING_MARK, readable
from pipelines.survey.reference import PROVINCE

if TYPE_CHECKING:
    from pipelines.indicators.definition import Definitions
    from pipelines.survey import Survey
    from pipelines.survey.plan import Measure, ResponsibleUnit
    from pipelines.warehouse import Workshop

Row = dict[str, Any]
#: Reasons for a missing value that say that nobody gave one.
_UNANSWERED = frozenset({"", "no_return", "not_filled"})
#: (year, breakdown, member, indicator)
_Key = tuple[int, str, str, str]


def score_measures(
    workshop: Workshop, survey: Survey, definitions: Definitions, overlay: Path | None = None
) -> None:
    """Replace ``measure_scores`` by what ``indicator_values`` gives; only statistics measure."""
    if not survey.head.is_statistics:
        workshop.replace("measure_scores", [])
        return
    measurements = load_measurements(survey, definitions, overlay)
    ids = sorted({m.indicator_id for ms in measurements.by_measure.values() for m in ms} - {""})
    found = workshop.rows(
        "SELECT year, breakdown, member_id, indicator_id, value, unit, units_expected,"
        " response_rate, flags FROM indicator_values"
        " WHERE breakdown IN ('province', 'department') AND list_contains($ids, indicator_id)",
        {"ids": ids},
    )
    values = {
        (row["year"], row["breakdown"], row["member_id"], row["indicator_id"]): row for row in found
    }
    responses = workshop.rows(
        "SELECT DISTINCT year, breakdown, member_id, units_expected, response_rate"
        " FROM indicator_values WHERE breakdown IN ('province', 'department')"
    )
    answered = {(row["year"], row["breakdown"], row["member_id"]): row for row in responses}
    reports = {
        (row["year"], row["measure"], row["unit_id"]): row
        for row in workshop.rows("SELECT * FROM measure_progress WHERE unit_id <> ''")
    }
    years = {year for year, breakdown, _ in answered if breakdown == "province"}
    rows: list[Row] = []
    for year in sorted(years | {year for year, _, _ in reports}):
        board = _Board(survey, definitions, measurements, values, answered, reports, year)
        for measure in survey.measures:
            rows += board.rows(measure)
    workshop.replace("measure_scores", rows)


@dataclass(frozen=True)
class _Subject:
    """Whom a row is about: the province, a system of departments, or a responsible unit."""

    scope: str
    subject_id: str
    name_zh: str
    department_id: str = ""
    notes: tuple[str, ...] = field(default=())

    @property
    def member(self) -> tuple[str, str]:
        if self.scope == "province":
            return "province", PROVINCE
        return "department", self.department_id


@dataclass(frozen=True)
class _Board:
    """One year's scoreboard."""

    survey: Survey
    definitions: Definitions
    measurements: Measurements
    values: dict[_Key, Row]
    answered: dict[tuple[int, str, str], Row]
    reports: dict[tuple[int, int, str], Row]
    year: int

    def rows(self, measure: Measure) -> Iterator[Row]:
        found = self.measurements.by_measure[measure.number]
        for subject in (*self._whole(measure), *self._units(measure)):
            shared = self._shared(measure, subject)
            if not found:
                yield shared | self._unmeasured(measure, subject)
            for order, measurement in enumerate(found, 1):
                yield shared | self._measured(subject, measurement) | {"order": order}

    def _whole(self, measure: Measure) -> Iterator[_Subject]:
        """The province, or the systems that the measure is about."""
        systems = self.measurements.systems.get(measure.number, ())
        if not systems:
            place = self.survey.divisions.get(PROVINCE, self.year)
            yield _Subject("province", PROVINCE, place.name_zh if place else "全省")
        for department_id in systems:
            yield _Subject("system", department_id, self._name(department_id), department_id)

    def _units(self, measure: Measure) -> Iterator[_Subject]:
        for name in measure.units:
            unit = self._unit[name]
            subject = _Subject("unit", unit.unit_id, unit.name_zh, unit.department_id)
            others = [u.name_zh for u in self._sharing(unit)]
            if others:
                said = self.measurements.sentences.shared_department.format(
                    department=self._name(unit.department_id), others="、".join(others)
                )
                subject = replace(subject, notes=(said,))
            yield subject

    @cached_property
    def _unit(self) -> dict[str, ResponsibleUnit]:
        return {unit.name_zh: unit for unit in self.survey.units}

    def _sharing(self, unit: ResponsibleUnit) -> list[ResponsibleUnit]:
        return [
            other
            for other in self.survey.units
            if other.department_id == unit.department_id != "" and other != unit
        ]

    def _name(self, department_id: str) -> str:
        department = self.survey.departments.get(department_id, self.year)
        return department.name_zh if department else department_id

    def _shared(self, measure: Measure, subject: _Subject) -> Row:
        response = self.answered.get((self.year, *subject.member), {})
        return {
            "year": self.year,
            "measure": measure.number,
            "title_zh": measure.title_zh,
            "measurability": measure.measurability,
            "scope": subject.scope,
            "subject_id": subject.subject_id,
            "subject_zh": subject.name_zh,
            "department_id": subject.department_id,
            "units_expected": response.get("units_expected"),
            "response_rate": response.get("response_rate"),
        }

    def _unmeasured(self, measure: Measure, subject: _Subject) -> Row:
        sentences = self.measurements.sentences
        report = self.reports.get((self.year, measure.number, subject.subject_id))
        notes = (sentences.no_statistic, *subject.notes)
        if subject.scope != "unit" or report is None:
            return _blank("no_statistic", notes) | {"order": 1}
        if report["standing"] == "silent":
            return _blank("no_statistic", (*notes, sentences.silent)) | {"order": 1}
        said = sentences.reported.format(
            progress=report["progress_zh"].rstrip("。；") or MISSING_MARK,
            completion=_percent(report["completion"]),
            deadline=report["deadline_zh"] or MISSING_MARK,
        )
        told = {"order": 1, "value": report["completion"], "unit": "%"}
        return _blank("reported", (sentences.no_statistic, said)) | told

    def _measured(self, subject: _Subject, measurement: Measurement) -> Row:
        sentences = self.measurements.sentences
        named = {
            "indicator_id": measurement.indicator_id,
            "name_zh": measurement.name_zh,
            "fit": measurement.fit,
        }
        if not measurement.indicator_id:
            said = sentences.no_item.format(name=measurement.name_zh, note=measurement.note_zh)
            return _blank("no_statistic", (said,)) | named
        notes = (*((measurement.note_zh,) if measurement.note_zh else ()), *subject.notes)
        named["name_zh"] = self.definitions[measurement.indicator_id].name_zh
        if subject.scope == "unit" and not subject.department_id:
            return _blank("no_department", (sentences.no_department,)) | named
        row = self._row(subject, measurement.indicator_id)
        reason = reason_of(row["flags"]) if row else "not_asked"
        if row is None or reason == "not_asked":
            return _blank("not_asked", (sentences.not_asked, *notes)) | named
        if row["value"] is None:
            # Nobody answered, or there is nothing to divide by: these are not the same.
            why = sentences.no_value if reason in _UNANSWERED else flags().missing[reason]
            return _blank("no_value", (why, *notes)) | named | {"unit": row["unit"]}
        return named | self._moved(subject, measurement.indicator_id, row, notes)

    def _row(self, subject: _Subject, indicator_id: str, year: int | None = None) -> Row | None:
        return self.values.get((year or self.year, *subject.member, indicator_id))

    def _moved(self, subject: _Subject, indicator_id: str, row: Row, notes: tuple[str, ...]) -> Row:
        before = self._row(subject, indicator_id, self.year - 1)
        last = before["value"] if before else None
        definition = self.definitions[indicator_id]
        # A break that lies between years without a value is one all the same.
        moved = change(definition, row["value"], last, broken="break" in row["flags"])
        rank, of = self._rank(subject, indicator_id, row["value"])
        return {
            "status": "measured",
            "value": row["value"],
            "unit": row["unit"],
            "last_value": last,
            "direction": _direction(moved),
            "change_kind": moved.kind,
            "change": moved.amount,
            "rank": rank,
            "ranked": of,
            "flags": row["flags"],
            "note_zh": "；".join(notes),
        }

    def _rank(
        self, subject: _Subject, indicator_id: str, value: Decimal
    ) -> tuple[int | None, int | None]:
        """Place among the departments that gave a figure; the province stands in no such order."""
        if subject.scope == "province":
            return None, None
        others = self._by_indicator.get(indicator_id, [])
        return 1 + sum(other > value for other in others), len(others)

    @cached_property
    def _by_indicator(self) -> dict[str, list[Decimal]]:
        found: dict[str, list[Decimal]] = {}
        known = {row.department_id for row in self.survey.departments.active(self.year)}
        for (year, breakdown, member, indicator_id), row in self.values.items():
            of_year = (year, breakdown) == (self.year, "department") and member in known
            if of_year and row["value"] is not None:
                found.setdefault(indicator_id, []).append(row["value"])
        return found


def _percent(value: Decimal | None) -> str:
    if value is None:
        return MISSING_MARK
    return str(readable(value, "%", 0 if value == value.to_integral_value() else 2))


def _direction(moved: Change) -> str:
    """up, down or flat; "" where there is nothing to compare."""
    if moved.amount is None:
        return ""
    if moved.is_flat:
        return "flat"
    return "up" if moved.amount > 0 else "down"


def _blank(status: str, notes: tuple[str, ...]) -> Row:
    """The columns of a row without a value."""
    return {
        "indicator_id": "",
        "name_zh": "",
        "fit": "",
        "status": status,
        "value": None,
        "unit": "",
        "last_value": None,
        "direction": "",
        "change_kind": "none",
        "change": None,
        "rank": None,
        "ranked": None,
        "flags": [],
        "note_zh": "；".join(notes),
    }

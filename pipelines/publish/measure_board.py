"""The measures of the plan as one board: what the statistics say, and what the units report.

Read once for the workbook, the heat map and the annex, so that a cell is the same in all three.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pipelines.publish.office import Office
from pipelines.publish.scoreboard_words import ScoreWords
from pipelines.survey.quantities import grouped

if TYPE_CHECKING:
    from pipelines.survey import Survey
    from pipelines.survey.plan import Measure, ResponsibleUnit
    from pipelines.warehouse import Snapshot, Workshop

Row = dict[str, Any]

#: How a standing is shaded: as good, fair, poor, or as nothing to judge.
_SHADE_OF = {
    "done": "good", "on_time": "fair", "unclear": "none", "overdue": "poor", "silent": "poor",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class HeatCell:
    """What a square of the heat map says; ``shade`` is good, fair, poor or none."""

    text: str
    shade: str


def standing(
    snapshot: Snapshot | Workshop, year: int, office: Office, words: ScoreWords
) -> list[str]:
    """What must be said on every page: internal, and made up where it is."""
    made_up = snapshot.rows(
        "SELECT (SELECT count(*) FROM returns WHERE simulated AND year IN ($1, $2))"
        " + (SELECT count(*) FROM progress_reports WHERE simulated AND year = $1) AS n",
        {"1": year, "2": year - 1},
    )[0]["n"]
    return [words.internal_zh, *([office.simulated_zh] if made_up else [])]


@dataclass(frozen=True)
class MeasureBoard:
    """``measure_scores`` and ``measure_progress`` of a year."""

    snapshot: Snapshot
    survey: Survey
    year: int
    words: ScoreWords

    @cached_property
    def rows(self) -> list[Row]:
        return self.snapshot.rows(
            "SELECT * FROM measure_scores WHERE year = ?"
            ' ORDER BY measure, scope, subject_id, "order"',
            [self.year],
        )

    @cached_property
    def progress(self) -> list[Row]:
        """What the ledger says, in the order of the plan: units it does not name come last."""
        return self.snapshot.rows(
            "SELECT * FROM measure_progress WHERE year = ?"
            " ORDER BY measure, unit_id = '', unit_id, unit_zh",
            [self.year],
        )

    @property
    def as_of(self) -> dt.date | None:
        return self.progress[0]["as_of"] if self.progress else None

    @property
    def progress_notes(self) -> tuple[str, ...]:
        """What must be said beside what the units report."""
        if not self.progress:
            return ()
        notes = self.words.notes
        dated = notes.as_of.format(day=self.as_of.isoformat()) if self.as_of else notes.undated
        return (dated, *notes.progress)

    @property
    def heat_notes(self) -> tuple[str, ...]:
        return (*self.words.notes.heat, *self.progress_notes)

    @cached_property
    def chapters(self) -> dict[int, str]:
        return {chapter.number: chapter.title_zh for chapter in self.survey.plan.chapters}

    @cached_property
    def responses(self) -> dict[str, Row]:
        """Response by responsible unit."""
        return {row["subject_id"]: row for row in self.rows if row["scope"] == "unit"}

    def wholes_of(self, measure: int) -> list[Row]:
        """The province's, or the systems', rows of a measure."""
        scopes = ("province", "system")
        return [row for row in self._by_measure.get(measure, ()) if row["scope"] in scopes]

    def units_of(self, measure: int) -> list[Row]:
        return [row for row in self._by_measure.get(measure, ()) if row["scope"] == "unit"]

    def progress_of(self, measure: int) -> list[Row]:
        return [row for row in self.progress if row["measure"] == measure]

    def cell(self, measure: Measure, unit: ResponsibleUnit) -> HeatCell | None:
        """What is known of a unit's part in a measure; None where it has none.

        The statistics speak first; where they say nothing, the unit's own report does.
        """
        found = self._by_unit.get((measure.number, unit.unit_id), [])
        report = self._reports.get((measure.number, unit.unit_id))
        compared = _comparable(found)
        if compared:
            shade = self.words.classes.rising.of(Decimal(compared.count("up")) / len(compared))
            return HeatCell(self.moved(measure, unit), shade)
        if report:
            return HeatCell(self._reported(report), _SHADE_OF[report["standing"]])
        return HeatCell(self._silence(found), "none") if found else None

    def moved(self, measure: Measure, unit: ResponsibleUnit) -> str:
        """How many of the comparable indicators rose for a unit; the word where there are none."""
        found = self._by_unit.get((measure.number, unit.unit_id), [])
        compared = _comparable(found)
        if not compared:
            return self._silence(found) if found else self.words.heat.nothing
        return f"{compared.count('up')}/{len(compared)}"

    def response_cell(self, unit: ResponsibleUnit) -> HeatCell | None:
        rate = self.responses.get(unit.unit_id, {}).get("response_rate")
        if rate is None:
            return None
        return HeatCell(grouped(100 * rate), self.words.classes.response.of(rate))

    def _reported(self, report: Row) -> str:
        heat = self.words.heat
        if report["standing"] == "silent":
            return heat.silent
        if report["completion"] is None:
            return heat.unclear
        return percent(report["completion"])

    def _silence(self, found: list[Row]) -> str:
        words, statuses = self.words.heat, {row["status"] for row in found}
        if statuses == {"no_statistic"}:
            return words.no_statistic
        return words.no_department if "no_department" in statuses else words.nothing

    @cached_property
    def _by_measure(self) -> dict[int, list[Row]]:
        found: dict[int, list[Row]] = {}
        for row in self.rows:
            found.setdefault(row["measure"], []).append(row)
        return found

    @cached_property
    def _by_unit(self) -> dict[tuple[int, str], list[Row]]:
        found: dict[tuple[int, str], list[Row]] = {}
        for row in self.rows:
            if row["scope"] == "unit":
                found.setdefault((row["measure"], row["subject_id"]), []).append(row)
        return found

    @cached_property
    def _reports(self) -> dict[tuple[int, str], Row]:
        return {(row["measure"], row["unit_id"]): row for row in self.progress if row["unit_id"]}


def percent(value: Decimal) -> str:
    """A whole number of per cent for a narrow square; what is not done never reads 100%."""
    shown = f"{grouped(value)}%"
    return "<100%" if value < 100 and shown == "100%" else shown


def _comparable(found: Iterable[Row]) -> list[str]:
    """The directions that say something: two zeros are no standstill."""
    return [r["direction"] for r in found if r["direction"] and (r["value"] or r["last_value"])]

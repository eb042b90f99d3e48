"""The 公报 on the measures of the provincial plan: which of them public figures speak of, and how.

What no statistic can measure is named as such.  Nothing comes from what units report of themselves,
which is for the office alone (``measure_board``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from pipelines.indicators.measures import Measurement, load_measurements
from pipelines.publish.amounts import direction_of
from pipelines.publish.figures import Figures
from pipelines.publish.office import words_file
from pipelines.publish.printed import plain
from pipelines.publish.table_book import TableSpec
from pipelines.publish.table_model import Column, Row, Table
from pipelines.survey.reference import PROVINCE

if TYPE_CHECKING:
    from pipelines.publish.words import Words
    from pipelines.survey.plan import Measure

#: Shares of the width: the measure, how far it can be measured, what is measured of it.
_WIDTHS = (2.3, 0.75, 5.2)
_WAYS = ("up", "flat", "down")


class PolicyWords(BaseModel):
    """Everything in policy.yaml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sentences: Mapping[str, str]
    table: Mapping[str, str]
    measurability: Mapping[str, str]
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Measured:
    """An indicator of a measure, in the province or in a system of departments."""

    measurement: Measurement
    breakdown: str
    member_id: str
    member_zh: str

    @property
    def at(self) -> tuple[str, str, str]:
        return self.measurement.indicator_id, self.breakdown, self.member_id


class Policy:
    """What a year's figures say of the plan."""

    def __init__(self, words: Words, overlay: Path | None, source: str) -> None:
        document = words_file("policy.yaml", overlay, "sentences", "table", "measurability")
        self._said = document.model(PolicyWords, document.data)
        self._words = words
        self._source = source
        self._measurements = load_measurements(
            self.figures.survey, self.figures.definitions, overlay
        )

    @property
    def figures(self) -> Figures:
        return self._words.figures

    def paragraphs(self) -> list[str]:
        said, plan = self._said.sentences, self.figures.survey.plan
        measured = [m for m in plan.measures if any(map(self._is_known, self._of(m)))]
        silent = [m for m in plan.measures if m not in measured]
        full = sum(measure.measurability == "measurable" for measure in measured)
        counted = said["counted"].format(
            plan=plan.title_zh.replace("《", "〈").replace("》", "〉"),
            measures=len(plan.measures),
            measured=len(measured),
            measurable=full,
            partial=len(measured) - full,
            unmeasured=len(silent),
        )
        numbers = "、".join(
            said["number"].format(number=m.number, title=m.title_zh) for m in silent
        )
        unmeasured = [said["unmeasured"].format(numbers=numbers)] if silent else []
        return [counted + self._moved(), *unmeasured, said["caution"]]

    def table(self) -> dict[str, Any]:
        """A row a measure, all of them, as ``house.typ`` draws it."""
        said = self._said.table
        columns = (
            Column(said["measurability"], textual=True),
            Column(said["indicators"], textual=True),
        )
        rows = tuple(self._row(measure) for measure in self.figures.survey.plan.measures)
        spec = TableSpec(
            id="measures", title_zh=said["title"], theme="", layout="definitions", workbook=False
        )
        title = f"{self.figures.year}年{spec.title_zh}"
        made = plain(Table(spec, title, said["stub"], columns, rows, (said["note"],), self._source))
        made["columns"][-1]["left"] = True
        return {**made, "widths": list(_WIDTHS)}

    def _row(self, measure: Measure) -> Row:
        said = self._said
        label = said.table["label"].format(number=measure.number, title=measure.title_zh)
        found = [self._indicator(each) for each in self._of(measure)]
        text = "；".join(found) + "。" if found else said.table["nothing"] + "。"
        return Row(label, (said.measurability[measure.measurability], text))

    def _indicator(self, measured: _Measured) -> str:
        said, indicator_id = self._said.table, measured.measurement.indicator_id
        if not indicator_id:
            return said["no_item"].format(name=measured.measurement.name_zh)
        name = measured.member_zh + (
            self._said.names.get(indicator_id) or self._words.name(indicator_id)
        )
        figure = self.figures.get(*measured.at)
        if figure.value is not None:
            return f"{name}{self._words.said(*measured.at)}"
        kind = "suppressed" if figure.suppressed else "missing"
        if figure.reason == "not_asked":
            kind = "not_asked"
        return said[kind].format(name=name)

    def _of(self, measure: Measure) -> Iterator[_Measured]:
        """The indicators of a measure: of the province, or of each system it is about."""
        systems = self._measurements.systems.get(measure.number, ())
        names = {m.member_id: m.name_zh for m in self.figures.members("department")}
        places = [("department", each, names.get(each, each)) for each in systems]
        for place in places or [("province", PROVINCE, "")]:
            for measurement in self._measurements.by_measure[measure.number]:
                yield _Measured(measurement, *place)

    def _is_known(self, measured: _Measured) -> bool:
        return measured.measurement.indicator_id in self.figures.known

    def _moved(self) -> str:
        """How many went which way; one that measures several measures counts once."""
        measures = self.figures.survey.plan.measures
        places = {m.at for each in measures for m in self._of(each) if self._is_known(m)}
        found = [self.figures.change(*at) for at in sorted(places)]
        ways = [direction_of(change) for change in found if change.amount is not None]
        if not ways:
            return self._said.sentences["not_moved"]
        counts = {way: ways.count(way) for way in _WAYS}
        return self._said.sentences["moved"].format(compared=len(ways), **counts)

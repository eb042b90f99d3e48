"""Which indicators measure which measure of the provincial plan: read, and held against both.

The plan names indicators in its own words (``survey/reference/measures.yaml``).  Here each word is
given the indicators of the catalogue that it means, or the reason why there is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, model_validator

from pipelines.errors import Place, SurveyDefinitionError
from pipelines.survey.documents import YamlDocument

if TYPE_CHECKING:
    from pipelines.indicators.definition import Definitions
    from pipelines.survey import Survey
    from pipelines.survey.plan import Measure

OVERLAY_FOLDER = "measures"
_FILE = "measurements.yaml"
_ADVICE = "请按 measurements.yaml 开头的写法改正后重试"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Meaning(_Model):
    """What a name of the plan is in the catalogue."""

    indicators: tuple[str, ...] = ()
    note_zh: str = ""

    @model_validator(mode="after")
    def _explains_itself(self) -> Meaning:
        if not self.indicators and not self.note_zh:
            raise ValueError("没有对应指标的，要写明原因（note_zh）")
        return self


class Sentences(_Model):
    """What the notes of the table say."""

    no_statistic: str
    no_item: str
    not_asked: str
    no_value: str
    no_department: str
    shared_department: str
    reported: str
    silent: str


class _Book(_Model):
    names: dict[str, Meaning]
    systems: dict[int, tuple[str, ...]] = {}
    sentences: Sentences


@dataclass(frozen=True, slots=True)
class Measurement:
    """One indicator of a measure; no indicator where the catalogue has none of that name."""

    name_zh: str
    fit: Literal["direct", "partial"]
    indicator_id: str = ""
    note_zh: str = ""


@dataclass(frozen=True)
class Measurements:
    """The indicators of every measure, and the systems it is looked at in (none: the province)."""

    by_measure: dict[int, tuple[Measurement, ...]]
    systems: dict[int, tuple[str, ...]]
    sentences: Sentences


def load_measurements(
    survey: Survey, definitions: Definitions, overlay: Path | None = None
) -> Measurements:
    """The office's own mapping, else the built-in one; raises SurveyDefinitionError."""
    own = overlay / OVERLAY_FOLDER / _FILE if overlay else None
    path = own if own and own.is_file() else Path(__file__).parent / _FILE
    document = YamlDocument(path)
    book = document.model(_Book, document.data)
    for at, problem in _problems(book, survey, definitions):
        raise SurveyDefinitionError(
            problem, _ADVICE, Place(file=path.name, line=document.line_of(at))
        )
    return Measurements(
        {measure.number: tuple(_measured_by(measure, book)) for measure in survey.measures},
        book.systems,
        book.sentences,
    )


def _measured_by(measure: Measure, book: _Book) -> Iterator[Measurement]:
    for named in measure.indicators:
        meaning = book.names[named.name_zh]
        for indicator_id in meaning.indicators or ("",):
            yield Measurement(named.name_zh, named.fit, indicator_id, meaning.note_zh)


def _problems(
    book: _Book, survey: Survey, definitions: Definitions
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What contradicts the plan or the catalogue, with its place in the file."""
    asked = {named.name_zh for measure in survey.measures for named in measure.indicators}
    for name in sorted(asked - book.names.keys()):
        yield ("names",), f"方案所说的“{name}”没有写对应的指标"
    for name, meaning in book.names.items():
        if name not in asked:
            yield ("names", name), f"“{name}”不是方案中的指标名"
        for indicator_id in meaning.indicators:
            if indicator_id not in definitions:
                yield ("names", name), f"指标“{indicator_id}”不在指标目录中"
            elif definitions[indicator_id].needs_population:
                yield ("names", name), f"“{indicator_id}”按人口平均，不能分部门"
    numbers = {measure.number for measure in survey.measures}
    departments = {row.department_id for row in survey.departments.rows}
    for number, systems in book.systems.items():
        if number not in numbers:
            yield ("systems", number), f"方案没有第{number}条措施"
        for system in systems:
            if system not in departments:
                yield ("systems", number), f"没有编号为“{system}”的主管部门类别"

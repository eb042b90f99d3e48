"""The policy the figures answer to: the 28 measures of the provincial plan and who is responsible.

Which indicator measures which measure is a judgement of ours, marked as such in the data.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from pipelines.survey.dated import Listed


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ResponsibleUnit(_Row):
    """An office that measures name; ``department_id`` is empty where the survey has no category."""

    unit_id: str
    name_zh: str
    kind_zh: str
    aliases: Listed = ()
    department_id: str = ""


class Chapter(_Row):
    number: int
    title_zh: str


class MeasureIndicator(_Row):
    """An indicator, by the name readers know, and how well it measures the measure."""

    name_zh: str
    category_zh: str
    fit: Literal["direct", "partial"]


class Measure(_Row):
    """One measure.  ``open_list``: the plan names its units and adds "and others"."""

    number: int = Field(ge=1)
    chapter: int
    title_zh: str
    units: tuple[str, ...] = ()
    open_list: bool
    measurability: Literal["measurable", "partial", "qualitative"]
    indicators: tuple[MeasureIndicator, ...] = ()
    note_zh: str = ""

    @property
    def subject_zh(self) -> str:
        """The measure as forms and lists name it."""
        return f"第{self.number}条 {self.title_zh}"


class Plan(_Row):
    """The whole plan, in the order of the document."""

    title_zh: str
    chapters: tuple[Chapter, ...]
    measures: tuple[Measure, ...]

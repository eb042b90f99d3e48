"""The year's arrangement of work (工作安排.yaml): deadlines, and the day as of which we look.

Outputs know no clock: whether a unit is overdue is said as of a day that the office writes down.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from pipelines.checks.workdays import Calendar
from pipelines.errors import Place, SurveyDefinitionError
from pipelines.survey import Survey
from pipelines.survey.documents import YamlDocument
from pipelines.warehouse import Root
from pipelines.warehouse.layout import ARRANGEMENT_FILE

_ADVICE = "请存为 UTF-8 编码，按 docs/催报与工作安排.md 的写法改正后重新运行"


class Arrangement(BaseModel):
    """What the office has set for a year; what it has not set is None."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    due: dt.date | None = Field(default=None, alias="报送截止")
    due_of: dict[str, dt.date] = Field(default_factory=dict, alias="另行规定的报送截止")
    as_of: dt.date | None = Field(default=None, alias="截至日期")
    reminder_days: int = Field(default=3, ge=1, le=60, alias="催报后补报工作日数")
    queries_sent: dt.date | None = Field(default=None, alias="查询单发出日期")
    query_days: int = Field(default=5, ge=1, le=60, alias="查询答复工作日数")
    holidays: tuple[dt.date, ...] = Field(default=(), alias="放假")
    workdays: tuple[dt.date, ...] = Field(default=(), alias="调休上班")

    @property
    def calendar(self) -> Calendar:
        return Calendar(frozenset(self.holidays), frozenset(self.workdays))

    @property
    def answer_by(self) -> dt.date | None:
        """The day by which a 查询单 is to be answered."""
        if self.queries_sent is None:
            return None
        return self.calendar.after(self.queries_sent, self.query_days)

    @property
    def report_by(self) -> dt.date | None:
        """The day by which units that are reminded are to report."""
        if self.as_of is None:
            return None
        return self.calendar.after(self.as_of, self.reminder_days)

    def due_for(self, *names: str) -> dt.date | None:
        """The deadline of a unit: the latest that is set for its place or department."""
        own = [self.due_of[name] for name in names if name in self.due_of]
        return max(own) if own else self.due

    def days_late(self, *names: str) -> int | None:
        """Working days that a unit is late; None when a deadline or the day is not set."""
        due = self.due_for(*names)
        if due is None or self.as_of is None:
            return None
        return self.calendar.between(due, self.as_of)


def read_arrangement(root: Root, year: int, survey: Survey) -> Arrangement:
    """The arrangement of a year, empty where there is none.

    Raises SurveyDefinitionError with file and line for one that is malformed.
    """
    path = root.inbox(year) / ARRANGEMENT_FILE
    if not path.is_file():
        return Arrangement()
    file = f"{year}/{path.name}"
    try:
        document = YamlDocument(path)
        made: Arrangement = document.model(Arrangement, document.data or {})
    except SurveyDefinitionError as error:
        raise SurveyDefinitionError(
            error.problem, _ADVICE, Place(file, line=error.place.line)
        ) from error
    for name in made.due_of:
        if not _is_known(survey, year, name):
            raise SurveyDefinitionError(
                f"“{name}”不是市州、县区或主管部门的名称",
                "请写全称，如 长春市、教育部门",
                Place(file, line=document.line_of(["另行规定的报送截止", name])),
            )
    return made


def _is_known(survey: Survey, year: int, name: str) -> bool:
    division: Any = survey.divisions.resolve(name, year)
    return division is not None or any(
        one.name_zh == name for one in survey.departments.active(year)
    )


def shown_day(day: dt.date) -> str:
    """A day as letters write it."""
    return f"{day.year}年{day.month}月{day.day}日"

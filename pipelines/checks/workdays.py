"""Working days of the Chinese calendar: weekends, holidays and the days worked in their place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from pipelines.errors import SurveyDefinitionError

_ONE = dt.timedelta(days=1)
_SATURDAY = 5


@dataclass(frozen=True)
class Calendar:
    """The published calendar, and what the office has written of days that it does not hold yet."""

    holidays: Collection[dt.date] = ()
    workdays: Collection[dt.date] = ()

    def is_workday(self, day: dt.date) -> bool:
        """Raises SurveyDefinitionError for a year whose holidays nobody has given."""
        if day in self.holidays:
            return False
        if day in self.workdays:
            return True
        import chinese_calendar

        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError as error:
            if any(one.year == day.year for one in (*self.holidays, *self.workdays)):
                return day.weekday() < _SATURDAY
            raise SurveyDefinitionError(
                f"还没有 {day.year} 年的放假安排，不能推算工作日",
                f"请在“工作安排.yaml”的“放假”和“调休上班”中写明 {day.year} 年的日期",
            ) from error

    def after(self, day: dt.date, workdays: int) -> dt.date:
        """The day that many working days later; the day itself does not count."""
        while workdays > 0:
            day += _ONE
            workdays -= self.is_workday(day)
        return day

    def between(self, day: dt.date, later: dt.date) -> int:
        """Working days after ``day`` up to and with ``later``."""
        count = 0
        while day < later:
            day += _ONE
            count += self.is_workday(day)
        return count

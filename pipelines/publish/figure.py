"""One value as it is published, and who it is of: what ``Figures`` gives to words and tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pipelines.indicators.flags import reason_of
from pipelines.survey.quantities import MISSING_MARK, SUPPRESSED_MARK


@dataclass(frozen=True, slots=True)
class Figure:
    """One value of one indicator; ``value`` is None when missing or suppressed."""

    value: Decimal | None
    unit: str
    year: int
    flags: frozenset[str] = frozenset()
    units_covered: int = 0
    response_rate: Decimal | None = None

    @property
    def suppressed(self) -> bool:
        return "suppressed" in self.flags

    @property
    def provisional(self) -> bool:
        return "provisional" in self.flags

    @property
    def is_break(self) -> bool:
        return "break" in self.flags

    @property
    def reason(self) -> str:
        """Why there is no value, by the closed list of marks; "" when there is one."""
        return "" if self.value is not None else reason_of(self.flags)

    @property
    def mark(self) -> str:
        """The sign that stands for a value that is not there; empty when it is."""
        if self.suppressed:
            return SUPPRESSED_MARK
        return MISSING_MARK if self.value is None else ""


@dataclass(frozen=True, slots=True)
class Member:
    """A row of a breakdown: a region, a department, a level, a channel."""

    member_id: str
    name_zh: str


@dataclass(frozen=True, slots=True)
class Ranked:
    """A member with its place; members with equal values share it."""

    member: Member
    value: Decimal
    rank: int


@dataclass(frozen=True, slots=True)
class Response:
    """How many were asked, answered and checked; ``expected`` is None without a register."""

    expected: int | None
    answered: int
    returns: int
    accepted: int
    queried: int
    rejected: int
    covered: int

    @property
    def rate(self) -> Decimal | None:
        return Decimal(self.answered) / self.expected if self.expected else None


def figure_of(row: Mapping[str, Any]) -> Figure:
    """A row of ``indicator_values``."""
    return Figure(
        row["value"],
        row["unit"],
        row["year"],
        frozenset(row["flags"]),
        row["units_covered"],
        row["response_rate"],
    )

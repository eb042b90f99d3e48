"""Change on the year before, in the measure that the indicator is compared by.

Levels grow by a rate in %, shares move by 百分点, per-head figures by a difference in their unit
(元): 人均值 is never given a growth rate.  A rate on a tiny base, or an extreme one, misleads and
is said as 由a增至b.  Over a break there is no change to state.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from pipelines.indicators.arithmetic import quotient
from pipelines.indicators.definition import Definition
from pipelines.survey.documents import YamlDocument
from pipelines.survey.quantities import round_half_up

Kind = Literal["rate", "points", "difference", "from_to", "break", "none"]

_POINTS_DECIMALS = 2


@dataclass(frozen=True, slots=True)
class Change:
    """``amount`` is in %, 百分点 or the indicator's unit (``difference``, ``from_to``).

    It is None exactly for ``break`` and for ``none``: this or last year has no value.
    """

    kind: Kind
    amount: Decimal | None = None
    is_flat: bool = False
    over_break: bool = False


_BREAK = Change("break")


class _Limits(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    flat_rate: Decimal
    small_base: Decimal
    widest_rate: Decimal


def change(
    definition: Definition,
    this: Decimal | None,
    last: Decimal | None,
    *,
    broken: bool = False,
    over_break: bool = False,
) -> Change:
    """From ``last`` year's value to ``this``; ``broken``: a break in the series lies between.

    ``over_break`` asks for the change all the same.
    """
    if broken:
        return replace(change(definition, this, last), over_break=True) if over_break else _BREAK
    if this is None or last is None:
        return Change("none")
    moved = this - last
    if definition.compare == "points":
        return Change("points", moved, round_half_up(moved, _POINTS_DECIMALS) == 0)
    if definition.compare == "difference":
        return Change("difference", moved, round_half_up(moved, definition.decimals) == 0)
    return _growth(this, last)


def _growth(this: Decimal, last: Decimal) -> Change:
    limits = _limits()
    moved = this - last
    rate = growth_rate(this, last)
    if rate is None or last < limits.small_base or abs(rate) > limits.widest_rate:
        return Change("from_to", moved, moved == 0)
    return Change("rate", rate, abs(rate) < limits.flat_rate)


def change_value(
    definition: Definition, this: Decimal | None, last: Decimal | None
) -> Decimal | None:
    """The value of an indicator of kind growth (in %) or difference (in its unit)."""
    if this is None or last is None:
        return None
    return growth_rate(this, last) if definition.kind == "growth" else this - last


def growth_rate(this: Decimal, last: Decimal) -> Decimal | None:
    """(本年-上年)÷上年, in %; None over zero."""
    return quotient(this - last, last, Decimal(100))


@cache
def _limits() -> _Limits:
    document = YamlDocument(Path(__file__).parent / "change.yaml")
    return document.model(_Limits, document.data)

"""A value, a change and a share as sentences write them: the units and decimals of prose."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from pipelines.survey.quantities import Quantity, readable

if TYPE_CHECKING:
    from pipelines.indicators.change import Change
    from pipelines.indicators.definition import Definition


def quantity(definition: Definition, value: Decimal) -> Quantity:
    """A value in the words of sentences: levels scaled for reading, ratios at their decimals."""
    if definition.kind == "level":
        return readable(value, definition.unit)
    return readable(value, definition.unit, definition.decimals)


def reads_alike(one: Quantity, other: Quantity) -> bool:
    """Whether a reader sees the same figure: 20 and 20.00 of one unit."""
    return one.unit == other.unit and one.printed == other.printed


def percent(value: Decimal) -> str:
    return str(readable(value, "%", 2))


def direction_of(found: Change) -> str:
    """up, down or flat."""
    if found.amount is None or found.is_flat:
        return "flat"
    return "up" if found.amount > 0 else "down"


def amount_text(definition: Definition, found: Change) -> str:
    """The size of a change without its sign, in the unit that kind of change has."""
    size = abs(found.amount or Decimal(0))
    if found.kind == "rate":
        return percent(size)
    if found.kind == "points":
        return str(readable(size, "个百分点", 2))
    said = quantity(definition, size)
    return f"{said.text}{said.unit.split('/')[0]}"

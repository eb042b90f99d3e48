"""How figures are rounded, scaled and written for readers: the one place for all of it.

Rounding happens here, at publication, half up (四舍五入), and nowhere else.  Units are scaled for
reading the way the national releases do: 万元 to 亿元, 人 to 万人, 人次 to 万人次 or 亿人次, two
decimals once scaled, whole numbers below ten thousand.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

#: Signs for values that are not numbers; explained under every table that uses them.
MISSING_MARK = "…"
NOT_APPLICABLE_MARK = "-"
SUPPRESSED_MARK = "x"
#: As pages print it; a hyphen is too short, and breaks lines.
MINUS = "\u2212"

_WAN = Decimal(10_000)
_YI = Decimal(100_000_000)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A figure ready to print: ``text`` without unit, and the unit it is in."""

    text: str
    unit: str

    def __str__(self) -> str:
        return f"{self.text}{self.unit}"

    @property
    def printed(self) -> Decimal:
        """The figure as a reader sees it, in the unit."""
        return Decimal(self.text.replace(MINUS, "-"))

    @property
    def spaced(self) -> str:
        return f"{self.text} {self.unit}" if self.unit else self.text


def round_half_up(value: Decimal, decimals: int = 0) -> Decimal:
    """四舍五入 to ``decimals`` places; never returns negative zero."""
    rounded = value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return abs(rounded) if rounded == 0 else rounded


def grouped(value: Decimal, decimals: int = 0, separator: str = ",") -> str:
    """A rounded figure with thousands separators, as in yearbook tables."""
    return f"{round_half_up(value, decimals):,f}".replace(",", separator)


def scale_of(value: Decimal, unit: str) -> tuple[Decimal, str, int]:
    """Divisor, unit to print and decimals by which the releases print ``value`` in ``unit``."""
    size = abs(value)
    if unit == "万元":
        return (_WAN, "亿元", 2) if size >= _WAN else (Decimal(1), "万元", 2)
    if unit in {"元", "%", "个百分点"} or "/" in unit:
        return Decimal(1), unit, 2
    if size >= _YI:
        return _YI, f"亿{unit}", 2
    if size >= _WAN:
        return _WAN, f"万{unit}", 2
    return Decimal(1), unit, 0


def table_scale(largest: Decimal, unit: str) -> tuple[Decimal, str, int]:
    """Divisor, unit and decimals of a printed column: counts of seven digits and more in 万."""
    if unit in {"万元", "元", "%", "个百分点"} or "/" in unit or abs(largest) < 100 * _WAN:
        return Decimal(1), unit, 0
    return _WAN, f"万{unit}", 2


def readable(value: Decimal, unit: str, decimals: int | None = None) -> Quantity:
    """A figure as sentences print it: scaled for reading, or at given decimals unscaled."""
    if decimals is not None:
        return Quantity(_plain(value, decimals), unit)
    divisor, shown_unit, places = scale_of(value, unit)
    # Rounding may reach the next unit: 9999.6 人 is 1.00 万人, not 10000 人.
    reached = round_half_up(value / divisor, places) * divisor
    divisor, shown_unit, places = scale_of(reached, unit)
    if shown_unit == "万元" and value == value.to_integral_value():
        places = 0
    return Quantity(_plain(value / divisor, places), shown_unit)


def _plain(value: Decimal, decimals: int) -> str:
    """Without separators, with the minus of a printed page."""
    return f"{round_half_up(value, decimals):f}".replace("-", MINUS)


def in_unit(value: Decimal, unit: str, wanted: str) -> Decimal | None:
    """A figure given in ``unit`` (亿元, 万人次) in ``wanted`` units (万元, 人次), exactly.

    None when the two do not measure the same thing.
    """
    power, base = _power_of(unit)
    wanted_power, wanted_base = _power_of(wanted)
    return value.scaleb(power - wanted_power) if base == wanted_base else None


def _power_of(unit: str) -> tuple[int, str]:
    """万 and 亿 before a unit as a power of ten, and the unit itself."""
    powers = {"亿": 8, "万": 4}
    power = powers.get(unit[:1], 0)
    return power, unit[1:] if power else unit

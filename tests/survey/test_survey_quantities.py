"""Rounding and units as the national releases print them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.survey.quantities import grouped, in_unit, readable, round_half_up


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        ("0.005", 2, "0.01"),
        ("0.0049", 2, "0.00"),
        ("2.5", 0, "3"),
        ("3.5", 0, "4"),
        ("-2.5", 0, "-3"),
        ("-0.005", 2, "-0.01"),
        ("-0.004", 2, "0.00"),
        ("99.2613", 2, "99.26"),
        ("1.005", 2, "1.01"),
        ("150", -2, "2E+2"),
    ],
)
def test_half_up(value: str, decimals: int, expected: str) -> None:
    assert str(round_half_up(Decimal(value), decimals)) == expected


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        # As printed for 2024: 222.20亿元, 221.27万人, 1890个; for 2020: 27.36亿人次.
        ("2222000", "万元", "222.20亿元"),
        ("2212700", "人", "221.27万人"),
        ("1890", "个", "1890个"),
        ("10200", "个", "1.02万个"),
        ("2736000000", "人次", "27.36亿人次"),
        ("76365100", "人次", "7636.51万人次"),
        ("9999", "人", "9999人"),
        ("10000", "人", "1.00万人"),
        ("9999.6", "人", "1.00万人"),
        ("9999.4", "人", "9999人"),
        ("9999.996", "万元", "1.00亿元"),
        ("99999999", "人次", "1.00亿人次"),
        ("1313.49", "万元", "1313.49万元"),
        ("1313", "万元", "1313万元"),
        ("5.6", "元", "5.60元"),
        ("77.056", "%", "77.06%"),
        ("-12345", "人", "−1.23万人"),
        ("0", "万元", "0万元"),
    ],
)
def test_as_the_releases_print(value: str, unit: str, expected: str) -> None:
    assert str(readable(Decimal(value), unit)) == expected


def test_given_decimals_are_kept_unscaled() -> None:
    assert readable(Decimal("14.9409"), "人", 2).spaced == "14.94 人"


def test_grouped_digits() -> None:
    assert grouped(Decimal("1234567.5")) == "1,234,568"
    assert grouped(Decimal("1234.565"), 2, " ") == "1 234.57"


@pytest.mark.parametrize(
    ("value", "unit", "wanted", "expected"),
    [
        ("222.20", "亿元", "万元", "2222000"),
        ("221.27", "万人", "人", "2212700"),
        ("27.36", "亿人次", "万人次", "273600"),
        ("1890", "个", "个", "1890"),
        ("4.63", "元", "元", "4.63"),
        ("4.63", "元", "人", None),
    ],
)
def test_from_printed_units_to_ours(
    value: str, unit: str, wanted: str, expected: str | None
) -> None:
    assert in_unit(Decimal(value), unit, wanted) == (Decimal(expected) if expected else None)


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9
    ),
    st.integers(min_value=0, max_value=4),
)
def test_never_further_than_half_a_unit(value: Decimal, decimals: int) -> None:
    rounded = round_half_up(value, decimals)
    step = Decimal(1).scaleb(-decimals)
    assert abs(rounded - value) <= step / 2
    assert rounded == (value / step).to_integral_value(ROUND_HALF_UP) * step
    assert not (rounded == 0 and rounded.is_signed())

"""Rows of ``indicator_values`` written out in a line each, for what reads that table."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any


def indicator_row(
    indicator_id: str,
    year: int,
    breakdown: str,
    member: str,
    value: str | None,
    *,
    rate: str | None = "1",
    expected: int | None = 10,
    flags: Sequence[str] = (),
) -> dict[str, Any]:
    return {
        "indicator_id": indicator_id,
        "year": year,
        "breakdown": breakdown,
        "member_id": member,
        "member2_id": "",
        "member_zh": member,
        "value": None if value is None else Decimal(value),
        "unit": "单位",
        "numerator": None,
        "denominator": None,
        "units_covered": 1,
        "units_expected": expected,
        "response_rate": None if rate is None else Decimal(rate),
        "flags": list(flags),
    }

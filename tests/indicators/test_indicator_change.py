"""Change on the year before: rate, 百分点, 元, from-to, or none with good reason."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pipelines.indicators import Change, Definitions, change
from pipelines.survey.quantities import round_half_up

D = Decimal


def test_a_level_grows_by_a_rate(definitions: Definitions) -> None:
    """2023 to 2024, 亿元: 215.06 to 222.20, printed as 3.32 %."""
    found = change(definitions["fund_raised"], D(2222000), D(2150600))
    assert found.kind == "rate"
    assert found.amount is not None
    assert round_half_up(found.amount, 2) == D("3.32")


def test_a_share_moves_by_points(definitions: Definitions) -> None:
    found = change(definitions["government_share"], D("77.06"), D("77.70"))
    assert found == Change("points", D("-0.64"))


def test_money_per_head_moves_by_yuan_never_by_a_rate(definitions: Definitions) -> None:
    """2019: printed 4.70 元, up 0.25 元."""
    found = change(definitions["fund_special_per_head"], D("4.70"), D("4.45"))
    assert found == Change("difference", D("0.25"))


@pytest.mark.parametrize(("this", "last"), [(None, D(5)), (D(5), None), (None, None)], ids=str)
def test_missing_is_no_change(
    definitions: Definitions, this: Decimal | None, last: Decimal | None
) -> None:
    assert change(definitions["fund_raised"], this, last) == Change("none")


def test_no_change_over_a_break_whatever_the_values(definitions: Definitions) -> None:
    broken = change(definitions["lectures"], D(846600), D(100000), broken=True)
    assert broken == Change("break")


@pytest.mark.parametrize(
    ("this", "last", "expected"),
    [
        ("30", "0", Change("from_to", D(30))),
        ("0", "0", Change("from_to", D(0), is_flat=True)),
        ("35", "29", Change("from_to", D(6))),
        ("36", "30", Change("rate", D("20.000000000000000"))),
        ("3000", "1000", Change("rate", D("200.000000000000000"))),
        ("3001", "1000", Change("from_to", D(2001))),
        ("0", "1000", Change("rate", D("-100.000000000000000"))),
    ],
)
def test_tiny_bases_and_extreme_rates_are_said_as_from_to(
    definitions: Definitions, this: str, last: str, expected: Change
) -> None:
    assert change(definitions["science_centers"], D(this), D(last)) == expected


@pytest.mark.parametrize(
    ("indicator", "this", "last", "flat"),
    [
        ("fund_raised", "100049", "100000", True),
        ("fund_raised", "100050", "100000", False),
        ("fund_raised", "99951", "100000", True),
        ("government_share", "77.064", "77.060", True),
        ("government_share", "77.065", "77.060", False),
        ("fund_special_per_head", "4.504", "4.5", True),
        ("fund_special_per_head", "4.505", "4.5", False),
    ],
)
def test_what_would_print_as_nothing_is_flat(
    definitions: Definitions, indicator: str, this: str, last: str, flat: bool
) -> None:
    assert change(definitions[indicator], D(this), D(last)).is_flat is flat

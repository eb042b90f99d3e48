"""The arithmetic on plain totals: what is known, what is not, and no rounding before the last."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from pipelines.indicators import Definitions, evaluate
from pipelines.indicators.arithmetic import quotient
from pipelines.survey.quantities import round_half_up

D = Decimal


def test_a_level_indicator_may_be_given_whole_or_in_parts(definitions: Definitions) -> None:
    per_10k = definitions["staff_per_10k"]
    whole = evaluate(per_10k, {"staff_total": D(2053800)}, D(1374620000))
    parts = {"staff_full_time": D(221500), "staff_part_time": D(1832300)}
    assert whole == evaluate(per_10k, parts, D(1374620000))
    assert whole is not None
    assert round_half_up(whole, 2) == D("14.94")


def test_an_unknown_part_makes_the_whole_unknown(definitions: Definitions) -> None:
    assert evaluate(definitions["staff_total"], {"staff_full_time": D(5)}) is None
    assert evaluate(definitions["staff_per_10k"], {"staff_total": D(5)}, None) is None
    assert evaluate(definitions["staff_total"], {"staff_full_time": None}) is None


def test_a_zero_denominator_gives_nothing(definitions: Definitions) -> None:
    assert evaluate(definitions["use_rate"], {"fund_used": D(3), "fund_raised": D(0)}) is None


def test_ten_thousand_yuan_become_yuan_per_head(definitions: Definitions) -> None:
    """635900 万元 over 137462 万人 are 4.626 元."""
    value = evaluate(
        definitions["fund_special_per_head"],
        {"fund_raised_government_special": D(635900)},
        D(1374620000),
    )
    assert value is not None
    assert round_half_up(value, 3) == D("4.626")


def test_a_quotient_beyond_what_a_table_holds_is_missing() -> None:
    assert quotient(D(10) ** 15, D(1).scaleb(-15), D(1)) is None


@given(
    st.integers(0, 10**12),
    st.integers(1, 10**12),
    st.sampled_from((1, 100, 10_000)),
    st.integers(0, 6),
)
def test_cutting_then_rounding_once_is_rounding_the_exact_quotient(
    numerator: int, denominator: int, multiplier: int, places: int
) -> None:
    value = quotient(D(numerator), D(denominator), D(multiplier))
    assert value is not None
    exact = Fraction(numerator * multiplier, denominator)
    assert round_half_up(value, places) == D(int(exact * 10**places + Fraction(1, 2))).scaleb(
        -places
    )
    assert value.quantize(D(1).scaleb(-places), ROUND_HALF_UP) == round_half_up(value, places)

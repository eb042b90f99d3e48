"""The check digit of the unified social credit code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.survey.identity import ALPHABET, check_digit, is_valid_uscc

firsts = st.text(alphabet=ALPHABET, min_size=17, max_size=17)


def test_the_example_of_the_standard() -> None:
    assert check_digit("91350100M000100Y4") == "3"
    assert is_valid_uscc("91350100M000100Y43")


@pytest.mark.parametrize(
    "text",
    [
        "91350100M000100Y44",
        "91350100M000100Y4",
        "91350100M000100Y433",
        "91350100m000100y43",
        "91350100I000100Y43",
        "",
    ],
)
def test_what_is_not_a_code(text: str) -> None:
    assert not is_valid_uscc(text)


def test_a_short_or_odd_beginning_is_refused() -> None:
    with pytest.raises(ValueError, match="17"):
        check_digit("9135")
    with pytest.raises(ValueError, match="17"):
        check_digit("91350100I000100Y4")


@given(firsts, st.integers(0, 16), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_noticed(first: str, place: int, other: str) -> None:
    code = first + check_digit(first)
    assert is_valid_uscc(code)
    changed = code[:place] + other + code[place + 1 :]
    assert is_valid_uscc(changed) == (changed == code)

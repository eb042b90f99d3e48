"""Any answers, in any supported layout, shuffled and decorated at random, come back identical."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.intake.layout_checking import differences


@settings(max_examples=300, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32))
# Tables side by side, headers a row apart: a blank is not answered by the figure of the other.
@example(seed=30003977)
def test_whatever_is_drawn_comes_back(seed: int) -> None:
    drawn, problems = differences(seed)
    assert not problems, (drawn.traits, problems[:5])

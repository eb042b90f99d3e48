"""Primary suppression: the cells that would tell of a contributor by themselves.

    few        fewer contributors than the least number
    dominance  the largest contributors hold more than so many % of the cell
    p_percent  the second largest, taking itself off the cell, comes within so many % of the first

A cell of 0 has no contributor and is not sensitive; neither is one of an item that is open.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipelines.indicators.disclosure.contributions import Contributions
from pipelines.indicators.disclosure.thresholds import Limits

#: Rules in the order in which the first that holds is named.
RULES = ("few", "dominance", "p_percent")


def sensitive(found: Contributions, limits: Limits) -> NDArray[np.intp]:
    """For every cell the number of the rule that makes it sensitive, from 1; 0 for none."""
    whole = np.abs(found.amount)
    top = found.largest + (found.second if limits.dominant == 2 else 0.0)
    rest = whole - found.largest - found.second
    share, precision = float(limits.dominance_percent), float(limits.p_percent)
    holds = (
        found.contributors < limits.fewest,
        (share > 0) & (100 * top > share * whole),
        (precision > 0) & (100 * rest < precision * found.largest),
    )
    number = np.zeros(len(whole), dtype=np.intp)
    for place in reversed(range(len(holds))):
        number[holds[place] & (whole > 0)] = place + 1
    return number

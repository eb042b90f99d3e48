"""The arithmetic of composite indexes: bring to one scale, weigh, put together.

A matrix has a row a member and a column an item; nothing is missing in it.  Scores are estimates
made of roots and logarithms, hence floats; they are cut to ``GRAIN`` decimals before they are
ranked, so that the last bits, in which two machines may differ, decide nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pipelines.indicators.composite.book import Aggregation, Normalisation, Weighting

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

GRAIN = 9
#: Where all members are equal an item tells none from another: everybody stands in the middle.
_MIDDLE = 0.5


def normalised(
    values: Matrix,
    down: Sequence[bool],
    method: Normalisation,
    base: Sequence[float] = (),
) -> Matrix:
    """Values on one scale, the higher the better: 0 to 1, in standard deviations, or base = 1."""
    import numpy as np

    if method == "base_year":
        return _array(values / np.asarray(base))
    turned = np.asarray(down)
    if method == "z_score":
        spread = values.std(axis=0, ddof=1)
        moved = values - values.mean(axis=0)
        scaled = np.divide(moved, spread, out=np.zeros_like(moved), where=_differs(values))
        return _array(np.where(turned, -scaled, scaled))
    low, high = values.min(axis=0), values.max(axis=0)
    scaled = np.full_like(values, _MIDDLE)
    np.divide(values - low, high - low, out=scaled, where=np.broadcast_to(high > low, values.shape))
    return _array(np.where(turned, 1 - scaled, scaled))


def weights_of(
    values: Matrix, down: Sequence[bool], method: Weighting, given: Sequence[float] = ()
) -> Matrix:
    """Weights that add up to 1; entropy and CRITIC are taken from the 0-to-1 scale."""
    import numpy as np

    if method == "given":
        raw = np.asarray(given, dtype=float)
    elif method == "equal":
        raw = np.ones(values.shape[1])
    else:
        scaled = normalised(values, down, "min_max")
        telling = _differs(values)
        raw = _entropy(scaled) if method == "entropy" else _critic(scaled, telling)
        raw = np.where(telling, raw, 0.0)
        if not raw.sum():
            raw = np.ones(values.shape[1])
    return _array(raw / raw.sum())


def aggregated(
    scaled: Matrix, weights: Matrix, method: Aggregation, normalisation: Normalisation, floor: float
) -> Matrix:
    """Scores of the members (× 100 but for z); a column of weights gives a column of scores."""
    import numpy as np

    times = 1.0 if normalisation == "z_score" else 100.0
    if method == "arithmetic":
        return _array(np.round(times * (scaled @ weights), GRAIN))
    lifted = floor + (1 - floor) * scaled if normalisation == "min_max" else scaled
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(lifted)
    # An item at nought makes the product nought, unless it has no weight.
    nought = (lifted == 0).astype(float) @ (weights > 0).astype(float) > 0
    product = np.exp(np.where(lifted == 0, 0.0, logs) @ weights)
    return _array(np.round(times * np.where(nought, 0.0, product), GRAIN))


def ranks(scores: Matrix) -> NDArray[np.int64]:
    """1 for the highest; equal scores share the better rank.  By column where there are several."""
    placed: NDArray[np.int64] = 1 + (scores[None, ...] > scores[:, None, ...]).sum(axis=1)
    return placed


def _entropy(scaled: Matrix) -> Matrix:
    """1 - e, e being the entropy of the members' shares of an item over its highest possible."""
    import numpy as np

    total = scaled.sum(axis=0)
    shares = scaled / np.where(total > 0, total, 1.0)
    logs = np.log(np.where(shares > 0, shares, 1.0))
    return _array(1 + (shares * logs).sum(axis=0) / math.log(len(scaled)))


def _critic(scaled: Matrix, telling: NDArray[np.bool_]) -> Matrix:
    """Standard deviation × sum of (1 - correlation) with the other items that tell anything."""
    import numpy as np

    found = np.zeros(scaled.shape[1])
    if telling.sum() < 2:
        return _array(np.where(telling, 1.0, 0.0))
    columns = scaled[:, telling]
    conflict = (1 - np.corrcoef(columns, rowvar=False)).sum(axis=0)
    found[telling] = columns.std(axis=0, ddof=1) * conflict
    # Items that all move together leave nothing of conflict but rounding.
    return _array(np.where(found > 10.0**-GRAIN, found, 0.0))


def _differs(values: Matrix) -> NDArray[np.bool_]:
    differs: NDArray[np.bool_] = values.max(axis=0) > values.min(axis=0)
    return differs


def _array(values: Any) -> Matrix:
    """For the type checker: numpy's own stubs lose the type of arithmetic."""
    result: Matrix = values
    return result

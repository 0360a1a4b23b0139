"""Better values of a metric: one rule for searches, rankings, plateaus and progress.

An infinite value (a profit factor without a loss, a Calmar ratio without a fall) says that there
was too little to divide by, not that nothing is better. So it comes after every finite value, and
before those that are not known.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from store.runs.columns import LOWER_IS_BETTER

Floats = NDArray[np.float64]


def best_end(metric: str) -> str:
    """Which end of a metric is best unless a search says otherwise: `min` or `max`."""
    return "min" if metric in LOWER_IS_BETTER else "max"


def goodness(values: ArrayLike, highest: bool) -> Floats:
    """Values to rank by: the higher, the better.

    Args:
        values: of a metric, any shape; NaN where it is not known.
        highest: whether the highest value is the best.

    Returns:
        Same shape: the values, negative where the lowest is the best; -inf where they are infinite,
        NaN where they are NaN.
    """
    array = np.asarray(values, np.float64)
    ranked: Floats = np.where(np.isinf(array), -np.inf, array if highest else -array)
    return ranked


def better(value: float, than: float, highest: bool) -> bool:
    """One value of a metric ranks before another; what is known ranks before NaN."""
    if math.isnan(value) or math.isnan(than):
        return math.isnan(than) and not math.isnan(value)
    return bool(goodness(value, highest) > goodness(than, highest))

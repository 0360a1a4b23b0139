"""Hold the symbols that have moved least.

Low-risk anomaly of Blitz and van Vliet (2007), "The volatility effect", Journal of Portfolio
Management 34.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from kernels.jit.array_types import Floats, Ints
from kernels.strategy import Row


class Params(NamedTuple):
    """Length in bars of the panel; k symbols."""

    lookback: int = 126
    k: int = 10


@njit(cache=True, error_model="numpy")
def deviation(close: Floats, lookback: int) -> Floats:
    """Standard deviation (ddof 1) of the last `lookback` returns: (n_bars,), NaN while warming up.

    Each window is summed about one of its own returns, and of its own alone: O(n * lookback), exact
    at any price level.
    """
    out = np.full(close.size, np.nan)
    if lookback < 2:
        return out
    moves = np.full(close.size, np.nan)
    for t in range(1, close.size):
        moves[t] = close[t] / close[t - 1] - 1.0
    for t in range(lookback, close.size):
        base = moves[t]
        total = square = 0.0
        for s in range(t - lookback + 1, t + 1):
            off = moves[s] - base
            total += off
            square += off * off
        out[t] = np.sqrt(max(square - total * total / lookback, 0.0) / (lookback - 1))
        if not square >= 0.0:
            out[t] = np.nan
    return out


LIMITS = {"lookback": (2, None), "k": (1, None)}
ROWS = (Row(deviation, "close", "lookback"),)


@njit(cache=True, error_model="numpy")
def score(features: Floats, rows: Ints, params: Floats, out: Floats) -> None:
    """Write the volatility, negated."""
    deviations = features[rows[0]]
    for i in range(out.size):
        out[i] = -deviations[i]

"""Hold the symbols that have moved least.

Low-risk anomaly of Blitz and van Vliet (2007), "The volatility effect", Journal of Portfolio
Management 34.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from kernels.jit.array_types import Floats, Ints
from kernels.strategy import BarRow


class Params(NamedTuple):
    """Length in bars of the panel; k symbols."""

    lookback: int = 126
    k: int = 10


@njit(cache=True, error_model="numpy")
def deviation(bars: Ints, close: Floats, lookback: int) -> Floats:
    """Standard deviation (ddof 1) of the last `lookback` returns at some bars; NaN before.

    Each window is summed about one of its own returns, and of its own alone, which is exact at any
    price level.

    Args:
        bars: (R,) ascending.
        close: (T, N).
        lookback: returns, close to close.

    Returns:
        (R, N).
    """
    n = close.shape[1]
    out = np.full((bars.size, n), np.nan)
    base, total, square = np.empty(n), np.empty(n), np.empty(n)
    for r in range(bars.size):
        t = bars[r]
        if lookback < 2 or t < lookback:
            continue
        total[:] = 0.0
        square[:] = 0.0
        for i in range(n):
            base[i] = close[t, i] / close[t - 1, i] - 1.0
        for s in range(t - lookback + 1, t + 1):
            for i in range(n):
                off = close[s, i] / close[s - 1, i] - 1.0 - base[i]
                total[i] += off
                square[i] += off * off
        for i in range(n):
            variance = (square[i] - total[i] * total[i] / lookback) / (lookback - 1)
            out[r, i] = np.sqrt(0.0 if variance < 0.0 else variance)
    return out


LIMITS = {"lookback": (2, None), "k": (1, None)}
ROWS = (BarRow(deviation, "close", "lookback"),)


@njit(cache=True, error_model="numpy")
def score(features: Floats, rows: Ints, params: Floats, out: Floats) -> None:
    """Write the volatility, negated."""
    deviations = features[rows[0]]
    for i in range(out.size):
        out[i] = -deviations[i]

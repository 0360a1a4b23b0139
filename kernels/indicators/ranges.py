"""Ranges of bars: what a price moves in a bar, for distances and sizes."""

import numpy as np
from numba import njit

from kernels.jit.array_types import Floats


@njit(cache=True, error_model="numpy", nogil=True)
def atr(high: Floats, low: Floats, close: Floats, period: int) -> Floats:
    """Average true range of Wilder (1978), "New Concepts in Technical Trading Systems".

    A bar's true range is max(high, close before) - min(low, close before). The average is seeded
    with the mean of the first `period` true ranges; each later one weighs 1 / period.

    Args:
        high: (n_bars,) quote currency, oldest first; may contain NaN.
        low: (n_bars,).
        close: (n_bars,).
        period: true ranges in the seed; Wilder used 14.

    Returns:
        (n_bars,) quote currency; NaN at the first `period` bars (n bars have n - 1 true ranges);
        a NaN begins the recursion again.
    """
    out = np.full(close.size, np.nan)
    if period < 1:
        return out
    ranges, average = 0, 0.0
    for i in range(1, close.size):
        reach = max(high[i], close[i - 1]) - min(low[i], close[i - 1])
        if np.isnan(reach) or np.isnan(close[i - 1]):
            ranges, average = 0, 0.0
            continue
        ranges += 1
        if ranges > period:
            average += (reach - average) / period
        else:
            average += reach / period
        if ranges >= period:
            out[i] = average
    return out


@njit(cache=True, error_model="numpy", nogil=True)
def volatility(x: Floats, period: int) -> Floats:
    """Standard deviation (ddof 1) of the last `period` returns, per bar.

    Args:
        x: (n_bars,) positive, oldest first; may contain NaN.
        period: returns in the window, at least 2.

    Returns:
        (n_bars,) fraction; NaN at the first `period` bars and where the window holds a NaN.
    """
    out = np.full(x.size, np.nan)
    if period < 2:
        return out
    returns = np.full(x.size, np.nan)
    for i in range(1, x.size):
        returns[i] = x[i] / x[i - 1] - 1.0
    for i in range(period, x.size):
        mean = 0.0
        for k in range(i - period + 1, i + 1):
            mean += returns[k]
        mean /= period
        square = 0.0
        for k in range(i - period + 1, i + 1):
            square += (returns[k] - mean) ** 2
        out[i] = np.sqrt(square / (period - 1))
    return out

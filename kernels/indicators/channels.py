"""Channels: the highest and lowest of recent values; and a column as it is."""

import numpy as np
from numba import njit

from kernels.jit.array_types import Floats


@njit(cache=True, error_model="numpy")
def highest(x: Floats, period: int) -> Floats:
    """Highest of the last `period` values, the current one included.

    Block by block, as `averages` explains for sums.

    Args:
        x: (n_bars,) any unit, oldest first; may contain NaN.
        period: bars.

    Returns:
        (n_bars,) unit of x; NaN at the first period - 1 bars and where the window holds a NaN.
    """
    out = np.full(x.size, np.nan)
    if period < 1 or period > x.size:
        return out
    before = np.full(period, -np.inf)  # entry k: highest of the last k values of the block before
    for start in range(0, x.size, period):
        if start > 0:
            for k in range(1, period):
                before[k] = np.maximum(before[k - 1], x[start - k])
        top = -np.inf
        for i in range(start, min(start + period, x.size)):
            top = np.maximum(top, x[i])
            if i >= period - 1:
                out[i] = np.maximum(top, before[period - 1 - (i - start)])
    return out


@njit(cache=True, error_model="numpy")
def lowest(x: Floats, period: int) -> Floats:
    """Lowest of the last `period` values, the current one included.

    Args:
        x: (n_bars,) any unit, oldest first; may contain NaN.
        period: bars.

    Returns:
        (n_bars,) unit of x; NaN at the first period - 1 bars and where the window holds a NaN.
    """
    return -highest(-x, period)


@njit(cache=True, error_model="numpy")
def column(x: Floats) -> Floats:
    """A column of the bars as it is, for a signal that compares with it.

    Args:
        x: (n_bars,) any unit; may contain NaN.

    Returns:
        (n_bars,) a copy; NaN where x is NaN.
    """
    return x.copy()

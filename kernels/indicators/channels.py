"""Channels: the highest and lowest of recent values; and a column as it is."""

import numpy as np
from numba import njit

from kernels.jit.array_types import Floats


@njit(error_model="numpy")
def _forget(x: Floats, period: int, out: Floats) -> None:
    """Put NaN where a window of x holds one."""
    until = 0
    for i in range(x.size):
        if np.isnan(x[i]):
            until = i + period
        if i < until:
            out[i] = np.nan


@njit(cache=True, error_model="numpy", nogil=True)
def highest(x: Floats, period: int) -> Floats:
    """Highest of the last `period` values, the current one included.

    Block by block, as `averages` explains for sums. Plain comparisons pass a NaN over, and are 1.4
    times as fast as np.maximum, which does not; the windows that hold one are seen to at the end.

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
        stop = min(start + period, x.size)
        if start > 0:
            for k in range(1, period):
                value, top = x[start - k], before[k - 1]
                before[k] = value if value > top else top
        top = -np.inf
        for i in range(start, stop):
            top = x[i] if x[i] > top else top
            out[i] = top
        for i in range(max(start, period - 1), stop):
            value = before[period - 1 - (i - start)]
            out[i] = value if value > out[i] else out[i]
    out[: period - 1] = np.nan
    gaps = 0
    for i in range(x.size):
        gaps += x[i] != x[i]
    if gaps:
        _forget(x, period, out)
    return out


@njit(cache=True, error_model="numpy", nogil=True)
def lowest(x: Floats, period: int) -> Floats:
    """Lowest of the last `period` values, the current one included.

    Args:
        x: (n_bars,) any unit, oldest first; may contain NaN.
        period: bars.

    Returns:
        (n_bars,) unit of x; NaN at the first period - 1 bars and where the window holds a NaN.
    """
    return -highest(-x, period)


@njit(cache=True, error_model="numpy", nogil=True)
def column(x: Floats) -> Floats:
    """A column of the bars as it is, for a signal that compares with it.

    Args:
        x: (n_bars,) any unit; may contain NaN.

    Returns:
        (n_bars,) a copy; NaN where x is NaN.
    """
    return x.copy()

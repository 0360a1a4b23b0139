"""Moving averages.

How the windowed ones stay exact and O(n): cut the series into blocks as long as the window. A
window that ends in a block is some last values of the block before plus some first values of this
one, so two short sums per block, one backwards and one forwards, give every window; nothing is
ever subtracted again. Every window that ends in a block also contains the block's first value:
sums are taken about that value, so a price of 1e8 that moves by cents is summed in cents.
"""

import numpy as np
from numba import njit

from kernels.indicators.arrays import Floats


@njit(cache=True, error_model="numpy")
def sma(x: Floats, period: int) -> Floats:
    """Simple moving average: mean of the last `period` values, the current one included.

    Args:
        x: (n_bars,) any unit, oldest first; may contain NaN.
        period: bars.

    Returns:
        (n_bars,) unit of x; NaN at the first period - 1 bars and where the window holds a NaN.
    """
    out = np.full(x.size, np.nan)
    if period < 1 or period > x.size:
        return out
    before = np.zeros(period)  # entry k: sum of the last k values of the block before
    for start in range(0, x.size, period):
        base = x[start]
        if start > 0:
            for k in range(1, period):
                before[k] = before[k - 1] + (x[start - k] - base)
        total = 0.0
        for i in range(start, min(start + period, x.size)):
            total += x[i] - base
            if i >= period - 1:
                out[i] = base + (before[period - 1 - (i - start)] + total) / period
    return out


@njit(cache=True, error_model="numpy")
def smooth(x: Floats, period: int, alpha: float) -> Floats:
    """Exponential smoothing, seeded with the mean of the first `period` values.

    Each value moves the level by `alpha` of its distance from it. A NaN starts anew: the result
    is NaN until `period` values in a row are known.

    Args:
        x: (n_bars,) any unit, oldest first; may contain NaN.
        period: bars of the seed.
        alpha: weight of a new value, 0 < alpha <= 1; the caller checks.

    Returns:
        (n_bars,) unit of x; NaN until the seed is complete.
    """
    out = np.full(x.size, np.nan)
    if period < 1 or period > x.size:
        return out
    known = 0
    level = 0.0
    for i in range(x.size):
        if np.isnan(x[i]):
            known = 0
            level = 0.0
            continue
        known += 1
        level += (x[i] - level) * (1.0 / known if known <= period else alpha)
        if known >= period:
            out[i] = level
    return out

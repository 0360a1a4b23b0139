"""Moving averages.

How the windowed ones stay exact and O(n): cut the series into blocks as long as the window. A
window that ends in a block is some last values of the block before plus some first values of this
one, so two short sums per block, one backwards and one forwards, give every window; nothing is
ever subtracted again. Every window that ends in a block also contains the block's first value:
sums are taken about that value, so a price of 1e8 that moves by cents is summed in cents.
"""

import numpy as np
from numba import njit

from kernels.jit.array_types import Floats


@njit(cache=True, error_model="numpy", nogil=True)
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


@njit(cache=True, error_model="numpy", nogil=True)
def ema(x: Floats, period: int) -> Floats:
    """Exponential moving average: each value weighs alpha = 2 / (period + 1), as in Appel (1979).

    Seeded with the simple mean of the first `period` values, not with the first value alone: that
    one would still weigh 13 % after `period` bars, and every history would begin differently.
    What is carried on is the gap between average and value: it is small, and 0 on a standing
    market, so rounding stays far below the last digit of a price at any level.

    Args:
        x: (n_bars,) any unit, oldest first; may contain NaN.
        period: bars; a value's weight halves about every 0.35 period.

    Returns:
        (n_bars,) unit of x; NaN at the first period - 1 bars and, after a NaN, until `period`
        values in a row are known: they are a new seed.
    """
    out = np.full(x.size, np.nan)
    if period < 1 or period > x.size:
        return out
    keep = 1.0 - 2.0 / (period + 1.0)
    seen = 0
    first = total = gap = 0.0
    for i in range(x.size):
        if np.isnan(x[i]):
            seen = 0
            continue
        seen += 1
        if seen == 1:
            first, total = x[i], 0.0
        if seen <= period:
            total += x[i] - first
            gap = first - x[i] + total / period
        else:
            gap = keep * (gap - (x[i] - x[i - 1]))
        if seen >= period:
            out[i] = x[i] + gap
    return out


@njit(cache=True, error_model="numpy", nogil=True)
def ema_gap(x: Floats, period: int, smoothing: int) -> Floats:
    """Distance of an exponential average above its own exponential average.

    Smoothing is linear, so with a(n) = EMA(x, n) the histogram of MACD comes apart:
    a(fast) - a(slow) - EMA(a(fast) - a(slow), m) = ema_gap(fast, m) - ema_gap(slow, m).
    Two rows that many configurations share take the place of one row per configuration.

    Args:
        x: (n_bars,) any unit, oldest first; may contain NaN.
        period: bars of the average.
        smoothing: bars of the average's average.

    Returns:
        (n_bars,) unit of x; NaN at the first period + smoothing - 2 bars and after a NaN.
    """
    average = ema(x, period)
    return average - ema(average, smoothing)


@njit(cache=True, error_model="numpy", nogil=True)
def wma(x: Floats, period: int) -> Floats:
    """Linearly weighted moving average: the newest value weighs `period`, the oldest 1.

    Args:
        x: (n_bars,) any unit, oldest first; may contain NaN.
        period: bars.

    Returns:
        (n_bars,) unit of x; NaN at the first period - 1 bars and where the window holds a NaN.
    """
    out = np.full(x.size, np.nan)
    if period < 1 or period > x.size:
        return out
    plain = np.zeros(period)  # entry k: sum of the last k values of the block before
    rising = np.zeros(period)  # the same with weights 1, 2, ... k from old to new
    for start in range(0, x.size, period):
        base = x[start]
        if start > 0:
            for k in range(1, period):
                plain[k] = plain[k - 1] + (x[start - k] - base)
                rising[k] = rising[k - 1] + plain[k]
        total = weighted = 0.0
        for i in range(start, min(start + period, x.size)):
            total += x[i] - base
            weighted += (x[i] - base) * (i - start + 1)
            if i >= period - 1:
                k = period - 1 - (i - start)  # values of the block before; these here weigh k more
                out[i] = base + (rising[k] + weighted + total * k) / (period * (period + 1) / 2)
    return out


@njit(cache=True, error_model="numpy", nogil=True)
def hma(x: Floats, period: int) -> Floats:
    """Hull moving average: WMA(2 WMA(period / 2) - WMA(period), sqrt(period)).

    Alan Hull (2005). Half and root are rounded down to whole bars, at least 1.

    Args:
        x: (n_bars,) any unit, oldest first; may contain NaN.
        period: bars.

    Returns:
        (n_bars,) unit of x; each uses period + floor(sqrt(period)) - 1 values and is NaN while
        there are fewer, and where they hold a NaN.
    """
    ahead = 2.0 * wma(x, max(1, period // 2)) - wma(x, period)
    return wma(ahead, int(np.sqrt(max(1, period))))

"""Oscillators: where a value stands among its recent ones, whatever the price level."""

import numpy as np
from numba import njit

from kernels.jit.array_types import Floats


@njit(cache=True, error_model="numpy", nogil=True)
def rsi(x: Floats, period: int) -> Floats:
    """Relative strength index of Wilder (1978): the share of rises in recent movement, in percent.

    100 U / (U + D), the same number as 100 - 100 / (1 + U / D), with U and D Wilder's averages of
    the rises and falls: seeded with the simple mean of the first `period` changes, each later one
    weighs 1 / period.

    Args:
        x: (n_bars,) any unit, oldest first; may contain NaN.
        period: changes in the seed; Wilder used 14.

    Returns:
        (n_bars,) 0 to 100; exactly 100 without a fall, 0 without a rise. NaN at the first
        `period` bars (n bars have n - 1 changes) and while nothing has moved at all: 0 of 0 is
        no opinion, where other programs say 0, 50 or 100.
    """
    out = np.full(x.size, np.nan)
    if period < 1:
        return out
    alpha = 1.0 / period
    keep = 1.0 - alpha
    changes = 0
    up = down = 0.0
    for i in range(1, x.size):
        move = x[i] - x[i - 1]
        if np.isnan(move):
            changes = 0
            up = down = 0.0
            continue
        changes += 1
        rise, fall = max(move, 0.0), max(-move, 0.0)
        if changes > period:
            up = keep * up + alpha * rise
            down = keep * down + alpha * fall
        else:
            up += rise / period
            down += fall / period
        if changes >= period:
            out[i] = 100.0 * (up / (up + down))
    return out


@njit(cache=True, error_model="numpy", nogil=True)
def zscore(x: Floats, period: int) -> Floats:
    """Distance from the mean of the last `period` values, in their standard deviations.

    The close at Bollinger's upper band of width w is a z-score of w; like Bollinger (2002) this
    takes the population deviation (ddof 0). Summed as `averages` explains: about a value of the
    window itself, so the variance cannot come out negative and a constant window gives 0 of 0.

    Args:
        x: (n_bars,) any unit, oldest first; may contain NaN.
        period: bars.

    Returns:
        (n_bars,) standard deviations, at most sqrt(period - 1) either way; NaN at the first
        period - 1 bars, where the window holds a NaN, and where it does not move.
    """
    out = np.full(x.size, np.nan)
    if period < 1 or period > x.size:
        return out
    sums = np.zeros(period)  # entry k: sum of the last k values of the block before
    squares = np.zeros(period)
    for start in range(0, x.size, period):
        base = x[start]
        if start > 0:
            for k in range(1, period):
                d = x[start - k] - base
                sums[k] = sums[k - 1] + d
                squares[k] = squares[k - 1] + d * d
        total = total_squares = 0.0
        for i in range(start, min(start + period, x.size)):
            d = x[i] - base
            total += d
            total_squares += d * d
            if i >= period - 1:
                k = period - 1 - (i - start)
                s1, s2 = sums[k] + total, squares[k] + total_squares
                out[i] = (period * d - s1) / np.sqrt(period * s2 - s1 * s1)
    return out


@njit(cache=True, error_model="numpy", nogil=True)
def change(x: Floats, lookback: int) -> Floats:
    """Relative change over `lookback` bars: x now / x then - 1.

    Args:
        x: (n_bars,) positive, oldest first; may contain NaN.
        lookback: bars.

    Returns:
        (n_bars,) fraction; NaN at the first `lookback` bars and where either end is NaN.
    """
    out = np.full(x.size, np.nan)
    if lookback < 1:
        return out
    for i in range(lookback, x.size):
        out[i] = x[i] / x[i - lookback] - 1.0
    return out

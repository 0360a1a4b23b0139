"""Oscillators: where a value stands among its recent ones, whatever the price level."""

import numpy as np
from numba import njit

from kernels.indicators.arrays import Floats
from kernels.indicators.averages import smooth


@njit(cache=True, error_model="numpy")
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
    change = np.full(x.size, np.nan)
    for i in range(1, x.size):
        change[i] = x[i] - x[i - 1]
    alpha = 1.0 / period
    up = smooth(np.maximum(change, 0.0), period, alpha)
    down = smooth(np.maximum(-change, 0.0), period, alpha)
    return 100.0 * (up / (up + down))

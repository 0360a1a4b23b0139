"""Hold the symbols that have gained most, the latest bars left out.

Relative strength of Jegadeesh and Titman (1993), "Returns to buying winners and selling losers",
Journal of Finance 48; the month that is skipped follows Jegadeesh (1990).
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from kernels.jit.array_types import Floats, Ints
from kernels.strategy import BarRow


class Params(NamedTuple):
    """Lengths in bars of the panel; k symbols."""

    lookback: int = 231
    skip: int = 21
    k: int = 10


@njit(cache=True, error_model="numpy")
def gain(bars: Ints, close: Floats, lookback: int, skip: int) -> Floats:
    """Return from bar t - skip - lookback to bar t - skip at some bars t; NaN before there is one.

    Args:
        bars: (R,) ascending.
        close: (T, N).
        lookback: bars.
        skip: bars.

    Returns:
        (R, N).
    """
    out = np.full((bars.size, close.shape[1]), np.nan)
    for r in range(bars.size):
        then = bars[r] - skip - lookback
        if then >= 0:
            for i in range(close.shape[1]):
                out[r, i] = close[then + lookback, i] / close[then, i] - 1.0
    return out


LIMITS = {"lookback": (1, None), "skip": (0, None), "k": (1, None)}
ROWS = (BarRow(gain, "close", "lookback", "skip"),)


@njit(cache=True, error_model="numpy")
def score(features: Floats, rows: Ints, params: Floats, out: Floats) -> None:
    """Write the gain."""
    gains = features[rows[0]]
    for i in range(out.size):
        out[i] = gains[i]

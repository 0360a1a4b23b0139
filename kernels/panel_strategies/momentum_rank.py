"""Hold the symbols that have gained most, the latest bars left out.

Relative strength of Jegadeesh and Titman (1993), "Returns to buying winners and selling losers",
Journal of Finance 48; the month that is skipped follows Jegadeesh (1990).
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from kernels.jit.array_types import Floats, Ints
from kernels.strategy import Row


class Params(NamedTuple):
    """Lengths in bars of the panel; k symbols."""

    lookback: int = 231
    skip: int = 21
    k: int = 10


@njit(cache=True, error_model="numpy")
def gain(close: Floats, lookback: int, skip: int) -> Floats:
    """Return from bar t - skip - lookback to bar t - skip: (n_bars,), NaN before there is one."""
    out = np.full(close.size, np.nan)
    for t in range(lookback + skip, close.size):
        out[t] = close[t - skip] / close[t - skip - lookback] - 1.0
    return out


LIMITS = {"lookback": (1, None), "skip": (0, None), "k": (1, None)}
ROWS = (Row(gain, "close", "lookback", "skip"),)


@njit(cache=True, error_model="numpy")
def score(features: Floats, rows: Ints, params: Floats, out: Floats) -> None:
    """Write the gain."""
    gains = features[rows[0]]
    for i in range(out.size):
        out[i] = gains[i]

"""Long while the fast exponential average is above the slow one, short while below.

The crossing of two averages, smoothed exponentially as Appel (1979) does: it answers sooner than
simple averages of the same lengths, and never drops an old price out of a window.
"""

from typing import NamedTuple

from numba import njit

from kernels.indicators import ema
from kernels.jit.array_types import Codes, Floats, Ints
from kernels.strategy import HOLD, Row


class Params(NamedTuple):
    """Lengths in bars."""

    fast: int = 20
    slow: int = 50


LIMITS = {"fast": (1, None), "slow": (1, None)}
ROWS = (Row(ema, "close", "fast"), Row(ema, "close", "slow"))


@njit(cache=True, error_model="numpy")
def signal(indicators: Floats, rows: Ints, params: Floats, out: Codes) -> None:
    """Write +1 above, -1 below, HOLD on a tie."""
    fast, slow = indicators[rows[0]], indicators[rows[1]]
    for i in range(out.size):
        out[i] = 1 if fast[i] > slow[i] else (-1 if fast[i] < slow[i] else HOLD)

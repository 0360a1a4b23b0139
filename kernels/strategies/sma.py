"""Long while the fast average is above the slow one, short while below.

Rule VMA(fast, slow) without a band, of Brock, Lakonishok and LeBaron (1992), "Simple technical
trading rules and the stochastic properties of stock returns", Journal of Finance 47.
"""

from typing import NamedTuple

from numba import njit

from kernels.indicators import sma
from kernels.jit.array_types import Codes, Floats, Ints
from kernels.strategy import HOLD, Row


class Params(NamedTuple):
    """Lengths in bars."""

    fast: int = 20
    slow: int = 50


LIMITS = {"fast": (1, None), "slow": (1, None)}
ROWS = (Row(sma, "close", "fast"), Row(sma, "close", "slow"))


@njit(cache=True, error_model="numpy")
def signal(indicators: Floats, rows: Ints, params: Floats, out: Codes) -> None:
    """Write +1 above, -1 below, HOLD on a tie."""
    fast, slow = indicators[rows[0]], indicators[rows[1]]
    for i in range(out.size):
        out[i] = 1 if fast[i] > slow[i] else (-1 if fast[i] < slow[i] else HOLD)

"""Long while the fast Hull average is above the slow one, short while below.

Alan Hull's average (2005) weighs recent prices so that it hardly lags; crossed here like any pair.
"""

from typing import NamedTuple

from numba import njit

from kernels.indicators import hma
from kernels.jit.array_types import Codes, Floats, Ints
from kernels.strategy import HOLD, Row


class Params(NamedTuple):
    """Lengths in bars."""

    fast: int = 20
    slow: int = 80


LIMITS = {"fast": (1, None), "slow": (1, None)}
ROWS = (Row(hma, "close", "fast"), Row(hma, "close", "slow"))


@njit(cache=True, error_model="numpy")
def signal(indicators: Floats, rows: Ints, params: Floats, out: Codes) -> None:
    """Write +1 above, -1 below, HOLD on a tie."""
    fast, slow = indicators[rows[0]], indicators[rows[1]]
    for i in range(out.size):
        out[i] = 1 if fast[i] > slow[i] else (-1 if fast[i] < slow[i] else HOLD)

"""Long while the MACD line is above its signal line, short while below.

Gerald Appel (1979): the line is EMA(fast) - EMA(slow), the signal line an EMA of the line. The
difference of the two is taken apart by `ema_gap`, so a sweep over three lengths shares its rows.
Each average is seeded where it begins: for the first few `signal` lengths after warm-up the signal
line differs slightly from one that is seeded on the line itself.
"""

from typing import NamedTuple

from numba import njit

from kernels.indicators import ema_gap
from kernels.jit.array_types import Codes, Floats, Ints
from kernels.strategy import HOLD, Row


class Params(NamedTuple):
    """Lengths in bars."""

    fast: int = 12
    slow: int = 26
    signal: int = 9


LIMITS = {"fast": (1, None), "slow": (1, None), "signal": (1, None)}
ROWS = (Row(ema_gap, "close", "fast", "signal"), Row(ema_gap, "close", "slow", "signal"))


@njit(cache=True, error_model="numpy")
def signal(indicators: Floats, rows: Ints, params: Floats, out: Codes) -> None:
    """Write +1 while line > signal line, which is fast gap > slow gap; -1 below, HOLD on a tie."""
    fast, slow = indicators[rows[0]], indicators[rows[1]]
    for i in range(out.size):
        out[i] = 1 if fast[i] > slow[i] else (-1 if fast[i] < slow[i] else HOLD)

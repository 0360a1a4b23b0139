"""Long while enough of three indicators point up, short while enough point down, else flat.

The three are a crossing of simple averages (Brock, Lakonishok and LeBaron 1992), RSI above or below
its middle of 50 (Wilder 1978) and MACD above or below its signal line (Appel 1979). An indicator
that is not warm yet, or on its tie, does not vote.
"""

from typing import NamedTuple

from numba import njit

from kernels.indicators import ema_gap, rsi, sma
from kernels.jit.array_types import Codes, Floats, Ints
from kernels.strategy import Row


class Params(NamedTuple):
    """Lengths in bars; votes needed on one side, and more than on the other."""

    fast: int = 20
    slow: int = 50
    rsi_period: int = 14
    macd_fast: int = 12
    macd_slow: int = 26
    macd_signal: int = 9
    min_votes: int = 2


LIMITS = {
    "fast": (1, None),
    "slow": (1, None),
    "rsi_period": (1, None),
    "macd_fast": (1, None),
    "macd_slow": (1, None),
    "macd_signal": (1, None),
    "min_votes": (1, 3),
}
ROWS = (
    Row(sma, "close", "fast"),
    Row(sma, "close", "slow"),
    Row(rsi, "close", "rsi_period"),
    Row(ema_gap, "close", "macd_fast", "macd_signal"),
    Row(ema_gap, "close", "macd_slow", "macd_signal"),
)


@njit(cache=True, error_model="numpy")
def signal(indicators: Floats, rows: Ints, params: Floats, out: Codes) -> None:
    """Write +1 or -1 for the side with min_votes and more than the other, 0 without one."""
    fast, slow = indicators[rows[0]], indicators[rows[1]]
    index = indicators[rows[2]]
    gap_fast, gap_slow = indicators[rows[3]], indicators[rows[4]]
    needed = int(params[6])
    for i in range(out.size):
        up = int(fast[i] > slow[i]) + int(index[i] > 50.0) + int(gap_fast[i] > gap_slow[i])
        down = int(fast[i] < slow[i]) + int(index[i] < 50.0) + int(gap_fast[i] < gap_slow[i])
        out[i] = int(up >= needed and up > down) - int(down >= needed and down > up)

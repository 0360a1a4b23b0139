"""Buy a short fall within a long rise, and leave at the first strength or after some bars.

Larry Connors and Cesar Alvarez (2008), Short Term Trading Strategies That Work: RSI of 2 below 10
while the close is above its average of 200. `risk.max_bars` of its YAML is the exit by time.
"""

from typing import NamedTuple

from numba import njit

from kernels.indicators import column, rsi, sma
from kernels.jit.array_types import Codes, Floats, Ints
from kernels.strategy import HOLD, Row


class Params(NamedTuple):
    """Lengths in bars; levels of the index between 0 and 100."""

    period: int = 2
    oversold: float = 10.0
    overbought: float = 65.0
    trend: int = 200


LIMITS = {"period": (1, None), "oversold": (0, 100), "overbought": (0, 100), "trend": (1, None)}
ROWS = (Row(column, "close"), Row(rsi, "close", "period"), Row(sma, "close", "trend"))


@njit(cache=True, error_model="numpy")
def signal(indicators: Floats, rows: Ints, params: Floats, out: Codes) -> None:
    """Write +1 (-1) when oversold above (overbought below) the trend, 0 past the other level."""
    close, index, trend = indicators[rows[0]], indicators[rows[1]], indicators[rows[2]]
    oversold, overbought = params[1], params[2]
    side = 0
    for i in range(out.size):
        out[i] = HOLD
        if close[i] > trend[i] and index[i] < oversold:
            out[i] = side = 1
        elif close[i] < trend[i] and index[i] > 100.0 - oversold:
            out[i] = side = -1
        elif (side == 1 and index[i] > overbought) or (side == -1 and index[i] < 100 - overbought):
            out[i] = side = 0

"""Buy what has fallen too far, sell what has risen too far, by the relative strength index.

Wilder (1978), New Concepts in Technical Trading Systems: below `oversold` a rise is due, above
`overbought` a fall. In between the last opinion stays.
"""

from typing import NamedTuple

from numba import njit

from kernels.indicators import rsi
from kernels.jit.array_types import Codes, Floats, Ints
from kernels.strategy import HOLD, Row


class Params(NamedTuple):
    """Period in bars; thresholds in RSI points, 0 to 100."""

    period: int = 14
    oversold: float = 30.0
    overbought: float = 70.0


LIMITS = {"period": (1, None), "oversold": (0, 100), "overbought": (0, 100)}
ROWS = (Row(rsi, "close", "period"),)


@njit(cache=True, error_model="numpy")
def signal(indicators: Floats, rows: Ints, params: Floats, out: Codes) -> None:
    """Write +1 below oversold, -1 above overbought, HOLD from one to the other."""
    index = indicators[rows[0]]
    oversold, overbought = params[1], params[2]
    for i in range(out.size):
        out[i] = 1 if index[i] < oversold else (-1 if index[i] > overbought else HOLD)

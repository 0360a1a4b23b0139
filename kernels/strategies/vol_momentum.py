"""Hold the sign of the past return, in a size that keeps the volatility where it is wanted.

Time-series momentum of Moskowitz, Ooi and Pedersen (2012), Journal of Financial Economics 104: a
share of the equity of +1 or -1, which `size.vol_target` scales by target / realised volatility
after each close and `size.leverage` caps. A strategy of weights: the position is rebalanced to the
weight once it is further off than `size.no_trade_band`.
"""

from typing import NamedTuple

from numba import njit

from kernels.indicators import change
from kernels.jit.array_types import Floats, Ints
from kernels.strategy import Row


class Params(NamedTuple):
    """Bars of the past return."""

    lookback: int = 252


LIMITS = {"lookback": (1, None)}
ROWS = (Row(change, "close", "lookback"),)


@njit(cache=True, error_model="numpy")
def weight(indicators: Floats, rows: Ints, params: Floats, out: Floats) -> None:
    """Write +1 after a rise, -1 after a fall, 0 where nothing moved, NaN while not known."""
    past = indicators[rows[0]]
    for i in range(out.size):
        if past[i] > 0.0:
            out[i] = 1.0
        elif past[i] < 0.0:
            out[i] = -1.0
        elif past[i] == 0.0:
            out[i] = 0.0

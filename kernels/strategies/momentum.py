"""Long after a rise over the lookback, short after a fall: a trend in time.

Moskowitz, Ooi and Pedersen (2012), "Time series momentum", Journal of Financial Economics 104: the
sign of the past year's return. A threshold above 0 keeps the last opinion through small moves.
"""

from typing import NamedTuple

from numba import njit

from kernels.indicators import change
from kernels.jit.array_types import Codes, Floats, Ints
from kernels.strategy import HOLD, Row


class Params(NamedTuple):
    """Lookback in bars; threshold as a fraction of the price then."""

    lookback: int = 252
    threshold: float = 0.0


LIMITS = {"lookback": (1, None), "threshold": (0, None)}
ROWS = (Row(change, "close", "lookback"),)


@njit(cache=True, error_model="numpy")
def signal(indicators: Floats, rows: Ints, params: Floats, out: Codes) -> None:
    """Write +1 above threshold, -1 below -threshold, HOLD from one to the other."""
    moved = indicators[rows[0]]
    threshold = params[1]
    for i in range(out.size):
        out[i] = 1 if moved[i] > threshold else (-1 if moved[i] < -threshold else HOLD)

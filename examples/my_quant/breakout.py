"""Long above the highest close of the bars before, out below their lowest."""

from typing import NamedTuple

from numba import njit

from kernels.indicators import column, highest, lowest
from kernels.strategy import HOLD, Row


class Params(NamedTuple):
    """Bars to look back."""

    length: int = 20


ROWS = (Row(column, "close"), Row(highest, "close", "length"), Row(lowest, "close", "length"))


@njit(error_model="numpy")
def signal(indicators, rows, params, out):
    """Write +1 above the highest close of the bars before, 0 below their lowest, else HOLD."""
    close, top, bottom = indicators[rows[0]], indicators[rows[1]], indicators[rows[2]]
    out[0] = HOLD
    for i in range(1, out.size):
        out[i] = 1 if close[i] > top[i - 1] else (0 if close[i] < bottom[i - 1] else HOLD)

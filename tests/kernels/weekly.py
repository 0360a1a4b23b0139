"""Long while the close is above its weekly average: a row of a longer timeframe, for tests."""

from typing import NamedTuple

from numba import njit

from kernels.indicators import column, sma
from kernels.strategy import Row


class Params(NamedTuple):
    """Weeks of the average."""

    length: int = 4


ROWS = (Row(column, "close"), Row(sma, "close", "length", timeframe="1w"))


@njit(error_model="numpy")
def signal(indicators, rows, params, out):
    close, average = indicators[rows[0]], indicators[rows[1]]
    for i in range(out.size):
        out[i] = 1 if close[i] > average[i] else 0

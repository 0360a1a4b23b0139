"""Follow a model's probability of a rise, a column of the bars: for tests."""

from typing import NamedTuple

from numba import njit

from kernels.indicators import column
from kernels.strategy import HOLD, Row


class Params(NamedTuple):
    """Probabilities above which it buys, and below which it leaves."""

    enter: float = 0.6
    leave: float = 0.45


ROWS = (Row(column, "probability"),)


@njit(error_model="numpy")
def signal(indicators, rows, params, out):
    probability = indicators[rows[0]]
    for i in range(out.size):
        if probability[i] > params[0]:
            out[i] = 1
        elif probability[i] < params[1]:
            out[i] = 0
        else:
            out[i] = HOLD

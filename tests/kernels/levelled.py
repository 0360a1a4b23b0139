"""A strategy that reads codes and its own levels from columns of the bars: for tests."""

from typing import NamedTuple

from numba import njit

from kernels.indicators import column
from kernels.strategy import Row


class Params(NamedTuple):
    """Nothing that matters."""

    unused: int = 1


ROWS = (Row(column, "code"), Row(column, "s"), Row(column, "t"), Row(column, "l"))


@njit(error_model="numpy")
def signal(indicators, rows, params, out):
    script = indicators[rows[0]]
    for i in range(out.size):
        out[i] = int(script[i])


@njit(error_model="numpy")
def levels(indicators, rows, params, stop, target, limit):
    for i in range(stop.size):
        stop[i] = indicators[rows[1]][i]
        target[i] = indicators[rows[2]][i]
        limit[i] = indicators[rows[3]][i]

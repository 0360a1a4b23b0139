"""A strategy that reads its weights from the bars' own column `w`: for tests."""

from typing import NamedTuple

from numba import njit

from kernels.indicators import column
from kernels.strategy import Row


class Params(NamedTuple):
    """A factor of the weights."""

    factor: float = 1.0


ROWS = (Row(column, "w"),)


@njit(error_model="numpy")
def weight(indicators, rows, params, out):
    script = indicators[rows[0]]
    for i in range(out.size):
        out[i] = script[i] * params[0]

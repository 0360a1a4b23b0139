"""Half of the equity long after a rise, half short after a fall: weights for peers, too."""

from typing import NamedTuple

from numba import njit

from kernels.indicators import change
from kernels.jit.array_types import Floats, Ints
from kernels.strategy import Row


class Params(NamedTuple):
    """Bars of the past return."""

    lookback: int = 100


LIMITS = {"lookback": (1, None)}
ROWS = (Row(change, "close", "lookback"),)


@njit(cache=True, error_model="numpy")
def weight(indicators: Floats, rows: Ints, params: Floats, out: Floats) -> None:
    """Write +0.5 after a rise, -0.5 after a fall, 0 where nothing moved, NaN while not known."""
    past = indicators[rows[0]]
    for i in range(out.size):
        if past[i] == past[i]:
            out[i] = 0.5 * ((past[i] > 0.0) - (past[i] < 0.0))

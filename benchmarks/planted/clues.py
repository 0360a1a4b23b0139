"""Long on the clues near four wanted values, one for each of four kinds of bars in turn.

Bars with a clue near the planted values of `benchmarks.planted.bars` are followed by a rise, those
further off by a fall, so that the Sharpe ratio has its summit where the params are those values.
"""

from typing import NamedTuple

from numba import njit

from kernels.indicators import column
from kernels.jit.array_types import Codes, Floats, Ints
from kernels.strategy import Row

REACH = 0.15
"""How far from the wanted value a clue is still traded on."""


class Params(NamedTuple):
    """The clue wanted on bars of each kind."""

    first: float = 0.0
    second: float = 0.0
    third: float = 0.0
    fourth: float = 0.0


LIMITS = dict.fromkeys(Params._fields, (0, 1))
ROWS = (Row(column, "clue"),)


@njit(error_model="numpy")
def signal(indicators: Floats, rows: Ints, params: Floats, out: Codes) -> None:
    """Write +1 where the clue is within REACH of what is wanted on such a bar, else 0."""
    clue = indicators[rows[0]]
    for i in range(out.size):
        kind = int(clue[i])  # the whole part is the kind, the rest what is known
        out[i] = abs(clue[i] - kind - params[kind]) < REACH

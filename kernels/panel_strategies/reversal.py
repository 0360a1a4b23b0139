"""Hold the symbols that have lost most in the latest bars.

Short-term reversal of Jegadeesh (1990), "Evidence of predictable behavior of security returns",
Journal of Finance 45, and Lehmann (1990).
"""

from typing import NamedTuple

from numba import njit

from kernels.jit.array_types import Floats, Ints
from kernels.panel_strategies.momentum_rank import gain
from kernels.strategy import BarRow


class Params(NamedTuple):
    """Length in bars of the panel; k symbols."""

    lookback: int = 21
    k: int = 10


LIMITS = {"lookback": (1, None), "k": (1, None)}
ROWS = (BarRow(gain, "close", "lookback", 0),)


@njit(cache=True, error_model="numpy")
def score(features: Floats, rows: Ints, params: Floats, out: Floats) -> None:
    """Write the loss."""
    gains = features[rows[0]]
    for i in range(out.size):
        out[i] = -gains[i]

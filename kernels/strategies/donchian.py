"""Enter when the close leaves the channel of the bars before; exit through a shorter channel.

Richard Donchian's channel rule as the Turtles traded it (Faith, 2003, The Original Turtle Trading
Rules): long above the highest high of the last `entry` bars, out below the lowest low of the last
`exit` bars, and the other way round. Judged at the close; the current bar is in neither channel.
"""

from typing import NamedTuple

from numba import njit

from kernels.indicators import column, highest, lowest
from kernels.jit.array_types import Codes, Floats, Ints
from kernels.strategy import HOLD, Row


class Params(NamedTuple):
    """Channel lengths in bars."""

    entry: int = 20
    exit: int = 10


LIMITS = {"entry": (1, None), "exit": (1, None)}
ROWS = (
    Row(column, "close"),
    Row(highest, "high", "entry"),
    Row(lowest, "low", "entry"),
    Row(highest, "high", "exit"),
    Row(lowest, "low", "exit"),
)


@njit(cache=True, error_model="numpy")
def signal(indicators: Floats, rows: Ints, params: Floats, out: Codes) -> None:
    """Write +1 or -1 on a breakout, 0 when a breakout's exit is touched, HOLD otherwise."""
    close = indicators[rows[0]]
    entry_high, entry_low = indicators[rows[1]], indicators[rows[2]]
    exit_high, exit_low = indicators[rows[3]], indicators[rows[4]]
    side = 0
    for i in range(out.size):
        out[i] = HOLD
        if i == 0:
            continue
        if close[i] > entry_high[i - 1]:
            out[i] = side = 1
        elif close[i] < entry_low[i - 1]:
            out[i] = side = -1
        elif (side == 1 and close[i] < exit_low[i - 1]) or (
            side == -1 and close[i] > exit_high[i - 1]
        ):
            out[i] = side = 0

"""Enter when the close leaves the channel of the bars before; the stop and the size are the risk's.

The Turtles' system (Faith 2003, The Original Turtle Trading Rules): channels of 20 bars in and 10
out, a stop two average ranges from the entry, and a size at which that stop costs a fixed part of
the equity. The file says when; `risk.unit=atr`, `risk.stop_loss=2` and `size.kind=risk` of its YAML
say the rest, and are swept like any number. Judged at the close; the bar is in neither channel.
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
    """Write +1 or -1 outside the channel of entry, 0 back across that of exit, else HOLD."""
    close = indicators[rows[0]]
    top, bottom = indicators[rows[1]], indicators[rows[2]]
    exit_top, exit_bottom = indicators[rows[3]], indicators[rows[4]]
    side = 0
    for i in range(out.size):
        out[i] = HOLD
        if i == 0:
            continue
        if close[i] > top[i - 1]:
            out[i] = side = 1
        elif close[i] < bottom[i - 1]:
            out[i] = side = -1
        elif (side == 1 and close[i] < exit_bottom[i - 1]) or (
            side == -1 and close[i] > exit_top[i - 1]
        ):
            out[i] = side = 0

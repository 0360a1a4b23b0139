"""Enter a breakout and follow it with a stop that hangs from the highest high.

Chuck LeBeau's chandelier exit (Elder 2002, Come into My Trading Room): the stop stands `width`
average ranges below the highest high of `length` bars, above the lowest low for shorts. The
strategy writes it as a price after each close; it works inside the next bar.
"""

from typing import NamedTuple

from numba import njit

from kernels.indicators import column, highest, lowest
from kernels.indicators.ranges import atr
from kernels.jit.array_types import Codes, Floats, Ints
from kernels.strategy import HOLD, Row


class Params(NamedTuple):
    """Lengths in bars, width in average true ranges."""

    entry: int = 50
    length: int = 22
    width: float = 3.0


LIMITS = {"entry": (1, None), "length": (1, None), "width": (0, None)}
ROWS = (
    Row(column, "close"),
    Row(highest, "high", "entry"),
    Row(lowest, "low", "entry"),
    Row(highest, "high", "length"),
    Row(lowest, "low", "length"),
    Row(atr, "high", "low", "close", "length"),
)


@njit(cache=True, error_model="numpy")
def signal(indicators: Floats, rows: Ints, params: Floats, out: Codes) -> None:
    """Write +1 or -1 outside the channel of entry, 0 beyond the chandelier, else HOLD."""
    close, top, bottom = indicators[rows[0]], indicators[rows[1]], indicators[rows[2]]
    high, low, reach = indicators[rows[3]], indicators[rows[4]], indicators[rows[5]]
    width, side = params[2], 0
    for i in range(out.size):
        out[i] = HOLD
        if i == 0:
            continue
        if close[i] > top[i - 1]:
            out[i] = side = 1
        elif close[i] < bottom[i - 1]:
            out[i] = side = -1
        elif (side == 1 and close[i] < high[i] - width * reach[i]) or (
            side == -1 and close[i] > low[i] + width * reach[i]
        ):
            out[i] = side = 0


@njit(cache=True, error_model="numpy")
def levels(
    indicators: Floats, rows: Ints, params: Floats, stop: Floats, target: Floats, limit: Floats
) -> None:
    """Write the chandelier of the side that the last breakout has taken."""
    close, top, bottom = indicators[rows[0]], indicators[rows[1]], indicators[rows[2]]
    high, low, reach = indicators[rows[3]], indicators[rows[4]], indicators[rows[5]]
    width, side = params[2], 0
    for i in range(1, stop.size):
        if close[i] > top[i - 1]:
            side = 1
        elif close[i] < bottom[i - 1]:
            side = -1
        if side > 0:
            stop[i] = high[i] - width * reach[i]
        elif side < 0:
            stop[i] = low[i] + width * reach[i]

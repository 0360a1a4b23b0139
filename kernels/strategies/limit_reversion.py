"""Bid below a fall, and sell into the rebound.

A limit order under the close of a new low: the liquidity that a fall asks for is paid for (Nagel
2012, "Evaporating liquidity", Review of Financial Studies 25). The file says when a bid is placed
and when it is over; `fill.entry=limit`, its distance and the bars it works are those of the YAML.
"""

from typing import NamedTuple

from numba import njit

from kernels.indicators import column, highest, lowest, sma
from kernels.jit.array_types import Codes, Floats, Ints
from kernels.strategy import HOLD, Row


class Params(NamedTuple):
    """Bars whose lowest close is undercut; bars of the average at which the rebound is over."""

    length: int = 5
    mean: int = 5


LIMITS = {"length": (1, None), "mean": (1, None)}
ROWS = (
    Row(column, "close"),
    Row(lowest, "close", "length"),
    Row(highest, "close", "length"),
    Row(sma, "close", "mean"),
)


@njit(cache=True, error_model="numpy")
def signal(indicators: Floats, rows: Ints, params: Floats, out: Codes) -> None:
    """Write +1 (-1) at a close below (above) those before, 0 back across the mean, else HOLD."""
    close, bottom, top = indicators[rows[0]], indicators[rows[1]], indicators[rows[2]]
    mean, side = indicators[rows[3]], 0
    for i in range(out.size):
        out[i] = HOLD
        if i == 0:
            continue
        if close[i] < bottom[i - 1]:
            out[i] = side = 1
        elif close[i] > top[i - 1]:
            out[i] = side = -1
        elif (side == 1 and close[i] > mean[i]) or (side == -1 and close[i] < mean[i]):
            out[i] = side = 0

"""Trade the break of the range of a session's first bars, and be flat at its end.

Toby Crabel (1990), Day Trading with Short Term Price Patterns and Opening Range Breakout. Needs
bars shorter than a session; `risk.session_flat` of its YAML leaves the position at the session's
last close.
"""

from typing import NamedTuple

from numba import njit

from kernels.indicators import column
from kernels.jit.array_types import Codes, Floats, Ints
from kernels.strategy import HOLD, Row


class Params(NamedTuple):
    """Bars of the opening range; the last bar of a session at which it is still entered."""

    bars: int = 6
    latest: int = 60


LIMITS = {"bars": (1, None), "latest": (1, None)}
ROWS = (
    Row(column, "high"),
    Row(column, "low"),
    Row(column, "close"),
    Row(column, "session_bar"),
)


@njit(cache=True, error_model="numpy")
def signal(indicators: Floats, rows: Ints, params: Floats, out: Codes) -> None:
    """Write 0 while the range forms, +1 or -1 at the first close outside of it, else HOLD."""
    high, low = indicators[rows[0]], indicators[rows[1]]
    close, place = indicators[rows[2]], indicators[rows[3]]
    top = bottom = 0.0
    free = False  # nothing was entered since the open yet
    for i in range(out.size):
        out[i] = HOLD
        if not place[i] >= 0.0:
            continue
        if place[i] == 0.0:
            top, bottom, free = high[i], low[i], True
        if place[i] < params[0]:
            top, bottom = max(top, high[i]), min(bottom, low[i])
            out[i] = 0
        elif free and place[i] <= params[1] and (close[i] > top or close[i] < bottom):
            out[i] = 1 if close[i] > top else -1
            free = False

"""Hold the last days of each month and the first of the next.

The turn of the month: Lakonishok and Smidt (1988), "Are seasonal anomalies real?", Review of
Financial Studies 1, who found the four days from the last of a month on to earn all of it.
"""

from typing import NamedTuple

from numba import njit

from kernels.indicators import column
from kernels.jit.array_types import Codes, Floats, Ints
from kernels.strategy import HOLD, Row


class Params(NamedTuple):
    """Trading days held at the end of a month, and at the beginning of the next."""

    before: int = 1
    after: int = 3


LIMITS = {"before": (0, 20), "after": (0, 20)}
ROWS = (Row(column, "trading_days_left"), Row(column, "trading_day_of_month"))


@njit(cache=True, error_model="numpy")
def signal(indicators: Floats, rows: Ints, params: Floats, out: Codes) -> None:
    """Write +1 where the next day is among those held, else 0; HOLD without a calendar."""
    left, day = indicators[rows[0]], indicators[rows[1]]
    for i in range(out.size):
        out[i] = HOLD
        if left[i] == 0.0:  # the next day is the first of a month
            out[i] = 1 if params[1] > 0.0 else 0
        elif left[i] > 0.0:
            out[i] = 1 if left[i] <= params[0] or day[i] < params[1] else 0

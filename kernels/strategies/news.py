"""Follow strong news for a while: long after good, short after bad, flat when it has aged.

Prices drift on the way of the news, bad news above all: Chan (2003), "Stock price reaction to news
and no-news", Journal of Financial Economics 70. Needs a feature column `sentiment`, NaN where there
is no news, any scale (commonly -1 to +1), known by the close of its bar.
"""

from typing import NamedTuple

from numba import njit

from kernels.indicators import column
from kernels.jit.array_types import Codes, Floats, Ints
from kernels.strategy import HOLD, Row


class Params(NamedTuple):
    """Threshold in the unit of the column; hold in bars."""

    threshold: float = 0.5
    hold: int = 5


LIMITS = {"threshold": (0, None), "hold": (1, None)}
ROWS = (Row(column, "sentiment"),)


@njit(cache=True, error_model="numpy")
def signal(indicators: Floats, rows: Ints, params: Floats, out: Codes) -> None:
    """Write +1 or -1 on strong news, HOLD for the hold - 1 bars after it, then 0.

    News of the same side within that time restarts it, news of the other side turns round.
    """
    sentiment = indicators[rows[0]]
    threshold, hold = params[0], int(params[1])
    left = 0
    for i in range(out.size):
        left -= 1
        if sentiment[i] > threshold:
            out[i] = 1
            left = hold
        elif sentiment[i] < -threshold:
            out[i] = -1
            left = hold
        else:
            out[i] = HOLD if left > 0 else 0

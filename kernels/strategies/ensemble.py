"""Weigh several opinions, enter when their sum is strong, leave when it has faded.

Opinions, each from -1 to +1: trend, the side of a crossing of simple averages; rsi, which is
(50 - RSI) / 50, so +1 is fallen far; momentum, the sign of the change over the lookback; and the
feature column `sentiment` as it is, on any scale, known by the close of its bar. What is NaN adds
0: no opinion. A linear combination as in Bates and Granger (1969), Operational Research Quarterly
20, with weights that are chosen, not estimated.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from kernels.indicators import change, column, rsi, sma
from kernels.jit.array_types import Codes, Floats, Ints
from kernels.strategy import HOLD, Row


class Params(NamedTuple):
    """Weights of the opinions, thresholds on their weighted sum, lengths in bars."""

    weights__trend: float = 1.0
    weights__rsi: float = 1.0
    weights__momentum: float = 1.0
    weights__sentiment: float = 1.0
    enter: float = 1.0
    leave: float = 0.5
    fast: int = 20
    slow: int = 50
    rsi_period: int = 14
    lookback: int = 120


LIMITS = {
    "enter": (0, None),
    "leave": (0, None),
    "fast": (1, None),
    "slow": (1, None),
    "rsi_period": (1, None),
    "lookback": (1, None),
}
ROWS = (
    Row(sma, "close", "fast"),
    Row(sma, "close", "slow"),
    Row(rsi, "close", "rsi_period"),
    Row(change, "close", "lookback"),
    Row(column, "sentiment"),
)


@njit(cache=True, error_model="numpy")
def side_of(value: float, other: float) -> int:
    """+1 above the other, -1 below, 0 on a tie or when either is NaN."""
    return int(value > other) - int(value < other)


@njit(cache=True, error_model="numpy")
def known(value: float) -> float:
    """The value, 0 where it is NaN."""
    return 0.0 if np.isnan(value) else value


@njit(cache=True, error_model="numpy")
def signal(indicators: Floats, rows: Ints, params: Floats, out: Codes) -> None:
    """Write +1 with a sum above enter, -1 below -enter, 0 once faded below leave, else HOLD."""
    fast, slow = indicators[rows[0]], indicators[rows[1]]
    index, moved, sentiment = indicators[rows[2]], indicators[rows[3]], indicators[rows[4]]
    trend_weight, rsi_weight, momentum_weight, sentiment_weight = params[:4]
    enter, leave = params[4], params[5]
    side = 0
    for i in range(out.size):
        score = (
            trend_weight * side_of(fast[i], slow[i])
            + rsi_weight * known((50.0 - index[i]) / 50.0)
            + momentum_weight * side_of(moved[i], 0.0)
            + sentiment_weight * known(sentiment[i])
        )
        out[i] = HOLD
        if score > enter:
            out[i] = side = 1
        elif score < -enter:
            out[i] = side = -1
        elif side != 0 and side * score < leave:
            out[i] = side = 0

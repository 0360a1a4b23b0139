"""A strategy of a user's own, outside the folder: long above a mean, short below it."""

from typing import NamedTuple

import numpy as np
from numba import njit

from kernels.strategy import HOLD, Row


@njit(error_model="numpy")
def mean(x, length):
    out = np.full(x.size, np.nan)
    for i in range(length - 1, x.size):
        total = 0.0
        for k in range(length):
            total += x[i - k]
        out[i] = total / length
    return out


class Params(NamedTuple):
    """Lengths in bars; the band is a fraction of the slow mean."""

    fast: int = 2
    slow: int = 5
    band: float = 0.0


LIMITS = {"fast": (1, None), "slow": (1, 400), "band": (0.0, None)}
ROWS = (Row(mean, "close", "fast"), Row(mean, "close", "slow"))


@njit(error_model="numpy")
def signal(indicators, rows, params, out):
    fast, slow = indicators[rows[0]], indicators[rows[1]]
    for i in range(out.size):
        if fast[i] > slow[i] * (1.0 + params[2]):
            out[i] = 1
        elif fast[i] < slow[i] * (1.0 - params[2]):
            out[i] = -1
        elif fast[i] == slow[i]:
            out[i] = 0
        else:
            out[i] = HOLD

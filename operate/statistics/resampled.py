"""Paths of returns drawn by the stationary bootstrap, many at once.

Source: Politis, D. N. and Romano, J. P. (1994), "The stationary bootstrap", Journal of the American
Statistical Association 89(428), section 2.
"""

import numpy as np

from kernels.jit.array_types import Floats
from promote.statistics import optimal_block

LEAST_BLOCK = 60
"""Bars: an edge that comes and goes needs blocks that are long enough to keep its seasons."""


def block_of(returns: Floats) -> float:
    """Mean length of a block: the automatic one, 60 bars at least, a third of the returns at most.

    Args:
        returns: (n,) per bar, n at least 9.
    """
    return min(max(LEAST_BLOCK, optimal_block(returns)), max(1.0, returns.size / 3))


def paths(returns: Floats, bars: int, draws: int, block: float, seed: int) -> Floats:
    """(draws, bars) returns, each row a resample of `returns` in blocks of random length."""
    random = np.random.default_rng(seed)
    begins = random.random((draws, bars)) < 1 / block
    begins[:, 0] = True
    starts = random.integers(returns.size, size=(draws, bars))
    at = np.maximum.accumulate(np.where(begins, np.arange(bars), 0), axis=1)
    place = (np.take_along_axis(starts, at, axis=1) + np.arange(bars) - at) % returns.size
    drawn: Floats = returns[place]
    return drawn

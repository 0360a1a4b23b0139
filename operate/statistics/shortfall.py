"""Shortfall line: the sum of what a live run has earned less than its promise.

For independent returns of standard deviation s, P(max over t <= H of sum(m - r) > c s sqrt(H)) is
2 Phi(-c) by the reflection principle (Billingsley, Probability and Measure, 3rd ed., eq. 37.11).
With an edge that comes and goes that is far too small, so c is read from a stationary bootstrap of
the profile's own returns.
"""

import math

import numpy as np

from kernels.jit.array_types import Floats
from operate.statistics.resampled import paths

DRAWS = 2_000


def shortfall(promise: float, returns: Floats) -> Floats:
    """(n,) sum of promise - return up to each bar; NaN from the first return that is NaN."""
    return np.cumsum(promise - returns)


def line_constant(
    returns: Floats, bars: int, error: float, block: float, *, draws: int = DRAWS, seed: int = 0
) -> float:
    """The c with P(max shortfall > c s sqrt(bars)) = error when the promise is kept.

    Args:
        returns: (n,) of the profile per bar; their mean plays the promise.
        bars: of the horizon.
        error: between 0 and 1.
        block: mean length of a block.
        draws: resampled paths.
        seed: of the draws.
    """
    centred = returns - returns.mean()
    deepest = np.cumsum(-paths(centred, bars, draws, block, seed), axis=1).max(axis=1)
    return float(np.quantile(deepest, 1 - error) / (returns.std() * math.sqrt(bars)))


def crosses(promise: float, returns: Floats, limit: float, bars: int) -> int | None:
    """Number of the first bar whose shortfall exceeds a limit; it is renewed every `bars` bars."""
    for first in range(0, returns.size, bars):
        beyond = shortfall(promise, returns[first : first + bars]) > limit
        if beyond.any():
            return first + int(beyond.argmax())
    return None


def power(
    returns: Floats, promise: float, limit: float, bars: int, block: float, *, seed: int = 1
) -> float:
    """Share of paths without any edge that a line stops within `bars` bars."""
    drawn = paths(returns - returns.mean(), bars, DRAWS, block, seed)
    return float((np.cumsum(promise - drawn, axis=1).max(axis=1) > limit).mean())

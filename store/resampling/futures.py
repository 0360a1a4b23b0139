"""Futures of an account, drawn from its returns per bar by the stationary bootstrap."""

from typing import NamedTuple

import numpy as np

from kernels.jit.array_types import Floats
from store.resampling.block_length import optimal_block
from store.resampling.numbers import at_least, series

LEAST = 9
"""Returns that the choice of a block's length needs."""
AT_ONCE = 2**21
"""Random numbers that are held at a time."""


class Futures(NamedTuple):
    """Ends of `draws` futures.

    Attributes:
        drawdown: (draws,) deepest fall from a peak, the beginning included, fraction of that peak.
        total_return: (draws,) from the beginning to the last bar, fraction.
    """

    drawdown: Floats
    total_return: Floats


def block_of(returns: Floats) -> float:
    """Mean length of the blocks: the longer of what the returns and their squares ask for.

    The squares, because a drawdown depends on how violent times cluster.
    """
    return max(optimal_block(returns), optimal_block(returns**2))


def futures(returns: Floats, bars: int, draws: int, block: float, seed: int) -> Futures:
    """Draw futures as long as an account is to be watched.

    Of one seed, a shorter future is the beginning of a longer one: so its drawdown is never deeper.

    Args:
        returns: (n,) per bar, arithmetic, oldest first, n at least 9.
        bars: of each future, 1 or more.
        draws: how many futures.
        block: mean length of the resampled blocks, 1 or more; see `block_of`.
        seed: of the draws.

    Raises:
        ValueError: too few returns, or one that is not finite.
    """
    values = series("returns", returns, LEAST)
    at_least("bars", bars, 1)
    at_least("block", block, 1)
    begins, starts = (np.random.default_rng([seed, stream]) for stream in range(2))
    place = starts.integers(values.size, size=draws)
    wealth, peak, ratio = np.ones(draws), np.ones(draws), np.ones(draws)
    at_once = max(1, AT_ONCE // draws)
    for first in range(0, bars, at_once):
        size = (min(at_once, bars - first), draws)
        is_new = begins.random(size) < 1 / block
        drawn = (starts.random(size) * values.size).astype(np.int64)
        for new, start in zip(is_new, drawn, strict=True):
            place = np.where(new, start, (place + 1) % values.size)
            wealth = wealth * (1.0 + values[place])
            peak = np.maximum(peak, wealth)
            ratio = np.minimum(ratio, wealth / peak)
    return Futures(1.0 - ratio, wealth - 1.0)

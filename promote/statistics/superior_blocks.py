"""The test for superior predictive ability when only block sums are left of the returns.

Blocks are resampled as wholes, independently of each other: they must be long against whatever
dependence the returns have. With a few dozen of them the error of a mean is itself uncertain, and
the largest of thousands of ratios mean / error is one whose error came out low. Taking the error as
known rejected a true null hypothesis of 10,000 independent configurations 19 times in 100 at a
level of 5 %. So every resample gets an error of its own, as a bootstrap-t has it.

Sources: Hansen (2005), as in `superior`; Efron, B. and Tibshirani, R. J. (1993), An Introduction
to the Bootstrap, section 12.5 (bootstrap-t); Romano, J. P. and Wolf, M. (2005), Econometrica
73(4), section 4.2, for studentizing maxima in this way.
"""

from typing import Any

import numpy as np

from kernels.arrays import Floats
from promote.statistics.blocks import checked_bars
from promote.statistics.maxima import Means, t_ratio
from promote.statistics.numbers import matrix
from promote.statistics.superior import Superiority, check_resampling, judged, recentred
from store.moments import FLAT

COLUMNS = 4096
"""Configurations that are worked on at a time."""
LEAST_ERROR = 0.7
"""Share of the error over all blocks that a resample's own does not go below. Of 64 normal blocks
one resample in a thousand does; a configuration that trades in few blocks has resamples without
any of them, hence without error, whose ratios would be of any size."""


def spa_blocks(block_sum: Any, block_n: Any, resamples: int = 1000, seed: int = 0) -> Superiority:
    """Test for superior predictive ability from sums of returns per block.

    It tests the same null hypothesis as `spa`, with as many observations as there are blocks: the
    means are those of all bars, only their errors are known less well. What it cannot see is
    dependence from one block to the next; what `spa` has to estimate, dependence within a block,
    is in the sums.

    Args:
        block_sum: (S, N) sums of the returns above the benchmark's, S at least 16.
        block_n: (S,) bars in each block.
        resamples: of the blocks, 100 or more.
        seed: of the resampling.

    Returns:
        The p-values; `block` is the mean length in bars.

    Raises:
        ValueError: another shape, or a value that is not finite.
    """
    table = np.asarray(block_sum)
    if table.ndim != 2 or 0 in table.shape:
        raise ValueError(f"block_sum: need shape (blocks, configurations), got {table.shape}")
    bars = checked_bars(block_n, len(table))
    check_resampling(len(bars), resamples)
    draws = np.random.default_rng(seed).multinomial(
        len(bars), np.full(len(bars), 1 / len(bars)), size=resamples
    )
    maxima, ratios = np.zeros((resamples, 3)), []
    for start in range(0, table.shape[1], COLUMNS):
        part = matrix("block_sum", table[:, start : start + COLUMNS], "blocks", "configurations")
        means, residuals = _means(part, bars)
        shifts = recentred(means.t, int(bars.sum()))
        np.maximum(maxima, _maxima(draws, bars, residuals, means.error, shifts), out=maxima)
        ratios.append(means.t)
    return judged(np.concatenate(ratios), maxima, float(bars.mean()))


def _means(sums: Floats, bars: Floats) -> tuple[Means, Floats]:
    """Means per bar with their errors; (S, c) what each block's sum is above its expectation."""
    total = bars.sum()
    mean = sums.sum(axis=0) / total
    residuals = sums - bars[:, None] * mean
    variance = (residuals**2).sum(axis=0)
    variance[variance <= FLAT * (sums**2).sum(axis=0)] = 0.0
    error = np.sqrt(variance) / total
    return Means(mean, error, t_ratio(mean, error)), residuals


def _maxima(draws: Any, bars: Floats, residuals: Floats, error: Floats, shifts: Floats) -> Floats:
    """Largest studentized mean of each resample, (resamples, 3), over some configurations."""
    live = error > 0
    scaled = (residuals[:, live] / error[live]).astype(np.float32)  # in units of the error
    total = draws @ bars  # (resamples,) bars
    weights = (draws / total[:, None]).astype(np.float32)
    mean = weights @ scaled
    square = (draws / total[:, None] ** 2).astype(np.float32) @ scaled**2
    own = square - mean**2 * ((draws @ bars**2) / total**2)[:, None].astype(np.float32)
    np.sqrt(np.maximum(own, np.float32(LEAST_ERROR**2)), out=own)
    found = np.zeros((len(draws), len(shifts)))
    if live.any():
        for j, shift in enumerate(shifts[:, live].astype(np.float32)):
            found[:, j] = ((mean + shift) / own).max(axis=1)
    return found

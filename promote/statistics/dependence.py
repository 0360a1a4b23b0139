"""Autocorrelation factor: how much more the mean of a return varies than of independent ones."""

import numpy as np
from numpy.typing import ArrayLike

from promote.statistics.long_run_variance import bootstrap_variance
from store.analysis.block_sharpe import FLAT
from store.resampling.block_length import mean_optimal_block
from store.resampling.numbers import matrix


def dependence(returns: ArrayLike) -> float:
    """Variance of a mean over what it would be without memory, the mean of some configurations.

    Source: Hansen (2005), section 3.1.2, for the variance that the stationary bootstrap gives a
    mean; its blocks are as long as `mean_optimal_block` says, one bar where no dependence shows.

    Args:
        returns: (T, k) per bar, oldest first, T at least 9.

    Returns:
        1 or more: gains that make up for losses before them are no reason to be surer. 1 when
        nothing varies.

    Raises:
        ValueError: another shape, too short, or a value that is not finite.
    """
    table = matrix("returns", returns, "T", "k")
    centred = table - table.mean(axis=0)
    varies = (centred**2).mean(axis=0) > FLAT * (table**2).mean(axis=0)
    if not varies.any():
        return 1.0
    centred = np.ascontiguousarray(centred[:, varies])
    long_run = np.empty(centred.shape[1])
    bootstrap_variance(centred, mean_optimal_block(centred), long_run)
    return max(1.0, float((long_run / (centred**2).mean(axis=0)).mean()))

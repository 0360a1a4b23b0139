"""Distribution of the largest of many studentized means under chance, in bounded memory.

A resample is a row of counts, so that the means of all resamples are one matrix product. It is
taken in single precision, of columns that are centred before: means differ by 10^-7 of a standard
deviation, and no table of resamples times columns is ever held.
"""

from typing import NamedTuple

import numpy as np

from kernels.jit.array_types import Floats
from promote.statistics.long_run_variance import bootstrap_variance
from store.analysis.block_sharpe import FLAT
from store.resampling.bootstrap import count_groups

COLUMNS = 512
"""Columns that are worked on at a time."""


class Means(NamedTuple):
    """Means of k columns over T observations.

    Attributes:
        mean: (k,).
        error: (k,) standard error of the mean under a stationary bootstrap; 0: the column hardly
            varies, and is no evidence for anything.
        t: (k,) mean / error; -inf where the error is 0.
    """

    mean: Floats
    error: Floats
    t: Floats


def studentize(table: Floats, block: float) -> Means:
    """Means of the columns of (T, k) and their errors."""
    n, k = table.shape
    mean, variance = table.mean(axis=0), np.empty(k)
    for columns in _stretches(k):
        centred = np.ascontiguousarray(table[:, columns] - mean[columns])
        bootstrap_variance(centred, block, variance[columns])
        hardly = variance[columns] <= FLAT * np.square(table[:, columns]).mean(axis=0)
        variance[columns][hardly] = 0.0
    error = np.sqrt(variance / n)
    return Means(mean, error, t_ratio(mean, error))


def t_ratio(mean: Floats, error: Floats) -> Floats:
    """Means over their errors; -inf where the error is 0."""
    live = error > 0
    return np.where(live, mean / np.where(live, error, 1.0), -np.inf)


def chance_maxima(
    table: Floats, means: Means, shifts: Floats, block: float, resamples: int, seed: int
) -> Floats:
    """Largest studentized mean of each resample, once the true means are what a shift says.

    Args:
        table: (T, k) of observations.
        means: as `studentize` finds them.
        shifts: (r, k) added to the columns' studentized means; 0: a true mean of 0; -inf: left out.
        block: mean length of a block.
        resamples: how many.
        seed: of the resamples; the same whatever the columns.

    Returns:
        (resamples, r); 0 or more: columns without error count as 0.
    """
    n, k = table.shape
    scale = np.where(means.error > 0, 1 / np.where(means.error > 0, means.error, 1.0), 0.0) / n
    single, maxima = shifts.astype(np.float32), []
    for counts in count_groups(n, block, resamples, np.random.default_rng(seed)):
        top = np.zeros((len(counts), len(shifts)))
        for columns in _stretches(k):
            centred = (table[:, columns] - means.mean[columns]) * scale[columns]
            drawn = counts @ centred.astype(np.float32)
            for j, shift in enumerate(single):
                np.maximum(top[:, j], (drawn + shift[columns]).max(axis=1), out=top[:, j])
        maxima.append(top)
    return np.vstack(maxima)


def _stretches(k: int) -> list[slice]:
    return [slice(start, min(start + COLUMNS, k)) for start in range(0, k, COLUMNS)]

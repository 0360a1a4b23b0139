"""Test for superior predictive ability (SPA) of the best of many over a benchmark.

Source: Hansen, P. R. (2005), "A test for superior predictive ability", Journal of Business &
Economic Statistics 23(4), sections 2.2 and 3.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from kernels.jit.array_types import Floats
from promote.statistics.bootstrap_maxima import chance_maxima, studentize
from store.resampling.block_length import mean_optimal_block
from store.resampling.numbers import at_least, matrix

SHORTEST = 16
"""Observations below which no resampling says anything."""


@dataclass(frozen=True, slots=True)
class Superiority:
    """Hansen's test. Null hypothesis: no configuration has a mean above the benchmark's.

    A p-value is (1 + resamples whose largest studentized mean is at least that seen) / (1 +
    resamples): never 0, and 1 when nothing is above the benchmark.

    Attributes:
        p_lower: as if those worse than the benchmark had no part in it: too low.
        p_consistent: those far worse have none; the one to use (SPA_c).
        p_upper: as if all were exactly as good as the benchmark: too high when many are bad.
        statistic: largest studentized mean, or 0.
        best: its column; the first when none varies.
        block: mean length of the blocks that were resampled, in observations.
    """

    p_lower: float
    p_consistent: float
    p_upper: float
    statistic: float
    best: int
    block: float


def spa(
    excess: ArrayLike, resamples: int = 1000, block: float | None = None, seed: int = 0
) -> Superiority:
    """Test for superior predictive ability, studentized, by the stationary bootstrap.

    Args:
        excess: (T, k) returns per bar of each configuration above the benchmark's, oldest first;
            T at least 16. Against cash at no interest: the returns themselves.
        resamples: of the bars, 100 or more.
        block: mean length of the resampled blocks, 1 or more; None: by `mean_optimal_block`.
        seed: of the resampling.

    Returns:
        The p-values. Columns that hardly vary (a configuration that never trades) are left out.

    Raises:
        ValueError: another shape, or a value that is not finite.
    """
    table = matrix("excess", excess, "T", "k")
    check_resampling(len(table), resamples)
    length = mean_optimal_block(table) if block is None else at_least("block", block, 1)
    means = studentize(table, length)
    shifts = recentred(means.t, len(table))
    return judged(means.t, chance_maxima(table, means, shifts, length, resamples, seed), length)


def check_resampling(n: int, resamples: int) -> None:
    """Refuse what is too little to resample.

    Raises:
        ValueError: fewer than 16 observations or 100 resamples.
    """
    if n < SHORTEST:
        raise ValueError(f"excess: need {SHORTEST} observations or more, got {n}")
    at_least("resamples", resamples, 100)


def recentred(t: Floats, n: int) -> Floats:
    """True studentized mean of each configuration under the null hypothesis.

    Section 3.2 of the paper: the mean itself is taken where it is negative (lower), where it is
    below -sqrt(2 log log n) (consistent), and never (upper); 0 elsewhere.

    Args:
        t: (k,) studentized means; -inf: no evidence.
        n: observations.

    Returns:
        (3, k), 0 or below.
    """
    limit = -math.sqrt(2 * math.log(math.log(n)))
    return np.stack([np.minimum(t, 0.0), np.where(t < limit, t, 0.0), np.zeros_like(t)])


def judged(t: Floats, maxima: Floats, block: float) -> Superiority:
    """The p-values of studentized means (k,), given (resamples, 3) maxima by chance."""
    statistic = max(float(t.max()), 0.0)
    at_least_as_high = (~(np.maximum(maxima, 0.0) < statistic)).sum(axis=0)  # NaN is no pass
    lower, consistent, upper = ((1 + at_least_as_high) / (1 + len(maxima))).tolist()
    return Superiority(lower, consistent, upper, statistic, int(t.argmax()), block)

"""The test for superior predictive ability when only block sums are left of the returns.

Blocks are resampled as wholes, independently of each other: they must be long against whatever
dependence the returns have. Errors come from the squares of all bars. The sums of a few dozen
blocks would tell them, too, but so badly that the largest of thousands of ratios mean / error is
one whose error came out low: for 3,001 configurations on the NASDAQ index they made a p-value of
0.01, where it is 0.27 here, and 0.12 to 0.30 bar by bar.

Source: Hansen (2005), as in `superior`.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from kernels.jit.array_types import Floats, Ints, Singles
from promote.statistics.blocks import checked
from promote.statistics.bootstrap_maxima import t_ratio
from promote.statistics.superior_ability import Superiority, check_resampling, judged, recentred
from promote.statistics.weighted_maxima import weighted_maxima
from store.analysis.block_sharpe import FLAT
from store.resampling.numbers import at_least

COLUMNS = 4096
"""Configurations that are worked on at a time."""
Columns = slice | Ints
"""Some of the configurations, by place."""
CONSISTENT = 1
"""Place of the consistent recentring among the three of `recentred`."""
TAIL = 0.05
"""Share of the maxima by chance that their tail is told by."""
SMALLEST = 1e-12
"""No p-value is smaller: so far out the tail is a guess."""


def spa_blocks(
    block_sum: ArrayLike,
    block_sumsq: ArrayLike,
    block_n: ArrayLike,
    dependence: float = 1.0,
    resamples: int = 1000,
    seed: int = 0,
) -> Superiority:
    """Test for superior predictive ability from sums of returns, and of their squares, per block.

    It tests the same null hypothesis as `spa`, by the same means and errors. What it cannot see is
    dependence from one block to the next. Dependence within a block is in the sums; in the squares
    it is not, so that they ask for a word on it.

    Args:
        block_sum: (S, N) sums of the returns above the benchmark's, S at least 16.
        block_sumsq: (S, N) sums of their squares.
        block_n: (S,) bars in each block.
        dependence: how many times the variance of a mean is that of returns without memory, 1 or
            more; see the function `dependence`.
        resamples: of the blocks, 100 or more.
        seed: of the resampling.

    Returns:
        The p-values; `block` is the mean length in bars.

    Raises:
        ValueError: shapes that do not agree, a value that is not finite, too little to resample.
    """
    at_least("dependence", dependence, 1)
    ratios, maxima, bars = _drawn(
        block_sum, block_sumsq, block_n, lambda columns: math.sqrt(dependence), resamples, seed
    )
    return judged(ratios, maxima, bars)


@dataclass(frozen=True, slots=True)
class Adjusted:
    """Single-step max-T p-value of the best of some configurations among all that competed.

    Attributes:
        p: chance that the best of all, none with skill, looks as good; above 0. Below
            `TAIL` it is carried on by the tail of the maxima; see `tail_chance`.
        statistic: largest studentized mean of the family, or 0.
    """

    p: float
    statistic: float


def max_t_blocks(
    block_sum: ArrayLike,
    block_sumsq: ArrayLike,
    block_n: ArrayLike,
    family: Ints,
    dependence: float = 1.0,
    resamples: int = 1000,
    seed: int = 0,
    competing: Ints | None = None,
) -> Adjusted:
    """Adjusted p-value of the best of a family, from sums of returns and squares per block.

    The statistic is the largest studentized mean of the family, its distribution by chance that of
    the largest of all, recentred as in Hansen's consistent test: what is far below the benchmark
    has no part in it.

    Source: Westfall, P. H. and Young, S. S. (1993), "Resampling-based multiple testing", Wiley,
    section 2.3; Romano, J. P. and Wolf, M. (2005), "Stepwise multiple testing as formalized data
    snooping", Econometrica 73(4), 1237-1282.

    Args:
        block_sum: (S, N) sums of the returns above the benchmark's, of all that competed.
        block_sumsq: (S, N) sums of their squares.
        block_n: (S,) bars in each block.
        family: (k,) places of the configurations that are judged together, at least one.
        dependence: of the family's returns, as for `spa_blocks`; the others count as without.
        resamples: of the blocks, 100 or more.
        seed: of the resampling.
        competing: (c,) ascending places of those that competed, the family among them; None: all.
            No copy of their sums is made.

    Raises:
        ValueError: as `spa_blocks`.
    """
    root = math.sqrt(at_least("dependence", dependence, 1))
    within = np.zeros(np.shape(block_sum)[-1])
    within[family] = 1.0

    def scale(columns: Columns) -> Floats:
        return np.where(within[columns] > 0, root, 1.0)

    ratios, maxima, _ = _drawn(
        block_sum, block_sumsq, block_n, scale, resamples, seed, (CONSISTENT,), competing
    )
    judged_places = family if competing is None else np.searchsorted(competing, family)
    statistic = max(float(ratios[judged_places].max()), 0.0)
    return Adjusted(tail_chance(statistic, np.maximum(maxima[:, 0], 0.0)), statistic)


def tail_chance(statistic: float, maxima: Floats) -> float:
    """Share of the maxima at or above a statistic; finer than their number where that is small.

    Above the quantile q of `TAIL`, excesses are taken as exponential with their mean m:
    p = TAIL exp(-(t - q) / m).

    Source: Davison, A. C. and Smith, R. L. (1990), "Models for exceedances over high thresholds",
    Journal of the Royal Statistical Society B 52(3), 393-442, with shape 0.

    Args:
        statistic: 0 or more.
        maxima: (resamples,) largest statistics by chance, 0 or more.

    Returns:
        (1 + number at or above) / (1 + resamples), or the tail's.
    """
    counted = float(1 + (~(maxima < statistic)).sum()) / (1 + maxima.size)  # NaN is no pass
    start = float(np.quantile(maxima, 1 - TAIL))
    beyond = maxima[maxima > start] - start
    if not statistic > start or not beyond.size:
        return counted
    return max(TAIL * math.exp(-(statistic - start) / float(beyond.mean())), SMALLEST)


def _drawn(
    block_sum: ArrayLike,
    block_sumsq: ArrayLike,
    block_n: ArrayLike,
    scale: Callable[[Columns], Floats | float],
    resamples: int,
    seed: int,
    kinds: Sequence[int] = (0, 1, 2),
    competing: Ints | None = None,
) -> tuple[Floats, Floats, float]:
    """Studentized means (N,), (resamples, kinds) maxima by chance, and the mean bars of a block.

    The errors of some columns are multiplied by what `scale` gives for them; `kinds` are rows of
    what `recentred` gives; with `competing`, (c,) places, all is of those alone.
    """
    sums, squares, bars = checked(block_sum, block_sumsq, block_n)
    check_resampling(len(bars), resamples)
    draws = np.random.default_rng(seed).multinomial(
        len(bars), np.full(len(bars), 1 / len(bars)), size=resamples
    )
    maxima, ratios = np.zeros((resamples, len(kinds))), []
    for start in range(0, sums.shape[1] if competing is None else competing.size, COLUMNS):
        some: Columns = slice(start, start + COLUMNS)
        some = some if competing is None else competing[some]
        part = _part(sums[:, some], squares[:, some], bars)
        t = t_ratio(part.mean, part.error * scale(some))
        shifts = recentred(t, int(bars.sum()))[list(kinds)]
        np.maximum(maxima, _maxima(draws, bars, part, shifts), out=maxima)
        ratios.append(t)
    return np.concatenate(ratios), maxima, float(bars.mean())


class _Part(NamedTuple):
    """Some of the configurations, c of them.

    Attributes:
        mean: (c,) per bar.
        error: (c,) of the mean, as the bars differ; 0: they or the blocks hardly do.
        residuals: (S, c) what each block's sum is above its expectation, over the error that the
            mean has as the blocks differ: so resampled means have an error of 1.
    """

    mean: Floats
    error: Floats
    residuals: Floats


def _part(sums: Floats, sumsq: Floats, bars: Floats) -> _Part:
    total = bars.sum()
    mean = sums.sum(axis=0) / total
    residuals = sums - bars[:, None] * mean
    between = (residuals**2).sum(axis=0)
    varies = between > FLAT * (sums**2).sum(axis=0)
    square = sumsq.sum(axis=0) / total
    variance = square - mean**2
    variance[(variance <= FLAT * square) | ~varies] = 0.0
    residuals /= np.sqrt(np.where(varies, between, 1.0)) / total
    return _Part(mean, np.sqrt(variance / total), residuals)


def _maxima(draws: Ints, bars: Floats, part: _Part, shifts: Floats) -> Floats:
    """Largest studentized mean of each resample, (resamples, kinds), of some configurations."""
    maxima = np.zeros((len(draws), len(shifts)))
    live = part.error > 0
    if live.any():
        weights = draws / (draws @ bars)[:, None]
        maxima[:] = weighted_maxima(
            *(_single(table) for table in (weights, part.residuals[:, live], shifts[:, live]))
        )
    return maxima


def _single(table: Floats) -> Singles:
    return np.ascontiguousarray(table, np.float32)

"""Test of a candidate against a baseline on the same bars."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from kernels.jit.array_types import Floats
from promote.statistics.superior_ability import check_resampling
from store.analysis.block_sharpe import sharpe
from store.resampling.block_length import optimal_block
from store.resampling.bootstrap import count_groups
from store.resampling.numbers import at_least, between, series


@dataclass(frozen=True, slots=True)
class Difference:
    """Candidate minus baseline.

    Attributes:
        value: of the two series as they are.
        p_value: of the null hypothesis that the true difference is 0 or below.
        low: lower end of the two-sided confidence interval.
        high: its upper end.
    """

    value: float
    p_value: float
    low: float
    high: float


class Uplift(NamedTuple):
    """Two paired differences, and the mean length of the blocks that were resampled.

    Attributes:
        sharpe: annual.
        annual_return: compound, a fraction.
        block: in bars.
    """

    sharpe: Difference
    annual_return: Difference
    block: float


def uplift(
    candidate: ArrayLike,
    baseline: ArrayLike,
    periods_per_year: float,
    resamples: int = 2000,
    block: float | None = None,
    seed: int = 0,
    confidence: float = 0.95,
) -> Uplift:
    """Paired test of a candidate's Sharpe ratio and annual return against a baseline's.

    Each resample takes the same bars of both, so that what moves both cancels out. A p-value is
    (1 + resamples whose difference exceeds the one seen by as much as that exceeds 0) / (1 +
    resamples), the interval that of the resampled differences' own quantiles.

    Source: Ledoit, O. and Wolf, M. (2008), "Robust performance hypothesis testing with the Sharpe
    ratio", Journal of Empirical Finance 15(5), section 3.2, but not studentized, and by the
    stationary bootstrap of Politis and Romano (1994). It takes the pair as given: a candidate that
    is the best of many looks better than it is.

    Args:
        candidate: (T,) returns per bar, oldest first, all above -1; T at least 16.
        baseline: (T,) of the same bars.
        periods_per_year: bars in a year.
        resamples: 100 or more.
        block: mean length of the resampled blocks; None: `optimal_block` of the difference.
        seed: of the resampling.
        confidence: of the intervals, above 0 and below 1.

    Raises:
        ValueError: series that do not pair, a value that is not finite, or a return of -1, after
            which there is nothing left to compare.
    """
    pair = np.stack([series("candidate", candidate, 1), _paired(candidate, baseline)])
    if (pair <= -1).any():
        raise ValueError("candidate, baseline: every return must be above -1; one was ruined")
    n = pair.shape[1]
    check_resampling(n, resamples)
    year = at_least("periods_per_year", periods_per_year, np.finfo(float).tiny)
    tail = (1 - between("confidence", confidence, 0, 1)) / 2
    length = optimal_block(pair[0] - pair[1]) if block is None else at_least("block", block, 1)
    table = np.vstack([pair, pair**2, np.log1p(pair)]).T
    random = np.random.default_rng(seed)
    groups = count_groups(n, length, resamples, random)
    drawn = _differences(np.vstack([counts @ table for counts in groups]), n, year)
    seen = _differences(table.sum(axis=0)[None, :], n, year)[0]
    by_sharpe, by_return = (_judged(seen[k], drawn[:, k], tail) for k in (0, 1))
    return Uplift(by_sharpe, by_return, length)


def _paired(candidate: ArrayLike, baseline: ArrayLike) -> Floats:
    line = series("baseline", baseline, 1)
    if line.size != np.size(candidate):
        raise ValueError(
            f"baseline: need the {np.size(candidate):,} bars of the candidate, got {line.size:,}"
        )
    return line


def _differences(sums: Floats, n: int, year: float) -> Floats:
    """(m, 2) of the Sharpe ratios and annual returns, from (m, 6) sums of r, r^2, log(1 + r)."""
    ratio = sharpe(sums[:, 0:2], sums[:, 2:4], n) * np.sqrt(year)
    growth = np.expm1(sums[:, 4:6] * (year / n))
    return np.stack([ratio[:, 0] - ratio[:, 1], growth[:, 0] - growth[:, 1]], axis=1)


def _judged(seen: float, drawn: Floats, tail: float) -> Difference:
    p_value = (1 + int((drawn - seen >= seen).sum())) / (1 + drawn.size)
    low, high = np.quantile(drawn, [tail, 1 - tail]).tolist()
    return Difference(float(seen), p_value, low, high)

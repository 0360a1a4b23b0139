"""What choosing on each train window would have earned on the test window after it.

Source: Pardo, R. (2008), The Evaluation and Optimization of Trading Strategies, 2nd edition,
chapter 11 (walk-forward analysis and walk-forward efficiency).
"""

import math
from dataclasses import dataclass

import numpy as np

from store.goodness import goodness
from store.moments import Floats, Ints, sharpe

ANNUAL = ("annual_return", "sharpe", "sortino", "calmar")
"""Metrics that compare between windows of different lengths: an efficiency is a ratio of them."""


@dataclass(frozen=True, slots=True)
class Stitched:
    """Test windows one after the other, each simulated alone, on what the one before left.

    Attributes:
        bars: of all test windows.
        sharpe: annual, of the returns per bar of all test windows.
        total_return: product of 1 + total_return of the windows, minus 1: exact.
        annual_return: the same per year.
    """

    bars: int
    sharpe: float
    total_return: float
    annual_return: float


def stitch(
    sums: Floats, squares: Floats, bars: Ints, total_return: Floats, periods_per_year: float
) -> Stitched:
    """The out-of-sample record of f folds, whose windows follow each other.

    Args:
        sums: (f, b) block sums of r of the chosen runs on their test windows.
        squares: (f, b) of r^2.
        bars: (f,) of the test windows.
        total_return: (f,) on them, fractions.
        periods_per_year: bars in a year.
    """
    n = int(bars.sum())
    ratio = float(sharpe(sums.sum(), squares.sum(), n)) * math.sqrt(periods_per_year)
    growth = float(np.prod(1.0 + total_return))
    return Stitched(n, ratio, growth - 1.0, growth ** (periods_per_year / n) - 1.0)


def efficiency(in_sample: Floats, out_of_sample: Floats) -> float | None:
    """Mean out-of-sample over mean in-sample value of the chosen configurations.

    Args:
        in_sample: (f,) a metric of `ANNUAL` on the train windows; higher is better.
        out_of_sample: (f,) on the test windows.

    Returns:
        1 where the test keeps all of what was found in train; None where the ratio says nothing:
        a mean in sample that is not above 0, or a value that is not finite.
    """
    inside, outside = float(np.mean(in_sample)), float(np.mean(out_of_sample))
    if not (math.isfinite(inside) and math.isfinite(outside) and inside > 0):
        return None
    return outside / inside


def best_of(scores: Floats, descending: bool) -> int | None:
    """The place of the best of (n,) scores, the first of equals; None when all are NaN."""
    known = np.flatnonzero(~np.isnan(scores))
    if not known.size:
        return None
    order = -goodness(scores[known], descending)
    return int(known[np.argmin(order)])

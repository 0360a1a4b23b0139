"""Walk-forward: the return of choosing on each train window, on the test window after it.

Source: Pardo, R. (2008), The Evaluation and Optimization of Trading Strategies, 2nd edition,
chapter 11 (walk-forward analysis and walk-forward efficiency).
"""

import math
from dataclasses import dataclass

import numpy as np

from store.analysis.block_sharpe import Floats, Ints, sharpe
from store.runs.metric_order import goodness

ANNUAL = ("annual_return", "sharpe", "sortino", "calmar")
"""Metrics that compare between windows of different lengths: an efficiency is a ratio of them."""

SHORTEST = 1.0 / 366.0
"""Years, a day: what a shorter record gains is not carried to a year."""


@dataclass(frozen=True, slots=True)
class Stitched:
    """Test windows one after the other, each simulated alone, on what the one before left.

    Attributes:
        bars: from the first bar of the first test window to the last of the last.
        sharpe: annual, of their returns per bar; the account is flat between two windows.
        total_return: product of 1 + total_return of the windows, minus 1: exact.
        annual_return: the same per year; NaN below a day.
    """

    bars: int
    sharpe: float
    total_return: float
    annual_return: float


def stitch(
    sums: Floats,
    squares: Floats,
    bars: Ints,
    total_return: Floats,
    periods_per_year: float,
    *,
    flat: int = 0,
    years: float | None = None,
    risk_free: float = 0.0,
) -> Stitched:
    """The out-of-sample record of f folds, whose windows follow each other.

    Args:
        sums: (f, b) block sums of r of the chosen runs on their test windows.
        squares: (f, b) of r^2.
        bars: (f,) of the test windows.
        total_return: (f,) on them, fractions.
        periods_per_year: bars in a year.
        flat: bars between the windows.
        years: that the record lasts; None = its bars / periods_per_year.
        risk_free: rate per year.
    """
    n = int(bars.sum()) + flat
    years = n / periods_per_year if years is None else years
    free = risk_free / periods_per_year
    total = float(sums.sum())
    ratio = float(sharpe(total, squares.sum(), n))
    if ratio and free:  # the deviation stays, the mean goes down by what cash earns
        ratio *= 1.0 - free * n / total
    growth = float(np.prod(1.0 + total_return))
    annual = np.float64(growth) ** (1.0 / years) - 1.0 if years >= SHORTEST else np.nan
    return Stitched(n, ratio * math.sqrt(periods_per_year), growth - 1.0, float(annual))


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
    finite = np.flatnonzero(~np.isnan(scores))
    if not finite.size:
        return None
    order = -goodness(scores[finite], descending)
    return int(finite[np.argmin(order)])

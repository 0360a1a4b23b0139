"""Standard error of the median Sharpe ratio of configurations that resemble each other."""

import math

from numpy.typing import ArrayLike

from promote.statistics.blocks import checked_bars
from promote.statistics.effective_trials import standardised
from store.resampling.numbers import matrix


def median_bars(block_sum: ArrayLike, block_n: ArrayLike) -> float:
    """Bars of a single record whose Sharpe ratio is as exact as the median of k.

    Of k estimates with one variance v and the mean correlation rho, what they share has the
    variance rho v, and the median of the rest at most pi (1 - rho) v / (2 k), which is its limit
    for many normal ones: k copies are as exact as one, k that are independent as 2 k / pi of them.
    Estimates of small Sharpe ratios are correlated as the returns are.

    Source: Cramer, H. (1946), Mathematical Methods of Statistics, section 28.5, for the variance
    of a median.

    Args:
        block_sum: (S, k) sums of the returns per bar.
        block_n: (S,) bars in each block.

    Returns:
        1 + (n - 1) / min(1, rho + pi (1 - rho) / (2 k)) for n bars in all: n or more.
        Configurations without any variation are left out.

    Raises:
        ValueError: other shapes, or a value that is not finite.
    """
    sums = matrix("block_sum", block_sum, "blocks", "configurations")
    bars = checked_bars(block_n, len(sums))
    unit = standardised(sums, bars)
    count = float((unit**2).sum())
    share = 1.0
    if count > 1.5:  # 2 or more vary
        correlation = (float((unit.sum(axis=1) ** 2).sum()) - count) / (count * (count - 1))
        share = min(1.0, correlation + math.pi / 2 * (1 - correlation) / count)
    return 1 + (float(bars.sum()) - 1) / share

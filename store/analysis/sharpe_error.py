"""Standard error of a fall from train to test."""

import itertools
import math
from collections.abc import Sequence

Z = 1.645
"""Standard errors of a gap that one fair rule in twenty exceeds."""

Span = tuple[int, int]
"""Bars [start, stop) of a window."""


def gap_error(train: Sequence[Span], test: Sequence[Span], periods_per_year: float) -> float:
    """Standard error of the mean train minus the mean test Sharpe ratio of an equally good rule.

    With returns that are uncorrelated and vary alike, the difference of the means is a weighted
    sum of returns: a bar weighs 1 / (K n) in each of K train windows, of n bars, that hold it, and
    minus that in test windows. Its variance is the sum of the squared weights; that of a single
    Sharpe ratio near zero is 1 / n (Lo, A. W. (2002), "The statistics of Sharpe ratios", Financial
    Analysts Journal 58(4)).

    Args:
        train: windows that the search looked at; they may overlap each other and test windows.
        test: the others; one at least of each.
        periods_per_year: bars in a year.

    Returns:
        In annual Sharpe ratios.
    """
    edges = sorted({edge for window in (*train, *test) for edge in window})
    variance = sum(
        (last - first) * (_weight(train, first, last) - _weight(test, first, last)) ** 2
        for first, last in itertools.pairwise(edges)
    )
    return math.sqrt(variance * periods_per_year)


def _weight(windows: Sequence[Span], first: int, last: int) -> float:
    """Weight of each bar [first, last) in the mean over windows of the mean return."""
    return sum(1 / (b - a) for a, b in windows if a <= first and last <= b) / len(windows)

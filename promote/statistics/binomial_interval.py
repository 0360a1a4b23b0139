"""Interval of a counted rate."""

from typing import NamedTuple

from scipy.special import betaincinv

from store.resampling.numbers import between


class Proportion(NamedTuple):
    """A share that was counted.

    Attributes:
        rate: the share.
        low: lower end of its interval.
        high: upper end.
    """

    rate: float
    low: float
    high: float


def proportion(count: int, n: int, confidence: float = 0.95) -> Proportion:
    """A rate with its exact interval: the true rates that the count does not speak against.

    It holds the true rate in at least the share `confidence` of all samples, however rare what is
    counted: 0 of 100 gives 0 to 3.6 %.

    Source: Clopper, C. J. and Pearson, E. S. (1934), "The use of confidence or fiducial limits
    illustrated in the case of the binomial", Biometrika 26(4), through quantiles of the beta
    distribution.

    Args:
        count: of the n, 0 to n.
        n: independent draws, 1 or more.
        confidence: of the interval, in (0, 1).

    Raises:
        ValueError: numbers outside these ranges.
    """
    if not 0 <= count <= n or n < 1:
        raise ValueError(f"count: need 0 to n of 1 or more, got {count} of {n}")
    tail = (1 - between("confidence", confidence, 0, 1)) / 2
    low = float(betaincinv(count, n - count + 1, tail)) if count else 0.0
    high = float(betaincinv(count + 1, n - count, 1 - tail)) if count < n else 1.0
    return Proportion(count / n, low, high)

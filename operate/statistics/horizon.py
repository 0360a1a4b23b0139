"""Time that returns or fills need to tell two Sharpe ratios, or two costs, apart."""

import math

import numpy as np

from kernels.jit.array_types import Floats

SIZE_AND_POWER = 1.6449 + 0.8416
"""Normal quantiles of one-sided 5 % and of a power of 80 %."""


def years_to_tell(a: float, b: float, correlation: float = 0.0, *, paired: bool = False) -> float:
    """Years until two annual Sharpe ratios are told apart, one-sided 5 %, power 80 %.

    (2.487 / difference)^2 against a number that is known; of the paired difference of two return
    series of equal volatility the variance is 2 (1 - correlation) times as large.

    Args:
        a: annual Sharpe ratio.
        b: the other, or the claim.
        correlation: of the two series of returns.
        paired: both are observed, on the same bars.
    """
    if a == b:
        return math.inf
    spread = 2 * (1 - correlation) if paired else 1.0
    return spread * (SIZE_AND_POWER / (a - b)) ** 2


def sharpe_error(returns: Floats, periods: float) -> tuple[float, float]:
    """Annual Sharpe ratio and its standard error; NaN with fewer than two returns or no variance.

    Source: Lo, A. W. (2002), "The statistics of Sharpe ratios", FAJ 58(4), eq. 9.
    """
    n = returns.size
    if n < 2 or not returns.std(ddof=1) > 0:
        return math.nan, math.nan
    ratio = float(returns.mean() / returns.std(ddof=1))
    return ratio * math.sqrt(periods), math.sqrt((1 + ratio**2 / 2) / n * periods)


def wilson(wins: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Interval of a share (Wilson 1927, JASA 22(158)); (NaN, NaN) without cases."""
    if n == 0:
        return math.nan, math.nan
    share, z2 = wins / n, z * z
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = z / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return middle - half, middle + half


def deepest(returns: Floats) -> float:
    """Deepest fall from a peak, the beginning included, a fraction of that peak."""
    wealth = np.concatenate([[1.0], np.cumprod(1 + returns)])
    return float((1 - wealth / np.maximum.accumulate(wealth)).max())

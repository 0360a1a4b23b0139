"""Probabilistic Sharpe ratio: confidence that a Sharpe ratio is above a benchmark."""

import math
from statistics import NormalDist

from store.resampling.numbers import at_least, finite

ROUNDING = 1e-9
"""By which computed moments may miss what holds for all distributions."""


def sharpe_variance(sharpe: float, skew: float, kurtosis: float) -> float:
    """Variance of an estimated Sharpe ratio, times the number of periods minus 1.

    Returns need not be normal, but are taken as independent of each other: where they trend, the
    true variance is larger (Lo 2002).

    Source: Mertens (2002), "Comments on variance of the IID estimator in Lo (2002)"; equation 5
    of Bailey and Lopez de Prado (2012). With skew 0 and kurtosis 3 it is 1 + sharpe^2 / 2, Lo
    (2002), equation 9.

    Args:
        sharpe: per period, not annual.
        skew: of the returns.
        kurtosis: of the returns, raw: normal = 3; at least 1 + skew^2, as of any distribution.

    Raises:
        ValueError: a value that is not finite, impossible moments, or a variance of 0: a return
            that takes two values only, and this Sharpe ratio.
    """
    ratio, s, k = finite("sharpe", sharpe), finite("skew", skew), finite("kurtosis", kurtosis)
    if k < (1 + s * s) * (1 - ROUNDING):
        raise ValueError(
            f"kurtosis: must be 1 + skew^2 = {1 + s * s:g} or more, got {k:g}; "
            "give the raw kurtosis, which is 3 for a normal distribution"
        )
    variance = 1 - s * ratio + (k - 1) / 4 * ratio * ratio
    if variance <= ROUNDING:
        raise ValueError(
            f"sharpe {ratio:g} with skew {s:g}, kurtosis {k:g}: has no variance to judge it by"
        )
    return variance


def probabilistic_sharpe(
    sharpe: float, n: float, skew: float, kurtosis: float, benchmark: float = 0.0
) -> float:
    """Probability that the true Sharpe ratio is above a benchmark (PSR).

    Source: Bailey, D. H. and Lopez de Prado, M. (2012), "The Sharpe ratio efficient frontier",
    Journal of Risk 15(2), equation 11.

    Args:
        sharpe: estimated, per period, not annual.
        n: periods it was estimated from, 2 or more.
        skew: of the returns.
        kurtosis: of the returns, raw: normal = 3.
        benchmark: Sharpe ratio per period.

    Returns:
        0 to 1; 0.5 where both are equal.

    Raises:
        ValueError: as `sharpe_variance`, or less than 2 periods.
    """
    return normal_cdf(sharpe_z(sharpe, n, skew, kurtosis, benchmark))


def sharpe_z(
    sharpe: float, n: float, skew: float, kurtosis: float, benchmark: float = 0.0
) -> float:
    """Standard errors by which an estimated Sharpe ratio is above a benchmark.

    The argument of the normal distribution in `probabilistic_sharpe`, which says the rest.
    """
    periods = at_least("n", n, 2)
    excess = finite("sharpe", sharpe) - finite("benchmark", benchmark)
    return excess * math.sqrt((periods - 1) / sharpe_variance(sharpe, skew, kurtosis))


def normal_cdf(z: float) -> float:
    """Probability that a standard normal is at or below z; keeps its digits far below 0."""
    return 0.5 * math.erfc(-z / math.sqrt(2))


def normal_quantile(probability: float) -> float:
    """The z of which `normal_cdf` is this probability, above 0 and below 1."""
    return NormalDist().inv_cdf(probability)

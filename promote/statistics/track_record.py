"""Minimum track record: the history that tells a Sharpe ratio from a benchmark."""

import math

from promote.statistics.probabilistic import normal_quantile, sharpe_variance
from store.resampling.numbers import between, finite


def min_track_record(
    sharpe: float,
    skew: float,
    kurtosis: float,
    benchmark: float = 0.0,
    confidence: float = 0.95,
) -> float:
    """Periods from which `probabilistic_sharpe` reaches a confidence (MinTRL).

    Source: Bailey and Lopez de Prado (2012), equation 13.

    Args:
        sharpe: estimated, per period, not annual.
        skew: of the returns.
        kurtosis: of the returns, raw: normal = 3.
        benchmark: Sharpe ratio per period.
        confidence: above 0.5 and below 1.

    Returns:
        Periods, above 1 and with a fraction; inf when the Sharpe ratio is not above the benchmark:
        no history is long enough then.

    Raises:
        ValueError: as `sharpe_variance`, or a confidence outside its range.
    """
    quantile = normal_quantile(between("confidence", confidence, 0.5, 1.0))
    variance = sharpe_variance(sharpe, skew, kurtosis)
    excess = sharpe - finite("benchmark", benchmark)
    if not excess > 0:
        return math.inf
    distance = quantile / excess
    return 1 + variance * distance * distance

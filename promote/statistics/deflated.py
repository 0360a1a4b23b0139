"""Deflated Sharpe ratio: confidence in the best of many."""

from promote.statistics.probabilistic import probabilistic_sharpe
from store.analysis.expected_max_sharpe import expected_max_sharpe


def deflated_sharpe(
    sharpe: float, n: float, skew: float, kurtosis: float, n_trials: float, variance: float
) -> float:
    """Probability that the best of many Sharpe ratios is above what luck alone would show (DSR).

    Source: Bailey, D. H. and Lopez de Prado, M. (2014), "The deflated Sharpe ratio", Journal of
    Portfolio Management 40(5), equation 2: the probabilistic Sharpe ratio against the expected
    maximum of `n_trials` skill-free ones.

    Args:
        sharpe: of the chosen configuration, per period, not annual.
        n: periods it was estimated from, 2 or more.
        skew: of its returns.
        kurtosis: of its returns, raw: normal = 3.
        n_trials: independent configurations tried, see `effective_number` and `scaled_number`.
        variance: of the Sharpe ratios per period across them, see `variance_across`.

    Returns:
        0 to 1; the same as against a benchmark of 0 for one configuration.

    Raises:
        ValueError: as `probabilistic_sharpe` and `expected_max_sharpe`.
    """
    luck = expected_max_sharpe(n_trials, variance)
    return probabilistic_sharpe(sharpe, n, skew, kurtosis, benchmark=luck)

"""Expected best of many skill-free strategies: the bar that luck clears.

Source: Bailey, D. H. and Lopez de Prado, M. (2014), "The deflated Sharpe ratio: correcting for
selection bias, backtest overfitting and non-normality", Journal of Portfolio Management 40(5),
equation 1 (the false strategy theorem).
"""

import itertools
import math
from collections.abc import Sequence
from statistics import NormalDist

EULER_MASCHERONI = 0.577_215_664_901_532_9


def expected_max_sharpe(n_trials: float, variance: float) -> float:
    """Expected highest of `n_trials` independent Sharpe ratios whose true value is zero.

    Args:
        n_trials: how many were tried, 0 or more; a fraction when it is an effective number.
        variance: of the Sharpe ratios across the trials, per period squared, 0 or more.

    Returns:
        A Sharpe ratio per period (not annual); 0 for one trial or none.
    """
    if not (0 <= n_trials < math.inf):
        raise ValueError(f"n_trials: must be 0 or more and finite, got {n_trials}")
    if not (0 <= variance < math.inf):
        raise ValueError(f"variance: must be 0 or more and finite, got {variance}")
    if n_trials <= 1:
        return 0.0
    gamma, quantile = EULER_MASCHERONI, NormalDist().inv_cdf
    # Z^-1[1 - p] is written -Z^-1[p]: 1 - p would round to 1 for many trials.
    highest = -(1 - gamma) * quantile(1 / n_trials) - gamma * quantile(1 / (n_trials * math.e))
    return math.sqrt(variance) * max(highest, 0.0)  # below 0 for less than 1.28 effective trials


def noise_sharpe(n_trials: float, n_bars: int, periods_per_year: float) -> float:
    """Annual Sharpe ratio that the best of `n_trials` skill-free strategies is expected to show.

    Args:
        n_trials: configurations tried, taken as independent: an upper bound when they resemble
            each other, as those of one strategy do.
        n_bars: length of the history, 2 or more.
        periods_per_year: bars in a year.

    Returns:
        `expected_max_sharpe` times sqrt(periods_per_year), with the variance 1 / (n_bars - 1) that
        the estimate of a zero Sharpe ratio has.
    """
    if n_bars < 2:
        raise ValueError(f"n_bars: must be 2 or more, got {n_bars}")
    if not (0 < periods_per_year < math.inf):
        raise ValueError(f"periods_per_year: must be above 0 and finite, got {periods_per_year}")
    return math.sqrt(periods_per_year) * expected_max_sharpe(n_trials, 1 / (n_bars - 1))


def effective_bars(windows: Sequence[tuple[int, int]]) -> int:
    """Length of the one window whose Sharpe ratio varies as much as the mean over these.

    Without skill, and with returns that are uncorrelated and vary alike, that mean is a weighted
    sum of the returns: a bar weighs 1 / (K n) in each of the K windows, of n bars, that hold it.
    Its variance is the sum of the squared weights, against 1 / bars of a single window.

    Args:
        windows: bars [start, stop) of each; they may overlap. One gives its own length.
    """
    edges = sorted({edge for window in windows for edge in window})
    variance = 0.0
    for first, last in itertools.pairwise(edges):
        weight = sum(1 / (b - a) for a, b in windows if a <= first and last <= b) / len(windows)
        variance += (last - first) * weight**2
    return round(1 / variance)

"""The Sharpe ratio beats what luck would show after as many tries.

Deflated Sharpe ratio of Bailey and Lopez de Prado (2014), equation 2, of what the choice was made
by: for a plateau the median of its neighbourhood, with the variance and the error that such medians
have. The ledger counts what was tried on these data, by any sweep and whatever became of it;
configurations that move together count as one.
"""

import math

from promote.gate.verdict import Verdict
from promote.statistics import deflated_sharpe, expected_max_sharpe


def check(
    chosen_sharpe: float,
    chosen_bars: float,
    chosen_variance: float,
    chosen_among: float,
    skew: float,
    kurtosis: float,
    periods_per_year: float,
    tried: float,
    independent: float,
    limit: float,
) -> Verdict:
    """Judge a Sharpe ratio by how many were tried.

    Args:
        chosen_sharpe: what was the highest, per bar, not annual: a Sharpe ratio, or a median.
        chosen_bars: of a single record whose Sharpe ratio is as exact.
        chosen_variance: across what it was the highest of, per bar.
        chosen_among: configurations that it is the median of; 1: a Sharpe ratio.
        skew: of the returns per bar.
        kurtosis: of them, raw: normal = 3.
        periods_per_year: bars in a year.
        tried: configurations, as the ledger counts them.
        independent: how many independent ones they are worth.
        limit: the confidence that passes, in (0, 1).
    """
    confidence = deflated_sharpe(
        chosen_sharpe, chosen_bars, skew, kurtosis, independent, chosen_variance
    )
    year = math.sqrt(periods_per_year)
    benchmark = expected_max_sharpe(independent, chosen_variance) * year
    median = ""
    if chosen_among > 1:
        own = chosen_sharpe * year
        median = f"its neighbourhood of {chosen_among:.0f} has a median of {own:.2f} a year; "
    text = (
        f"{median}{tried:,.0f} were tried, worth {independent:,.1f} independent ones, "
        f"for which the benchmark of its formula is {benchmark:.2f} a year"
    )
    return Verdict("deflated_sharpe", confidence >= limit, confidence, limit, "confidence", text)

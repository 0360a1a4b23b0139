"""The Sharpe ratio beats what luck would show after as many tries.

Deflated Sharpe ratio of Bailey and Lopez de Prado (2014), equation 2. The ledger counts what was
tried on these data, by any sweep and whatever became of it; configurations that move together
count as one.
"""

import math

from promote.statistics import deflated_sharpe, expected_max_sharpe
from promote.verdict import Verdict


def check(
    bar_sharpe: float,
    skew: float,
    kurtosis: float,
    bars: float,
    periods_per_year: float,
    tried: float,
    independent: float,
    sharpe_variance: float,
    limit: float,
) -> Verdict:
    """Judge a Sharpe ratio by how many were tried.

    Args:
        bar_sharpe: Sharpe ratio per bar, not annual.
        skew: of the returns per bar.
        kurtosis: of them, raw: normal = 3.
        bars: in the judged window.
        periods_per_year: bars in a year.
        tried: configurations, as the ledger counts them.
        independent: how many independent ones they are worth.
        sharpe_variance: across them, of Sharpe ratios per bar.
        limit: the confidence that passes, in (0, 1).
    """
    confidence = deflated_sharpe(bar_sharpe, bars, skew, kurtosis, independent, sharpe_variance)
    luck = expected_max_sharpe(independent, sharpe_variance) * math.sqrt(periods_per_year)
    said = (
        f"{tried:,.0f} were tried, worth {independent:,.1f} independent ones, "
        f"of which luck alone would show a best of {luck:.2f} a year"
    )
    return Verdict("deflated_sharpe", confidence >= limit, confidence, limit, "confidence", said)

"""The history is long enough to tell its Sharpe ratio from 0.

Minimum track record length of Bailey and Lopez de Prado (2012), equation 13: fat tails and
negative skew lengthen it.
"""

from promote.gate.verdict import Verdict
from promote.statistics import min_track_record


def check(
    bar_sharpe: float,
    skew: float,
    kurtosis: float,
    bars: float,
    periods_per_year: float,
    limit: float,
) -> Verdict:
    """Judge the length of a history.

    Args:
        bar_sharpe: Sharpe ratio per bar, not annual.
        skew: of the returns per bar.
        kurtosis: of them, raw: normal = 3.
        bars: in the judged window.
        periods_per_year: bars in a year.
        limit: confidence, in (0.5, 1), that the true Sharpe ratio is above 0.
    """
    needed = min_track_record(bar_sharpe, skew, kurtosis, confidence=limit) / periods_per_year
    years = bars / periods_per_year
    text = f"to be {100 * limit:g} % sure of a Sharpe ratio above 0, it needs {needed:.1f} years"
    return Verdict("min_track_record", years >= needed, years, needed, "years", text)

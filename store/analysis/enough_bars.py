"""Enough bars for a search: whether luck alone reaches what a sound edge would show."""

import math

from store.analysis.expected_max_sharpe import noise_sharpe
from store.luck.record import Luck
from store.luck.sentences import number

HURDLE = 1.0
"""Annual Sharpe ratio of an edge worth finding; where luck shows it, no search can."""
MOST_TRIES = 1e9


def too_few(luck: Luck, bars: int, periods_per_year: float) -> str:
    """Warning that so many tries are too many for so few bars; empty where they are not.

    They are where one history in ten without skill shows a Sharpe ratio of `HURDLE`. The best by
    luck falls with the root of the bars, which says how many would do.

    Args:
        luck: measured on the configurations that are about to run.
        bars: that the choice looks at.
        periods_per_year: bars in a year.
    """
    if not luck.q90 > HURDLE or bars < 2:
        return ""
    needed = math.ceil(bars * (luck.q90 / HURDLE) ** 2)
    tries = independent_tries(luck.mean, bars, periods_per_year)
    worth = "" if tries is None else f", worth about {tries:,.0f} independent tries"
    share = 100 * luck.chance_of(HURDLE)
    return (
        f"{bars:,} bars are few for the best of these {luck.configurations:,}{worth}: without any "
        f"skill it shows a Sharpe ratio of {number(HURDLE)} in {share:.0f} % of histories, so that "
        f"the gate can hardly tell such an edge from luck; {needed:,} bars would keep that below "
        f"10 %, {needed - bars:,} more than there are; or try less"
    )


def independent_tries(mean: float, bars: int, periods_per_year: float) -> float | None:
    """Number of independent tries without skill that show so high a best on average.

    The inverse of `noise_sharpe` (Bailey and Lopez de Prado 2014, equation 1), by bisection.

    Args:
        mean: annual Sharpe ratio of the best by luck.
        bars: that it is measured on, 2 or more.
        periods_per_year: bars in a year.

    Returns:
        1 or more; None where more than a thousand million would be needed.
    """
    low, high = 1.0, MOST_TRIES
    if noise_sharpe(high, bars, periods_per_year) < mean:
        return None
    while high - low > 0.005 * low:
        middle = math.sqrt(low * high)
        low, high = (middle, high) if noise_sharpe(middle, bars, periods_per_year) < mean else (
            low, middle)  # fmt: skip
    return high

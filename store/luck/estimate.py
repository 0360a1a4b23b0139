"""The luck line from what each history without skill showed."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from store.records.luck import DIGITS, Luck

Floats = NDArray[np.float64]

POINTS = "random points of the space"
"""What stands in for the configurations of a search that learns, before it has run."""


class Seen(NamedTuple):
    """Annual Sharpe ratios on one history without skill.

    Attributes:
        small: best of the small sample.
        best: best of the sample; None where only the small one was evaluated.
        quarter: mean of the bests of the sample's four quarters; None the same.
        held: Sharpe ratio per bar of holding the asset, a mean over the symbols.
    """

    small: float
    best: float | None
    quarter: float | None
    held: float


def summarised(
    seen: Sequence[Seen], *, configurations: int, sample: int, small: int, stand_in: str = ""
) -> Luck:
    """The luck line from what each history showed.

    The best of the small sample is known of all histories; what the best of the sample is above it
    (double sampling, Cochran 1977, section 12.3) of those that were looked at closer, the first
    ones; and what more configurations would add is carried on in the logarithm of their number.
    Part of the luck of a history is that holding the asset pays: the mean is taken where holding
    it has the Sharpe ratio that it is expected to have, 0 (a regression estimate, section 7.1).

    Args:
        seen: (histories,), 2 or more.
        configurations: that the sample stands for.
        sample: configurations evaluated on the closer ones.
        small: those evaluated on every history.
        stand_in: see `Luck`.
    """
    lows = np.array([history.small for history in seen])
    near = [
        (history.best, history.small, history.quarter)
        for history in seen
        if history.best is not None
    ]
    bests, smalls, quarters = np.array(near, np.float64).T
    above = bests - smalls
    carried = 0.0
    if sample < configurations:
        carried = math.log(configurations / sample) / math.log(4)
    more = carried * (bests - quarters)
    line, error = _at_zero(lows, np.array([history.held for history in seen]))
    added = float(more.mean())
    mean = line + float(above.mean()) + added
    closer = float((above + more).std(ddof=1)) / math.sqrt(len(near))
    shown = lows + np.resize(above, lows.size) + added
    return Luck(
        configurations=configurations,
        sample=sample,
        small=small,
        histories=len(seen),
        closer=len(near),
        mean=round(mean, DIGITS),
        se=round(math.hypot(error, closer, added * UNSURE), DIGITS),
        sd=round(float(shown.std(ddof=1)), DIGITS),
        q90=round(float(np.quantile(shown, 0.9)), DIGITS),
        carried=round(added, DIGITS),
        stand_in=stand_in,
        bests=tuple(np.round(shown, DIGITS).tolist()),
    )


def _at_zero(values: Floats, held: Floats) -> tuple[float, float]:
    """Mean of the values where `held` is 0, by regression on it, and its standard error."""
    n, centred = values.size, held - held.mean()
    spread = float(centred @ centred)
    if spread == 0 or n < REGRESSED:
        return float(values.mean()), float(values.std(ddof=1)) / math.sqrt(n)
    slope = float(centred @ values) / spread
    rest = values - values.mean() - slope * centred
    variance = float(rest @ rest) / (n - 2)
    error = math.sqrt(variance * (1 / n + float(held.mean()) ** 2 / spread))
    return float(values.mean()) - slope * float(held.mean()), error


REGRESSED = 10
"""Histories from which on a slope is trusted."""
UNSURE = 0.2
"""Of what carrying on in the logarithm adds, its standard error: measured, docs/statistics.md."""

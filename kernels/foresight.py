"""Feature columns that correlate with the next bar's return as no feature known in time does.

The look-ahead check takes features as given: it cannot know when a figure was published. A column
made from later prices gives itself away by its rank correlation (Spearman 1904) with the return
of the bar after it: signals that trade daily show 0.02 to 0.1.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from kernels.jit.array_types import Floats
from kernels.portfolio.panel import Panel

IMPLAUSIBLE = 0.3
"""Absolute rank correlations from here on are implausible."""
SYMBOLS = 50
"""Symbols of a universe that are looked at."""
FEWEST = 100
"""Bars with a value that are needed to tell; the standard error is then 0.1."""


def foresight(columns: Mapping[str, Floats], names: Sequence[str]) -> dict[str, float]:
    """Rank correlations of columns with the return of the next bar, close to close.

    Args:
        columns: (n,) of a series, `close` among them.
        names: of the feature columns to look at.

    Returns:
        By name; columns with fewer than `FEWEST` known or fewer than two different values are left
        out.
    """
    close = np.asarray(columns["close"], np.float64)
    returns = close[1:] / close[:-1] - 1
    correlations = {}
    for name in names:
        values = np.asarray(columns[name], np.float64)[:-1]
        finite = np.isfinite(values) & np.isfinite(returns)
        pairs = (_ranks(values[finite]), _ranks(returns[finite]))
        if finite.sum() >= FEWEST and all(np.ptp(ranks) > 0 for ranks in pairs):
            correlations[name] = float(np.corrcoef(*pairs)[0, 1])
    return correlations


def panel_foresight(panel: Panel, names: Sequence[str], start: int, stop: int) -> dict[str, float]:
    """The same of a universe: the mean over its first symbols, on bars start..stop-1."""
    by_symbol = [
        foresight({name: panel.table[name][i, start:stop] for name in ("close", *names)}, names)
        for i in range(min(len(panel.symbols), SYMBOLS))
    ]
    values = {name: [each[name] for each in by_symbol if name in each] for name in names}
    return {name: float(np.mean(own)) for name, own in values.items() if own}


def _ranks(values: Floats) -> Floats:
    """(n,) ranks from 1, equal values at their mean rank."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    ranks = np.cumsum(count) - (count - 1) / 2
    return np.asarray(ranks[place])

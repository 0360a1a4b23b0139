"""Simple transformations of a column; bar i of the result uses bars 0 to i only."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CHUNK = 1_000_000
"""Cells of the windows that are laid out at a time: 8 MB."""


def logarithm(values: Floats) -> Floats:
    """Natural logarithm of (n,) values; NaN where one is not above zero."""
    logs: Floats = np.full(values.size, np.nan)
    np.log(values, out=logs, where=values > 0)
    return logs


def zscore(values: Floats, window: int) -> Floats:
    """Number of standard deviations of each value above the mean of the last ones.

    Args:
        values: (n,); NaN is unknown and left out.
        window: bars of mean and deviation (ddof 1), the bar itself included; at least 2.

    Returns:
        (n,); NaN for the first window - 1 bars, where the value itself is unknown, and where the
        known values of the window are fewer than two or all equal.
    """
    scores = np.full(values.size, np.nan)
    # Every window by itself: running sums lose digits, and a longer series would move old bars.
    step = max(CHUNK // window, 1)
    for first in range(window - 1, values.size, step):
        part = values[first - window + 1 : first + step]
        rows = np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(part, window))
        scores[first : first + len(rows)] = _last_score(rows)
    return scores


def _last_score(rows: Floats) -> Floats:
    """The last value of each row (m, window) against the row's mean and deviation: (m,)."""
    finite = ~np.isnan(rows)
    count = finite.sum(axis=1)
    # About the last value: at a price of 10^8 a mean of the prices themselves loses digits.
    apart = np.where(finite, rows - rows[:, -1:], 0.0)
    mean = apart.sum(axis=1) / np.maximum(count, 1)
    squares = np.where(finite, (apart - mean[:, None]) ** 2, 0.0).sum(axis=1)
    deviation = np.sqrt(squares / np.maximum(count - 1, 1))
    usable = finite[:, -1] & (count > 1) & (apart != 0).any(axis=1)
    scores: Floats = np.full(len(rows), np.nan)
    np.divide(-mean, deviation, out=scores, where=usable)
    return scores

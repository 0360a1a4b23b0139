"""Dated values joined onto bars, so that no bar knows a value before it was known.

A value belongs to the first bar whose close is at or after its time. Two rules for what the other
bars hold:

- `level` (on-chain activity, an index): the newest value known, carried on until the next one;
- `event` (news): the mean of the values since the close of the bar before, NaN without any.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from store.data.calendars.bar_intervals import spans

RULES = ("level", "event")

Floats = NDArray[np.float64]


def join(
    frame: pd.DataFrame, feature: pd.Series, rule: str, calendar: str, timeframe: str
) -> Floats:
    """A feature as a column of bars.

    Args:
        frame: (n,) bars in the shape of `store.data.normalise`; n >= 1.
        feature: (k,) finite values, index of UTC times, ascending; equal times are allowed.
        rule: level or event.
        calendar: of the bars; with `timeframe` it says when each of them closes.
        timeframe: of the bars.

    Returns:
        (n,) values; NaN where nothing is known. Of events before the first bar nothing is.
    """
    bars = spans(pd.DatetimeIndex(frame.index).asi8, calendar, timeframe)
    times = pd.DatetimeIndex(feature.index).as_unit("ns").asi8
    values = feature.to_numpy(np.float64)
    if rule == "level":
        ends = np.searchsorted(times, bars.closes, "right")
        return np.where(ends > 0, np.concatenate([[np.nan], values])[ends], np.nan)
    if bars.closes.size and times.size:
        values, times = values[times >= bars.opens[0]], times[times >= bars.opens[0]]
    rows = np.searchsorted(bars.closes, times, "left")
    rows, values = rows[rows < len(frame)], values[rows < len(frame)]
    sums = np.bincount(rows, values, len(frame))
    counts = np.bincount(rows, minlength=len(frame))
    means: Floats = np.full(len(frame), np.nan)
    np.divide(sums, counts, out=means, where=counts > 0)
    return means

"""Outline of bars: their last close of each day, by which the same bars are recognised.

A fingerprint tells two frames apart by any bit: a start one day later, another file, or weekly
bars made of daily ones are other frames, and the same bars. Outlines compare times and prices.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Days = NDArray[np.int64]

SHARE = 0.5
"""Of the shorter history, in common from which on two are the same bars."""
CLOSE = 1e-4
"""Relative difference of two prices that are one, written with more or fewer digits."""


class Outline(NamedTuple):
    """Last close of each day.

    Attributes:
        days: (n,) since 1970-01-01, ascending: trading days of intraday bars, else by UTC.
        closes: (n,) prices.
    """

    days: Days
    closes: Floats


def outline(frame: pd.DataFrame, days: Days | None = None) -> Outline:
    """The outline of bars.

    Args:
        frame: with a column `close` and a DatetimeIndex, oldest first.
        days: (bars,) trading day of each, as `Dataset.days`; None: the day of its time.
    """
    if days is None:
        index = pd.DatetimeIndex(frame.index)
        utc = index.tz_convert("UTC").tz_localize(None) if index.tz is not None else index
        days = utc.to_numpy().astype("datetime64[D]").astype(np.int64)
    last = np.append(np.flatnonzero(np.diff(days)), len(days) - 1)
    return Outline(np.asarray(days, np.int64)[last], frame["close"].to_numpy(np.float64)[last])


def in_common(outline: Outline, other: Outline) -> float:
    """Share of the shorter of two histories in which both have the same prices, 0 to 1.

    A bar of the coarser one (a week, a month) has to find its close among those of the finer one
    from the bar before it to the one after it, for bars are named by their first or by their last
    day.
    """
    if not outline.days.size or not other.days.size:
        return 0.0
    first, last = max(outline.days[0], other.days[0]), min(outline.days[-1], other.days[-1])
    inside = [_between(each, first, last) for each in (outline, other)]
    fine, coarse = sorted(inside, key=lambda each: -each.days.size)
    if not coarse.days.size:
        return 0.0
    shorter = min(outline, other, key=lambda each: int(each.days[-1] - each.days[0]))
    overlap = _between(shorter, first, last).days.size / shorter.days.size
    return overlap * float(_matched(fine, coarse).mean())


def same_bars(first: Outline, other: Outline) -> bool:
    """True when two histories are the same bars: half of the shorter one, or more, in common."""
    return in_common(first, other) >= SHARE


def _between(outlined: Outline, first: int, last: int) -> Outline:
    some = slice(*np.searchsorted(outlined.days, [first, last + 1]).tolist())
    return Outline(outlined.days[some], outlined.closes[some])


def _matched(fine: Outline, coarse: Outline) -> NDArray[np.bool_]:
    """(k,) which bars of the coarser one have their close among those of the finer one."""
    matched = np.zeros(coarse.days.size, np.bool_)
    before = np.searchsorted(coarse.days, fine.days, side="right") - 1
    for place in (before, before + 1):
        there = (place >= 0) & (place < coarse.days.size)
        closes = coarse.closes[place[there]]
        alike = np.abs(fine.closes[there] - closes) <= CLOSE * np.abs(closes)
        matched[place[there][alike]] = True
    return matched

"""Which bars are absent: the bars there are against those a calendar expects."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd

from store.data.calendars.calendar import (
    ALWAYS_OPEN,
    DAY,
    NS,
    Sessions,
    Times,
    bars_between,
    seconds,
    session_numbers,
    sessions_around,
)
from store.data.calendars.timeframe import in_months, several_days, slot_numbers, slot_starts


def _none() -> Times:
    return np.empty(0, np.int64)


class Gap(NamedTuple):
    """A stretch without bars.

    Attributes:
        first: where it begins: the time of the first absent bar; of intraday bars on an exchange
            the open of its first session.
        last: the time of the last absent bar, or the close of the last such session.
        bars: how many are absent.
    """

    first: pd.Timestamp
    last: pd.Timestamp
    bars: int


@dataclass(frozen=True, eq=False)
class Coverage:
    """The bars that are there against the bars a calendar expects.

    Attributes:
        expected: bars from the first to the last one, both included.
        missing: expected bars that are absent.
        outside: bars at times when the calendar is closed.
        firsts: (k,) where each gap begins, ascending; see `Gap`.
        lasts: (k,) where it ends, included.
        bars: (k,) how many bars it lacks; they sum to `missing`.
    """

    expected: int
    missing: int = 0
    outside: int = 0
    firsts: Times = field(default_factory=_none)
    lasts: Times = field(default_factory=_none)
    bars: Times = field(default_factory=_none)

    def gaps(self) -> list[Gap]:
        """The gaps, oldest first."""
        stamps = (pd.DatetimeIndex(column, tz="UTC") for column in (self.firsts, self.lasts))
        return [Gap(*values) for values in zip(*stamps, self.bars.tolist(), strict=True)]


def coverage(times: Times, calendar: str, timeframe: str) -> Coverage:
    """Compare (n,) ascending times, n >= 1, with what the calendar expects between them."""
    length = seconds(timeframe)
    if not length:  # irregular: no clock says when the next bar is due
        return Coverage(times.size)
    if in_months(length):
        return _slot_coverage(slot_numbers(times // (DAY * NS), length), length)
    if calendar == ALWAYS_OPEN or several_days(length):
        return _grid_coverage(times, length * NS)
    hours = sessions_around(calendar, times)
    if length >= DAY:
        return _daily_coverage(times, hours, length)
    # Vendors stamp a bar with its start or its end: the reading that fits better is the right one.
    return min(_readings(times, hours, length * NS), key=lambda c: c.missing + c.outside)


def stamped_with_end(times: Times, calendar: str, timeframe: str) -> bool:
    """True when bars of an exchange plainly carry the time of their end, not of their start.

    A market that never closes does not tell, nor do bars of a day or longer.
    """
    length = seconds(timeframe)
    if calendar == ALWAYS_OPEN or length >= DAY or not length:
        return False
    hours = sessions_around(calendar, times)
    start, end = _readings(times, hours, length * NS)
    return end.missing + end.outside < start.missing + start.outside


def _grid_coverage(times: Times, length: int) -> Coverage:
    """Bars of a market that never closes: one per length, on the grid of the first bar."""
    slots = np.unique(np.round((times - times[0]) / length)).astype(np.int64)
    absent = np.diff(slots) - 1
    at = np.flatnonzero(absent)
    firsts, lasts = (times[0] + slot * length for slot in (slots[at] + 1, slots[at + 1] - 1))
    expected = int(slots[-1]) + 1
    return Coverage(expected, expected - slots.size, 0, firsts, lasts, absent[at])


def _slot_coverage(have: Times, length: int) -> Coverage:
    """Months, whatever day of it a bar carries."""
    want = np.arange(have[0], have[-1] + 1)
    absent = (~np.isin(want, have)).astype(np.int64)
    stamps = slot_starts(want, length)
    return Coverage(want.size, int(absent.sum()), 0, *_joined(stamps, stamps, absent))


def _daily_coverage(times: Times, hours: Sessions, length: int) -> Coverage:
    """Sessions, or weeks with a session, that have a bar."""
    have = session_numbers(times, hours, length)
    want = session_numbers(hours.days, hours, length)
    want = np.unique(want[(want >= have[0]) & (want <= have[-1])])
    absent = (~np.isin(want, have)).astype(np.int64)
    stamps = slot_starts(want, length)
    outside = int((~np.isin(have, want)).sum())
    return Coverage(want.size, int(absent.sum()), outside, *_joined(stamps, stamps, absent))


def _readings(times: Times, hours: Sessions, length: int) -> tuple[Coverage, Coverage]:
    """The coverage when times are starts of bars, and when they are their ends."""
    starts, ends = (_intraday_coverage(times - shift, hours, length) for shift in (0, length))
    return starts, ends


def _intraday_coverage(starts: Times, hours: Sessions, length: int) -> Coverage:
    """Bars by the time they start: one belongs to a session when it overlaps it."""
    opens = np.maximum(hours.opens, starts[0])
    closes = np.minimum(hours.closes, starts[-1] + length)
    live = opens < closes
    opens, closes = opens[live], closes[live]
    # A bar across a break or into the next session counts once, where it starts.
    first = np.searchsorted(starts, opens - length, "right")
    first[1:] = np.maximum(first[1:], np.searchsorted(starts, closes[:-1], "left"))
    present = np.searchsorted(starts, closes, "left") - first
    wanted = bars_between(opens, closes, length)
    absent = np.maximum(wanted - present, 0)
    outside = int(starts.size - present.sum())
    holes = _joined(opens, closes, absent)
    return Coverage(int(wanted.sum()), int(absent.sum()), outside, *holes)


def _joined(firsts: Times, lasts: Times, absent: Times) -> tuple[Times, Times, Times]:
    """Neighbouring slots (k,) that lack bars made one gap: where it begins, ends, how many."""
    lacking = absent > 0
    begins = np.flatnonzero(lacking & ~np.concatenate([[False], lacking[:-1]]))
    ends = np.flatnonzero(lacking & ~np.concatenate([lacking[1:], [False]]))
    sums = np.concatenate([[0], np.cumsum(absent)])
    return firsts[begins], lasts[ends], sums[ends + 1] - sums[begins]

"""Longer bars from shorter ones: exact, and only whole ones.

Open is the first, high the highest, low the lowest, close the last, volume the sum; a feature is
the last one known. A market that never closes is cut on the grid of UTC, weeks on Monday, months on
their first day. On an exchange intraday bars begin with each session (and again after a lunch
break), a day is a session, a week its sessions from Monday on, a month those of its days; the day
of currencies (`data.calendar=fx`) ends at 17:00 in New York. A first or last bar that the shorter
ones do not fill is dropped, because its open, extremes or close would be those of another bar; a
gap between the two is not filled.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from store.data.calendars.bar_intervals import session_at, spans
from store.data.calendars.calendar import (
    ALWAYS_OPEN,
    CURRENCIES,
    DAY,
    NS,
    WEEK,
    Sessions,
    Times,
    seconds,
    session_days,
    sessions_around,
)
from store.data.calendars.timeframe import in_months, several_days, slot_numbers, slot_starts
from store.data.calendars.times import row_name, time_text
from store.data.normalise import OHLCV
from store.errors import BadBars

STRAY = 3 * 3_600 * NS
"""How long before the week of currencies opens, or after it closes, brokers still quote."""
RULES = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}


class Resampled(NamedTuple):
    """Longer bars, and the times of those that were dropped because they were not whole."""

    frame: pd.DataFrame
    dropped: tuple[str, ...]


def resample(frame: pd.DataFrame, source: str, target: str, calendar: str, what: str) -> Resampled:
    """Make bars of one timeframe from bars of a shorter one.

    Args:
        frame: checked bars, in the shape of `store.data.normalise`; n >= 2.
        source: timeframe of `frame`.
        target: timeframe wanted; a multiple of the other.
        calendar: 24/7 or an exchange.
        what: names the bars in errors.

    Raises:
        ValueError: the timeframes do not fit.
        BadBars: bars lie outside the hours of the calendar, or no whole bar is left.
    """
    short, long = seconds(source), seconds(target)
    _check_lengths(source, target, calendar)
    times = pd.DatetimeIndex(frame.index).asi8
    _check_grid(times, calendar, short, what)
    parts = spans(times, calendar, source)
    strays = _strays(times, calendar, short)
    _check_inside(parts.inside | strays, times, calendar, source, what)
    starts = longer_starts(times, calendar, short, long)
    first = np.flatnonzero(np.diff(starts, prepend=starts[0] - 1))
    stamps = starts[first]
    whole = spans(stamps, calendar, target)
    kept = np.ones(stamps.size, np.bool_)
    kept[0] &= parts.opens[0] <= whole.opens[0]
    kept[-1] &= parts.closes[-1] >= whole.closes[-1]
    if not kept.any():
        raise BadBars(
            f"{what}: too little history, {len(frame)} bars of {source} fill none of {target}"
        )
    index = pd.DatetimeIndex(stamps, tz="UTC", name="time")
    rules = RULES | dict.fromkeys(map(str, frame.columns[len(OHLCV) :]), "last")
    grouped = frame.groupby(np.cumsum(np.diff(starts, prepend=starts[0] - 1) != 0))
    longer = grouped.agg(rules).set_axis(index)
    return Resampled(longer[kept], tuple(map(time_text, index[~kept])))


def _check_lengths(source: str, target: str, calendar: str) -> None:
    """Refuse a timeframe whose bars the shorter ones do not fill."""
    short, long = seconds(source), seconds(target)
    whole = short <= DAY if in_months(long) and not in_months(short) else long % max(short, 1) == 0
    if not 0 < short < long or not whole:
        raise ValueError(
            f"data.timeframe: bars of {target} cannot be made of {source} bars; choose a multiple"
        )
    if several_days(long) and calendar != ALWAYS_OPEN:
        raise ValueError(
            f"data.timeframe: bars of {target} are cut on the calendar of a market that never "
            f"closes, not on that of {calendar}; choose 1d, 1w or 1mo"
        )


def _check_grid(times: Times, calendar: str, short: int, what: str) -> None:
    """Refuse bars that would reach across the ends of longer ones."""
    off = times % (short * NS if short < WEEK else DAY * NS) != 0
    if calendar == ALWAYS_OPEN and off.any():
        row = int(np.argmax(off))
        raise BadBars(
            f"{what}: {row_name(pd.DatetimeIndex(times, tz='UTC'), row)}: does not begin on the "
            "grid of UTC, so no longer bar holds it whole; ingest bars that do"
        )


def _strays(times: Times, calendar: str, short: int) -> NDArray[np.bool_]:
    """Bars of currencies just outside the week: some brokers quote on until their own midnight."""
    if calendar != CURRENCIES or short >= DAY:
        return np.zeros(times.size, np.bool_)
    hours = sessions_around(calendar, times)
    return (times - _close_before(times, hours) < STRAY) | (
        hours.opens[session_at(times, hours)] - times <= STRAY
    )


def _close_before(times: Times, hours: Sessions) -> Times:
    """The last close at or before each time; of times before the first one the oldest."""
    rows = np.searchsorted(hours.closes, times, "right") - 1
    return np.where(rows < 0, np.iinfo(np.int64).min // 2, hours.closes[rows.clip(min=0)])


def _session_of(times: Times, calendar: str, hours: Sessions) -> Times:
    """Row of the session that each bar belongs to: strays after a close to the one that ended."""
    rows = session_at(times, hours)
    if calendar != CURRENCIES:
        return rows
    late = (times < hours.opens[rows]) & (times - _close_before(times, hours) < STRAY)
    return np.where(late, rows - 1, rows)


def _check_inside(
    inside: NDArray[np.bool_], times: Times, calendar: str, source: str, what: str
) -> None:
    """Refuse bars of closed hours: they belong to no bar of a session."""
    if inside.all():
        return
    week = spans(times, CURRENCIES, source).inside | _strays(times, CURRENCIES, seconds(source))
    change = "set data.calendar"
    if week.all() and seconds(source) < DAY:
        change = "set data.calendar=fx, whose days end at 17:00 New York"
    first = pd.Timestamp(times[int(np.argmin(inside))], tz="UTC")
    raise BadBars(
        f"{what}: {int((~inside).sum())} bars lie outside the hours of {calendar}, the first "
        f"at {time_text(first)}; {change}, or remove them"
    )


def longer_starts(times: Times, calendar: str, short: int, long: int) -> Times:
    """The time of the longer bar that each bar at (n,) times belongs to; lengths in seconds."""
    if calendar == ALWAYS_OPEN and long > DAY:
        return slot_starts(slot_numbers(times // (DAY * NS), long), long)
    if calendar == ALWAYS_OPEN:
        return times // (long * NS) * (long * NS)
    hours = sessions_around(calendar, times)
    rows = _session_of(times, calendar, hours) if short < DAY else session_at(times, hours)
    if long >= DAY:
        days = session_days(times, hours) if short >= DAY else hours.days[rows] // (DAY * NS)
        return slot_starts(slot_numbers(days, long), long)
    opens = hours.opens[rows]
    # Bars may be stamped at whole hours although the session opens at half past.
    anchors = opens - (opens - times) % (short * NS)
    return anchors + (times - anchors) // (long * NS) * (long * NS)

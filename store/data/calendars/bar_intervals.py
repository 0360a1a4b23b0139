"""When each bar opens and closes: what a decision at its close may know.

The time of a bar is its start; a daily or weekly bar of an exchange carries the date of its session
or week, and may carry any hour of it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from store.data.calendars.calendar import (
    ALWAYS_OPEN,
    DAY,
    NS,
    Sessions,
    Times,
    seconds,
    session_numbers,
    sessions_around,
)
from store.data.calendars.timeframe import in_months, several_days, slot_numbers, slot_starts


@dataclass(frozen=True, eq=False)
class Spans:
    """Open and close times of bars (n,), nanoseconds UTC.

    Attributes:
        opens: when trade in a bar may begin.
        closes: when it has ended: the last instant a decision at the close may know of.
        inside: whether the market is open at all during the bar. Outside of it a day or a week
            opens and closes at its own time, the earliest it can be.
    """

    opens: Times
    closes: Times
    inside: NDArray[np.bool_]


def spans(times: Times, calendar: str, timeframe: str) -> Spans:
    """Opens and closes of bars at (n,) ascending times, n >= 1."""
    length = seconds(timeframe)
    always = np.ones(times.size, np.bool_)
    if not length:  # irregular: a bar's end is not known, so its time is the last that is safe
        return Spans(times, times, always)
    if in_months(length) and calendar == ALWAYS_OPEN:
        number = slot_numbers(times // (DAY * NS), length)
        return Spans(slot_starts(number, length), slot_starts(number + 1, length), always)
    if calendar == ALWAYS_OPEN or several_days(length):
        return Spans(times, times + length * NS, always)
    hours = sessions_around(calendar, times)
    if length >= DAY:
        return _long_spans(times, hours, length)
    return _short_spans(times, hours, length * NS)


def _long_spans(times: Times, hours: Sessions, length: int) -> Spans:
    """From the first open of a day, week or month to its last close."""
    numbers = session_numbers(hours.days, hours, length)
    wanted = session_numbers(times, hours, length)
    first = np.searchsorted(numbers, wanted, "left").clip(max=numbers.size - 1)
    last = np.searchsorted(numbers, wanted, "right") - 1
    inside = numbers[first] == wanted
    opens, closes = (
        np.where(inside, hours.opens[first], times),
        np.where(inside, hours.closes[last], times),
    )
    return Spans(opens, closes, inside)


def _short_spans(times: Times, hours: Sessions, length: int) -> Spans:
    """The part of a bar that overlaps a session; of two sessions the first."""
    here = session_at(times, hours)
    inside = times + length > hours.opens[here]
    opens = np.where(inside, np.maximum(times, hours.opens[here]), times)
    closes = np.where(inside, np.minimum(times + length, hours.closes[here]), times + length)
    return Spans(opens, closes, inside)


def session_at(times: Times, hours: Sessions) -> Times:
    """Row of the session under way at each time (n,), or of the next one."""
    return np.searchsorted(hours.closes, times, "right").clip(max=hours.closes.size - 1)

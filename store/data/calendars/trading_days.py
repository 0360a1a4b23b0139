"""The trading day of each intraday bar, as the calendar of its market has it.

A session is a day: on an exchange that trades overnight the evening belongs to the day that
follows, and the day of currencies ends at 17:00 in New York. A market that never closes has the
days of UTC.
"""

import hashlib

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from store.data.calendars.bar_intervals import session_at
from store.data.calendars.calendar import (
    ALWAYS_OPEN,
    DAY,
    DEFAULT_EXCHANGE,
    NS,
    Times,
    guess_calendar,
    sessions_around,
)

SESSION_END = "bars_to_session_end"
"""Column of intraday bars that the kernels' clock takes from the calendar."""


def bars_to_session_end(times: Times, calendar: str, length: int) -> NDArray[np.float64] | None:
    """Bars that follow each in its session by the calendar's hours, half days and clocks included.

    A market that never closes ends its day at midnight UTC. A session with a pause ends after it.
    A bar in closed hours after the close is the last one; before an open it counts to the close.

    Args:
        times: (n,) at which each bar begins, nanoseconds UTC, ascending, n >= 1.
        calendar: 24/7, fx or an exchange.
        length: of a bar, seconds; 0 = irregular.

    Returns:
        (n,) whole numbers; None for irregular bars, whose ends are not known.
    """
    if not length:
        return None
    if calendar == ALWAYS_OPEN:
        closes = (times // (DAY * NS) + 1) * (DAY * NS)
    else:
        hours = sessions_around(calendar, times)
        last = np.append(np.diff(hours.days) != 0, True)  # a pause parts a day in two rows
        day_closes, day_names = hours.closes[last], hours.days[last] // (DAY * NS)
        own = np.searchsorted(day_names, trading_days(times, calendar)).clip(max=len(day_names) - 1)
        closes = day_closes[own]
    left = -(-(closes - times) // (length * NS)) - 1
    return np.asarray(np.maximum(left, 0), np.float64)


def trading_days(times: Times, calendar: str) -> Times:
    """Number of the trading day of each bar: days from 1970-01-01 to the date of its session.

    A bar in closed hours belongs to the session that is nearer in time: trade after a close to the
    day that ended, trade before an open to the day that begins.

    Args:
        times: (n,) at which each bar begins, nanoseconds UTC, ascending, n >= 1.
        calendar: 24/7, fx or an exchange.

    Returns:
        (n,) ascending.
    """
    if calendar == ALWAYS_OPEN:
        return times // (DAY * NS)
    hours = sessions_around(calendar, times)
    session = session_at(times, hours)
    before = np.maximum(session - 1, 0)
    late = (session > 0) & (times - hours.closes[before] < hours.opens[session] - times)
    return hours.days[np.where(late, before, session)] // (DAY * NS)


def guessed_days(times: pd.DatetimeIndex, calendar: str | None) -> Times | None:
    """Trading days of bars of which only their times are known.

    Args:
        times: (n,) in UTC, ascending.
        calendar: None guesses it as for a file: with bars day and night, but none on a Saturday,
            it is fx. Every other market has the days of UTC then, for shares are not traded
            across its midnight.

    Returns:
        (n,) ascending; None for bars of a day or longer.
    """
    moments = times.as_unit("ns").asi8
    if len(times) < 2 or np.diff(moments).min() >= DAY * NS:
        return None
    name = calendar or guess_calendar(times)
    if calendar is None and name == DEFAULT_EXCHANGE:
        name = ALWAYS_OPEN
    return trading_days(moments, name)


def marked(fingerprint: str, times: Times, days: Times | None) -> str:
    """A fingerprint that covers trading days too, where they are not the days of UTC.

    Two calendars cut the same intraday bars into other days, and so give other daily figures.
    """
    if days is None or np.array_equal(days, times // (DAY * NS)):
        return fingerprint
    digest = hashlib.sha256(f"days 1 {fingerprint}".encode())
    digest.update(days.astype("<i8").tobytes())
    return digest.hexdigest()

"""The trading day of each intraday bar, as the calendar of its market has it.

A session is a day: on an exchange that trades overnight the evening belongs to the day that
follows, and the day of currencies ends at 17:00 in New York. A market that never closes has the
days of UTC.
"""

import hashlib

import numpy as np
import pandas as pd

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

"""When bars are: timeframes, trading calendars, sessions and periods per year.

Two kinds of calendar: `24/7`, a plain grid of UTC time, and any name of exchange-calendars (`XNYS`,
`XLON`, `24/5`, ...). That package is imported only when an exchange is asked for.
"""

import re
import warnings
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

ALWAYS_OPEN = "24/7"
DEFAULT_EXCHANGE = "XNYS"
DAY = 86_400
WEEK = 7 * DAY
UNITS = {"s": 1, "m": 60, "h": 3_600, "d": DAY, "w": WEEK}
NS = 1_000_000_000
DAYS_PER_YEAR = 365

Times = NDArray[np.int64]
"""(n,) nanoseconds since 1970 in UTC, ascending."""


@dataclass(frozen=True)
class Sessions:
    """Trading hours of an exchange: (n,) nanoseconds UTC; a lunch break makes two rows of a day."""

    days: Times
    opens: Times
    closes: Times


def seconds(timeframe: str) -> int:
    """Length of a bar in seconds.

    Args:
        timeframe: a whole number and a unit s, m, h, d or w: `15m`, `1h`, `1d`. A bar is shorter
            than a day, one day or one week.

    Raises:
        ValueError: for any other text.
    """
    match = re.fullmatch(r"([1-9][0-9]{0,5})([smhdw])", timeframe)
    length = int(match[1]) * UNITS[match[2]] if match else 0
    if not (0 < length <= DAY or length == WEEK):
        raise ValueError(
            f"data.timeframe: need a bar below a day (30s, 15m, 4h), 1d or 1w, got {timeframe!r}"
        )
    return length


def check_calendar(name: str) -> None:
    """Raise ValueError unless `name` is 24/7 or known to exchange-calendars."""
    if name == ALWAYS_OPEN:
        return
    # Imported late: 0.2 s that a 24/7 market or a stated periods_per_year never needs.
    from exchange_calendars import get_calendar_names

    known = get_calendar_names()
    if name not in known:
        near = get_close_matches(name, known) or [DEFAULT_EXCHANGE, "XLON"]
        raise ValueError(
            f"data.calendar: {name!r} is not a calendar; use {ALWAYS_OPEN} or an "
            f"exchange such as {', '.join(near)}"
        )


def guess_calendar(times: pd.DatetimeIndex) -> str:
    """24/7 when any bar is on a Saturday, else the New York Stock Exchange."""
    return ALWAYS_OPEN if bool((times.day_of_week == 5).any()) else DEFAULT_EXCHANGE


@lru_cache(maxsize=8)
def sessions(calendar: str, first_year: int, last_year: int) -> Sessions:
    """Sessions of an exchange from 1 January of one year to 31 December of another, included."""
    from exchange_calendars import get_calendar  # late: see check_calendar

    with warnings.catch_warnings():  # the package's own use of what pandas will drop
        warnings.simplefilter("ignore", DeprecationWarning)
        exchange = get_calendar(calendar, start=f"{first_year}-01-01", end=f"{last_year}-12-31")
    schedule = exchange.schedule
    days = pd.DatetimeIndex(schedule.index).as_unit("ns").asi8
    opens, pause, resume, closes = (
        pd.DatetimeIndex(schedule[name]).as_unit("ns").asi8
        for name in ("open", "break_start", "break_end", "close")
    )
    split = pause != pd.NaT.value  # the two halves of days with a lunch break
    ends, restarts = np.where(split, pause, closes), resume[split]
    order = np.argsort(np.concatenate([opens, restarts]), kind="stable")
    return Sessions(
        days=np.concatenate([days, days[split]])[order],
        opens=np.concatenate([opens, restarts])[order],
        closes=np.concatenate([ends, closes[split]])[order],
    )


def sessions_around(calendar: str, times: Times) -> Sessions:
    """Sessions of an exchange in the years of (n,) ascending times, n >= 1."""
    # A week either side: a bar may be stamped a day off, and a week may end in the next year.
    near = pd.to_datetime([times[0] - WEEK * NS, times[-1] + WEEK * NS])
    return sessions(calendar, near[0].year, near[1].year)


def periods_per_year(
    calendar: str, timeframe: str, first: pd.Timestamp, last: pd.Timestamp
) -> float:
    """Bars in a mean year: what annual figures are scaled with.

    An exchange's figure is the mean over the whole calendar years from `first` to `last`, half days
    counted as such; 24/7 and weekly bars have 365 days a year.
    """
    length = seconds(timeframe)
    if calendar == ALWAYS_OPEN or length == WEEK:
        return DAYS_PER_YEAR * DAY / length
    hours = sessions(calendar, first.year, last.year)
    years = last.year - first.year + 1
    if length == DAY:
        return float(np.unique(hours.days).size / years)
    return float(bars_between(hours.opens, hours.closes, length * NS).sum() / years)


def session_numbers(times: Times, hours: Sessions, length: int) -> Times:
    """Number the day, or the week from Monday, of each time.

    A bar at midnight UTC carries its date; any other hour (an Asian midnight, a New York close)
    belongs to the session whose close is the next one from then on.
    """
    midnight = times % (DAY * NS) == 0
    following = np.searchsorted(hours.closes, times, side="left").clip(max=hours.closes.size - 1)
    days = np.where(midnight, times, hours.days[following]) // (DAY * NS)
    return days if length == DAY else (days + 3) // 7  # day 0 was a Thursday


def bars_between(opens: Times, closes: Times, length: int) -> Times:
    """Bars of each session, the last one shorter when the length does not divide the hours."""
    return -(-(closes - opens) // length)

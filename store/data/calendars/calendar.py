"""When bars are: trading calendars, sessions and periods per year.

Three kinds of calendar: `24/7`, a plain grid of UTC time; `fx`, the week of currencies, whose days
end at 17:00 in New York from Monday to Friday; and any name of exchange-calendars (`XNYS`, `XLON`,
`24/5`, ...). That package is imported only when an exchange is asked for.
"""

import warnings
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd

from store.data.calendars import session_files
from store.data.calendars.timeframe import DAY as DAY
from store.data.calendars.timeframe import MONTH, in_months, several_days, slot_numbers
from store.data.calendars.timeframe import NS as NS
from store.data.calendars.timeframe import WEEK as WEEK
from store.data.calendars.timeframe import Times as Times
from store.data.calendars.timeframe import seconds as seconds

ALWAYS_OPEN = "24/7"
CURRENCIES = "fx"
DEFAULT_EXCHANGE = "XNYS"
NEW_YORK = "America/New_York"
DAYS_PER_YEAR = 365
MEAN_YEAR = 365.25
"""Days; of bars that last several of them."""
ROUND_THE_CLOCK = 20
"""Hours of the day with bars from which a market is taken to trade day and night."""


@dataclass(frozen=True)
class Sessions:
    """Trading hours of an exchange: (n,) nanoseconds UTC; a lunch break makes two rows of a day."""

    days: Times
    opens: Times
    closes: Times

    def years(self, first: int, last: int) -> "Sessions":
        """Sessions of the years from one to another, included."""
        edges = np.array([f"{first}-01-01", f"{last + 1}-01-01"], "datetime64[ns]").astype(np.int64)
        start, stop = np.searchsorted(self.days, edges).tolist()
        return Sessions(self.days[start:stop], self.opens[start:stop], self.closes[start:stop])


MOST_MADE = 8
"""Calendars and years whose sessions are kept in memory."""

_made: dict[tuple[str, int, int], Sessions] = {}


def check_calendar(name: str) -> None:
    """Raise ValueError unless `name` is 24/7, fx or known to exchange-calendars."""
    if name in (ALWAYS_OPEN, CURRENCIES, DEFAULT_EXCHANGE):
        return
    # Imported late: 0.2 s that a 24/7 market or a stated periods_per_year never needs.
    from exchange_calendars import get_calendar_names

    names = get_calendar_names()
    if name not in names:
        near = get_close_matches(name, names) or [DEFAULT_EXCHANGE, "XLON"]
        raise ValueError(
            f"data.calendar: {name!r} is not a calendar; use {ALWAYS_OPEN}, {CURRENCIES} "
            f"(days end at 17:00 New York) or an exchange such as {', '.join(near)}"
        )


def exchange_zone(calendar: str) -> str:
    """Time zone of an exchange's hours: XNYS has America/New_York."""
    return str(_exchange(calendar).tz)


def _exchange(calendar: str, **bounds: str) -> Any:
    from exchange_calendars import get_calendar  # late: see check_calendar

    with warnings.catch_warnings():  # the package's own use of what pandas will drop
        warnings.simplefilter("ignore", DeprecationWarning)
        return get_calendar(calendar, **bounds)


def guess_calendar(times: pd.DatetimeIndex) -> str:
    """24/7 with a bar on a Saturday, fx with bars day and night, else the New York Stock Exchange.

    Day and night: in 20 hours of the day or more, which no exchange of shares is open for.
    """
    if bool((times.day_of_week == 5).any()):
        return ALWAYS_OPEN
    hours = np.unique(times.hour)
    return CURRENCIES if hours.size >= ROUND_THE_CLOCK else DEFAULT_EXCHANGE


def sessions(calendar: str, first_year: int, last_year: int) -> Sessions:
    """Sessions of an exchange from 1 January of one year to 31 December of another, included."""
    for (name, first, last), made in list(_made.items()):
        if name == calendar and first <= first_year and last_year <= last:
            return made.years(first_year, last_year)
    if len(_made) >= MOST_MADE:
        del _made[next(iter(_made))]
    made = _sessions(calendar, first_year, last_year)
    _made[calendar, first_year, last_year] = made
    return made


def _sessions(calendar: str, first_year: int, last_year: int) -> Sessions:
    if calendar == CURRENCIES:
        return _currency_days(first_year, last_year)
    years = first_year, last_year
    return Sessions(*session_files.kept(calendar, *years, lambda: _of_exchange(calendar, *years)))


def _of_exchange(calendar: str, first_year: int, last_year: int) -> Times:
    """Days, opens and closes of an exchange, (3, n), as its package works them out."""
    exchange = _exchange(calendar, start=f"{first_year}-01-01", end=f"{last_year}-12-31")
    schedule = exchange.schedule
    days = pd.DatetimeIndex(schedule.index).as_unit("ns").asi8
    opens, pause, resume, closes = (
        pd.DatetimeIndex(schedule[name]).as_unit("ns").asi8
        for name in ("open", "break_start", "break_end", "close")
    )
    split = pause != pd.NaT.value  # the two halves of days with a lunch break
    ends, restarts = np.where(split, pause, closes), resume[split]
    order = np.argsort(np.concatenate([opens, restarts]), kind="stable")
    columns = (
        np.concatenate([days, days[split]]),
        np.concatenate([opens, restarts]),
        np.concatenate([ends, closes[split]]),
    )
    return np.stack([column[order] for column in columns])


def _currency_days(first_year: int, last_year: int) -> Sessions:
    """Monday to Friday, each from 17:00 in New York on the day before to 17:00: 23 to 25 hours."""
    days = pd.bdate_range(f"{first_year}-01-01", f"{last_year}-12-31").as_unit("ns")
    closes = (days + pd.Timedelta(17, "h")).tz_localize(NEW_YORK).tz_convert("UTC")
    before = days - pd.Timedelta(1, "D") + pd.Timedelta(17, "h")
    opens = before.tz_localize(NEW_YORK).tz_convert("UTC")
    return Sessions(days.asi8, opens.asi8, closes.asi8)


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
    counted as such; 24/7 and weekly bars have 365 days a year, bars of several days 365.25, and
    months are 12.
    """
    length = seconds(timeframe)
    if in_months(length):
        return 12 / (length // MONTH)
    if several_days(length):
        return MEAN_YEAR * DAY / length
    if calendar == ALWAYS_OPEN or length >= WEEK:
        return DAYS_PER_YEAR * DAY / length
    hours = sessions(calendar, first.year, last.year)
    years = last.year - first.year + 1
    if length == DAY:
        return float(np.unique(hours.days).size / years)
    return float(bars_between(hours.opens, hours.closes, length * NS).sum() / years)


def session_days(times: Times, hours: Sessions) -> Times:
    """Number of the day of each time: days since 1970.

    A bar at midnight UTC carries its date; any other hour (an Asian midnight, a New York close)
    belongs to the session whose close is the next one from then on.
    """
    midnight = times % (DAY * NS) == 0
    following = np.searchsorted(hours.closes, times, side="left").clip(max=hours.closes.size - 1)
    return np.where(midnight, times, hours.days[following]) // (DAY * NS)


def session_numbers(times: Times, hours: Sessions, length: int) -> Times:
    """Number the day, the week from Monday, or the month of each time; see `session_days`."""
    return slot_numbers(session_days(times, hours), length)


def bars_between(opens: Times, closes: Times, length: int) -> Times:
    """Bars of each session, the last one shorter when the length does not divide the hours."""
    return -(-(closes - opens) // length)

"""Time as columns of bars: sessions and the calendar, each known at the close of its bar.

A strategy asks for them by name, `Row(column, "weekday")`, as for columns of the data. A column of
the data with the same name goes first.
"""

import numpy as np

from kernels.jit.array_types import Floats, Ints

DAY = 86_400 * 10**9
HOUR = 3_600 * 10**9
"""Nanoseconds."""

CLOCK = (
    "session_bar",
    "bars_to_session_end",
    "month",
    "day_of_month",
    "trading_day_of_month",
    "trading_days_left",
    "weekday",
    "hour",
)
"""`session_bar`: bars of its session before a bar. `bars_to_session_end`: bars that follow, by the
calendar where it is known. Of the trading day: `month` 1 to 12, `day_of_month` 1 to 31,
`weekday` 0 Monday to 6. `trading_day_of_month`: 1 for the first trading day with bars.
`trading_days_left`: weekdays that follow in its month. `hour`: of the bar's begin, UTC."""


def clock_column(name: str, times: Ints | None, days: Ints | None) -> Floats:
    """One column of the clock, (n_bars,).

    Where the calendar is known, `bars_to_session_end` is a column of the data already.

    Args:
        name: of `CLOCK`.
        times: (n_bars,) nanoseconds UTC.
        days: (n_bars,) trading day, days since 1970.

    Raises:
        ValueError: the bars have no times.
    """
    if times is None or days is None:
        raise ValueError(f"bars.{name}: needs the times of the bars; give them an index of times")
    if name == "hour":
        return np.asarray((times % DAY) // HOUR, np.float64)
    if name == "session_bar":
        return _since(days).astype(np.float64)
    if name == "bars_to_session_end":
        return _until(days).astype(np.float64)
    dates = days.astype("datetime64[D]")
    if name == "weekday":
        return np.asarray((days + 3) % 7, np.float64)
    months = dates.astype("datetime64[M]")
    if name == "month":
        return (months.astype(np.int64) % 12 + 1).astype(np.float64)
    if name == "day_of_month":
        since = (dates - months.astype("datetime64[D]")).astype(np.int64)
        return np.asarray(since + 1, np.float64)
    if name == "trading_days_left":
        following = (months + 1).astype("datetime64[D]")
        return np.busday_count(dates + 1, following).astype(np.float64)
    new_day = np.diff(days, prepend=days[0] - 1) != 0
    nth = np.cumsum(new_day)
    new_month = np.diff(months.astype(np.int64), prepend=months[0].astype(np.int64) - 1) != 0
    before = np.maximum.accumulate(np.where(new_month, nth - 1, 0))
    return (nth - before).astype(np.float64)


def _since(days: Ints) -> Ints:
    """Bars before each in its session."""
    first = np.diff(days, prepend=days[0] - 1) != 0
    places = np.arange(days.size)
    return places - np.maximum.accumulate(np.where(first, places, 0))


def _until(days: Ints) -> Ints:
    """Bars after each in its session, as far as there are bars."""
    return _since(-days[::-1])[::-1]

"""Bars in a year, from the bars' own times alone."""

import numpy as np

from kernels.jit.array_types import Ints

DAY = 86_400 * 1_000_000_000
"""Nanoseconds."""
WEEK = 7 * DAY
YEAR = 365.25 * DAY
MONTH = YEAR / 12
COMMON_YEAR = 365
"""Days in a year of a market that never closes, as `store.data.calendars.calendar` counts them."""
TRADING_DAYS = 252
FULL = 0.98
"""Share of the places between first and last bar that are filled where no session ends a day."""
SATURDAY = 5
WEEKDAYS = 5
NEAR = 0.02
"""A count of days within this of 252 is that of a stock exchange."""


def bars_a_year(times: Ints) -> float:
    """Bars in a mean year.

    Regular bars give the usual figure: 252 for the days of a stock exchange, 365 for each day,
    8,760 for each hour, 52.14 for weeks, 12 for months. Other bars (holes, Sunday candles, equal
    volume) are counted against the time that has passed.

    Args:
        times: (n,) nanoseconds, strictly ascending, n >= 1.
    """
    if times.size < 2:
        return float(TRADING_DAYS)
    steps = np.diff(times)
    step = float(np.quantile(steps, 0.25, method="lower"))
    span = float(times[-1] - times[0])
    if step > 6.5 * DAY:
        return _long_bars(step, span, times.size)
    if times.size - 1 >= FULL * span / step:
        return COMMON_YEAR * DAY / step
    if np.unique(_weekdays(times)).size <= WEEKDAYS:  # an Asian Monday is a Sunday in UTC
        return _trading_days(times) * times.size / _days(times)
    return _rate(times)


def _long_bars(step: float, span: float, n: int) -> float:
    """Weeks and months by their names, unless bars are missing."""
    months = round(step / MONTH)
    if months >= 1 and abs(step / (months * MONTH) - 1) < 0.09:
        nominal = 12 / months
    else:
        nominal = COMMON_YEAR * DAY / step
    own = (n - 1) / span * YEAR
    return nominal if abs(own / nominal - 1) < 0.05 else own


def _trading_days(times: Ints) -> float:
    """Days in a year on which there are bars, from Monday to Friday."""
    days = np.unique(times // DAY)
    span = float(times[-1] - times[0])
    own = (days.size - 1) * YEAR / max(float((days[-1] - days[0]) * DAY), 1.0)
    if span < YEAR or abs(own / TRADING_DAYS - 1) < NEAR:
        return float(TRADING_DAYS)
    return own


def _rate(times: Ints) -> float:
    """Bars over the time that has passed; where weekends pause, of less than a year whole weeks."""
    span = int(times[-1] - times[0])
    weeks = span // WEEK
    if span < YEAR and weeks and not (_weekdays(times) == SATURDAY).any():
        inside = int(np.searchsorted(times, times[0] + weeks * WEEK))
        return float(inside / (weeks * WEEK) * YEAR)
    return float((times.size - 1) / span * YEAR)


def _days(times: Ints) -> int:
    return int(np.unique(times // DAY).size)


def _weekdays(times: Ints) -> Ints:
    """0 is Monday; day 0 was a Thursday."""
    return (times // DAY + 3) % 7

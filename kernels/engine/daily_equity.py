"""Equity at the end of each day: what the daily Sharpe ratio of intraday bars is made of.

Returns of intraday bars depend on one another, so a Sharpe ratio per bar is no annual figure. One
of days is: the equity is sampled at each day's last bar, and only where a day has several bars.
"""

from typing import NamedTuple

from kernels.engine.position import Account, worth
from kernels.jit.array_types import Floats
from kernels.jit.inner import inner
from kernels.series.trading_days import Days


class Daily(NamedTuple):
    """Sums of the daily returns so far."""

    s1: float  # of r
    s2: float  # of r^2
    equity: float  # at the end of the last day told
    day: int  # the next to be told


@inner
def first_day(days: Days, start: int, capital: float) -> Daily:
    """Nothing told yet of a window that begins at bar `start`."""
    return Daily(0.0, 0.0, capital, days.day[start] if days.day.size else 0)


@inner
def after(daily: Daily, equity: float, day: int) -> Daily:
    """Go on by one day end with this equity; `day` is the next one to be told."""
    r = (equity - daily.equity) / daily.equity if daily.equity > 0.0 else 0.0
    return Daily(daily.s1 + r, daily.s2 + r * r, equity, day)


@inner
def held_days(
    daily: Daily, days: Days, account: Account, left: int, stop: int, close: Floats
) -> Daily:
    """Go on to the bar in which a position was left: day ends before it, then those it closed.

    Args:
        daily: up to the position before.
        days: of the series.
        account: with the position.
        left: the first bar that does not close with the position.
        stop: end of the window, excluded, at which its last day ends.
        close: (>= stop,) of the series.
    """
    if not days.day.size:
        return daily
    entry = days.day[account.bar]
    if entry > daily.day:  # flat: of all these days only the first has a return
        daily = after(daily, account.stake, entry)
    day = daily.day
    while day < days.ends.size:
        end = min(days.ends[day], stop - 1)
        if end >= left or end < account.bar:
            break
        day += 1
        daily = after(daily, worth(account, close[end]), day)
        if end == stop - 1:
            break
    return daily


@inner
def last_days(daily: Daily, days: Days, stop: int, equity: float) -> Daily:
    """Go on to the end of the window, flat: this equity at the end of every day that is left."""
    if not days.day.size or daily.day > days.day[stop - 1]:
        return daily
    return after(daily, equity, days.day[stop - 1] + 1)


@inner
def sampled(equity: Floats, initial: float, start: int, stop: int, days: Days) -> Daily:
    """The same from the equity at each close of the window, (>= stop - start,)."""
    daily = first_day(days, start, initial)
    if days.day.size:
        for day in range(days.day[start], days.day[stop - 1] + 1):
            end = min(days.ends[day], stop - 1)
            daily = after(daily, equity[end - start], day + 1)
    return daily

"""Bars in a year, checked against the bars' own times.

Volatility, Sharpe and Sortino ratio are scaled with this number, so a wrong one makes every annual
figure wrong without any sign. A calendar's own figure holds where its hours are those of the bars;
otherwise the bars are counted against the time that has passed, and that is said.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from store.data.bars import Quality
from store.data.calendars.calendar import CURRENCIES, NS, periods_per_year, seconds
from store.data.calendars.timeframe import IRREGULAR, several_days
from store.data.spec import DataSpec
from store.errors import BadBars

MAX_OUTSIDE = 0.2
"""Share of bars outside a calendar's hours from which it is plainly not that of the bars."""
YEAR = 365.25 * 86_400 * NS
"""Nanoseconds."""
TOLERANCE = 0.05
"""Share by which the bars there are may differ from those a calendar expects."""


class Annual(NamedTuple):
    """Bars in a mean year, and what the user has to know of it: one line each."""

    periods: float
    notes: tuple[str, ...] = ()


def annual(
    times: pd.DatetimeIndex, what: str, spec: DataSpec, quality: Quality, *, guessed: bool
) -> Annual:
    """Bars in a mean year: as stated, of the calendar, or of the bars' own times.

    Args:
        times: (n,) of the bars, n >= 2.
        what: names the bars.
        spec: what was asked for.
        quality: of the bars, its calendar included.
        guessed: no one has stated the calendar.

    Raises:
        BadBars: more than a fifth of the bars lie outside the calendar's hours.
    """
    why: tuple[str, ...] = ()
    if spec.timeframe == IRREGULAR or several_days(seconds(spec.timeframe)):
        usual = _own(times)
        if spec.timeframe == IRREGULAR:
            why = (_own_line(times, usual, "as data.timeframe=irregular asks"),)
    elif _outside(quality, times.size) > MAX_OUTSIDE and spec.periods_per_year is None:
        raise BadBars(
            f"{what}: {quality.outside} of {times.size} bars lie outside the hours of calendar "
            f"{quality.calendar}, so it cannot tell the periods per year; set data.calendar "
            "(24/7, fx, XLON, ...), data.timeframe=irregular or data.periods_per_year"
        )
    elif _fits(quality, times.size):
        usual = periods_per_year(quality.calendar, spec.timeframe, times[0], times[-1])
        why = _currency_line(quality) if guessed else ()
    else:
        usual = _own(times)
        why = (_own_line(times, usual, _misfit(quality, times.size)),)
    stated = spec.periods_per_year
    if stated is not None:
        usual, why = stated, _contradiction(stated, usual)
    return Annual(usual, why)


def _own(times: pd.DatetimeIndex) -> float:
    # Imported late: the kernels bring Numba, 0.5 s that bars of a fitting calendar do not need.
    from kernels.series.periods import bars_a_year

    return bars_a_year(times.asi8)


def _outside(quality: Quality, bars: int) -> float:
    return quality.outside / bars


def _expected(quality: Quality, bars: int) -> int:
    return bars - quality.outside + quality.gaps


def _fits(quality: Quality, bars: int) -> bool:
    """True when the calendar expects as many bars as there are, at such times."""
    ratio = bars / max(_expected(quality, bars), 1)
    return abs(ratio - 1) <= TOLERANCE and _outside(quality, bars) <= TOLERANCE


def _misfit(quality: Quality, bars: int) -> str:
    """In which way a calendar does not fit."""
    if quality.outside > quality.gaps:
        return f"{quality.outside:,} lie outside the hours of calendar {quality.calendar}"
    expected = _expected(quality, bars)
    return f"{quality.gaps:,} of {expected:,} that calendar {quality.calendar} expects are missing"


def _own_line(times: pd.DatetimeIndex, own: float, reason: str) -> str:
    years = float(times.asi8[-1] - times.asi8[0]) / YEAR
    return (
        f"{own:,.6g} bars a year, from their own times ({times.size:,} bars in {years:.3g} years): "
        f"{reason}"
    )


def _currency_line(quality: Quality) -> tuple[str, ...]:
    if quality.calendar != CURRENCIES:
        return ()
    return (
        "bars day and night and none on a Saturday, so data.calendar=fx is taken: days end at "
        "17:00 New York",
    )


def _contradiction(stated: float, usual: float) -> tuple[str, ...]:
    if abs(stated / usual - 1) <= TOLERANCE:
        return ()
    return (
        f"data.periods_per_year={stated:g} is used as stated, but these bars are "
        f"{usual:,.6g} a year by their times: Sharpe ratio and volatility are "
        f"{np.sqrt(stated / usual):.2f} times what those give; data.periods_per_year=null takes "
        "them",
    )

"""Rows of a longer timeframe on shorter bars: closed bars only, each known when it has closed.

A week closes with the last bar of its Friday (of its Sunday where weekends are traded), a month
with that of its last weekday, a day with the last bar of its session, hours and minutes with the
bar that ends with them. Where that bar is missing, as on a holiday, the value is known from the
next bar on.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kernels.jit.array_types import Bools, Floats, Ints
from kernels.series.bars import Series
from kernels.series.clock import HOUR

UNITS = {"m": HOUR // 60, "h": HOUR}
FORM = re.compile(r"(\d*)(mo|[mhdw])")


@dataclass(frozen=True)
class Longer:
    """An indicator of bars of a longer timeframe.

    Attributes:
        function: as of `kernels.strategy.Row`.
        timeframe: 15m, 4h, 1d, 1w or 1mo.
    """

    function: Callable[..., object]
    timeframe: str

    @property
    def __name__(self) -> str:
        return f"{self.function.__name__}@{self.timeframe}"


def check_timeframe(timeframe: str) -> None:
    """Raise ValueError for a timeframe that rows cannot have."""
    match = FORM.fullmatch(timeframe)
    if match is None or (match[2] in ("d", "w", "mo") and match[1] not in ("", "1")):
        raise ValueError(f"timeframe {timeframe!r}: need minutes, hours, 1d, 1w or 1mo, as in 4h")


def periods_of(series: Series, timeframe: str) -> tuple[Ints, Bools]:
    """Which longer bar each bar is in, (n_bars,) from 0, and whether that one closes with it.

    Raises:
        ValueError: the bars have no times, or the timeframe is not one.
    """
    check_timeframe(timeframe)
    if series.times is None or series.days is None:
        raise ValueError(f"timeframe {timeframe}: needs the times of the bars")
    match = FORM.fullmatch(timeframe)
    assert match is not None
    if match[2] in UNITS:
        length = int(match[1] or 1) * UNITS[match[2]]
        labels = series.times // length
        step = int(np.diff(series.times).min()) if series.times.size > 1 else length
        closed = series.times + step >= (labels + 1) * length
    else:
        labels, closed = _calendar_periods(series, series.days, match[2])
    return np.cumsum(np.diff(labels, prepend=labels[0]) != 0), closed


def _calendar_periods(series: Series, days: Ints, unit: str) -> tuple[Ints, Bools]:
    last_bar = series.column("bars_to_session_end") == 0
    weekday = (days + 3) % 7
    weekends = bool((weekday > 4).any())
    if unit == "d":
        return days, last_bar
    if unit == "w":
        return (days + 3) // 7, last_bar & (weekday >= (6 if weekends else 4))
    months = days.astype("datetime64[D]").astype("datetime64[M]")
    if weekends:
        left = (months + 1).astype("datetime64[D]") - days.astype("datetime64[D]")
        return months.astype(np.int64), last_bar & (left.astype(np.int64) == 1)
    return months.astype(np.int64), last_bar & (series.column("trading_days_left") == 0)


def longer_row(
    longer: Longer,
    arguments: Sequence[str | float],
    columns: Mapping[str, Floats],
    periods: tuple[Ints, Bools],
) -> Floats:
    """The indicator of closed longer bars at each bar, (n_bars,); NaN before the first closes.

    Args:
        longer: function and timeframe.
        arguments: names of columns and numbers, in the order of the call.
        columns: (n_bars,) by name.
        periods: of `periods_of`, as many bars.
    """
    number, closed = periods
    values = [_gathered(a, columns[a], number) if isinstance(a, str) else a for a in arguments]
    of_periods = np.asarray(longer.function(*values), np.float64)
    last_closed = np.where(closed, number, number - 1)
    return np.where(last_closed >= 0, of_periods[np.maximum(last_closed, 0)], np.nan)


def _gathered(name: str, column: Floats, number: Ints) -> Floats:
    """A column of the longer bars: the last one may be still open, and is never read."""
    starts = np.flatnonzero(np.diff(number, prepend=-1))
    if name == "open":
        gathered = column[starts]
    elif name == "high":
        gathered = np.maximum.reduceat(column, starts)
    elif name == "low":
        gathered = np.minimum.reduceat(column, starts)
    elif name == "volume":
        gathered = np.add.reduceat(column, starts)
    else:
        gathered = column[np.append(starts[1:], column.size) - 1]
    return np.ascontiguousarray(gathered, np.float64)

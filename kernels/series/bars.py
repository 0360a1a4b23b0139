"""Bars made ready for the kernels, once per series."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numba import types

from kernels.jit.array_types import SERIES, Floats, Ints, read_only
from kernels.series.clock import CLOCK, clock_column
from kernels.series.periods import TRADING_DAYS, bars_a_year
from kernels.series.range_summaries import Spans, summarise
from kernels.series.trading_days import Days, days_of, no_days

PRICES = ("open", "high", "low", "close")
DAY = 86_400 * 10**9
YEAR = 365.25 * DAY
"""Nanoseconds; a year is the mean year of the calendar."""


class Bars(NamedTuple):
    """The four prices of every bar, oldest first; (n_bars,) each, quote currency."""

    open: Floats
    high: Floats
    low: Floats
    close: Floats


class Bar(NamedTuple):
    """The four prices of one bar."""

    open: float
    high: float
    low: float
    close: float


BARS = types.NamedUniTuple(SERIES, 4, Bars)  # type: ignore[no-untyped-call]


@dataclass(frozen=True, eq=False)
class Series:
    """One symbol's bars, checked. Make it with `prepare`; it travels to workers as it is.

    Attributes:
        columns: (n_bars,) read-only float64 by name: the prices, volume if given, features.
        times: (n_bars,) at which each bar begins, nanoseconds since 1970 in UTC; None where they
            are not known.
        days: (n_bars,) number of the trading day that each bar belongs to, ascending; None where
            that is not known.
        detail: finer bars of the same symbol, None without.
    """

    columns: Mapping[str, Floats]
    times: Ints | None = None
    days: Ints | None = None
    detail: "Detail | None" = field(default=None, kw_only=True)

    @property
    def n_bars(self) -> int:
        """Number of bars."""
        return self.columns["close"].size

    def before(self, stop: int) -> "Series":
        """The first `stop` bars."""
        columns = {name: column[:stop] for name, column in self.columns.items()}
        times = None if self.times is None else self.times[:stop]
        detail = None if self.detail is None else self.detail.before(stop)
        days = None if self.days is None else self.days[:stop]
        return Series(columns, times, days, detail=detail)

    def bars(self) -> Bars:
        """The four prices, as the kernels take them."""
        return Bars(*(self.column(name) for name in PRICES))

    @property
    def spans(self) -> Spans:
        """Summaries for the event engine, without a risk-free rate."""
        return self.spans_above(0.0)

    def spans_above(self, free: float) -> Spans:
        """Summaries for the event engine with a risk-free return per bar.

        Each process makes its own, they do not travel.
        """
        if free not in self._summaries:
            bars = self.bars()
            self._summaries[free] = summarise(bars.low, bars.high, bars.close, free)
        return self._summaries[free]

    @cached_property
    def _summaries(self) -> dict[float, Spans]:
        return {}

    @cached_property
    def bars_a_year(self) -> float:
        """Bars in a mean year, from the times; 252 where they are not known."""
        return float(TRADING_DAYS) if self.times is None else bars_a_year(self.times)

    @cached_property
    def intraday(self) -> bool:
        """Some day has several bars; False where days are not known."""
        return self.days is not None and bool((np.diff(self.days) == 0).any())

    @cached_property
    def day_ends(self) -> Days:
        """The days of intraday bars, for the kernels; empty for longer bars and without days."""
        return days_of(self.days) if self.days is not None and self.intraday else no_days()

    def years(self, windows: Ints, periods: float) -> Floats:
        """Years that windows of bars last, from the beginning of the first to the end of the last.

        The time from the first bar's beginning to the last one's is n - 1 bars; the n-th lasts as
        long as the mean of these. Only the window's own bars are looked at. Without times, or with
        one bar, it is n / periods.

        Args:
            windows: (w, 2) bars [start, stop).
            periods: bars in a year.

        Returns:
            (w,).
        """
        start, stop = windows[:, 0], windows[:, 1]
        n = (stop - start).astype(np.float64)
        nominal: Floats = n / periods
        if self.times is None:
            return nominal
        elapsed = (self.times[stop - 1] - self.times[start]) / YEAR
        lasting: Floats = np.where(n > 1, elapsed * n / np.maximum(n - 1, 1), nominal)
        return lasting

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return _series, (dict(self.columns), self.times, self.days, self.detail)

    def column(self, name: str) -> Floats:
        """One column, read-only (a copy through pickle has lost that flag); of the clock, too."""
        if name not in self.columns and name in CLOCK:
            return self._clock(name)
        return read_only(self.columns[name])

    def clocked(self, names: Sequence[str]) -> dict[str, Floats]:
        """All columns of the bars, and of the clock those that are named and can be told."""
        wanted = names if self.times is not None else ()
        return dict(self.columns) | {n: self.column(n) for n in wanted if n in CLOCK}

    def has(self, name: str) -> bool:
        """The bars, or their clock, have such a column."""
        return name in self.columns or name in CLOCK

    def _clock(self, name: str) -> Floats:
        if name not in self._clocks:
            made = clock_column(name, self.times, self.days)
            self._clocks[name] = read_only(made)
        return self._clocks[name]

    @cached_property
    def _clocks(self) -> dict[str, Floats]:
        return {}


def _series(columns: Any, times: Any, days: Any, detail: Any) -> Series:
    return Series(columns, times, days, detail=detail)


class Detail(NamedTuple):
    """Finer bars, which tell what came first inside a bar.

    Attributes:
        bars: of the finer timeframe.
        first: (n_bars + 1,) the first of them within each bar; the last entry is their number.
    """

    bars: Bars
    first: Ints

    def before(self, stop: int) -> "Detail":
        """Detail of the first `stop` bars."""
        m = int(self.first[stop])
        return Detail(Bars(*(prices[:m] for prices in self.bars)), self.first[: stop + 1])


def prepare(bars: Any, times: object = None, days: object = None) -> Series:
    """Check bars and lay them out for the kernels.

    Args:
        bars: a DataFrame, or a mapping of names to arrays, oldest bar first: open, high, low and
            close; volume and feature columns as the strategies need them. Names of two levels,
            price and ticker as yfinance has them, are taken for one ticker.
        times: (n_bars,) datetime64 in UTC, at which each bar begins, ascending; None takes those
            of a DataFrame's index of times (a DatetimeIndex, periods, dates or ISO text), any other
            index is ignored.
        days: (n_bars,) whole numbers: the trading day of each bar, ascending; None takes the day
            in UTC at which it begins.

    Returns:
        The series, with copies of the columns.

    Raises:
        ValueError: a price column is missing, or holds something not finite and positive; a
            column is not numeric, not one-dimensional, or differs in length; there is no bar;
            a time is not after the one before.
            Features may hold NaN. Whether low <= close <= high is for `store.data.bars` to judge.
    """
    columns = {name: _numbers(name, bars[key]) for name, key in _named(bars).items()}
    for name in PRICES:
        if name not in columns:
            raise ValueError(
                f"bars: no column {name!r}, got {', '.join(columns) or 'none'}; "
                "need open, high, low, close in lower case"
            )
    n_bars = columns["close"].size
    if n_bars == 0:
        raise ValueError("bars: need at least one bar, got 0")
    for name, column in columns.items():
        if column.size != n_bars:
            raise ValueError(f"bars.{name}: need {n_bars} values as close has, got {column.size}")
        if name in PRICES:
            _check_prices(name, column)
    moments = moments_of(getattr(bars, "index", None) if times is None else times)
    if moments is None:
        return Series(columns)
    _check_order(moments)
    return Series(columns, moments, _whole(moments // DAY if days is None else days))


def _named(bars: Any) -> dict[str, Any]:
    """Names that bars give each column, by its name; ValueError for columns of several tickers."""
    keys = list(bars)
    if not all(isinstance(key, tuple) and len(key) == 2 for key in keys):
        return {str(key): key for key in keys}
    levels = [[str(key[k]).strip() for key in keys] for k in (0, 1)]
    prices = next((k for k in (0, 1) if set(PRICES) <= set(map(str.lower, levels[k]))), 0)
    tickers = sorted(set(levels[1 - prices]) - {""})
    if len(tickers) > 1:
        raise ValueError(
            f"bars: hold {len(tickers)} tickers ({', '.join(tickers[:5])}); give one of them, "
            f"bars.xs({tickers[0]!r}, axis=1, level={1 - prices})"
        )
    names = [name.lower().replace(" ", "_") for name in levels[prices]]
    return dict(zip(names, keys, strict=True))


def moments_of(index: Any) -> Ints | None:
    """Nanoseconds since 1970 of an index or array of times; None of anything else."""
    kind = getattr(index, "inferred_type", "")
    if kind == "datetime64":
        return _whole(index.as_unit("ns").asi8)
    if kind == "period":
        return _whole(index.to_timestamp().as_unit("ns").asi8)
    if kind in ("string", "date", "datetime"):
        with warnings.catch_warnings():  # offsets, which NumPy reads and dislikes
            warnings.simplefilter("ignore", UserWarning)
            try:
                index = np.array([str(moment) for moment in index], dtype="datetime64[ns]")
            except ValueError:
                return None
    if isinstance(index, np.ndarray) and index.dtype.kind == "M":
        return _whole(index.astype("datetime64[ns]").astype(np.int64))
    return None


def _check_order(times: Ints) -> None:
    """Refuse times of which one is not after the one before, by its row."""
    steps = np.diff(times)
    if (steps > 0).all():
        return
    at = int(np.argmax(steps <= 0))
    moment = str(times[at + 1].astype("datetime64[ns]").astype("datetime64[s]"))
    rule, change = (
        ("has the time of the row before", "keep one row per time")
        if steps[at] == 0
        else ("is earlier than the row before", "sort the rows, oldest first")
    )
    more = int((steps <= 0).sum()) - 1
    raise ValueError(
        f"bars: row {at + 2} ({moment.removesuffix('T00:00:00')}): {rule}"
        f"{f' (and {more} more rows)' if more else ''}; {change}"
    )


def _whole(values: Any) -> Ints:
    array: Ints = np.array(values, dtype=np.int64)
    array.flags.writeable = False
    return array


def _numbers(name: str, values: Any) -> Floats:
    try:
        column = read_only(np.array(values, dtype=np.float64))
    except (TypeError, ValueError):
        raise ValueError(f"bars.{name}: need numbers; convert or drop the column") from None
    if np.ndim(values) != 1:
        raise ValueError(f"bars.{name}: need one dimension, got shape {np.shape(values)}")
    return column


def _check_prices(name: str, column: Floats) -> None:
    bad = ~((column > 0) & np.isfinite(column))
    if bad.any():
        at = int(np.argmax(bad))
        raise ValueError(
            f"bars.{name}: prices must be finite and > 0, got {column[at]} at bar {at}; "
            "repair or cut the bars"
        )

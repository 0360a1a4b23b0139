"""Columns of the clock, and rows of longer bars: each known at the close of its bar, not before."""

import exchange_calendars
import numpy as np
import pandas as pd
import pytest

from kernels.indicators import sma
from kernels.lookahead import find_cheat
from kernels.registry import load
from kernels.series.bars import prepare
from kernels.series.longer import Longer, longer_row, periods_of
from store.data.calendars.trading_days import bars_to_session_end, trading_days
from tests.kernels.market import walk


def daily(first, n, **columns):
    days = pd.bdate_range(first, periods=n)
    bars = {name: np.arange(1.0, n + 1) for name in ("open", "high", "low", "close")}
    return prepare(bars | columns, days.to_numpy())


def test_columns_of_the_clock():
    """Bars of Thursday 28 to Monday 2024-04-01; Friday 29 is a holiday, and no bar."""
    times = np.array(["2024-03-28T14", "2024-03-28T15", "2024-04-01T14", "2024-04-01T15"])
    prices = dict.fromkeys(("open", "high", "low", "close"), np.ones(4))
    series = prepare(prices, times.astype("datetime64[ns]"))
    expected = {
        "session_bar": [0, 1, 0, 1],
        "bars_to_session_end": [1, 0, 1, 0],
        "month": [3, 3, 4, 4],
        "day_of_month": [28, 28, 1, 1],
        "trading_day_of_month": [1, 1, 1, 1],
        "trading_days_left": [1, 1, 21, 21],
        "weekday": [3, 3, 0, 0],
        "hour": [14, 15, 14, 15],
    }
    for name, values in expected.items():
        assert series.column(name).tolist() == values, name


def test_columns_of_the_data_go_first():
    series = daily("2024-01-01", 3, weekday=np.array([7.0, 8, 9]))
    assert series.column("weekday").tolist() == [7, 8, 9]


def test_bars_without_times_have_no_clock():
    series = prepare(dict.fromkeys(("open", "high", "low", "close"), np.ones(3)))
    with pytest.raises(ValueError, match=r"bars.weekday: needs the times of the bars"):
        series.column("weekday")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the package's own use of pandas
def test_session_ends_are_those_of_the_exchange_with_half_days_and_clocks():
    """Half hours of New York around Thanksgiving and both changes of the clock."""
    calendar = exchange_calendars.get_calendar("XNYS", start="2023-01-01", end="2024-12-31")
    for first, last in (("2023-11-20", "2023-11-28"), ("2024-03-06", "2024-03-14")):
        opens, left = [], []
        for day in calendar.sessions_in_range(first, last):
            begin, end = calendar.session_open(day), calendar.session_close(day)
            bars = pd.date_range(begin, end, freq="30min", inclusive="left")
            opens += list(bars)
            left += list(range(len(bars) - 1, -1, -1))
        times = pd.DatetimeIndex(opens).as_unit("ns").asi8
        assert bars_to_session_end(times, "XNYS", 1800).tolist() == left
        assert len(np.unique(trading_days(times, "XNYS"))) == left.count(0)
    assert 6 in left or 12 in left


def test_a_market_that_never_closes_ends_its_day_at_midnight():
    times = np.arange(0, 48) * 3600 * 10**9
    assert bars_to_session_end(times, "24/7", 3600).tolist() == [*range(23, -1, -1)] * 2
    assert bars_to_session_end(times, "24/7", 0) is None


def test_a_weekly_row_is_that_of_the_last_week_that_has_closed():
    """Closes 1 to 5, 6 to 10, 11 ...: the first Friday's 5 is known on that Friday, not before."""
    series = daily("2024-01-01", 12)
    row = Longer(sma, "1w")
    got = longer_row(row, ("close", 1), series.columns, periods_of(series, "1w"))
    np.testing.assert_array_equal(got, [np.nan] * 4 + [5.0] * 5 + [10.0] * 3)
    two = longer_row(row, ("high", 2), series.columns, periods_of(series, "1w"))
    np.testing.assert_array_equal(two[8:], [np.nan, 7.5, 7.5, 7.5])


def test_a_week_without_its_friday_is_known_on_monday():
    series = daily("2024-01-01", 10)
    kept = np.array([0, 1, 2, 3, 5, 6])
    short = prepare(
        {name: column[kept] for name, column in series.columns.items()},
        series.times[kept].astype("datetime64[ns]"),
    )
    got = longer_row(Longer(sma, "1w"), ("close", 1), short.columns, periods_of(short, "1w"))
    np.testing.assert_array_equal(got, [np.nan] * 4 + [4.0, 4.0])


def test_hours_and_months():
    times = np.datetime64("2024-01-31T20", "ns") + np.arange(8) * np.timedelta64(1, "h")
    series = prepare(dict.fromkeys(("open", "high", "low", "close"), np.arange(1.0, 9)), times)
    four = longer_row(Longer(sma, "4h"), ("close", 1), series.columns, periods_of(series, "4h"))
    np.testing.assert_array_equal(four, [np.nan] * 3 + [4.0] * 4 + [8.0])
    month = longer_row(Longer(sma, "1mo"), ("close", 1), series.columns, periods_of(series, "1mo"))
    np.testing.assert_array_equal(month, [np.nan] * 3 + [4.0] * 5)


@pytest.mark.parametrize("timeframe", ["2w", "x", "3d", "1y"])
def test_other_timeframes_are_refused(timeframe):
    with pytest.raises(ValueError, match="need minutes, hours, 1d, 1w or 1mo"):
        periods_of(daily("2024-01-01", 5), timeframe)


def test_a_longer_series_keeps_the_beginning_of_a_row():
    whole = daily("2024-01-01", 70)
    got = longer_row(Longer(sma, "1mo"), ("close", 2), whole.columns, periods_of(whole, "1mo"))
    for n in range(1, 70):
        part = daily("2024-01-01", n)
        own = longer_row(Longer(sma, "1mo"), ("close", 2), part.columns, periods_of(part, "1mo"))
        np.testing.assert_array_equal(own, got[:n])


def test_a_rule_of_weekly_rows_passes_the_look_ahead_check():
    strategy = load("tests.kernels.weekly")
    days = pd.bdate_range("2020-01-01", periods=700).to_numpy()
    series = prepare({n: x for n, x in walk(700, 2).items() if n != "code"}, days)
    assert find_cheat(strategy, np.array([[3.0]]), series) is None

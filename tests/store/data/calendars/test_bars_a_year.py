"""Bars a year against the bars' own times: refused, taken from the calendar, or counted and said.

The right figures come from pandas alone: bars over elapsed time.
"""

import numpy as np
import pandas as pd
import pytest

from store.data import DataSpec, from_frame, load
from store.errors import BadBars


def bars(index):
    close = 100 * np.exp(np.cumsum(np.random.default_rng(0).normal(0, 0.01, len(index))))
    columns = {"open": close, "high": close * 1.001, "low": close * 0.999, "close": close}
    return pd.DataFrame(columns | {"volume": 1.0}, index=pd.DatetimeIndex(index, tz="UTC"))


def counted(index):
    years = (index[-1] - index[0]).total_seconds() / 86_400 / 365.25
    return (len(index) - 1) / years


def hours(first, count):
    return pd.date_range(first, periods=count, freq="h")


@pytest.mark.parametrize(
    ("index", "timeframe", "calendar", "own"),
    [
        (pd.date_range("2021-01-01", periods=1_000, freq="2h"), "1h", None, "2h"),
        (pd.date_range("2021-01-01", periods=4_000, freq="15min"), "5m", "24/7", "15m"),
        (pd.date_range("2015-01-05", periods=300, freq="7D"), "1d", None, "1w"),
        (pd.date_range("2000-01-01", periods=240, freq="MS"), "1w", None, "1mo"),
        (pd.date_range("2000-01-01", periods=240, freq="MS"), "1d", "XNYS", "1mo"),
        (pd.date_range("2015-01-05", periods=300, freq="7D"), "1mo", None, "1w"),
        (pd.date_range("2021-01-01", periods=300, freq="2D"), "1d", "24/7", "2d"),
    ],
)
def test_bars_of_another_timeframe_are_refused_and_named(index, timeframe, calendar, own):
    with pytest.raises(BadBars, match=rf"these are {own} bars: set data.timeframe={own}") as error:
        from_frame(bars(index), "MINE", timeframe, calendar=calendar)
    assert "\n" not in str(error.value)
    assert from_frame(bars(index), "MINE", own, calendar=calendar).notes == ()


@pytest.mark.parametrize("calendar", ["24/7", None])
def test_bars_with_holes_are_counted_by_elapsed_time_and_that_is_said(calendar):
    days = pd.date_range("2020-01-01", "2022-12-31", freq="D")
    kept = days[np.sort(np.random.default_rng(1).choice(len(days), 660, replace=False))]
    data = from_frame(bars(kept), "HOLES", calendar=calendar)
    assert data.periods_per_year == pytest.approx(counted(kept), rel=1e-6)
    (note,) = data.notes
    assert "bars a year, from their own times" in note
    assert "that calendar 24/7 expects are missing" in note


@pytest.mark.parametrize("calendar", [None, "24/5", "XNYS"])
def test_currency_days_with_sunday_candles_are_counted_by_elapsed_time(calendar):
    days = pd.date_range("2019-01-01", "2021-12-31", freq="D")
    six = days[days.day_of_week != 5]
    data = from_frame(bars(six), "EURUSD", calendar=calendar)
    assert data.periods_per_year == pytest.approx(313, abs=0.6)
    assert "lie outside the hours of calendar" in data.notes[0]


def test_a_stated_figure_is_used_and_its_contradiction_said():
    data = from_frame(bars(hours("2021-01-01", 8_760)), "BTC", "1h", periods_per_year=252)
    assert data.periods_per_year == 252
    (note,) = data.notes
    assert "these bars are 8,760 a year by their times" in note
    assert "0.17 times" in note


def test_bars_of_equal_volume_need_no_timeframe():
    random = np.random.default_rng(2)
    seconds = np.cumsum(random.exponential(900, 5_000)).astype(int)
    index = pd.Timestamp("2022-01-03") + pd.to_timedelta(seconds, "s")
    data = from_frame(bars(index.unique()), "VOLUME", "irregular")
    assert data.periods_per_year == pytest.approx(counted(index.unique()), rel=1e-6)
    assert data.quality.gaps == 0
    assert "as data.timeframe=irregular asks" in data.notes[0]


@pytest.mark.parametrize(
    ("index", "timeframe", "calendar", "periods"),
    [
        (pd.date_range("2000-01-01", periods=240, freq="MS"), "1mo", None, 12),
        (pd.date_range("2000-01-31", periods=80, freq="QE"), "3mo", "XNYS", 4),
        (pd.date_range("2020-01-01", periods=300, freq="3D"), "3d", "24/7", 365.25 / 3),
        (pd.date_range("2015-01-05", periods=300, freq="7D"), "1w", None, 365 / 7),
        (hours("2021-01-01", 9_000), "60min", None, 8_760),
    ],
)
def test_regular_bars_have_the_figure_of_their_timeframe(index, timeframe, calendar, periods):
    data = from_frame(bars(index), "MINE", timeframe, calendar=calendar)
    assert data.periods_per_year == pytest.approx(periods, rel=1e-3)
    assert data.notes == ()


@pytest.mark.parametrize("source", ["nasdaq", "sp500"])
def test_the_built_in_bars_keep_their_calendar_without_a_word(source):
    (data,) = load(DataSpec(source))
    assert (data.periods_per_year, data.notes) == (5_031 / 20, ())


def test_a_week_of_session_minutes_keeps_the_figure_of_the_calendar():
    """Elapsed time alone would say 3 % more, for the weekend that follows is not in it."""
    days = pd.bdate_range("2024-03-04", periods=10)
    index = [
        d + pd.Timedelta(14.5 if d.day < 10 else 13.5, "h") + pd.Timedelta(m, "min")
        for d in days
        for m in range(390)
    ]
    data = from_frame(bars(index), "ACME", "1m")
    assert data.quality.gaps == 0
    assert data.periods_per_year == pytest.approx(252 * 390, rel=0.01)
    assert data.notes == ()


def test_currency_hours_are_recognised_and_their_week_is_that_of_new_york():
    """22:00 UTC in winter and 21:00 in summer are 17:00 in New York."""
    days = pd.bdate_range("2022-01-03", "2022-06-30")
    ends = (days + pd.Timedelta(17, "h")).tz_localize("America/New_York").tz_convert("UTC")
    index = [end - pd.Timedelta(h, "h") for end in ends for h in range(24, 0, -1)]
    index = pd.DatetimeIndex(sorted(set(index))).tz_localize(None)
    data = from_frame(bars(index), "EURUSD", "1h")
    assert (data.quality.calendar, data.quality.gaps, data.quality.outside) == ("fx", 0, 0)
    assert data.periods_per_year == pytest.approx(24 * 5 * 365.25 / 7, rel=0.01)
    assert "data.calendar=fx is taken" in data.notes[0]


def test_naive_times_of_an_exchange_are_refused_with_the_zone_that_fits():
    sessions = pd.bdate_range("2024-02-20", "2024-03-28")
    index = [d + pd.Timedelta(9.5 + h, "h") for d in sessions for h in range(7)]
    naive = bars(index).tz_localize(None)
    with pytest.raises(BadBars, match=r"fit the hours of XNYS as America/New_York.*timezone"):
        from_frame(naive, "ACME", "1h")
    aware = naive.tz_localize("America/New_York")
    assert from_frame(aware, "ACME", "1h").quality.outside == 0

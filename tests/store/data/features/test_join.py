"""A dated value reaches the first bar that closes at or after it, and none before."""

from functools import lru_cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.data import DataSpec, load
from store.data.calendars.bar_intervals import spans
from store.data.features.asof_join import join

NAN = np.nan


def frame(times):
    index = pd.DatetimeIndex(times, tz="UTC", name="time").as_unit("ns")
    return pd.DataFrame({"close": np.arange(len(index), dtype=float)}, index=index)


def feature(**values):
    """feature(**{"2020-01-06 10:00": 1.0})"""
    times = pd.DatetimeIndex(list(values), tz="UTC").as_unit("ns")
    return pd.Series(list(values.values()), times, dtype="float64")


HOURS = frame(pd.date_range("2020-01-06 10:00", periods=4, freq="h"))
DAYS = frame(["2020-01-09", "2020-01-10", "2020-01-13", "2020-01-14"])  # a weekend in between


def test_a_value_at_the_close_is_known_and_one_just_after_is_not():
    """The bar of 10:00 closes at 11:00."""
    at, after = (
        feature(**{"2020-01-06 11:00": 5.0}),
        feature(**{"2020-01-06 11:00:00.000000001": 5.0}),
    )
    for rule in ("level", "event"):
        assert join(HOURS, at, rule, "24/7", "1h")[0] == 5.0
        assert np.isnan(join(HOURS, after, rule, "24/7", "1h")[0])
        assert join(HOURS, after, rule, "24/7", "1h")[1] == 5.0


def test_a_level_is_carried_on_and_an_event_is_not():
    values = feature(**{"2020-01-06 10:20": 1.0, "2020-01-06 10:40": 3.0, "2020-01-06 12:30": 7.0})
    np.testing.assert_array_equal(join(HOURS, values, "level", "24/7", "1h"), [3, 3, 7, 7])
    np.testing.assert_array_equal(join(HOURS, values, "event", "24/7", "1h"), [2, NAN, 7, NAN])


def test_what_was_known_before_the_first_bar():
    """A level is still known then; news of long ago is no news of the first bar."""
    values = feature(**{"2019-12-01": 1.0, "2020-01-06 10:00": 4.0})
    np.testing.assert_array_equal(join(HOURS, values[:1], "level", "24/7", "1h"), [1] * 4)
    np.testing.assert_array_equal(join(HOURS, values, "event", "24/7", "1h"), [4, NAN, NAN, NAN])


def test_what_comes_after_the_last_bar_is_nowhere():
    values = feature(**{"2020-01-06 14:00:01": 9.0})
    for rule in ("level", "event"):
        assert np.isnan(join(HOURS, values, rule, "24/7", "1h")).all()


@pytest.mark.parametrize(
    ("time", "bar"),
    [
        ("2020-01-09 21:00", 0),  # New York closes at 21:00 UTC in winter
        ("2020-01-09 21:00:01", 1),
        ("2020-01-09 23:59", 1),  # the same date, but after the close
        ("2020-01-10 21:30", 2),
        ("2020-01-11 12:00", 2),  # a weekend's news is Monday's
        ("2020-01-13 20:59", 2),
        ("2020-01-13 21:01", 3),
    ],
)
def test_a_day_of_an_exchange_ends_with_its_session(time, bar):
    values = join(DAYS, feature(**{time: 1.0}), "event", "XNYS", "1d")
    assert np.flatnonzero(values == 1.0).tolist() == [bar]


@pytest.mark.parametrize("hour", ["00:00", "05:00", "21:00"])
def test_whatever_hour_a_day_carries(hour):
    stamped = frame([f"{day.date()} {hour}" for day in DAYS.index])
    closes = spans(stamped.index.asi8, "XNYS", "1d").closes
    expected = ["2020-01-09 21:00", "2020-01-10 21:00", "2020-01-13 21:00", "2020-01-14 21:00"]
    assert pd.DatetimeIndex(closes).strftime("%Y-%m-%d %H:%M").tolist() == expected


def test_summer_and_half_days():
    times = pd.DatetimeIndex(["2019-07-03", "2019-07-05"], tz="UTC").as_unit("ns")
    closes = pd.DatetimeIndex(spans(times.asi8, "XNYS", "1d").closes)
    assert [str(close.time()) for close in closes] == ["17:00:00", "20:00:00"]


def test_weeks_and_last_bars_of_a_session():
    monday = pd.DatetimeIndex(["2020-01-13"], tz="UTC").as_unit("ns").asi8
    assert pd.Timestamp(spans(monday, "XNYS", "1w").closes[0]) == pd.Timestamp("2020-01-17 21:00")
    assert pd.Timestamp(spans(monday, "24/7", "1w").closes[0]) == pd.Timestamp("2020-01-20")
    last = pd.DatetimeIndex(["2020-01-13 20:30"], tz="UTC").as_unit("ns").asi8
    assert pd.Timestamp(spans(last, "XNYS", "1h").closes[0]) == pd.Timestamp("2020-01-13 21:00")


def test_a_bar_on_a_closed_day_knows_as_little_as_can_be():
    saturday = pd.DatetimeIndex(["2020-01-10", "2020-01-11", "2020-01-13"], tz="UTC").as_unit("ns")
    found = spans(saturday.asi8, "XNYS", "1d")
    assert found.inside.tolist() == [True, False, True]
    assert found.closes[1] == saturday.asi8[1]


@lru_cache
def forty_bars(calendar, timeframe):
    """Without a gap."""
    options = {"kind": "trend", "bars": 40}
    (data,) = load(DataSpec("synthetic", timeframe=timeframe, calendar=calendar, options=options))
    return data.frame


CASES = [
    ("24/7", "1h"),
    ("24/7", "1d"),
    ("XNYS", "1d"),
    ("XNYS", "1h"),
    ("XTKS", "30m"),
    ("24/5", "1w"),
]


@pytest.mark.parametrize(("calendar", "timeframe"), CASES)
@settings(max_examples=25)
@given(seed=st.integers(0, 10**6), rule=st.sampled_from(["level", "event"]))
def test_as_the_obvious_loop_and_without_look_ahead(calendar, timeframe, seed, rule):
    """The oracle asks, bar by bar, what was known; a shocked later value moves no earlier bar."""
    bars, rng = forty_bars(calendar, timeframe), np.random.default_rng(seed)
    found = spans(bars.index.asi8, calendar, timeframe)
    width = found.closes[-1] - found.opens[0]
    times = np.sort(found.opens[0] + (rng.uniform(-0.2, 1.2, 30) * width).astype(np.int64))
    times[rng.integers(30, size=5)] = found.closes[rng.integers(40, size=5)]
    times.sort()
    series = pd.Series(rng.standard_normal(30), pd.DatetimeIndex(times, tz="UTC"))
    got = join(bars, series, rule, calendar, timeframe)
    before = found.opens[0] - 1
    for i, close in enumerate(found.closes):
        known = series[times <= close]
        news = series[(times <= close) & (times > before)]
        want = (known.iloc[-1:] if rule == "level" else news).mean()
        np.testing.assert_allclose(got[i], want, rtol=1e-12)
        before = close
    for k in (0, 11, 29):
        shocked = series.copy()
        shocked.iloc[k] += 1e6
        moved = np.flatnonzero(
            ~np.isclose(join(bars, shocked, rule, calendar, timeframe), got, equal_nan=True)
        )
        assert (found.closes[moved] >= times[k]).all()

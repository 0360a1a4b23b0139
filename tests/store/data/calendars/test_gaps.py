"""The gap table: where, and how many bars; it sums to what the quality counts."""

from functools import lru_cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.data import DataSpec, load
from store.data.calendars.coverage import coverage, stamped_with_end
from store.data.calendars.times import time_text


def ns(times):
    return pd.DatetimeIndex(times, tz="UTC").as_unit("ns").asi8


@lru_cache
def every_time(calendar, timeframe):
    """Of 120 bars without a gap."""
    options = {"kind": "trend", "bars": 120}
    (data,) = load(DataSpec("synthetic", timeframe=timeframe, calendar=calendar, options=options))
    return data.frame.index.asi8


def table(times, calendar, timeframe):
    gaps = coverage(ns(times), calendar, timeframe).gaps()
    return [(time_text(gap.first), time_text(gap.last), gap.bars) for gap in gaps]


def test_days_of_a_market_that_never_closes():
    days = ["2020-01-06", "2020-01-07", "2020-01-10", "2020-01-12"]
    assert table(days, "24/7", "1d") == [
        ("2020-01-08", "2020-01-09", 2),
        ("2020-01-11", "2020-01-11", 1),
    ]


def test_sessions_of_an_exchange():
    """No gap over the weekend of 11 January, one over the week from 14 to 17 and the 21st."""
    days = ["2020-01-10", "2020-01-13", "2020-01-22", "2020-01-23"]
    assert table(days, "XNYS", "1d") == [("2020-01-14", "2020-01-21", 5)]


def test_weeks():
    weeks = ["2020-01-06", "2020-01-27", "2020-02-03"]
    assert table(weeks, "XNYS", "1w") == [("2020-01-13", "2020-01-20", 2)]
    assert table(weeks, "24/7", "1w") == [("2020-01-13", "2020-01-20", 2)]


def test_hours_of_a_session():
    day = pd.date_range("2020-01-06 14:30", periods=7, freq="h")
    times = day.append(day.delete([2, 3]) + pd.Timedelta("1D")).append(day + pd.Timedelta("2D"))
    session = ("2020-01-07T14:30:00Z", "2020-01-07T21:00:00Z", 2)
    assert table(times, "XNYS", "1h") == [session]


def test_no_gap_no_table():
    assert table(["2020-01-06", "2020-01-07"], "24/7", "1d") == []


@pytest.mark.parametrize(
    ("calendar", "timeframe"), [("24/7", "1h"), ("XNYS", "1d"), ("XTKS", "30m")]
)
@settings(max_examples=40)
@given(data=st.data())
def test_the_table_sums_to_the_count(data, calendar, timeframe):
    kept = data.draw(st.sets(st.integers(1, 118), min_size=1))
    times = every_time(calendar, timeframe)[sorted({0, 119} | kept)]
    found = coverage(times, calendar, timeframe)
    gaps = found.gaps()
    assert sum(gap.bars for gap in gaps) == found.missing == 120 - times.size
    assert found.expected == 120
    assert all(gap.first <= gap.last for gap in gaps)
    ends = np.array([[gap.first.value, gap.last.value] for gap in gaps]).ravel()
    assert (np.diff(ends) >= 0).all()


def test_which_end_of_a_bar_its_time_is():
    start = ns(pd.date_range("2020-01-06 14:30", periods=7, freq="h"))
    assert not stamped_with_end(start, "XNYS", "1h")
    assert stamped_with_end(start + 3_600_000_000_000, "XNYS", "1h")
    assert not stamped_with_end(start + 3_600_000_000_000, "24/7", "1h")
    assert not stamped_with_end(ns(["2020-01-06 21:00", "2020-01-07 21:00"]), "XNYS", "1d")

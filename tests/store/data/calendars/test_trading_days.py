"""Trading days of intraday bars, against pandas and by hand, and what the fingerprint covers."""

import numpy as np
import pandas as pd
import pytest

from store.data import from_frame
from store.data.bars import fingerprint
from store.data.calendars.trading_days import guessed_days, trading_days


def hours(first, last, zone, closed):
    """Each hour from first to last, in local time, but those of a closed market; in UTC."""
    local = pd.date_range(first, last, freq="h", tz=zone)
    return local[~closed(local)].tz_convert("UTC")


def currencies():
    """Sunday 17:00 to Friday 17:00 in New York, both ends of summer time inside."""
    return hours(
        "2023-01-01 17:00",
        "2023-12-29 16:00",
        "America/New_York",
        lambda t: (
            (t.day_of_week == 5)
            | ((t.day_of_week == 4) & (t.hour >= 17))
            | ((t.day_of_week == 6) & (t.hour < 17))
        ),
    )


def futures():
    """Sunday 17:00 to Friday 16:00 in Chicago, an hour's pause each day, no holiday among them."""
    return hours(
        "2023-02-26 17:00",
        "2023-03-31 15:00",
        "America/Chicago",
        lambda t: (
            (t.day_of_week == 5)
            | (t.hour == 16)
            | ((t.day_of_week == 4) & (t.hour >= 16))
            | ((t.day_of_week == 6) & (t.hour < 17))
        ),
    )


def from_the_evening(times, zone):
    """Dates of pandas, a day from 17:00 to 17:00: its numbers since 1970."""
    local = times.tz_convert(zone).tz_localize(None)
    return (local + pd.Timedelta("7h")).normalize().to_numpy().astype("M8[D]").astype(np.int64)


def walk(times, seed=5):
    close = 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.002, times.size)))
    columns = dict.fromkeys(("open", "high", "low", "close"), close) | {"volume": 1.0}
    return pd.DataFrame(columns, index=times)


def days_of(times, calendar):
    return trading_days(pd.DatetimeIndex(times).as_unit("ns").asi8, calendar)


@pytest.mark.parametrize(
    ("times", "calendar", "zone"),
    [(currencies(), "fx", "America/New_York"), (futures(), "CMES", "America/Chicago")],
)
def test_the_evening_belongs_to_the_day_that_follows(times, calendar, zone):
    days = days_of(times, calendar)
    local = from_the_evening(times, zone)
    assert days.tolist() == local.tolist()
    data = from_frame(walk(times), "X", "1h", calendar=calendar)
    assert data.days.tolist() == days.tolist() == data.series().days.tolist()
    assert data.series().day_ends.ends.size == np.unique(days).size


def test_a_bar_in_closed_hours_belongs_to_the_nearer_session():
    """By hand, New York, winter: the stock exchange is open from 14:30 to 21:00 UTC."""
    times = ["2024-01-04 09:00", "2024-01-04 20:00", "2024-01-04 21:00", "2024-01-05 00:30",
             "2024-01-05 09:00", "2024-01-05 22:00", "2024-01-08 13:00"]  # fmt: skip
    stamps = pd.DatetimeIndex(pd.to_datetime(days_of(times, "XNYS"), unit="D"))
    assert stamps.day.tolist() == [4, 4, 4, 4, 5, 5, 8]


def test_a_lunch_break_does_not_end_the_day():
    times = ["2024-01-04 00:00", "2024-01-04 02:00", "2024-01-04 03:30", "2024-01-04 05:00"]
    assert np.unique(days_of(times, "XTKS")).size == 1


def test_markets_that_never_close_have_the_days_of_utc():
    times = ["2024-01-05 23:59", "2024-01-06 00:00", "2024-01-06 23:00", "2024-01-07 00:00"]
    assert np.diff(days_of(times, "24/7")).tolist() == [1, 0, 1]


def test_bars_of_a_day_and_longer_have_none():
    daily = from_frame(walk(pd.date_range("2024-01-01", periods=30, tz="UTC")), calendar="24/7")
    assert daily.days is None
    assert daily.fingerprint == fingerprint(daily.frame), "as it was before there were days"
    assert guessed_days(pd.DatetimeIndex(daily.frame.index), None) is None


def test_the_fingerprint_covers_days_that_are_not_those_of_utc():
    bars = walk(currencies())
    always = from_frame(bars, "X", "1h", calendar="24/7")
    fx = from_frame(bars, "X", "1h", calendar="fx")
    assert always.fingerprint == fingerprint(always.frame) != fx.fingerprint
    assert fx.fingerprint == from_frame(bars, "Y", "1h").fingerprint, "fx is what is guessed"


def test_days_are_guessed_from_times_alone():
    times = currencies()
    assert guessed_days(times, None).tolist() == days_of(times, "fx").tolist()
    assert guessed_days(times, "24/7").tolist() == days_of(times, "24/7").tolist()
    tokyo = pd.DatetimeIndex(["2024-01-04 00:00", "2024-01-04 05:00"], tz="UTC")
    assert np.unique(guessed_days(tokyo, None)).size == 1

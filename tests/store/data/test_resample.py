"""Longer bars from shorter ones: by hand, against pandas, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.data import DataSpec, load
from store.data.bars import check_bars
from store.data.normalise import shape
from store.data.resample import resample
from store.errors import BadBars


def bars(times, **features):
    """Bars whose four prices and volume all differ: open i+10, high i+20, low i+1, close i+12."""
    i = np.arange(len(times), dtype=float)
    columns = {"open": i + 10, "high": i + 20, "low": i + 1, "close": i + 12, "volume": 2**i}
    return shape(pd.DataFrame(columns | features, index=pd.DatetimeIndex(times)), "X")


def hours(start, count):
    return pd.date_range(start, periods=count, freq="h")


def texts(frame):
    return [time.strftime("%m-%d %H:%M") for time in frame.index]


def test_a_market_that_never_closes_by_hand():
    """Eight hours from 01:00: 00:00 is not whole, 04:00 is, 08:00 is not."""
    source = bars(hours("2020-01-06 01:00", 8), vix=[1, 2, 3, 4, np.nan, 6, np.nan, 8])
    longer, dropped = resample(source, "1h", "4h", "24/7", "X")
    assert texts(longer) == ["01-06 04:00"]
    # Hours 04 to 07 are bars 3 to 6.
    assert longer.iloc[0].tolist() == [13, 26, 4, 18, 8 + 16 + 32 + 64, 6]
    assert dropped == ("2020-01-06", "2020-01-06T08:00:00Z")


def test_whole_bars_at_both_ends_are_kept():
    longer, dropped = resample(bars(hours("2020-01-06", 8)), "1h", "4h", "24/7", "X")
    assert (texts(longer), dropped) == (["01-06 00:00", "01-06 04:00"], ())


def test_a_gap_inside_is_not_filled():
    times = hours("2020-01-06", 16).delete([5, 6, 8, 9, 10, 11])
    longer, dropped = resample(bars(times), "1h", "4h", "24/7", "X")
    assert texts(longer) == ["01-06 00:00", "01-06 04:00", "01-06 12:00"]
    assert longer["volume"].tolist() == [15, 2**4 + 2**5, 2**6 + 2**7 + 2**8 + 2**9]
    assert dropped == ()


def test_weeks_begin_on_monday():
    days = pd.date_range("2020-01-06", periods=15)  # a Monday
    longer, dropped = resample(bars(days), "1d", "1w", "24/7", "X")
    assert texts(longer) == ["01-06 00:00", "01-13 00:00"]
    assert longer["open"].tolist() == [10, 17]
    assert dropped == ("2020-01-20",)


def test_a_week_of_an_exchange_is_its_sessions():
    """20 January 2020 was a holiday in New York: that week has four sessions, from Tuesday."""
    days = pd.bdate_range("2020-01-13", "2020-01-24").drop(pd.Timestamp("2020-01-20"))
    longer, dropped = resample(bars(days), "1d", "1w", "XNYS", "X")
    assert (texts(longer), dropped) == (["01-13 00:00", "01-20 00:00"], ())
    assert longer["open"].tolist() == [10, 15]
    assert longer["close"].tolist() == [16, 20]
    late, dropped = resample(bars(days[5:]), "1d", "1w", "XNYS", "X")
    assert (texts(late), dropped) == (["01-20 00:00"], ())
    with pytest.raises(BadBars, match="X: too little history, 4 bars of 1d fill none of 1w"):
        resample(bars(days[1:5]), "1d", "1w", "XNYS", "X")


@pytest.mark.parametrize("first", ["14:30", "14:00"])
def test_bars_begin_with_the_session(first):
    """New York is open from 14:30 to 21:00 UTC: 3 hours and a half, twice, however stamped."""
    day = [hours(f"2020-01-0{d} {first}", 7) for d in (6, 7)]
    longer, dropped = resample(bars(day[0].append(day[1])), "1h", "2h", "XNYS", "X")
    minutes = first[-2:]
    expected = [f"01-0{d} {h}:{minutes}" for d in (6, 7) for h in (14, 16, 18, 20)]
    assert (texts(longer), dropped) == (expected, ())
    assert longer["open"].tolist() == [10, 12, 14, 16, 17, 19, 21, 23]
    daily, dropped = resample(bars(day[0].append(day[1])), "1h", "1d", "XNYS", "X")
    assert (texts(daily), dropped) == (["01-06 00:00", "01-07 00:00"], ())
    assert daily["close"].tolist() == [18, 25]


def test_a_lunch_break_ends_a_bar():
    """Tokyo trades from 00:00 to 02:30 and from 03:30 to 06:00 UTC."""
    times = [f"2020-01-07 {t}" for t in ("00:00", "00:30", "01:00", "01:30", "02:00", "03:30")]
    times += [f"2020-01-07 {t}" for t in ("04:00", "04:30", "05:00", "05:30")]
    longer, dropped = resample(bars(times), "30m", "2h", "XTKS", "X")
    assert texts(longer) == [f"01-07 {t}" for t in ("00:00", "02:00", "03:30", "05:30")]
    assert dropped == ()


def test_half_a_session_is_no_day():
    full, half = hours("2020-01-06 14:30", 7), hours("2020-01-07 14:30", 6)
    daily, dropped = resample(bars(full.append(half)), "1h", "1d", "XNYS", "X")
    assert (texts(daily), dropped) == (["01-06 00:00"], ("2020-01-07",))


@pytest.mark.parametrize(
    ("source", "target", "calendar", "times", "message"),
    [
        ("1h", "1h", "24/7", hours("2020-01-06", 9), "bars of 1h cannot be made of 1h bars"),
        ("4h", "1h", "24/7", hours("2020-01-06", 9), "bars of 1h cannot be made of 4h bars"),
        ("2h", "3h", "24/7", hours("2020-01-06", 9), "bars of 3h cannot be made of 2h bars"),
        ("1h", "4h", "24/7", hours("2020-01-06 00:07", 9), r"X: row 1 .*not begin on the grid"),
        ("1h", "4h", "XNYS", hours("2020-01-06 12:00", 9), "X: 2 bars lie outside .* XNYS"),
        ("1h", "4h", "24/7", hours("2020-01-06 01:00", 3), "X: too little history, 3 bars of 1h"),
    ],
)
def test_what_cannot_be_resampled_is_refused(source, target, calendar, times, message):
    with pytest.raises(ValueError, match=message):
        resample(bars(times), source, target, calendar, "X")


@settings(max_examples=30)
@given(
    first=st.integers(0, 200), count=st.integers(60, 300), target=st.sampled_from([2, 4, 12, 24])
)
def test_as_pandas_resamples(first, count, target):
    rng = np.random.default_rng(first)
    times = pd.date_range("2020-01-06", periods=first + count, freq="h", tz="UTC")[first:]
    close = 100 + rng.standard_normal(count).cumsum()
    source = bars(times).assign(close=close, high=close + 1, low=close - 1, open=close)
    name = "1d" if target == 24 else f"{target}h"
    longer, dropped = resample(source, "1h", name, "24/7", "X")
    rules = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
    theirs = source.resample(f"{target}h").agg(rules)
    whole = source["close"].resample(f"{target}h").count() == target
    pd.testing.assert_frame_equal(longer, theirs[whole], check_freq=False)
    assert len(longer) + len(dropped) == len(theirs)


@pytest.mark.parametrize(
    ("short", "long"), [("15m", "1h"), ("15m", "1d"), ("1h", "1w"), ("30m", "4h")]
)
@pytest.mark.parametrize("calendar", ["24/7", "XNYS", "XTKS", "24/5"])
def test_whole_bars_of_any_calendar_have_no_gap(short, long, calendar):
    (data,) = load(
        DataSpec(
            "synthetic", timeframe=short, calendar=calendar, options={"kind": "trend", "bars": 2000}
        )
    )
    longer, _ = resample(data.frame, short, long, calendar, "X")
    quality = check_bars(longer, "X", long, calendar)
    assert (quality.gaps, quality.outside) == (0, 0)


def test_a_longer_history_moves_no_whole_bar():
    (data,) = load(DataSpec("synthetic", timeframe="1h", options={"kind": "trend", "bars": 300}))
    whole, _ = resample(data.frame, "1h", "4h", "24/7", "X")
    for count in range(8, 300, 7):
        longer, dropped = resample(data.frame[:count], "1h", "4h", "24/7", "X")
        pd.testing.assert_frame_equal(longer, whole[: len(longer)], check_freq=False)
        assert len(dropped) == (count % 4 != 0)


def currency_hours(first, last):
    """Hours of Monday to Friday, days from 17:00 to 17:00 in New York."""
    ends = (pd.bdate_range(first, last) + pd.Timedelta(17, "h")).tz_localize("America/New_York")
    return pd.DatetimeIndex(
        sorted(end.tz_convert("UTC") - pd.Timedelta(h, "h") for end in ends for h in range(1, 25))
    ).unique()


def test_days_of_currencies_end_at_five_in_new_york_in_winter_and_summer():
    """14 March 2022: the clocks went forward the day before, so Monday begins at 21:00 UTC."""
    times = currency_hours("2022-03-07", "2022-03-18")
    source = bars(times).assign(volume=1.0)
    longer, dropped = resample(source, "1h", "1d", "fx", "X")
    assert dropped == ()
    assert [str(day.date()) for day in longer.index] == [
        str(day.date()) for day in pd.bdate_range("2022-03-07", "2022-03-18")
    ]
    assert longer["volume"].tolist() == [24.0] * 10
    monday = source.loc["2022-03-13 21:00":"2022-03-14 20:00"]
    assert longer.loc["2022-03-14", "open"].item() == monday["open"].iloc[0]
    assert longer.loc["2022-03-14", "close"].item() == monday["close"].iloc[-1]


def test_hours_that_a_broker_quotes_around_the_week_join_its_ends():
    """A feed on the clock of winter: in summer it begins an hour late and ends an hour late."""
    times = currency_hours("2022-03-07", "2022-03-18")
    summer = times >= pd.Timestamp("2022-03-13", tz="UTC")
    times = times.where(~summer, times + pd.Timedelta(1, "h"))
    source = bars(times).assign(volume=1.0)
    longer, _ = resample(source, "1h", "1d", "fx", "X")
    assert longer["volume"].tolist() == [24.0] * 5 + [23.0, 24.0, 24.0, 24.0, 25.0]
    assert longer["close"].iloc[-1] == source["close"].iloc[-1]


def test_currency_hours_in_a_calendar_of_dates_are_refused_with_the_one_that_fits():
    source = bars(currency_hours("2022-01-03", "2022-01-14")).assign(volume=1.0)
    with pytest.raises(BadBars, match=r"outside the hours of 24/5.*set data.calendar=fx"):
        resample(source, "1h", "1d", "24/5", "X")


@pytest.mark.parametrize("calendar", ["24/7", "XNYS"])
def test_months_and_quarters_are_those_of_the_calendar(calendar):
    days = pd.date_range("2020-01-01", "2020-06-30")
    if calendar == "XNYS":
        days = pd.DatetimeIndex([d for d in days if d in SESSIONS_2020])
    source = bars(days).assign(volume=1.0)
    months, dropped = resample(source, "1d", "1mo", calendar, "X")
    assert texts(months) == [f"{month:02}-01 00:00" for month in range(1, 7)]
    by_pandas = source.groupby(source.index.month)
    assert months["open"].tolist() == by_pandas["open"].first().tolist()
    assert months["high"].tolist() == by_pandas["high"].max().tolist()
    assert months["close"].tolist() == by_pandas["close"].last().tolist()
    assert months["volume"].tolist() == by_pandas["volume"].sum().tolist()
    assert dropped == ()
    quarters, _ = resample(source, "1d", "3mo", calendar, "X")
    assert texts(quarters) == ["01-01 00:00", "04-01 00:00"]
    part, dropped = resample(source.iloc[10:], "1d", "1mo", calendar, "X")
    assert (texts(part)[0], dropped) == ("02-01 00:00", ("2020-01-01",))


SESSIONS_2020 = frozenset(
    pd.bdate_range("2020-01-01", "2020-06-30").difference(
        pd.DatetimeIndex(["2020-01-01", "2020-01-20", "2020-02-17", "2020-04-10", "2020-05-25"])
    )
)


def test_three_days_are_cut_on_the_calendar_of_a_market_that_never_closes():
    longer, _ = resample(bars(pd.date_range("2020-01-06", periods=9)), "1d", "3d", "24/7", "X")
    starts = longer.index.asi8 // (86_400 * 10**9)
    assert (starts % 3 == 0).all()
    with pytest.raises(ValueError, match=r"3d are cut on the calendar of a market that never"):
        resample(bars(pd.bdate_range("2020-01-06", periods=9)), "1d", "3d", "XNYS", "X")


@pytest.mark.parametrize(("source", "target"), [("1w", "1mo"), ("1mo", "1w"), ("irregular", "1h")])
def test_lengths_that_do_not_fill_each_other_are_refused(source, target):
    with pytest.raises(ValueError, match=rf"bars of {target} cannot be made of {source} bars"):
        resample(bars(pd.date_range("2020-01-06", periods=9)), source, target, "24/7", "X")

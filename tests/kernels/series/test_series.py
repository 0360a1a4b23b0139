import numpy as np
import pandas as pd
import pytest

from kernels.series.bars import prepare
from tests.kernels.market import walk

GOOD = {name: [1.0, 2.0] for name in ("open", "high", "low", "close")}


def test_a_frame_and_a_mapping_are_the_same():
    bars = walk(30)
    frame = pd.DataFrame(bars, index=pd.date_range("2020", periods=30, tz="UTC"))
    a, b = prepare(bars), prepare(frame)
    assert list(a.columns) == list(b.columns)
    assert all(a.column(name).tobytes() == b.column(name).tobytes() for name in a.columns)


def test_columns_are_read_only_copies():
    close = np.array([1.0, 2.0])
    series = prepare(GOOD | {"close": close})
    close[0] = 5.0
    assert series.column("close").tolist() == [1, 2]
    with pytest.raises(ValueError, match="read-only"):
        series.column("close")[0] = 3.0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"close": [1.0]}, r"bars\.open: need 1 values as close has, got 2"),
        ({"low": [1.0, 0.0]}, r"bars\.low: prices must be finite and > 0, got 0\.0 at bar 1"),
        ({"high": [np.nan, 1]}, r"bars\.high: prices must be finite and > 0, got nan at bar 0"),
        ({"open": [1.0, np.inf]}, r"bars\.open: prices must be finite"),
        ({"symbol": ["a", "b"]}, r"bars\.symbol: need numbers; convert or drop the column"),
        ({"volume": [[1.0, 2.0]]}, r"bars\.volume: need one dimension, got shape \(1, 2\)"),
        ({name: [] for name in GOOD}, r"bars: need at least one bar, got 0"),
    ],
)
def test_bad_bars_are_named(change, message):
    with pytest.raises(ValueError, match=message):
        prepare(GOOD | change)


def test_missing_prices_are_named():
    with pytest.raises(ValueError, match=r"bars: no column 'open', got Open, close; .*lower case"):
        prepare({"Open": [1.0], "close": [1.0]})


def test_features_may_be_unknown():
    assert np.isnan(prepare(GOOD | {"mood": [np.nan, 1.0]}).column("mood")[0])


def timed(index):
    return pd.DataFrame(walk(len(index)), index=index)


DAYS = pd.date_range("2021-03-01", periods=30)


@pytest.mark.parametrize(
    "index",
    [
        *(DAYS[::-1], DAYS.tz_localize("America/New_York")[::-1], DAYS.to_period("D")[::-1]),
        *(DAYS.astype(str)[::-1], pd.Index([day.date() for day in DAYS[::-1]])),
    ],
    ids=["naive", "zone", "periods", "text", "dates"],
)
def test_an_index_that_does_not_ascend_is_refused_by_row(index):
    message = (
        r"bars: row 2 \(2021-03-2.*\): is earlier than the row before \(and 28 more rows\); sort"
    )
    with pytest.raises(ValueError, match=message):
        prepare(timed(index))
    assert prepare(timed(index[::-1])).bars_a_year == 365


def test_a_time_that_comes_twice_is_refused_by_row():
    with pytest.raises(ValueError, match=r"bars: row 4 \(2021-03-03\): has the time of the row"):
        prepare(timed(DAYS[:3].append(DAYS[2:])))


def test_an_index_that_is_no_time_is_ignored():
    for index in (range(30, 0, -1), [f"row {k}" for k in range(30)]):
        series = prepare(timed(pd.Index(index)))
        assert (series.times, series.bars_a_year) == (None, 252)

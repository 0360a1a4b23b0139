import numpy as np
import pandas as pd
import pytest

from kernels.bars import prepare
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

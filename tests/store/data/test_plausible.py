"""Splits, bad ticks and stale prices are said; ordinary and wild bars are not."""

import numpy as np
import pandas as pd
import pytest

from store.data import DataSpec, from_frame, load
from store.data.plausible import doubts


def walk(seed, bars=400, volatility=0.01, tails=5.0):
    """Bars with Student's t returns, as a float frame."""
    random = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(random.standard_t(tails, bars) * volatility))
    opens = np.concatenate([[100.0], close[:-1]]) * np.exp(random.normal(0, volatility / 5, bars))
    above, below = np.abs(random.standard_t(tails, (2, bars))) * volatility / 2
    columns = {
        "open": opens,
        "high": np.maximum(opens, close) * np.exp(above),
        "low": np.minimum(opens, close) * np.exp(-below),
        "close": close,
        "volume": 1.0,
    }
    return pd.DataFrame(columns, index=pd.date_range("2020-01-01", periods=bars, tz="UTC"))


def split(frame, row, ratio):
    divided = frame.copy()
    divided.iloc[row:, :4] /= ratio
    return divided


@pytest.mark.parametrize(
    ("ratio", "words"), [(4, "4:1"), (2, "2:1"), (10, "10:1"), (0.1, "1:10"), (1.5, "1.5:1")]
)
@pytest.mark.parametrize("seed", range(5))
def test_a_split_between_calm_bars_is_said_with_date_and_ratio(ratio, words, seed):
    frame = walk(seed)
    opened = frame.assign(open=frame["close"].shift(fill_value=100.0))
    (line,) = doubts(split(opened, 200, ratio))
    assert line.startswith("on 2020-07-19 the close goes to ")
    assert f"an unadjusted split of {words}?" in line
    assert "\n" not in line


@pytest.mark.parametrize(("column", "factor"), [("high", 3), ("low", 0.2), ("close", 2)])
def test_a_tick_that_returns_at_once_is_said(column, factor):
    frame = walk(1)
    frame.iloc[150, frame.columns.get_loc(column)] *= factor
    row = frame.iloc[150, :4]
    frame.iloc[150, 1], frame.iloc[150, 2] = row.max(), row.min()
    (line,) = doubts(frame)
    assert "on 2020-05-30 the " in line
    assert "a bad tick?" in line


def test_prices_that_stand_still_are_said():
    frame = walk(2)
    frame.iloc[100:130, :4] = frame.iloc[99, 3]
    (line,) = doubts(frame)
    assert "30 bars in a row from 2020-04-10 on have the same prices: stale data?" in line


def test_a_crash_is_no_split_and_a_flat_price_is_not_stale():
    crash = walk(3, volatility=0.03)
    crash.iloc[200:, :4] *= np.exp(-0.12)
    flat = crash.assign(open=10.0, high=10.0, low=10.0, close=10.0)
    assert doubts(crash) == doubts(flat) == ()


def test_wild_bars_are_rarely_doubted():
    """Two hundred series of every temper, a third with very heavy tails: at most one in 25."""
    kinds = [(0.002, 6.0), (0.01, 3.0), (0.03, 4.0), (0.06, 2.5)]
    seen = [doubts(walk(seed, 1_000, *kinds[seed % 4])) for seed in range(200)]
    assert sum(map(bool, seen)) <= 8


@pytest.mark.parametrize("source", ["nasdaq", "sp500"])
def test_the_built_in_bars_are_not_doubted(source):
    (data,) = load(DataSpec(source))
    assert doubts(data.frame) == ()


@pytest.mark.parametrize("timeframe", ["1d", "1h"])
def test_made_up_bars_are_not_doubted(timeframe):
    kinds = ["trend", "mean_reversion", "regime", "garch"]
    for seed in range(3):
        options = {"kind": kinds, "seed": seed, "bars": 3_000}
        spec = DataSpec("synthetic", timeframe=timeframe, options=options)
        assert [doubts(data.frame) for data in load(spec)] == [()] * 4


def test_what_is_doubted_is_loaded_all_the_same():
    data = from_frame(split(walk(0), 200, 4), "ACME")
    assert "an unadjusted split of 4:1?" in data.notes[-1]
    assert len(data.frame) == 400

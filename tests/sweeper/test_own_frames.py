"""DataFrames as people have them: other types, zones and price levels hold the same bars."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from sweeper.backtest import Backtest, run_backtest


def bars(count=300, seed=4):
    times = pd.date_range("2020-01-01", periods=count, freq="D", tz="UTC")
    random = np.random.default_rng(seed)
    close = np.round(100 * np.exp(np.cumsum(random.normal(0, 0.02, count))), 2)
    opened = np.round(close * np.exp(random.normal(0, 0.005, count)), 2)
    columns = {
        "open": opened,
        "high": np.maximum(opened, close) + 0.5,
        "low": np.minimum(opened, close) - 0.5,
        "close": close,
        "volume": np.round(random.uniform(1e3, 1e4, count)),
    }
    return pd.DataFrame(columns, index=times)


def metrics(frame, **given):
    asked = Backtest(strategy="sma", params={"fast": 5, "slow": 20}, bars=frame, **given)
    return run_backtest(asked).metrics


FORMS = {
    "naive times": lambda frame: frame.tz_localize(None),
    "times of New York": lambda frame: frame.tz_convert("America/New_York"),
    "texts": lambda frame: frame.astype(str),
    "decimals": lambda frame: frame.map(lambda number: Decimal(repr(number))),
    "nullable floats": lambda frame: frame.astype("Float64"),
    "dates in a column": lambda frame: frame.rename_axis("Date").reset_index(),
    "capital letters": lambda frame: frame.rename(columns=str.title),
    "columns in another order": lambda frame: frame[frame.columns[::-1]],
    "days of a period": lambda frame: frame.tz_localize(None).to_period("D"),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_same_bars_in_other_types_have_the_same_figures(form):
    frame = bars()
    assert metrics(FORMS[form](frame)) == pytest.approx(metrics(frame), rel=1e-12, nan_ok=True)


SCALES = [1e-10, 1e-3, 1e6, 1e12]


@pytest.mark.parametrize("strategy", ["sma", "ema", "rsi", "bollinger", "donchian", "momentum"])
def test_the_level_of_prices_changes_no_figure(strategy):
    """Of shares that may be divided: money and turnover are fractions of the capital."""
    frame = bars()
    prices = ["open", "high", "low", "close"]

    def scaled(scale):
        other = frame.assign(**{name: frame[name] * scale for name in prices})
        asked = Backtest(strategy=strategy, bars=other, stop_loss=0.05, direction="both")
        return run_backtest(asked).metrics

    plain = scaled(1.0)
    assert plain["trades"] > 0
    for scale in SCALES:
        assert scaled(scale) == pytest.approx(plain, rel=1e-6, abs=1e-9, nan_ok=True), scale


def test_whole_prices_and_a_volume_of_any_size_change_nothing():
    whole = bars().round().astype("int64")
    expected = metrics(whole.astype("float64"))
    assert metrics(whole) == expected
    for volume in (0, 10**300):
        assert metrics(whole.assign(volume=float(volume))) == expected


def test_a_price_that_never_moves_gives_nothing_and_raises_nothing():
    frame = bars().assign(open=10.0, high=10.0, low=10.0, close=10.0)
    got = metrics(frame)
    assert (got["total_return"], got["sharpe"], got["trades"]) == (0, 0, 0)
    assert np.isnan(got["win_rate"])

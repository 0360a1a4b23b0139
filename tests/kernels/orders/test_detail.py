"""Finer bars decide a bar that holds both a stop and a target; worked by hand."""

import pickle

import numpy as np
import pandas as pd
import pytest

from kernels.engine.settings import Settings
from kernels.evaluate import evaluate, trace
from kernels.registry import load
from kernels.series.bars import prepare
from kernels.series.detail import with_detail
from sweeper.backtest import Backtest, run_backtest

SCRIPTED = load("tests.kernels.scripted")
BARS = [(10, 10, 10, 10), (10, 10, 10, 10), (10, 11, 9, 10), (10, 10, 10, 10)]
"""Bought at the open of bar 1, at 10; bar 2 holds the stop at 9 and the target at 11."""
PLAIN = {"stop_loss": 0.1, "take_profit": 0.1, "direction": "both", "commission": 0.0}
PLAIN |= {"slippage": 0.0, "initial_capital": 1000.0}
UP = [(10, 10.5, 10, 10.5), (10.5, 11, 10.5, 11), (11, 11, 9, 9), (9, 10, 9, 10)]
DOWN = [(10, 10, 9.5, 9.5), (9.5, 9.5, 9, 9), (9, 11, 9, 11), (11, 11, 10, 10)]
BOTH = [(10, 10, 10, 10), (10, 11, 9, 10), (10, 10, 10, 10), (10, 10, 10, 10)]
NEITHER = [(10, 10.2, 9.9, 10)] * 4


def played(finer, side=1, bar=2, **settings):
    rows = np.array(BARS, float)
    parts = np.array(finer, float) if finer else np.empty((0, 4))
    if side < 0:
        rows, parts = 20 - rows[:, [0, 2, 1, 3]], 20 - parts[:, [0, 2, 1, 3]]
    names = ("open", "high", "low", "close")
    series = prepare(
        dict(zip(names, rows.T, strict=True)) | {"code": np.array([side, 2, 2, 2], float)},
        np.datetime64("2024-01-01") + np.arange(4),
    )
    owner = np.full(len(parts), bar)
    series = with_detail(series, dict(zip(names, parts.T, strict=True)), owner)
    series = pickle.loads(pickle.dumps(series))  # as it comes to a worker
    return trace(series, SCRIPTED, np.ones(2), Settings(**(PLAIN | settings)), (0, 4))


CASES = {
    "the target first": (UP, "take_profit", 0),
    "the stop first": (DOWN, "stop_loss", 0),
    "both in one finer bar": (BOTH, "stop_loss", 1),
    "no finer bar that tells": (NEITHER, "stop_loss", 1),
    "no finer bars": ([], "stop_loss", 1),
}


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("case", CASES)
def test_what_finer_bars_say(case, side):
    finer, reason, ambiguous = CASES[case]
    got = played(finer, side)
    price = 10 + side * (1 if reason == "take_profit" else -1)
    assert got.trades["exit_price"].tolist() == [pytest.approx(price)]
    assert got.counts["ambiguous_bars"] == ambiguous
    assert got.equity[-1] == pytest.approx(1000 + 100 * side * (price - 10))


def test_finer_bars_of_another_bar_say_nothing():
    assert played(UP, bar=1).counts["ambiguous_bars"] == 1


def test_the_other_reading_of_a_bar_that_stays_ambiguous():
    assert played(BOTH, target_first=True).trades["exit_price"].tolist() == [pytest.approx(11)]


def test_a_plain_stop_and_target_are_counted_without_finer_bars():
    frame = pd.DataFrame(BARS, columns=["open", "high", "low", "close"], dtype=float)
    frame.index = pd.date_range("2024-01-01", periods=4, freq="h")
    frame = frame.assign(volume=1.0, code=[1.0, 2, 2, 2])
    own = PLAIN | {"strategy": "tests.kernels.scripted", "bars": frame}
    assert run_backtest(Backtest(**own)).counts["ambiguous_bars"] == 1
    assert run_backtest(Backtest(**own | {"take_profit": None})).counts is None
    finer = pd.DataFrame(UP, columns=["open", "high", "low", "close"], dtype=float)
    finer.index = pd.date_range("2024-01-01T02:00", periods=4, freq="15min")
    got = run_backtest(Backtest(**own, detail=finer.assign(volume=1.0)))
    assert got.trades["exit_reason"].tolist() == ["take_profit"]
    assert got.counts["ambiguous_bars"] == 0


def test_finer_bars_of_other_prices_are_refused():
    frame = pd.DataFrame(BARS, columns=["open", "high", "low", "close"], dtype=float)
    frame.index = pd.date_range("2024-01-01", periods=4, freq="h")
    frame = frame.assign(volume=1.0, code=0.0)
    case = Backtest(strategy="tests.kernels.scripted", bars=frame, detail=frame * 2)
    with pytest.raises(ValueError, match=r"reach beyond 4 of the 4 bars .* 20 to 20 in 10 to 10"):
        run_backtest(case)


def test_the_beginning_of_a_series_keeps_its_finer_bars_only():
    series = prepare({name: np.full(4, 10.0) for name in ("open", "high", "low", "close")})
    prices = {name: np.arange(1.0, 7) for name in ("open", "high", "low", "close")}
    detailed = with_detail(series, prices, np.array([-1, 0, 0, 2, 3, 3]))
    assert detailed.detail.first.tolist() == [0, 2, 2, 3, 5]
    assert detailed.before(3).detail.first.tolist() == [0, 2, 2, 3]
    assert detailed.before(3).detail.bars.close.tolist() == [2, 3, 4]


def test_finer_bars_change_nothing_where_no_bar_holds_both():
    """Without a bar that holds both, the order engine and the plain one say the same."""
    random = np.random.default_rng(3)
    close = 100 * np.exp(np.cumsum(random.normal(0, 0.01, 300)))
    opened = np.r_[close[0], close[:-1]]
    bars = {"open": opened, "high": np.maximum(opened, close), "low": np.minimum(opened, close)}
    bars |= {"close": close, "code": random.choice([-1.0, 0, 1, 2], 300)}
    series = prepare(bars)
    detailed = with_detail(series, bars, np.arange(300))
    a, b = (evaluate(s, SCRIPTED, {}, PLAIN | {"stop_loss": 0.02}) for s in (series, detailed))
    for name in a:
        np.testing.assert_allclose(a[name], b[name], rtol=1e-12, atol=1e-12, err_msg=name)

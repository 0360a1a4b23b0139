"""What must hold of any panel: identities with one symbol, with order, with what comes later."""

import numpy as np
import pandas as pd
import pytest

from kernels import evaluate, evaluate_panel
from kernels.portfolio.accuracy import newey_west
from kernels.portfolio.evaluate import ALL_METRICS, trace_panel
from kernels.portfolio.panel import prepare_panel
from kernels.portfolio.settings import PanelSettings
from kernels.registry import load
from tests.kernels.portfolio.panels import frames, random_panel

PARAMS = {"lookback": [5, 5, 9], "skip": [0, 2, 1], "k": [3, 2, 1]}
SETTINGS = {"cadence": 4, "commission": 0.002, "slippage": 0.001, "periods_per_year": 252.0}


def test_one_symbol_with_k_one_is_buying_it_at_the_same_open():
    opened, close = random_panel(3, 1, 80, whole=True)
    panel = frames(opened, close)
    one = evaluate_panel(
        panel, "momentum_rank", {"lookback": 5, "skip": 0, "k": 1}, SETTINGS | {"cadence": 100}
    )
    bars = next(iter(panel.values()))
    bars = bars.assign(high=bars.max(axis=1), low=bars.min(axis=1))
    settings = {name: SETTINGS[name] for name in ("commission", "slippage", "periods_per_year")}
    held = evaluate(bars.iloc[5:], "buy_hold", {}, settings)
    for name in ("final_equity", "trades", "avg_loss", "avg_win", "max_drawdown"):
        assert one[name][0] == pytest.approx(held[name][0], rel=1e-12, nan_ok=True)


@pytest.mark.parametrize("side", ["long", "both"])
def test_the_order_of_the_symbols_changes_nothing(side):
    panel = frames(*random_panel(5))
    turned = {name: panel[name] for name in reversed(panel)}
    settings = SETTINGS | {"side": side}
    one = evaluate_panel(panel, "momentum_rank", PARAMS, settings)
    other = evaluate_panel(turned, "momentum_rank", PARAMS, settings)
    for name in ALL_METRICS:
        np.testing.assert_array_equal(one[name], other[name])


def test_symbols_that_never_trade_change_nothing():
    opened, close = random_panel(6)
    panel = frames(opened, close)
    dead = panel["S00"] * np.nan
    one = evaluate_panel(panel, "momentum_rank", PARAMS, SETTINGS)
    other = evaluate_panel(panel | {"AAA": dead, "ZZZ": dead}, "momentum_rank", PARAMS, SETTINGS)
    for name in ALL_METRICS:
        np.testing.assert_allclose(one[name], other[name], rtol=1e-11)


def test_without_costs_and_at_every_bar_it_is_the_mean_return():
    opened, close = random_panel(7, 4, 60, whole=True)
    opened[:] = np.concatenate([close[:, :1], close[:, :-1]], axis=1)  # opens at the close before
    settings = PanelSettings(cadence=1, commission=0.0, slippage=0.0, periods_per_year=252.0)
    panel = prepare_panel(frames(opened, close))
    traced = trace_panel(panel, load("momentum_rank"), [3, 0, 4], settings, (0, 60))
    gains = (close[:, 4:] / close[:, 3:-1]).mean(axis=0)
    np.testing.assert_allclose(traced.equity[4:], 10_000 * np.cumprod(gains), rtol=1e-12)


@pytest.mark.parametrize("cut", [40, 77, 101])
def test_later_bars_change_no_earlier_holding(cut):
    opened, close = random_panel(8, whole=True)
    before = prepare_panel(frames(opened, close))
    shocked = [values.copy() for values in (opened, close)]
    for values in shocked:
        values[:, cut:] *= np.random.default_rng(0).uniform(0.1, 10, values[:, cut:].shape)
    after = prepare_panel(frames(*shocked))
    settings = PanelSettings(**SETTINGS)
    one, other = (
        trace_panel(panel, load("momentum_rank"), [5, 1, 3], settings, (0, 120))
        for panel in (before, after)
    )
    early = one.bars + 1 < cut
    np.testing.assert_array_equal(one.shares[early], other.shares[early])
    np.testing.assert_array_equal(one.equity[:cut], other.equity[:cut])


def test_a_window_is_simulated_alone():
    panel = prepare_panel(frames(*random_panel(9)))
    whole = evaluate_panel(panel, "momentum_rank", PARAMS, SETTINGS, [(0, 120), (50, 90)])
    alone = evaluate_panel(panel.before(90), "momentum_rank", PARAMS, SETTINGS, [(50, 90)])
    for name in ("final_equity", "trades", "turnover"):
        np.testing.assert_allclose(whole[name][:, 1], alone[name][:, 0], rtol=1e-12)


def test_months_are_rebalanced_at_their_last_bar():
    panel = prepare_panel(frames(*random_panel(10, whole=True)))
    settings = PanelSettings(cadence="month")
    traced = trace_panel(panel, load("momentum_rank"), [5, 0, 3], settings, (0, 120))
    times = pd.DatetimeIndex(panel.times)
    assert [str(times[bar].date()) for bar in traced.bars[:3]] == [
        "2015-01-30",
        "2015-02-27",
        "2015-03-31",
    ]


def test_weights_follow_scores_or_calm_and_a_cap_leaves_cash():
    opened, close = random_panel(11, 5, 60, whole=True)
    panel = prepare_panel(frames(opened, close))
    for weighting in ("score", "inverse_volatility"):
        settings = PanelSettings(
            cadence=50, weighting=weighting, volatility_bars=5, commission=0.0, slippage=0.0
        )
        traced = trace_panel(panel, load("momentum_rank"), [10, 0, 3], settings, (0, 60))
        held = traced.shares[0] * opened[:, traced.bars[0] + 1]
        raw = traced.scores[0]
        if weighting == "inverse_volatility":
            t = traced.bars[0]
            returns = close[:, t - 4 : t + 1] / close[:, t - 5 : t] - 1
            raw = 1 / returns.std(axis=1, ddof=1)
        own = np.where(held > 0, np.maximum(raw, 0), 0)
        np.testing.assert_allclose(held / held.sum(), own / own.sum(), rtol=1e-12)
    capped = PanelSettings(cadence=50, cap=0.2, commission=0.0, slippage=0.0)
    traced = trace_panel(panel, load("momentum_rank"), [10, 0, 3], capped, (0, 60))
    held = traced.shares[0] * opened[:, traced.bars[0] + 1]
    assert held[held > 0] / 10_000 == pytest.approx([0.2] * 3)


def test_newey_west_is_the_formula():
    values = np.random.default_rng(0).normal(0.1, 1, 40).cumsum()
    mean, t = newey_west(values, 40)
    off, lags = values - values.mean(), int(4 * (40 / 100) ** (2 / 9))
    covariances = [off[lag:] @ off[: 40 - lag] / 40 for lag in range(lags + 1)]
    weights = [1.0] + [2 * (1 - lag / (lags + 1)) for lag in range(1, lags + 1)]
    assert mean == pytest.approx(values.mean())
    assert t == pytest.approx(mean / np.sqrt(np.dot(weights, covariances) / 40))

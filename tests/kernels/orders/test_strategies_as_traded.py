"""Everyday strategies as people trade them, each equal to the plain reference trade by trade."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import yaml

from kernels.engine.position import REASONS
from kernels.engine.settings import Settings
from kernels.evaluate import trace
from kernels.indicator_rows import Table, plan_rows
from kernels.registry import load
from kernels.series.bars import PRICES, prepare
from kernels.strategy import HOLD
from store.files.order_keys import field_of
from tests.kernels.market import walk
from tests.kernels.orders.test_weights import played
from tests.slow_orders import Desk

ROOT = Path(__file__).parents[3]
CONF = ROOT / "conf" / "strategy"
N = 900
UNITS = {"pyramiding": 3, "add_at": 0.5, "leverage": 3.0}
PERPETUAL = {"funding": "rate", "direction": "both", "maker_commission": -0.0001}
PERPETUAL |= {"entry": "limit", "entry_distance": 0.002, "entry_valid": 4}
PARTS = {"risk_unit": "atr", "break_even": 1.0, "scale_out_at": 2.0}
TRADED = {
    "turtle with an ATR stop and size": ("turtle", {}, {}),
    "turtle that adds units": ("turtle", {}, UNITS),
    "opening range, flat at the end": ("opening_range", {"bars": 2, "latest": 6}, {}),
    "rsi2 with an exit by time": ("rsi2", {"trend": 30, "oversold": 25.0}, {}),
    "weekly trend, daily entries": ("tests.kernels.weekly", {}, {}),
    "limit below the close, good for some bars": ("limit_reversion", {}, {}),
    "chandelier, break-even, partial profit": ("chandelier", {"entry": 15}, PARTS),
    "turn of month": ("turn_of_month", {}, {}),
    "channel with funding": ("donchian", {}, {"funding": "rate", "direction": "both"}),
    "limits both ways with a maker's rebate and funding": ("rsi", {"length": 5}, PERPETUAL),
    "probabilities of a model": ("tests.kernels.probabilities", {}, {"stop_loss": 0.05}),
}
LINES = 75
"""A strategy's file is no longer, docstrings and blank lines included."""


def settings_of(name, own):
    """Settings as the strategy's YAML has them, then a case's own."""
    path = CONF / f"{name}.yaml"
    conf = yaml.safe_load(path.read_text()) if path.exists() else {}
    given = {"direction": conf.get("strategy", {}).get("direction", "long")}
    for section in ("risk", "size", "fill"):
        for key, value in conf.get(section, {}).items():
            given[field_of(f"{section}.{key}")] = value
    return Settings(**(given | {"commission": 0.001, "slippage": 0.0005} | own))


def desk_of(series, strategy, params, settings, codes, levels):
    prices = list(zip(*(series.columns[name].tolist() for name in PRICES), strict=True))
    last = (series.column("bars_to_session_end") == 0).tolist() if settings.session_flat else None
    funding = series.columns["rate"].tolist() if settings.funding else None
    rest = {"last": last, "funding": funding, "levels": levels}
    return Desk(prices, codes, dataclasses.asdict(settings), periods=8760.0, **rest).play()


def decided(series, strategy, params):
    """Codes and levels of the strategy on a series."""
    plan = plan_rows(strategy, params)
    table = Table(plan, series, strategy)
    rows = table.fetch(np.arange(1))
    codes = np.full(series.n_bars, HOLD, np.int8)
    strategy.signal(table.values, rows[0], params[0], codes)
    if strategy.levels is None:
        return codes.tolist(), None
    levels = np.full((3, series.n_bars), np.nan)
    strategy.levels(table.values, rows[0], params[0], *levels)
    return codes.tolist(), levels.tolist()


@pytest.mark.parametrize("case", TRADED)
def test_a_strategy_trades_as_the_reference(case):
    name, given, own = TRADED[case]
    strategy, settings = load(name), settings_of(name, own)
    settings = dataclasses.replace(settings, periods_per_year=8760.0)
    bars = walk(N, 12, sigma=0.01)
    bars["probability"] = np.random.default_rng(4).beta(4, 4, N)
    bars["rate"] = np.where(np.arange(N) % 8 == 0, 1e-4, np.nan)
    times = np.datetime64("2024-01-01") + np.arange(N).astype("timedelta64[h]")
    series = prepare(bars, times, days=19_723 + np.arange(N) // 8)
    params = np.array([[given.get(f, strategy.defaults[f]) for f in strategy.fields]], float)
    got = trace(series, strategy, params[0], settings, (0, N))
    desk = desk_of(series, strategy, params, settings, *decided(series, strategy, params))
    assert len(got.trades) == len(desk.trades) >= 3
    np.testing.assert_allclose(got.equity, desk.equity, rtol=1e-10)
    assert [REASONS[code] for code in got.trades["exit_reason"]] == [
        trade["exit_reason"] for trade in desk.trades
    ]


def test_momentum_scaled_to_a_volatility_trades_as_a_plain_loop():
    strategy, settings = load("vol_momentum"), settings_of("vol_momentum", {})
    settings = dataclasses.replace(settings, periods_per_year=8760.0)
    bars, past = walk(N, 12, sigma=0.01), 50
    got = trace(prepare(bars), strategy, np.array([past]), settings, (0, N))
    change = bars["close"][past:] / bars["close"][:-past] - 1
    weights = np.r_[np.full(past, np.nan), np.sign(change)]
    np.testing.assert_allclose(got.equity, played(bars, weights, settings), rtol=1e-10)
    assert len(got.trades) >= 3


@pytest.mark.parametrize(
    "name", sorted({*(name for name, _, _ in TRADED.values()), "vol_momentum"})
)
def test_a_strategy_is_one_short_file(name):
    module = name.replace(".", "/") if "." in name else f"kernels/strategies/{name}"
    assert len((ROOT / f"{module}.py").read_text().splitlines()) <= LINES

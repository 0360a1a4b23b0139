"""The two engines give the same numbers: trades and equity to the bit, sums to rounding."""

import dataclasses

import numpy as np
import pytest

from kernels import METRICS, Settings
from kernels.evaluate import evaluate_runs
from kernels.registry import load
from kernels.series.bars import PRICES, prepare
from tests.kernels.market import any_settings, walk

CROSSING = load("tests.kernels.crossing")
SCRIPTED = load("tests.kernels.scripted")
# Sums of returns, added in another order; all other metrics are made of fills alone.
SUMS = (
    "volatility",
    "sharpe",
    "sharpe_daily",
    "sortino",
    "calmar",
    "max_drawdown",
    "skew",
    "kurtosis",
)


def compare(series, strategy, params, settings, windows):
    events, scalar = (
        evaluate_runs(
            series, strategy, params, dataclasses.replace(settings, engine=engine), windows
        )
        for engine in ("events", "scalar")
    )
    for k, name in enumerate(METRICS):
        a, b = events.metrics[..., k], scalar.metrics[..., k]
        if name in SUMS:
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12, err_msg=name)
        else:
            words = f"{name}: is it made of sums over bars? then it belongs in SUMS of {__file__}"
            np.testing.assert_array_equal(a, b, err_msg=words)
    np.testing.assert_allclose(events.block_sum, scalar.block_sum, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(events.block_sumsq, scalar.block_sumsq, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("seed", range(30))
def test_random_settings(seed):
    random = np.random.default_rng(seed)
    n = int(random.choice([63, 64, 65, 700, 3_000]))
    bars = walk(n, seed, sigma=float(random.choice([0.001, 0.01, 0.05])))
    hours = np.arange(n).astype("datetime64[h]") if seed % 2 else None
    series = prepare(bars, hours)
    params = np.column_stack(
        [random.integers(1, 20, 12), random.integers(1, 90, 12), random.choice([0, 0.01], 12)]
    )
    windows = [(0, n), (n // 3, n - 7)]
    compare(series, CROSSING, params.astype(float), any_settings(random), windows)
    compare(series, SCRIPTED, np.ones((1, 2)), any_settings(random), windows)


@pytest.mark.parametrize("seed", range(12))
def test_ruin(seed):
    series = prepare(walk(400, seed, sigma=0.25))
    settings = dataclasses.replace(any_settings(np.random.default_rng(seed)), direction="both")
    compare(series, SCRIPTED, np.array([[1.0, 1.0], [-1.0, 1.0]]), settings, [(0, 400), (9, 300)])


@pytest.mark.parametrize("seed", range(12))
def test_wicks(seed):
    """Now and then a high that takes all of some shorts, under every setting."""
    random = np.random.default_rng(seed)
    bars = walk(700, seed, sigma=0.01)
    wicks = random.random(700) < 0.01
    bars["high"][wicks] *= random.uniform(1.5, 3.0, wicks.sum())
    series = prepare(bars)
    for _ in range(6):
        settings = dataclasses.replace(any_settings(random), direction="both")
        compare(series, SCRIPTED, np.array([[1.0, 1.0], [-1.0, 1.0]]), settings, [(0, 700)])


@pytest.mark.parametrize("direction", ["long", "both"])
@pytest.mark.parametrize("stops", [{}, {"stop_loss": 0.01, "take_profit": 0.02}])
def test_a_million_bars(direction, stops):
    bars = walk(1_000_000, seed=5, sigma=0.001)
    bars["code"] = np.repeat(np.random.default_rng(6).integers(-1, 2, 50_000), 20).astype(float)
    settings = Settings(direction=direction, commission=0.00001, slippage=0.0, **stops)
    compare(prepare(bars), SCRIPTED, np.ones((1, 2)), settings, [(0, 1_000_000)])


@pytest.mark.parametrize("jump", [0.2, 8.0])
def test_calm_trades_beside_a_crash_keep_their_digits(jump):
    """The prefix sums hold a return whose fourth power is 10^9 times all that is traded."""
    bars = walk(640, seed=7, sigma=0.001)
    for name in PRICES:
        bars[name][300:] *= jump
    code = np.zeros(640)
    code[304:310] = code[312:315] = code[290:295] = 1
    compare(prepare(bars | {"code": code}), SCRIPTED, np.ones((1, 2)), Settings(), [(0, 640)])


def test_constant_and_rising_prices():
    rising = np.linspace(50.0, 100.0, 300)
    for close in (np.full(300, 7.0), rising):
        bars = dict.fromkeys(PRICES, close) | {"code": walk(300, seed=8)["code"]}
        for costs in ({"commission": 0, "slippage": 0}, {}):
            compare(prepare(bars), SCRIPTED, np.ones((1, 2)), Settings(**costs), [(0, 300)])

"""The kernels against the reference of tests/slow.py, all settings drawn at random."""

import dataclasses
import math

import numpy as np
import pytest

from kernels.engine.metrics import METRICS
from kernels.engine.position import LOG, REASONS
from kernels.evaluate import evaluate_runs, trace
from kernels.registry import load
from kernels.series.bars import PRICES, prepare
from tests import slow
from tests.kernels.market import any_settings, walk

SCRIPTED = load("tests.kernels.scripted")
LENGTHS = (1, 2, 3, 63, 64, 150)
SERIES = {n: prepare(walk(n, seed=n)) for n in LENGTHS}
HOURS = {n: np.datetime64("2024-03-01T05") + np.arange(n).astype("timedelta64[h]") for n in LENGTHS}
"""Begins of bars that are an hour long, but for a hole in the middle."""
for _hours in HOURS.values():
    _hours[_hours.size // 2 :] += np.timedelta64(30, "D")
TIMED = {n: prepare(walk(n, seed=n), HOURS[n]) for n in LENGTHS}


def expected(series, settings, window):
    start, stop = window
    bars = list(zip(*(series.columns[name][start:stop].tolist() for name in PRICES), strict=True))
    codes = series.columns["code"][start:stop].astype(int).tolist()
    return slow.Replay(bars, codes, dataclasses.asdict(settings)).play()


def check_trades(got, trades, start):
    assert got.size == len(trades)
    for name in LOG.names:
        want = [t[name] for t in trades]
        if name == "exit_reason":
            want = [REASONS.index(reason) for reason in want]
        elif name.endswith("_bar"):
            want = [bar + start for bar in want]
        np.testing.assert_allclose(got[name], want, rtol=1e-9, atol=1e-9, err_msg=name)


def check_timed(n, settings, window, equity, broker):
    """Metrics of the same bars with times: elapsed time and days worked out apart."""
    times = HOURS[n][slice(*window)]
    years = None
    if times.size > 1:
        seconds = float((times[-1] - times[0]) / np.timedelta64(1, "s"))
        years = seconds / (times.size - 1) * times.size / 86_400 / 365.25
    days = times.astype("datetime64[D]").tolist()
    if len(np.unique(HOURS[n].astype("datetime64[D]"))) == n:  # no day of the series has two bars
        days = None
    want = slow.metrics(equity, broker, dataclasses.asdict(settings), years, days)
    for engine in ("events", "scalar"):
        chosen = dataclasses.replace(settings, engine=engine)
        got = evaluate_runs(TIMED[n], SCRIPTED, np.ones((1, 2)), chosen, [window]).metrics[0, 0]
        for name, value in zip(METRICS, got, strict=True):
            if name != "sharpe_daily" or days is not None:
                assert value == pytest.approx(want[name], rel=1e-9, abs=1e-11, nan_ok=True), name


@pytest.mark.parametrize("seed", range(20))
def test_as_the_reference(seed):
    random = np.random.default_rng(seed)
    for _ in range(15):
        n = int(random.choice(list(SERIES), p=[0.03, 0.03, 0.04, 0.1, 0.1, 0.7]))
        start = int(random.integers(0, n)) // 2
        window = (start, int(random.integers(start + 1, n + 1)))
        settings = any_settings(random)
        equity, broker = expected(SERIES[n], settings, window)
        s = dataclasses.asdict(settings)
        got = trace(SERIES[n], SCRIPTED, np.ones(2), settings, window)
        np.testing.assert_allclose(got.equity, equity, rtol=1e-11)
        check_trades(got.trades, broker.trades, start)
        want = slow.metrics(equity, broker, s)
        for name, value in zip(METRICS, got.metrics, strict=True):
            assert value == pytest.approx(want[name], rel=1e-9, abs=1e-11, nan_ok=True), name
        check_timed(n, settings, window, equity, broker)
        sums, squares = slow.blocks(equity, settings.initial_capital)
        for engine in ("events", "scalar"):
            chosen = dataclasses.replace(settings, engine=engine)
            runs = evaluate_runs(SERIES[n], SCRIPTED, np.ones((1, 2)), chosen, [window])
            np.testing.assert_allclose(runs.block_sum[0, 0], sums, rtol=1e-6, atol=1e-9)
            np.testing.assert_allclose(runs.block_sumsq[0, 0], squares, rtol=1e-6, atol=1e-12)


def test_the_draws_reach_every_exit():
    """Otherwise the comparison above would prove less than it says."""
    seen = set()
    random = np.random.default_rng(0)
    for stop in range(90, 150):
        settings = any_settings(random)
        _, broker = expected(SERIES[150], settings, (0, stop))
        seen |= {t["exit_reason"] for t in broker.trades}
    assert seen == set(REASONS[:5])


@pytest.mark.parametrize("seed", range(12))
def test_gaps_and_wicks_as_the_reference(seed):
    """Bars that open far from the last close and reach far: levels are passed at the open."""
    random = np.random.default_rng(seed)
    bars = walk(120, seed=seed, sigma=0.02)
    jumps = np.exp(random.normal(0.0, 0.06, 120))
    bars["open"] = bars["open"] * jumps
    bars["high"] = np.maximum(bars["high"], bars["open"]) * np.exp(random.exponential(0.03, 120))
    bars["low"] = np.minimum(bars["low"], bars["open"]) * np.exp(-random.exponential(0.03, 120))
    wicks = random.random(120) < 0.03
    bars["high"][wicks] *= random.uniform(1.5, 3.0, wicks.sum())
    series = prepare(bars)
    for _ in range(20):
        settings = any_settings(random)
        equity, broker = expected(series, settings, (0, 120))
        got = trace(series, SCRIPTED, np.ones(2), settings, (0, 120))
        np.testing.assert_allclose(got.equity, equity, rtol=1e-9, atol=1e-9)
        check_trades(got.trades, broker.trades, 0)
        leaping = evaluate_runs(series, SCRIPTED, np.ones((1, 2)), settings, [(0, 120)])
        assert leaping.metrics[0, 0, METRICS.index("final_equity")] == got.equity[-1]


def test_ruin_as_the_reference():
    """A price that rises tenfold in steps: every short is liquidated sooner or later."""
    bars = walk(150, seed=4, sigma=0.3)
    series = prepare(bars)
    random = np.random.default_rng(5)
    ruined = 0
    for _ in range(80):
        settings = dataclasses.replace(any_settings(random), direction="both")
        equity, broker = expected(series, settings, (0, 150))
        got = trace(series, SCRIPTED, np.ones(2), settings, (0, 150))
        np.testing.assert_allclose(got.equity, equity, rtol=1e-9)
        check_trades(got.trades, broker.trades, 0)
        ruined += equity[-1] == 0
    assert ruined >= 5


def test_the_reference_knows_infinity():
    assert slow.divide(1.0, 0.0) == math.inf
    assert math.isnan(slow.divide(0.0, 0.0))

"""The order engine against the reference of tests/slow_orders.py, settings drawn at random."""

import dataclasses

import numpy as np
import pytest

from kernels.engine.position import LOG, REASONS
from kernels.evaluate import trace
from kernels.registry import load
from kernels.series.bars import PRICES, prepare
from tests.kernels.market import walk
from tests.kernels.orders.drawn import any_orders, jumpy
from tests.slow_orders import Desk

SCRIPTED = load("tests.kernels.scripted")
LEVELLED = load("tests.kernels.levelled")
N = 60


def market(random, seed):
    """Bars with codes, own levels, funding, and six bars a session."""
    bars = walk(N, seed, sigma=float(random.choice([0.004, 0.02, 0.2], p=[0.3, 0.5, 0.2])))
    if random.random() < 0.5:
        bars = jumpy(bars, random)
    side = np.where(bars["code"] == 2, 0, bars["code"])
    near = bars["close"] * np.exp(np.abs(random.normal(0.0, 0.02, (3, N))) * -side)
    far = bars["close"] * np.exp(np.abs(random.normal(0.0, 0.02, N)) * side)
    bars |= {"s": near[0], "t": far, "l": near[1]}
    for name in ("s", "t", "l"):
        bars[name] = np.where(random.random(N) < 0.6, np.nan, bars[name])
    bars["funding"] = np.where(random.random(N) < 0.8, np.nan, random.normal(0.0, 1e-3, N))
    return bars


def compared(bars, settings, window, strategy):
    times = np.datetime64("2024-03-01T00") + np.arange(N).astype("timedelta64[h]")
    series = prepare(bars, times, days=np.arange(N) // 6)
    got = trace(series, strategy, np.ones(len(strategy.fields)), settings, window)
    columns = (bars[name].tolist() for name in PRICES)
    s = dataclasses.asdict(settings)
    levels = [bars[name].tolist() for name in "stl"] if strategy is LEVELLED else None
    last = [(i + 1) % 6 == 0 for i in range(N)] if settings.session_flat else None
    funding = bars["funding"].tolist() if settings.funding else None
    codes, rest = bars["code"].tolist(), {"last": last, "funding": funding, "levels": levels}
    desk = Desk(list(zip(*columns, strict=True)), codes, s, periods=s["periods_per_year"], **rest)
    return got, desk.play(*window)


def check(got, desk):
    np.testing.assert_allclose(got.equity, desk.equity, rtol=1e-12, atol=1e-9 * got.equity[0])
    assert len(got.trades) == len(desk.trades)
    for name in LOG.names:
        want = [t[name] for t in desk.trades]
        if name == "exit_reason":
            want = [REASONS.index(reason) for reason in want]
        scale = max([abs(x) for x in want], default=1.0)
        np.testing.assert_allclose(got.trades[name], want, rtol=1e-11, atol=1e-12 * scale)


def any_case(random, seed, strategy):
    settings = any_orders(random, share=float(random.choice([0.08, 0.3])))
    settings = dataclasses.replace(
        settings,
        session_flat=bool(random.random() < 0.2),
        funding="funding" if random.random() < 0.2 else None,
        max_bars=settings.max_bars or 50,  # so that the order engine is asked in every case
    )
    start = int(random.integers(0, 20)) if random.random() < 0.3 else 0
    return compared(market(random, seed), settings, (start, N), strategy)


@pytest.mark.parametrize("strategy", [SCRIPTED, LEVELLED], ids=["settings", "levels"])
@pytest.mark.parametrize("seed", range(4))
def test_random_combinations_as_the_reference(seed, strategy):
    random = np.random.default_rng(seed)
    for case in range(60):
        got, desk = any_case(random, 1000 * seed + case, strategy)
        check(got, desk)


@pytest.mark.kill
def test_five_thousand_random_combinations_as_the_reference():
    random = np.random.default_rng(77)
    for case in range(5_000):
        check(*any_case(random, case, (SCRIPTED, LEVELLED)[case % 2]))


def test_the_draws_reach_every_exit():
    random, seen, counts = np.random.default_rng(5), set(), {"through": 0, "touched": 0}
    counts["ambiguous"] = 0
    for case in range(300):
        _, desk = any_case(random, case, SCRIPTED)
        seen |= {t["exit_reason"] for t in desk.trades}
        counts = {name: counts[name] + desk.counts[name] for name in counts}
    assert seen >= set(REASONS) - {"liquidation"}
    assert counts["through"] > 20
    assert counts["ambiguous"] > 5

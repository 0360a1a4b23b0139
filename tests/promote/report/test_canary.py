"""Stops of a canary against futures drawn by an independent loop."""

import math
import random

import numpy as np
import pytest

from promote.report.canary import canary, stops_over
from store.resampling.futures import block_of, futures

METRICS = {"trades": 50, "max_drawdown": 0.2, "volatility": 0.1, "sharpe": 1.0}


def normal(n=1260, mean=0.0004, deviation=0.01, seed=3):
    return np.random.default_rng(seed).normal(mean, deviation, n)


def clustered(n=1260, seed=5):
    """Calm and violent months by turns, out of the market for half of the bars."""
    violent = np.repeat(np.tile([0.004, 0.02], n // 42 + 1), 21)[:n]
    held = np.repeat(np.tile([1.0, 0.0], n // 30 + 1), 15)[:n]
    return normal(n, seed=seed) / 0.01 * violent * held


def one_future(returns, bars, block, draw):
    """Deepest fall and total return of a future, bar by bar."""
    wealth = peak = 1.0
    fall, place = 0.0, draw.randrange(len(returns))
    for bar in range(bars):
        if bar and draw.random() < 1 / block:
            place = draw.randrange(len(returns))
        elif bar:
            place = (place + 1) % len(returns)
        wealth *= 1 + returns[place]
        peak = max(peak, wealth)
        fall = max(fall, 1 - wealth / peak)
    return fall, wealth - 1


def test_a_canary_by_hand():
    """50 trades in 1,260 bars are ten a year: five take 183 days, half a year, 127 bars."""
    plan = canary(METRICS, 0.0002, normal(), 252.0)
    assert (plan.capital, plan.days, plan.trades, plan.bars) == (0.01, 183, 5, 127)
    assert (plan.worst_drawdown, plan.worst_return) == stops_over(normal(), 127)
    assert "about 183 days" in plan.plan()[1]
    deepest, lowest, *_ = plan.stops()
    assert f"deeper than {plan.worst_drawdown:.1%} within 183 days" in deepest
    assert f"below {plan.worst_return:.1%}" in lowest
    assert all("one time in twenty if the backtest is right" in one for one in (deepest, lowest))


@pytest.mark.parametrize("returns", [normal(), clustered()], ids=["normal", "clustered"])
@pytest.mark.parametrize("bars", [21, 127])
def test_each_stop_wrongs_one_good_profile_in_twenty(returns, bars):
    drawdown, lowest = stops_over(returns, bars)
    draw, block = random.Random(11), block_of(returns)
    values = returns.tolist()
    fresh = np.array([one_future(values, bars, block, draw) for _ in range(4000)])
    assert (fresh[:, 0] > drawdown).mean() == pytest.approx(0.05, abs=0.015)
    assert (fresh[:, 1] < lowest).mean() == pytest.approx(0.05, abs=0.015)


def test_the_return_of_normal_bars_is_what_the_normal_law_says():
    """Mean less 1.645 deviations of log returns over 127 independent bars."""
    returns = normal(5000, mean=0.0)
    log = np.log1p(returns)
    wanted = math.expm1(127 * log.mean() - 1.645 * log.std() * math.sqrt(127))
    drawn = futures(returns, 127, 20_000, 1.0, seed=1)
    assert np.quantile(drawn.total_return, 0.05) == pytest.approx(wanted, rel=0.03)


def test_a_longer_horizon_has_deeper_stops():
    returns = clustered() - clustered().mean()
    stops = [stops_over(returns, bars) for bars in (5, 21, 63, 127, 252)]
    falls, lows = zip(*stops, strict=True)
    assert list(falls) == sorted(falls)
    assert list(lows) == sorted(lows, reverse=True)
    assert falls[-1] > 2 * falls[0]


def test_the_same_returns_have_the_same_stops():
    assert stops_over(normal(), 63) == stops_over(normal(), 63)


@pytest.mark.parametrize(
    ("changes", "days", "stops"), [({"trades": 5000}, 30, 4), ({"trades": 0}, None, 2)]
)
def test_a_canary_of_many_trades_or_none(changes, days, stops):
    plan = canary(METRICS | changes, 0.0002, normal(), 252.0)
    assert plan.days == days
    assert len(plan.stops()) == stops


@pytest.mark.parametrize("returns", [np.zeros(1260), normal(8)], ids=["flat", "few"])
def test_no_stop_is_made_of_returns_that_say_nothing(returns):
    plan = canary(METRICS, 0.0002, returns, 252.0)
    assert (plan.worst_drawdown, plan.worst_return) == (None, None)
    assert len(plan.stops()) == 2

"""What must hold whatever the bars, the codes and the settings are."""

import dataclasses

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels import METRICS, evaluate
from kernels.evaluate import trace
from kernels.registry import load
from kernels.series.bars import PRICES, prepare
from tests.kernels.market import any_settings, walk

SCRIPTED = load("tests.kernels.scripted")
ONE = np.ones(2)
case = given(seed=st.integers(0, 10_000), n=st.integers(2, 140))
few = settings(max_examples=40)


def draw(seed, n):
    return walk(n, seed), any_settings(np.random.default_rng(seed))


@few
@case
def test_the_level_of_prices_does_not_matter(seed, n):
    bars, chosen = draw(seed, n)
    for factor in (2.0**-20, 2.0**20):
        scaled = bars | {name: bars[name] * factor for name in PRICES}
        a, b = evaluate(bars, SCRIPTED, {}, chosen), evaluate(scaled, SCRIPTED, {}, chosen)
        assert all(a[m].tobytes() == b[m].tobytes() for m in METRICS)


@few
@case
def test_no_trade_costs_nothing(seed, n):
    bars, chosen = draw(seed, n)
    m = evaluate(bars | {"code": np.full(n, 2.0)}, SCRIPTED, {}, chosen)
    assert m["final_equity"] == chosen.initial_capital
    zeros = ("total_return", "annual_return", "sharpe", "sortino", "calmar", "max_drawdown")
    assert all(m[name] == 0 for name in (*zeros, "trades", "exposure", "turnover"))
    nothing = ("win_rate", "profit_factor", "avg_win", "avg_loss", "expectancy", "skew", "kurtosis")
    assert all(np.isnan(m[name]) for name in nothing)


@few
@case
def test_later_bars_change_nothing_earlier(seed, n):
    bars, chosen = draw(seed, n)
    series, cut = prepare(bars), 1 + n // 2
    whole = trace(series, SCRIPTED, ONE, chosen, (0, n))
    part = trace(series, SCRIPTED, ONE, chosen, (0, cut))
    assert part.equity.tobytes() == whole.equity[:cut].tobytes()
    done = whole.trades[whole.trades["exit_bar"] < cut]
    assert part.trades[: done.size].tobytes() == done.tobytes()


@few
@case
def test_pnl_is_where_the_equity_comes_from(seed, n):
    bars, chosen = draw(seed, n)
    t = trace(prepare(bars), SCRIPTED, ONE, chosen, (0, n))
    gain = t.equity[-1] - chosen.initial_capital
    np.testing.assert_allclose(t.trades["pnl"].sum(), gain, atol=1e-9 * chosen.initial_capital)


@few
@case
def test_commission_only_lowers_the_equity(seed, n):
    bars, chosen = draw(seed, n)
    steps = [dataclasses.replace(chosen, commission=c) for c in (0.0, 0.001, 0.01)]
    finals = [evaluate(bars, SCRIPTED, {}, s)["final_equity"][0] for s in steps]
    slack = 1e-12 * chosen.initial_capital
    assert finals[0] + slack >= finals[1] and finals[1] + slack >= finals[2]  # noqa: PT018


@few
@case
def test_metrics_stay_in_their_ranges(seed, n):
    bars, chosen = draw(seed, n)
    m = {name: value[0] for name, value in evaluate(bars, SCRIPTED, {}, chosen).items()}
    assert 0 <= m["max_drawdown"] <= 1
    assert 0 <= m["exposure"] <= 1
    assert m["winning_trades"] + m["losing_trades"] <= m["trades"]
    assert m["total_return"] >= -1
    assert not m["kurtosis"] < 1 - 1e-6  # a mean far above the deviation costs digits

"""The section of a report on the trades of one run."""

import numpy as np
import pandas as pd
import pytest

from kernels import METRICS, Settings
from kernels.engine.position import LOG
from kernels.evaluate import trace
from kernels.portfolio.settings import PanelSettings
from kernels.registry import load
from kernels.series.bars import prepare
from store.replay.cost_stress import COSTS, at_costs
from store.report.figures.trades import price_figure, returns_figure, rolling_figure
from store.report.traced.trades import falls, held_bars, rolling_bars, rolling_sharpe
from store.report.traced.trades_view import Marks, Rolling, Trades
from tests.kernels.market import walk

DAYS = pd.date_range("2024-01-01", periods=8, freq="D")


def test_the_deepest_falls_with_peak_low_and_recovery():
    """100, then 80 at worst, back on the sixth day; then a fall of 10 % that lasts."""
    equity = np.array([100.0, 90, 80, 95, 99, 100, 110, 99])
    first, second = falls(equity, DAYS, "%d")
    assert (first.peak, first.lowest, first.recovered, first.bars) == ("01", "03", "06", 5)
    assert first.depth == pytest.approx(0.2)
    assert (second.peak, second.lowest, second.recovered, second.bars) == ("07", "08", "", 1)
    assert second.depth == pytest.approx(0.1)
    assert falls(np.arange(1.0, 9), DAYS, "%d") == ()


def test_only_the_deepest_falls_are_listed():
    equity = np.array([10.0, 9, 10, 8, 10, 7, 10, 9.5])
    assert [fall.depth for fall in falls(equity, DAYS, "%d", most=2)] == pytest.approx([0.3, 0.2])


@pytest.mark.parametrize("direction", ["long", "both"])
def test_bars_that_are_held_add_up_to_the_exposure(direction):
    bars = walk(400, 5)
    settings = Settings(direction=direction, stop_loss=0.02, periods_per_year=252.0)
    strategy = load("tests.kernels.scripted")
    got = trace(prepare(bars), strategy, np.ones(2), settings, (50, 400))
    longs, shorts = held_bars(got, 50, 350)
    assert longs.max() == 1
    assert (shorts.max() == 1) == (direction == "both")
    exposure = got.metrics[METRICS.index("exposure")]
    assert (longs + shorts).mean() == pytest.approx(exposure, abs=1e-12)


def test_the_rolling_sharpe_ratio_of_the_whole_is_that_of_the_metrics():
    equity = 100 * np.exp(np.cumsum(np.random.default_rng(1).normal(0, 0.01, 60)))
    rolled = rolling_sharpe(equity, 100.0, 60, 252.0)
    r = equity / np.r_[100.0, equity[:-1]] - 1
    assert np.isnan(rolled[:-1]).all()
    assert rolled[-1] == pytest.approx(r.mean() / r.std(ddof=1) * np.sqrt(252))
    assert np.isnan(rolling_sharpe(np.full(30, 5.0), 5.0, 20, 252.0)).all()


def test_rolling_figures_look_back_half_a_year_where_there_is_one():
    assert rolling_bars(5_000, 252.0) == 126
    assert rolling_bars(200, 252.0) == 50
    assert rolling_bars(30, 252.0) == 20


def test_all_costs_are_multiplied_and_a_rebate_is_not():
    priced = dict.fromkeys(COSTS, 0.01) | {"maker_commission": -0.001}
    settings = Settings(**priced, funding="rate")
    doubled, free, same = (at_costs(settings, factor) for factor in (2, 0, 1))
    for name in COSTS:
        value = priced[name]
        assert getattr(doubled, name) == (2 * value if value > 0 else value)
        assert getattr(free, name) == 0
        assert getattr(same, name) == value
    assert (doubled.funding, free.funding) == ("rate", None)
    assert at_costs(Settings(), 2).maker_commission is None


def test_costs_of_a_universe_are_multiplied_too():
    settings = PanelSettings(commission=0.001, slippage=0.002)
    assert (at_costs(settings, 3).commission, at_costs(settings, 3).slippage) == (0.003, 0.006)


def view(returns):
    times = ("2024-01-01 00:00", "2024-01-02 00:00")
    return Trades(
        title="", times=times, price=(1.0, 2.0),
        marks=(Marks("buy", times[:1], (1.0,), ("<b>5 %",)),),
        headings=(), rows=(), note="", returns=returns, window=20,
        exposure=(Rolling("long", times, (None, 0.5)),),
        sharpe=(Rolling("run 1", times, (None, 1.0)),), falls=(), costs=(),
    )  # fmt: skip


def test_fills_stand_on_the_price_as_plain_text():
    line, fills = price_figure(view((0.1,)))["data"]
    assert line["y"] == [1.0, 2.0]
    assert fills["text"] == ["&lt;b>5 %"]


def test_the_histogram_has_every_trade_once():
    figure = returns_figure((-0.1, -0.05, 0.0, 0.02, 0.3, 0.3))
    assert [sum(part["y"]) for part in figure["data"]] == [3, 3]
    assert sum(returns_figure((0.1,))["data"][0]["y"]) == 1


def test_what_rolls_begins_where_it_is_known():
    ratios, held = rolling_figure(view((0.1,)))["data"]
    assert ratios["y"] == [None, 1.0]
    assert held["yaxis"] == "y2"


def test_an_empty_log_holds_nothing():
    traced = type("Traced", (), {"trades": np.zeros(0, LOG)})
    assert not held_bars(traced, 0, 5)[0].any()

"""Cases worked by hand. Money is chosen so that sizes are whole: mostly 100 shares."""

import dataclasses

import numpy as np
import pytest

from kernels.engine.metrics import METRICS
from kernels.engine.position import REASONS
from kernels.engine.settings import Settings
from kernels.evaluate import evaluate_runs, trace
from kernels.registry import load
from kernels.series.bars import prepare

SCRIPTED = load("tests.kernels.scripted")
H = 2  # HOLD


def play(codes, opened, close=None, high=None, low=None, **settings):
    """Trace the codes, by both engines. Left out: close = open, the range as tight as may be."""
    opened = np.array(opened, float)
    close = opened if close is None else np.array(close, float)
    bars = {
        "open": opened,
        "close": close,
        "high": np.maximum(opened, close) if high is None else np.array(high, float),
        "low": np.minimum(opened, close) if low is None else np.array(low, float),
        "code": np.array(codes, float),
    }
    chosen = {"direction": "both", "commission": 0, "slippage": 0, "initial_capital": 1000.0}
    series, window = prepare(bars), (0, opened.size)
    given = Settings(**chosen | settings)
    result = trace(series, SCRIPTED, np.ones(2), given, window)
    scalar = dataclasses.replace(given, engine="scalar")
    other = evaluate_runs(series, SCRIPTED, np.ones((1, 2)), scalar, [window])
    np.testing.assert_allclose(other.metrics[0, 0], result.metrics, rtol=1e-12, atol=1e-15)
    return result


def metric(result, name):
    return result.metrics[METRICS.index(name)]


def trades(result):
    """(entry bar, exit bar, side, entry price, exit price, reason) of each."""
    rows = []
    for t in result.trades:
        prices = np.round((t["entry_price"], t["exit_price"]), 9)
        rows.append((t["entry_bar"], t["exit_bar"], t["side"], *prices, REASONS[t["exit_reason"]]))
    return rows


def test_orders_fill_at_the_next_open_and_the_last_code_never():
    r = play([0, 1, H, 0, 1], [10, 11, 10, 13, 14], [10, 12, 13, 14, 15])
    assert r.equity.tolist() == [1000, 1000, 1300, 1400, 1400]
    assert trades(r) == [(2, 4, 1, 10, 14, "signal")]
    assert r.trades["pnl"] == 400
    assert r.trades["return_"] == 0.4
    assert metric(r, "exposure") == 2 / 5
    assert metric(r, "turnover") == 2 * 252 / 5


def test_same_close_fills_at_the_close_of_the_code():
    r = play([0, 1, H, 0, 1], [10, 11, 10, 13, 14], [10, 10, 13, 14, 15], fill="same_close")
    assert r.equity.tolist() == [1000, 1000, 1300, 1400, 1400]
    assert trades(r) == [(1, 3, 1, 10, 14, "signal"), (4, 4, 1, 15, 15, "end")]


def test_costs_by_side():
    """Buys 100 at 10 + 10 % = 11, paying 1 % on top; sells at 20 - 10 % = 18, 1 % off."""
    r = play([1, 0, H], [9, 10, 20], [9, 12, 20], commission=0.01, slippage=0.1,
             initial_capital=1111.0)  # fmt: skip
    assert r.equity == pytest.approx([1111, 1200, 1782])
    assert r.trades["size"] == pytest.approx(100)
    assert r.trades["pnl"] == pytest.approx(1782 - 1111)
    assert r.trades["return_"] == pytest.approx(671 / 1100)
    assert metric(r, "turnover") == pytest.approx((1100 / 1111 + 1) * 252 / 3)


def test_a_reversal_closes_then_opens_at_one_price():
    r = play([1, -1, 0, H], [10, 10, 12, 10], [10, 11, 11, 9])
    assert r.equity.tolist() == [1000, 1100, 1300, 1400]
    assert trades(r) == [(1, 2, 1, 10, 12, "signal"), (2, 3, -1, 12, 10, "signal")]
    assert metric(r, "total_return") == pytest.approx(0.4)
    assert metric(r, "winning_trades") == 2


def test_a_short_holds_fixed_shares():
    """Short 100 at 10: worth 100 (20 - c) whatever the commission, which sized it."""
    r = play([-1, H, H, 0, H], [10, 10, 8, 5, 12], [10, 12, 8, 5, 12], commission=0.01,
             initial_capital=1010.0)  # fmt: skip
    assert r.equity == pytest.approx([1010, 800, 1200, 1500, 800 - 12])
    assert metric(r, "losing_trades") == 1


@pytest.mark.parametrize("direction", ["long", "short"])
def test_the_other_side_acts_as_flat(direction):
    r = play([1, H, -1, H, 1, 0], [10, 10, 10, 10, 10, 10], direction=direction)
    sides = {"long": [(1, 3, 1), (5, 5, 1)], "short": [(3, 5, -1)]}
    assert [t[:3] for t in trades(r)] == sides[direction]


def test_liquidation_at_a_close_is_for_good():
    r = play([-1, H, 1, H, H], [10, 10, 15, 21, 10], [10, 15, 20, 21, 10])
    assert r.equity.tolist() == [1000, 500, 0, 0, 0]
    assert trades(r) == [(1, 2, -1, 10, 20, "liquidation")]
    assert r.trades["pnl"] == -1000
    assert metric(r, "total_return") == metric(r, "annual_return") == -1
    assert metric(r, "max_drawdown") == 1
    assert metric(r, "final_equity") == 0


def test_liquidation_at_a_fill():
    r = play([-1, 0, 1, H], [10, 10, 30, 10], [10, 11, 12, 10])
    assert r.equity.tolist() == [1000, 900, 0, 0]
    assert trades(r) == [(1, 2, -1, 10, 30, "liquidation")]


def test_a_short_is_ruined_by_the_high_of_a_bar_that_closes_where_it_opened():
    """Sold at 10 with all of 1,000: at 20 nothing is left, whatever comes after."""
    r = play([-1, H, H, H], [10, 10, 10, 9], high=[10, 10, 25, 9])
    assert trades(r) == [(1, 2, -1, 10, 20, "liquidation")]
    assert r.equity.tolist() == [1000, 1000, 0, 0]
    short = play([-1, H, H, H], [10, 10, 10, 9], high=[10, 10, 19.99, 9])
    assert short.equity == pytest.approx([1000, 1000, 1000, 1100])


def test_a_short_that_opens_beyond_twice_its_entry_is_ruined_whatever_its_stop():
    r = play([-1, H, H, H], [10, 10, 25, 5], high=[10, 10, 26, 5], low=[10, 10, 24, 5])
    stopped = play([-1, H, H, H], [10, 10, 25, 5], high=[10, 10, 26, 5], stop_loss=0.1)
    for ruined in (r, stopped):
        assert [trade[-1] for trade in trades(ruined)] == ["liquidation"]
        assert ruined.equity.tolist() == [1000, 1000, 0, 0]
        assert metric(ruined, "total_return") == -1


def test_an_open_position_is_marked_without_exit_fee():
    r = play([1, H, H], [10, 10, 11], [10, 11, 12], commission=0.01, initial_capital=1010.0)
    assert r.equity == pytest.approx([1010, 1100, 1200])
    assert trades(r) == [(1, 2, 1, 10, 12, "end")]
    assert r.trades["pnl"] == pytest.approx(190)
    assert metric(r, "trades") == 1


def test_stop_loss_from_the_entry_bar_on_and_flat_until_the_code_changes():
    r = play([1, H, 1, 0, 1, H], [10] * 6, low=[10, 9.5, 10, 10, 10, 10], stop_loss=0.05)
    assert trades(r) == [(1, 1, 1, 10, 9.5, "stop_loss"), (5, 5, 1, 10, 10, "end")]
    assert r.equity == pytest.approx([1000, 950, 950, 950, 950, 950])


def test_stops_from_the_next_bar():
    r = play([1, H, 1, H], [10] * 4, low=[10, 9, 9.4, 10], stop_loss=0.05, stops_from="next_bar")
    assert trades(r) == [(1, 2, 1, 10, 9.5, "stop_loss")]


def test_a_position_from_a_close_is_not_stopped_by_that_bar():
    r = play([1, H, H], [10, 10, 10], low=[9, 9.4, 10], stop_loss=0.05, fill="same_close")
    assert trades(r) == [(0, 1, 1, 10, 9.5, "stop_loss")]


@pytest.mark.parametrize(
    ("side", "opened", "price"), [(1, 9.0, 9.0), (1, 9.8, 9.5), (-1, 11.0, 11.0), (-1, 10.2, 10.5)]
)
def test_a_gap_through_the_stop_loss_fills_at_the_open(side, opened, price):
    r = play([side, H, H], [10, 10, opened], high=[10, 10, 12], low=[10, 10, 8],
             close=[10, 10, opened], stop_loss=0.05)  # fmt: skip
    assert trades(r) == [(1, 2, side, 10, price, "stop_loss")]


@pytest.mark.parametrize(
    ("side", "opened", "price"), [(1, 12.0, 12.0), (1, 10.5, 11.0), (-1, 8.0, 8.0), (-1, 9.5, 9.0)]
)
def test_a_gap_through_the_take_profit_fills_at_the_open(side, opened, price):
    r = play([side, H, H], [10, 10, opened], high=[10, 10, 13], low=[10, 10, 7],
             close=[10, 10, opened], take_profit=0.1)  # fmt: skip
    assert trades(r) == [(1, 2, side, 10, price, "take_profit")]


def test_the_stop_loss_wins_when_both_are_touched():
    r = play([1, H], [10, 10], high=[10, 20], low=[10, 5], stop_loss=0.1, take_profit=0.1)
    assert trades(r) == [(1, 1, 1, 10, 9, "stop_loss")]


def test_touching_exactly_is_enough_and_a_tick_less_is_not():
    touched = play([1, H], [8, 8], high=[8, 10], stop_loss=0.25, take_profit=0.25)
    missed = play([1, H], [8, 8], high=[8, 9.99], low=[8, 6.01], stop_loss=0.25, take_profit=0.25)
    assert trades(touched) == [(1, 1, 1, 8, 10, "take_profit")]
    assert trades(missed) == [(1, 1, 1, 8, 8, "end")]


def test_slippage_moves_the_entry_the_stops_and_their_fills():
    """Bought at 10 + 10 % = 11; stop at half of that, 5.5, sold 10 % lower."""
    r = play([1, H, H], [10, 10, 10], low=[10, 10, 5], slippage=0.1, stop_loss=0.5,
             initial_capital=1100.0)  # fmt: skip
    assert trades(r) == [(1, 2, 1, 11, 4.95, "stop_loss")]
    assert r.equity == pytest.approx([1100, 1000, 495])


def test_a_trailing_stop_uses_the_best_price_of_earlier_bars():
    """Bar 2 reaches 20 and falls to 9.5 within: its stop is still 10 % below bar 1's high 10.5."""
    r = play([1, H, H, H], [10, 10, 12, 19], high=[10, 10.5, 20, 19], low=[10, 10, 9.5, 17.9],
             close=[10, 10, 19, 18], trailing_stop=0.1)  # fmt: skip
    assert trades(r) == [(1, 3, 1, 10, 18, "trailing_stop")]


def test_a_trailing_stop_of_a_short():
    r = play([-1, H, H, H], [10, 10, 8, 6], high=[10, 10, 8, 7], low=[10, 8, 6, 6],
             trailing_stop=0.1)  # fmt: skip
    assert trades(r) == [(1, 3, -1, 10, 6.6, "trailing_stop")]


def test_the_nearer_of_stop_loss_and_trailing_stop_counts():
    far = play([1, H, H], [10, 10, 10], low=[10, 10, 8], stop_loss=0.1, trailing_stop=0.15)
    near = play([1, H, H], [10, 10, 10], low=[10, 10, 8], stop_loss=0.1, trailing_stop=0.05)
    assert trades(far) == [(1, 2, 1, 10, 9, "stop_loss")]
    assert trades(near) == [(1, 2, 1, 10, 9.5, "trailing_stop")]


def test_signal_first_reverses_at_the_open_and_the_new_position_has_its_own_stop():
    r = play([1, -1, H, H], [10, 10, 10, 10], low=[10, 10, 9, 10], stop_loss=0.05)
    assert trades(r) == [(1, 2, 1, 10, 10, "signal"), (2, 3, -1, 10, 10, "end")]


def test_stop_first_drops_the_order_of_the_bar():
    r = play([1, -1, H, 1, H], [10] * 5, low=[10, 10, 9, 10, 10], stop_loss=0.05,
             stop_order="stop_first")  # fmt: skip
    assert trades(r) == [(1, 2, 1, 10, 9.5, "stop_loss"), (4, 4, 1, 10, 10, "end")]


def test_stop_first_at_the_close_drops_the_order_of_the_bar():
    codes, low = [1, -1, H, 1, H], [10, 9, 10, 10, 10]
    first = play(codes, [10] * 5, low=low, stop_loss=0.05, fill="same_close",
                 stop_order="stop_first")  # fmt: skip
    after = play(codes, [10] * 5, low=low, stop_loss=0.05, fill="same_close")
    stopped = (0, 1, 1, 10, 9.5, "stop_loss")
    assert trades(first) == [stopped, (3, 4, 1, 10, 10, "end")]
    assert trades(after) == [stopped, (1, 3, -1, 10, 10, "signal"), (3, 4, 1, 10, 10, "end")]


def test_risk_fraction_sizes_by_the_stop_loss():
    """Risking 2 % with a stop 10 % away: 20 % of the equity, 200 of 1000."""
    r = play([1, H, H], [10, 10, 10], low=[10, 10, 9], stop_loss=0.1, risk_fraction=0.02)
    assert r.trades["size"] == pytest.approx(20)
    assert r.equity == pytest.approx([1000, 1000, 980])
    all_in = play([1, H], [10, 10], stop_loss=0.1, risk_fraction=0.5)
    assert all_in.trades["size"] == 100


def test_arm_waits_for_a_change():
    codes = [H, 1, H, -1, H, 1, H]
    assert [t[:3] for t in trades(play(codes, [10] * 7, arm=True))] == [(4, 6, -1), (6, 6, 1)]
    assert [t[:3] for t in trades(play(codes, [10] * 7))] == [(2, 4, 1), (4, 6, -1), (6, 6, 1)]


def test_one_bar_and_two_bars():
    one = play([1], [10])
    two = play([1, 0], [10, 10], [10, 11])
    assert one.equity.tolist() == [1000]
    assert metric(one, "sharpe") == metric(one, "trades") == 0
    assert np.isnan(metric(one, "volatility"))
    assert two.equity.tolist() == [1000, 1100]
    assert metric(two, "volatility") == pytest.approx(0.1 / 2**0.5 * 252**0.5)


def test_constant_prices_have_no_risk():
    r = play([1] * 9, [10] * 9)
    assert metric(r, "volatility") == metric(r, "sharpe") == metric(r, "max_drawdown") == 0
    assert metric(r, "trades") == 1
    assert np.isnan(metric(r, "kurtosis"))
    assert np.isnan(metric(r, "profit_factor"))


def test_codes_that_are_none_hold():
    r = play([1, 7, -3, 0, H], [10] * 5)
    assert [t[:2] for t in trades(r)] == [(1, 4)]

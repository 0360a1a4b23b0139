"""A panel worked by hand: fills at the next open, costs, a death, cash that stays, a tie."""

import numpy as np
import pandas as pd
import pytest

from sweeper.backtest import Backtest, run_backtest

nan = np.nan


def bars(opened, close):
    return pd.DataFrame(
        {"open": opened, "close": close}, pd.date_range("2020-01-01", periods=len(close))
    ).astype(float)


def momentum(panel, k=1, cadence=2, **settings):
    free = {"commission": 0.0, "slippage": 0.0, "initial_capital": 100.0, "periods_per_year": 252.0}
    params = {"lookback": 1, "skip": 0, "k": k}
    backtest = {"strategy": "momentum_rank", "params": params, "panel": panel, "cadence": cadence}
    return run_backtest(Backtest(**backtest | free | settings))


def test_the_best_is_bought_at_the_next_open_and_changed_at_the_cadence():
    up = bars([10, 10, 11, 12, 12, 9], [10, 11, 12, 12, 10, 9])
    flat = bars([20, 20, 20, 20, 20, 22], [20, 20, 20, 20, 21, 24])
    run = momentum({"UP": up, "FLAT": flat})
    # Bar 1 ranks UP (+10 %) first, filled at 11 at bar 2; bar 3 ties at 0, FLAT by its name, filled
    # at 20 with the 12 / 11 that UP sold for; bar 5 has no next open.
    equity = [100, 100, 100 * 12 / 11, 100 * 12 / 11, 100 * 12 / 11 * 21 / 20, 100 * 12 / 11 * 1.2]
    assert run.equity.tolist() == pytest.approx(equity, rel=1e-14)
    assert run.trades["symbol"].tolist() == ["UP", "FLAT"]
    assert run.trades["exit_reason"].tolist() == ["signal", "end"]
    assert run.trades["pnl"].tolist() == pytest.approx([100 / 11, 0.2 * 1200 / 11], rel=1e-14)
    assert run.holdings.iloc[2].tolist() == pytest.approx([0.0, 1.0])
    assert run.metrics["turnover"] == pytest.approx((1 + 2) * 252 / 6)
    assert run.metrics["holdings"] == 1.0


def test_costs_come_out_of_all_with_one_scale():
    a, b = bars([10, 10, 10, 10], [10, 11, 10, 10]), bars([20, 20, 20, 20], [20, 22, 20, 20])
    run = momentum({"A": a, "B": b}, k=2, commission=0.01)
    # E' + 0.01 E' = 100: both are bought for E' / 2.
    assert run.equity.tolist() == pytest.approx([100, 100, 100 / 1.01, 100 / 1.01], rel=1e-14)
    assert run.trades["size"].tolist() == pytest.approx([50 / 1.01 / 10, 50 / 1.01 / 20])


def test_a_symbol_that_ends_is_sold_at_its_last_close_on_the_first_bar_without_it():
    gone = bars([10, 10, 10, nan, nan], [10, 12, 15, nan, nan])
    stays = bars([20, 20, 20, 20, 20], [20, 20, 20, 20, 20])
    run = momentum({"GONE": gone, "STAYS": stays}, cadence=9, commission=0.1)
    bought = 100 / 1.1 / 10
    sold = bought * 15 * 0.9
    assert run.equity.tolist() == pytest.approx([100, 100, bought * 15, sold, sold], rel=1e-14)
    assert run.trades["exit_reason"].tolist() == ["delisted"]
    assert run.trades["exit_time"].tolist() == [pd.Timestamp("2020-01-04")]
    assert run.metrics["exposure"] == 1 / 5


def test_fewer_than_k_leave_their_share_in_cash():
    late = bars([10, 10, 10, 10, 10, 10], [10, 11, 12, 13, 14, 15])
    gone = bars([10, 10, 10, 10, nan, nan], [10, 12, 14, 16, nan, nan])
    run = momentum({"A": late, "B": gone}, k=2, cadence=2)
    assert run.holdings.iloc[-1].tolist() == pytest.approx([0.5 * 1.5 / (0.5 + 0.5 * 1.5), 0.0])


def test_precision_base_rate_and_ic_of_the_periods_that_are_over():
    close = {"A": [10, 11, 11, 12, 12, 12], "B": [10, 12, 12, 11, 11, 11], "C": [10, 9, 9, 8, 8, 8]}
    panel = {name: bars([values[0], *values[:-1]], values) for name, values in close.items()}
    run = momentum(panel, k=1, cadence=2)
    # Ranked at bar 1: B +.2, A +.1, C -.1; from open 2 to open 4: A 12/11, B 11/12, C 8/9.
    gains = [12 / 11 - 1, 11 / 12 - 1, 8 / 9 - 1]
    assert run.metrics["precision_at_k"] == 0.0
    assert run.metrics["base_rate"] == pytest.approx(1 / 3)
    assert run.metrics["hit_rate"] == 0.0
    assert run.metrics["ic"] == pytest.approx(np.corrcoef([0.1, 0.2, -0.1], gains)[0, 1])
    assert run.metrics["rank_ic"] == pytest.approx(0.5)

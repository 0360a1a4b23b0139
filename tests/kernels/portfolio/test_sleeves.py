"""Sleeves against a plain loop over the members' own backtests."""

import numpy as np
import pytest

from kernels import evaluate
from kernels.portfolio.settings import PanelSettings
from kernels.registry import load
from sweeper.backtest import Backtest, run_backtest
from tests.kernels.portfolio.panels import frames, random_panel

MIX = "sleeves(trend=sma,revert=rsi,hold=buy_hold)"
PARAMS = {"trend.fast": 5, "trend.slow": 12, "revert.period": 6}


def bars(seed=0, n=160):
    frame = frames(*random_panel(seed, 1, n, whole=True))["S00"]
    return frame.assign(high=frame.max(axis=1), low=frame.min(axis=1), volume=1.0)


def mixed(paths, shares, cadence, cost, initial):
    """Equity at each close when the purse is divided again at every cadence-th close."""
    values, path = initial * np.array(shares), []
    growth = np.vstack([np.ones(len(paths)), np.array(paths).T])
    for t in range(len(paths[0])):
        values = values * growth[t + 1] / growth[t]
        if cadence and (t + 1) % cadence == 0 and t + 1 < len(paths[0]):
            low, high = 0.0, values.sum()
            for _ in range(200):
                middle = (low + high) / 2
                paid = cost * np.abs(np.array(shares) * middle - values).sum()
                low, high = (low, middle) if middle + paid > values.sum() else (middle, high)
            values = np.array(shares) * low
        path.append(values.sum())
    return np.array(path)


@pytest.mark.parametrize(("shares", "cadence"), [((0.4, 0.3, 0.3), 20), ((0.5, 0, 0.5), 0)])
def test_equity_is_the_members_divided_again_at_the_cadence(shares, cadence):
    frame = bars()
    own = dict(zip(("shares.trend", "shares.revert", "shares.hold"), shares, strict=True))
    run = run_backtest(
        Backtest(
            strategy=MIX,
            bars=frame,
            params=PARAMS | own | {"cadence": cadence, "transfer_cost": 0.002},
        )
    )
    members = [
        run_backtest(Backtest(strategy=name, bars=frame, params=params))
        for name, params in (
            ("sma", {"fast": 5, "slow": 12}),
            ("rsi", {"period": 6}),
            ("buy_hold", {}),
        )
    ]
    paths = [member.equity.to_numpy() / 10_000 for member in members]
    expected = mixed(paths, shares, cadence, 0.002, 10_000.0)
    np.testing.assert_allclose(run.equity, expected, rtol=1e-12)
    assert run.metrics["trades"] == sum(m.metrics["trades"] for m in members) == len(run.trades)
    assert list(run.sleeves.columns) == ["trend", "revert", "hold"]
    np.testing.assert_allclose(run.sleeves.sum(axis=1), run.equity, rtol=1e-12)
    table, paid = run.contributions, run.metrics["total_return"]
    assert table["contribution"].sum() - paid >= -1e-12  # what is missing are costs of transfers
    returns = np.diff(np.array(paths), axis=1, prepend=1.0) / np.hstack(
        [np.ones((3, 1)), np.array(paths)[:, :-1]]
    )
    assert table.loc["trend", "revert"] == pytest.approx(np.corrcoef(returns)[0, 1])


def test_a_purse_with_one_sleeve_is_that_strategy():
    frame, whole = bars(1), {"shares.trend": 1.0, "shares.revert": 0.0, "shares.hold": 0.0}
    mix = evaluate(frame, MIX, PARAMS | whole | {"cadence": 0})
    alone = evaluate(frame, "sma", {"fast": 5, "slow": 12})
    for name in ("final_equity", "sharpe", "max_drawdown", "turnover", "profit_factor"):
        if name != "profit_factor":
            assert mix[name][0] == pytest.approx(alone[name][0], rel=1e-12)
    assert mix["profit_factor"][0] == pytest.approx(alone["profit_factor"][0], rel=1e-12)


def test_a_batch_is_what_each_is_alone():
    frame = bars(2)
    grid = {"shares.trend": [0.2, 0.5], "shares.revert": [0.3, 0.5], "shares.hold": [0.5, 0.0]}
    every = evaluate(frame, MIX, PARAMS | grid, {"commission": np.array([0.0, 0.01])})
    alone = evaluate(frame, MIX, PARAMS | {k: v[1] for k, v in grid.items()}, {"commission": 0.01})
    for name, values in every.items():
        np.testing.assert_array_equal(values[1], alone[name][0])


def test_members_of_a_universe_hold_their_symbols_out_of_one_purse():
    panel = frames(*random_panel(6, 6, 120))
    run = run_backtest(
        Backtest(
            strategy="sleeves(mom=momentum_rank,calm=low_volatility)",
            panel=panel,
            cadence=10,
            params={"mom.lookback": 10, "mom.skip": 0, "mom.k": 2, "calm.lookback": 10, "calm.k": 2}
            | {"shares.mom": 0.6, "shares.calm": 0.4, "cadence": 15},
        )
    )
    assert (run.holdings.sum(axis=1) < 1 + 1e-9).all()
    assert run.holdings.iloc[-1].sum() > 0.9
    assert run.trades["symbol"].isin(panel).all()
    assert run.metrics["cost"] > 0


@pytest.mark.parametrize(
    ("strategy", "params", "message"),
    [
        (MIX, {"shares.trend": 0.5}, "params.shares must add to 1, got 1.16"),
        ("sleeves(sma)", {}, "needs 2 to 16 members, got 1"),
        ("sleeves(a=sma,a=rsi)", {}, "two members are called a"),
        ("sleeves(a=sma,b=momentum_rank)", {}, "member a trades one symbol"),
        ("sleeves(a=smaa,b=rsi)", {}, "did you mean sma"),
    ],
)
def test_what_is_no_mix_is_refused(strategy, params, message):
    with pytest.raises(ValueError, match=message):
        evaluate(bars(), strategy, params)


def test_the_name_of_a_mix_brings_it_back():
    strategy = load("sleeves(a=ranking(quality=zscore,noise),b=momentum_rank)")
    assert load(strategy.module).fields == strategy.fields
    assert "a__weights__quality" in strategy.fields
    assert strategy.columns == ("quality", "noise")
    assert strategy.of_panel
    assert PanelSettings().side == "long"

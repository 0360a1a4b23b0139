"""Pairs against the plain loop, and what must hold of any pair."""

import numpy as np
import pytest

from kernels import evaluate_panel
from kernels.portfolio.lookahead import find_panel_cheat
from kernels.portfolio.panel import prepare_panel
from kernels.portfolio.spread import spread
from kernels.registry import load
from sweeper.backtest import Backtest, run_backtest
from tests.kernels.portfolio.panels import frames, random_panel
from tests.kernels.portfolio.slow_pair import pair_equity, spread_at

PARAMS = {"first": 0, "second": 1, "length": 12, "entry": 1.0, "exit": 0.3, "stop": 3.0}


def pair_run(opened, close, **changes):
    return run_backtest(
        Backtest(
            strategy="pairs",
            panel=frames(opened, close),
            direction="both",
            params=PARAMS | {k: v for k, v in changes.items() if k in PARAMS},
            **{k: v for k, v in changes.items() if k not in PARAMS},
        )
    )


@pytest.mark.parametrize("seed", range(6))
def test_equity_is_that_of_the_plain_loop(seed):
    rng = np.random.default_rng(seed)
    opened, close = random_panel(seed + 40, 2, 110)
    length, commission = int(rng.integers(4, 15)), float(rng.choice([0.0, 0.002]))
    run = pair_run(
        opened, close, length=length, commission=commission, slippage=0.001, delisting_return=-0.2
    )
    path = pair_equity(
        opened, close, length, (1.0, 0.3, 3.0), commission, 0.001, 10_000.0, 0, 110, -0.2
    )
    np.testing.assert_allclose(run.equity, path, rtol=1e-12)
    assert len(run.trades) == run.metrics["trades"] > 2
    gained = run.trades["pnl"].sum()
    assert gained == pytest.approx(run.equity.iloc[-1] - 10_000.0, abs=1e-7)


def test_ratio_and_zscore_are_those_of_least_squares():
    _, close = random_panel(3, 2, 60)
    ratios, zscores = spread(close[0], close[1], 10)
    expected = np.array([spread_at(close[0], close[1], t, 10) for t in range(60)])
    np.testing.assert_allclose(np.column_stack([ratios, zscores]), expected, rtol=1e-9)


def test_sides_follow_entry_exit_and_stop():
    zscores = np.array([0, -1.5, -0.9, -0.2, 1.2, 3.5, 2.0, 0.1, 1.1, np.nan, -1.4])
    out = np.zeros(zscores.size, np.int8)
    load("pairs").signal(zscores, np.array([0, 1, 3, 1.0, 0.3, 3.0]), out)
    assert out.tolist() == [0, 1, 1, 0, -1, 0, 0, 0, -1, -1, 0]


def test_both_legs_are_filled_at_one_open_with_the_equity_between_them():
    run = pair_run(*random_panel(1, 2, 90, whole=True), commission=0.0, slippage=0.0)
    assert (run.trades.groupby("entry_time").size() == 2).all()
    assert set(run.trades["symbol"]) == {"S00", "S01"}
    assert run.metrics["holdings"] == pytest.approx((run.holdings != 0).sum(axis=1).mean())


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"first": 1, "second": 1}, "params.second: pairs S01 with itself"),
        ({"second": 5}, "params.second: place 5 of a universe of 3 symbols; the last is 2"),
    ],
)
def test_what_is_no_pair_is_refused(params, message):
    panel = frames(*random_panel(2, 3, 60))
    with pytest.raises(ValueError, match=message):
        evaluate_panel(panel, "pairs", PARAMS | params, {"side": "both"})


def test_many_configurations_are_each_alone():
    panel = frames(*random_panel(5, 4, 90))
    grid = {"first": [0, 1, 0], "second": [2, 3, 1], "length": [8, 9, 8]}
    every = evaluate_panel(panel, "pairs", PARAMS | grid, {"side": "both"}, [(0, 90), (30, 80)])
    one = {name: values[1] for name, values in grid.items()}
    alone = evaluate_panel(panel, "pairs", PARAMS | one, {"side": "both"}, [(30, 80)])
    for name, values in every.items():
        np.testing.assert_array_equal(values[1, 1], alone[name][0, 0])


OWN = '''
"""Sides of the z-score some bars ahead."""
from typing import NamedTuple
from numba import njit

class Params(NamedTuple):
    """Places and a length."""
    first: int = 0
    second: int = 1
    length: int = 10

@njit
def pair(zscores, params, out):
    for t in range(zscores.size - AHEAD):
        out[t] = -1 if zscores[t + AHEAD] > 0 else 1
'''


@pytest.mark.parametrize("ahead", [0, 1])
def test_a_pair_file_of_ones_own_is_found_and_may_not_look_ahead(ahead, tmp_path, monkeypatch):
    (tmp_path / f"own_pair_{ahead}.py").write_text(OWN.replace("AHEAD", str(ahead)))
    monkeypatch.syspath_prepend(tmp_path)
    panel = prepare_panel(frames(*random_panel(4, 2, 80, whole=True)))
    cheat = find_panel_cheat(load(f"own_pair_{ahead}"), np.array([[0.0, 1.0, 10.0]]), panel)
    assert (cheat is not None) == bool(ahead)

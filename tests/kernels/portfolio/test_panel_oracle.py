"""Panels against the plain loop of slow_panel: births, deaths, holes, ties, costs, both sides."""

import numpy as np
import pytest

from kernels import evaluate_panel
from kernels.portfolio.evaluate import trace_panel
from kernels.portfolio.panel import prepare_panel
from kernels.portfolio.settings import PanelSettings
from kernels.registry import load
from tests.kernels.portfolio.panels import frames, random_panel
from tests.kernels.portfolio.slow_panel import equity_of


def gains(close, lookback, skip):
    """close[t - skip] / close[t - skip - lookback] - 1, NaN where there is none."""
    scores = np.full(close.shape, np.nan)
    for t in range(lookback + skip, close.shape[1]):
        scores[:, t] = close[:, t - skip] / close[:, t - skip - lookback] - 1
    return scores


@pytest.mark.parametrize("side", ["long", "short", "both"])
@pytest.mark.parametrize("seed", range(12))
def test_equity_and_turnover_are_those_of_the_plain_loop(seed, side):
    rng = np.random.default_rng(seed + 100)
    opened, close = random_panel(seed)
    lookback, skip, k, cadence = (int(rng.integers(*r)) for r in ((1, 9), (0, 4), (1, 5), (1, 9)))
    commission, slippage = rng.choice([0.0, 0.001, 0.01], 2)
    delisting = float(rng.choice([0.0, -0.3]))
    settings = PanelSettings(
        side=side,
        cadence=cadence,
        commission=commission,
        slippage=slippage,
        delisting_return=delisting,
        periods_per_year=252.0,
    )
    window = (0, 120) if seed % 2 else (30, 100)
    path, turnover = equity_of(
        opened,
        close,
        gains(close, lookback, skip),
        k,
        cadence,
        commission,
        slippage,
        10_000.0,
        side,
        *window,
        delisting,
    )
    panel = prepare_panel(frames(opened, close))
    traced = trace_panel(panel, load("momentum_rank"), [lookback, skip, k], settings, window)
    np.testing.assert_allclose(traced.equity, path, rtol=1e-12)
    found = evaluate_panel(
        panel,
        "momentum_rank",
        {"lookback": lookback, "skip": skip, "k": k},
        settings,
        [window],
    )
    years = 252.0 / (window[1] - window[0])
    assert found["turnover"][0, 0] == pytest.approx(turnover * years, rel=1e-9)
    assert found["final_equity"][0, 0] == traced.equity[-1]


@pytest.mark.kill
def test_five_hundred_random_panels_are_those_of_the_plain_loop():
    for seed in range(500):
        rng = np.random.default_rng(seed + 1_000)
        opened, close = random_panel(seed + 1_000, 7, 60)
        lookback, k, cadence = (int(rng.integers(*r)) for r in ((1, 6), (1, 5), (1, 9)))
        commission, slippage = rng.choice([0.0, 0.002, 0.01], 2)
        side = str(rng.choice(["long", "short", "both"]))
        settings = PanelSettings(
            side=side, cadence=cadence, commission=commission, slippage=slippage
        )
        path, _ = equity_of(
            opened,
            close,
            gains(close, lookback, 0),
            k,
            cadence,
            commission,
            slippage,
            10_000.0,
            side,
        )
        panel = prepare_panel(frames(opened, close))
        traced = trace_panel(panel, load("momentum_rank"), [lookback, 0, k], settings, (0, 60))
        np.testing.assert_allclose(traced.equity, path, rtol=1e-12, err_msg=f"seed {seed}")

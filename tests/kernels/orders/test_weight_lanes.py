"""Weights in lanes: the same bits as each configuration by itself."""

import numpy as np
import pytest

from kernels import Settings
from kernels.evaluate import evaluate_runs
from kernels.orders.lane_state import LANES
from kernels.registry import load
from kernels.series.bars import prepare
from tests.kernels.market import walk

WEIGHTED = load("tests.kernels.weighted")
BARS = 400
COUNT = LANES + 5
"""One full group of lanes, and one that is partly used."""


def drawn_bars(seed):
    random = np.random.default_rng(seed)
    weights = np.where(random.random(BARS) < 0.4, np.nan, random.normal(0.0, 1.2, BARS))
    weights = np.where(random.random(BARS) < 0.3, np.sign(weights), weights)
    rates = np.where(random.random(BARS) < 0.1, random.normal(0.0, 0.01, BARS), np.nan)
    hours = np.arange(BARS) * np.timedelta64(6, "h") + np.datetime64("2024-01-01")
    return walk(BARS, seed, sigma=0.03) | {"w": weights, "f": rates, "time": hours}


def drawn_settings(random, shared):
    def some(values, off):
        return np.where(random.random(COUNT) < 0.5, values, off)

    return Settings(
        commission=some(0.002, 0.0),
        slippage=some(0.001, 0.0),
        commission_fixed=some(3.0, 0.0),
        min_notional=some(200.0, np.nan),
        borrow_rate=some(0.2, 0.0) if shared["costly"] else 0.0,
        cash_rate=some(0.2, 0.0) if shared["costly"] else 0.0,
        no_trade_band=some(0.1, 0.0),
        leverage=some(6.0, 1.0),
        maintenance_margin=some(0.05, np.nan),
        vol_target=some(0.5, np.nan),
        funding="f" if shared["funded"] else None,
        direction=shared["direction"],
        fill=shared["fill"],
        periods_per_year=1460.0,
        risk_free=0.03,
    )


def only(settings, k):
    """Settings of configuration k alone."""
    names = vars(settings)
    return Settings(**{n: v[k : k + 1] if np.ndim(v) else v for n, v in names.items()})


@pytest.mark.parametrize("seed", range(8))
def test_lanes_give_the_bits_of_each_configuration_by_itself(seed):
    random = np.random.default_rng(seed)
    shared = {
        "direction": str(random.choice(["long", "both", "both"])),
        "fill": ("next_open", "same_close")[seed % 2],
        "costly": seed % 3 > 0,
        "funded": seed % 4 > 1,
    }
    settings = drawn_settings(random, shared)
    series, factors = prepare(drawn_bars(seed)), random.uniform(-2.0, 2.0, (COUNT, 1))
    windows = [(0, BARS), (30, 90), (100, 101), (150, 390)]
    together = evaluate_runs(series, WEIGHTED, factors, settings, windows)
    for k in range(COUNT):
        alone = evaluate_runs(series, WEIGHTED, factors[k : k + 1], only(settings, k), windows)
        for name in ("metrics", "block_sum", "block_sumsq"):
            np.testing.assert_array_equal(getattr(together, name)[k], getattr(alone, name)[0])
    ruined = together.metrics[:, 0, 18] == 0.0
    assert not ruined.all()


def test_some_lanes_are_ruined_and_others_go_on():
    prices = np.array([10.0, 10.0, 10.0, 7.0, 7.0, 14.0, 14.0])
    bars = dict.fromkeys(("open", "high", "low", "close"), prices) | {"w": np.full(7, 1.0)}
    factors = np.arange(1.0, 9.0)[:, None]
    settings = Settings(commission=0.0, slippage=0.0, leverage=10)
    got = evaluate_runs(prepare(bars), WEIGHTED, factors, settings, [(0, 7)])
    assert (got.metrics[:, 0, 18] == 0.0).tolist() == [False] * 3 + [True] * 5


def test_a_configuration_with_lots_leaves_its_group_the_same_results():
    bars = prepare(drawn_bars(1))
    factors = np.full((COUNT, 1), 0.7)
    lots = np.full(COUNT, np.nan)
    lots[3] = 1.0
    mixed = evaluate_runs(bars, WEIGHTED, factors, Settings(lot=lots), [(0, BARS)])
    plain = evaluate_runs(bars, WEIGHTED, factors, Settings(), [(0, BARS)])
    np.testing.assert_array_equal(mixed.metrics[5], plain.metrics[5])
    assert mixed.metrics[3, 0, 18] != plain.metrics[3, 0, 18]

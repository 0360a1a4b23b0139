"""Weights: the share of the equity that is wanted, against a plain loop that bisects."""

import math

import numpy as np
import pytest

from kernels import Settings, evaluate
from kernels.engine.metrics import METRICS
from kernels.evaluate import trace
from kernels.registry import load
from kernels.series.bars import prepare
from tests.kernels.market import walk

WEIGHTED = load("tests.kernels.weighted")
SCRIPTED = load("tests.kernels.scripted")


class Book:
    """Cash and shares; trades to a weight by bisection of the shares that are wanted."""

    def __init__(self, s):
        self.s, self.cash, self.shares = s, s.initial_capital, 0.0

    def after(self, shares, price):
        """Cash once so many shares are held."""
        change = shares - self.shares
        fee = abs(change) * (price * self.s.commission + self.s.commission_per_share)
        fee = max(fee, self.s.commission_minimum) + self.s.commission_fixed
        return self.cash - change * price - fee

    def to(self, weight, quoted):
        held = self.shares * quoted / (self.cash + self.shares * quoted)
        if abs(weight - held) <= max(self.s.no_trade_band, 1e-12):
            return
        way = 1 if weight > held else -1
        price = quoted * (1 + way * self.s.slippage)

        def short_of(shares):
            """Below zero while more has to be traded."""
            return way * (shares * price - weight * (self.after(shares, price) + shares * price))

        near, far = self.shares, self.shares + way * 20 * (self.cash + self.shares * price) / price
        if short_of(near) >= 0:
            return
        for _ in range(200):
            middle = (near + far) / 2
            near, far = (middle, far) if short_of(middle) < 0 else (near, middle)
        self.cash, self.shares = self.after(near, price), near


def played(bars, weights, s):
    book, equity, wanted = Book(s), [], math.nan
    deviations = [math.nan] * len(weights)
    close = bars["close"]
    for i in range(int(s.vol_length), len(weights)):
        own = close[i - int(s.vol_length) + 1 : i + 1] / close[i - int(s.vol_length) : i] - 1
        deviations[i] = own.std(ddof=1)
    for i, weight in enumerate(weights):
        if s.fill == "next_open" and not math.isnan(wanted):
            book.to(wanted, bars["open"][i])
        wanted = weight
        if s.vol_target is not None and weight != 0:
            wanted = weight * s.vol_target / (deviations[i] * math.sqrt(s.periods_per_year))
        wanted = max(-s.leverage, min(s.leverage, wanted)) if not math.isnan(wanted) else wanted
        if s.fill == "same_close" and not math.isnan(wanted):
            book.to(wanted, close[i])
        if book.shares < 0:
            book.cash += book.shares * close[i] * s.borrow_rate / s.periods_per_year
        elif book.cash < 0:
            book.cash += book.cash * s.cash_rate / s.periods_per_year
        equity.append(book.cash + book.shares * close[i])
    return equity


def drawn(random):
    def either(value, off):
        return value if random.random() < 0.5 else off

    return Settings(
        direction="both",
        fill=str(random.choice(["next_open", "same_close"])),
        periods_per_year=252.0,
        commission=either(0.002, 0.0),
        slippage=either(0.001, 0.0),
        commission_per_share=either(0.01, 0),
        commission_fixed=either(3.0, 0),
        commission_minimum=either(5.0, 0),
        borrow_rate=either(0.1, 0),
        cash_rate=either(0.1, 0),
        no_trade_band=either(0.05, 0),
        leverage=either(2.5, 1),
        vol_target=either(0.3, None),
        vol_length=10,
    )


@pytest.mark.parametrize("seed", range(60))
def test_equity_as_the_plain_loop(seed):
    random = np.random.default_rng(seed)
    bars = walk(80, seed, sigma=0.01)
    weights = np.where(random.random(80) < 0.4, np.nan, random.normal(0.0, 1.0, 80))
    weights = np.where(random.random(80) < 0.2, np.sign(weights), weights)
    settings = drawn(random)
    got = trace(prepare(bars | {"w": weights}), WEIGHTED, np.ones(1), settings, (0, 80))
    want = played(bars, weights, settings)
    assert min(want) > 0
    np.testing.assert_allclose(got.equity, want, rtol=1e-11)
    last = got.trades[-1]
    assert got.trades["pnl"].sum() == pytest.approx(got.equity[-1] - 10_000) or last["side"] == 0


@pytest.mark.parametrize("fill", ["next_open", "same_close"])
def test_one_and_nothing_equal_the_code_contract(fill):
    bars = walk(300, 3)
    held, weights = math.nan, []
    for code in bars["code"]:
        wanted = held if code == 2 else max(code, 0.0)
        weights.append(math.nan if wanted == held else wanted)
        held = wanted
    settings = {"commission": 0.001, "slippage": 0.0005, "fill": fill}
    weighted = evaluate(bars | {"w": np.array(weights)}, WEIGHTED, {}, settings)
    coded = evaluate(bars, SCRIPTED, {}, settings)
    for name in METRICS:
        assert weighted[name][0] == pytest.approx(coded[name][0], rel=1e-9, nan_ok=True), name


def test_a_short_that_is_kept_equals_the_code_contract():
    bars = walk(60, 4, sigma=0.01)
    weights = np.full(60, np.nan)
    weights[[2, 20, 31, 50]] = [-1, 0, -1, 1]
    codes = np.full(60, 2.0)
    codes[[2, 20, 31, 50]] = [-1, 0, -1, 1]
    settings = {"direction": "both", "commission": 0.001}
    weighted = evaluate(bars | {"w": weights}, WEIGHTED, {}, settings)
    coded = evaluate(bars | {"code": codes}, SCRIPTED, {}, settings)
    assert coded["trades"][0] == 3
    for name in METRICS:
        assert weighted[name][0] == pytest.approx(coded[name][0], rel=1e-9, nan_ok=True), name


def test_half_is_rebalanced_by_hand():
    """500 in shares at 10; at 20 equity is 1,500, half of it 750: 12.5 of the 50 are sold."""
    prices = np.array([10.0, 10.0, 20.0, 20.0])
    bars = dict.fromkeys(("open", "high", "low", "close"), prices) | {"w": np.full(4, 0.5)}
    settings = Settings(commission=0.0, slippage=0.0, initial_capital=1000.0)
    got = trace(prepare(bars), WEIGHTED, np.ones(1), settings, (0, 4))
    assert got.equity.tolist() == [1000, 1000, 1500, 1500]
    assert len(got.trades) == 1
    assert got.trades["size"][0] == pytest.approx(50)


def test_the_band_keeps_what_has_drifted_a_little():
    prices = np.array([10.0, 10.0, 11.0, 20.0, 20.0])
    bars = dict.fromkeys(("open", "high", "low", "close"), prices) | {"w": np.full(5, 0.5)}
    got = evaluate(bars, WEIGHTED, {}, {"no_trade_band": [0.0, 0.1], "periods_per_year": 5.0})
    assert got["turnover"][1] < got["turnover"][0]


def test_leverage_is_capped_and_ruin_is_inside_the_bar():
    bars = {name: np.full(4, 10.0) for name in ("open", "high", "low", "close")}
    bars["low"] = np.array([10.0, 10.0, 7.5, 10.0])
    bars["w"] = np.array([9.0, np.nan, np.nan, np.nan])
    settings = Settings(commission=0.0, slippage=0.0, leverage=4)
    got = trace(prepare(bars), WEIGHTED, np.ones(1), settings, (0, 4))
    assert got.trades["size"][0] == pytest.approx(4 * 10_000 / 10)
    assert got.equity.tolist() == [10_000, 10_000, 0, 0]
    assert got.counts["liquidations"] == 1


def test_stops_are_refused():
    bars = walk(30) | {"w": np.ones(30)}
    with pytest.raises(ValueError, match=r"stop_loss: is of the code contract"):
        evaluate(bars, WEIGHTED, {}, {"stop_loss": 0.1})
    with pytest.raises(ValueError, match=r"entry: is of the code contract"):
        evaluate(bars, WEIGHTED, {}, {"entry": "stop", "entry_distance": 0.1})

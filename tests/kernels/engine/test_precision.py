"""Numbers hold at any price level and length: against 50-digit decimals and 80-bit arithmetic.

From a trace only the structure is taken: which bars, which side, why out. Fills, sizes, equity and
metrics are computed again from the bars, by the rules of docs/semantics.md, with more digits.
"""

from dataclasses import replace
from decimal import Decimal, localcontext

import numpy as np
import pytest

from kernels import METRICS, Settings, evaluate
from kernels.engine.position import REASONS
from kernels.evaluate import trace
from kernels.registry import load
from kernels.series.bars import prepare
from tests.kernels.market import any_settings, walk

SCRIPTED = load("tests.kernels.scripted")
PRICES = ("open", "high", "low", "close")
STOPS = ("stop_loss", "take_profit", "trailing_stop")
LEVELS = [1e-4, 1.0, 6e4, 1e8]
FREE = {"direction": "both", "commission": 0.0, "slippage": 0.0}


class Exact:
    """Fills and metrics of a trace in another number type: `Decimal` or `np.longdouble`."""

    def __init__(self, number, bars, trades, settings):
        self.number, self.settings = number, settings
        self.bars = {name: self.array(bars[name]) for name in PRICES}
        self.rate = number(settings.commission)
        self.equity = self.array(np.full(len(bars["close"]), settings.initial_capital))
        self.held = np.zeros(len(self.equity), bool)
        self.pnl, self.returns, self.turnover = [], [], number(0)
        self.cash = number(settings.initial_capital)
        following = [*trades["entry_bar"][1:], len(self.equity)]
        for trade, until in zip(trades, following, strict=True):
            self.play(trade, REASONS[trade["exit_reason"]], max(trade["exit_bar"] + 1, until))

    def array(self, values):
        if self.number is np.longdouble:
            return np.asarray(values, np.longdouble)
        return np.array([self.number(float(value)) for value in values], object)

    def play(self, trade, reason, until):
        """Fill one trade, and fill in the equity from its entry to bar `until`."""
        first, last, side = (int(trade[name]) for name in ("entry_bar", "exit_bar", "side"))
        quoted = "close" if self.settings.fill == "same_close" else "open"
        paid = self.slipped(self.bars[quoted][first], side)
        share = self.number(1)
        if self.settings.risk_fraction is not None:
            share = self.off("risk_fraction") / self.off("stop_loss")
        size = min(self.number(1), share) * self.cash / (paid * (1 + self.rate))
        notional, before = size * paid, self.cash
        self.turnover += notional / before
        cash = before - side * notional - self.rate * notional
        closing = last + 1 if reason == "end" else last
        self.equity[first:closing] = cash + side * size * self.bars["close"][first:closing]
        self.held[first:closing] = True
        if reason == "end":
            self.cash = self.equity[last]
        else:
            got = self.bars[quoted][last] if reason == "signal" else self.stop(trade, reason, paid)
            got = self.slipped(got, -side)
            worth = cash + side * size * got
            self.turnover += size * got / worth
            self.cash = worth - self.rate * size * got
            self.equity[last:until] = self.cash
        self.pnl.append(self.cash - before)
        self.returns.append((self.cash - before) / notional)

    def off(self, name):
        return self.number(getattr(self.settings, name))

    def slipped(self, price, side):
        return price * (1 + side * self.number(self.settings.slippage))

    def stop(self, trade, reason, paid):
        """Price of a stop exit; an open beyond the stop is the price."""
        first, last, side = (int(trade[name]) for name in ("entry_bar", "exit_bar", "side"))
        opened, better = self.bars["open"][last], max if side > 0 else min
        if reason == "take_profit":
            return better(opened, paid * (1 + side * self.off("take_profit")))
        base = paid
        if reason == "trailing_stop":
            later = "same_close" in self.settings.fill or "next_bar" in self.settings.stops_from
            extremes = self.bars["high" if side > 0 else "low"][first + later : last]
            base = better([paid, *extremes])
        worse = min if side > 0 else max
        return worse(opened, base * (1 - side * self.off(reason)))

    def metrics(self):
        """Every metric by its definition."""
        n, periods = len(self.equity), self.number(self.settings.periods_per_year or 252.0)
        start, half = self.number(self.settings.initial_capital), self.number("0.5")
        path = np.concatenate([[start], self.equity])
        r = path[1:] / path[:-1] - 1
        mean = r.sum() / n
        m2, m3, m4 = (((r - mean) ** k).sum() / n for k in (2, 3, 4))
        deviation = (m2 * n / (n - 1)) ** half
        free = self.number(self.settings.risk_free) / periods
        downside = (np.minimum(r - free, self.number(0)) ** 2).sum() / n
        fall = max(1 - path / np.maximum.accumulate(path))
        growth = self.equity[-1] / start
        a_day = n / periods >= self.number(1) / 366
        annual = growth ** (periods / n) - 1 if a_day else self.number("nan")
        won, lost = [x for x in self.pnl if x > 0], [x for x in self.pnl if x < 0]
        up, down = ([x for x in self.returns if s * x > 0] for s in (1, -1))
        return {
            "total_return": growth - 1,
            "annual_return": annual,
            "volatility": deviation * periods**half,
            "sharpe": (mean - free) / deviation * periods**half,
            "sortino": (mean - free) * periods**half / downside**half,
            "calmar": annual / fall,
            "max_drawdown": fall,
            "win_rate": self.number(len(won)) / len(self.pnl),
            "profit_factor": sum(won) / -sum(lost) if lost else np.inf,
            "trades": len(self.pnl),
            "winning_trades": len(won),
            "losing_trades": len(lost),
            "avg_win": mean_of(up),
            "avg_loss": mean_of(down),
            "expectancy": mean_of(self.returns),
            "exposure": self.number(int(self.held.sum())) / n,
            "turnover": self.turnover * periods / n,
            "final_equity": self.equity[-1],
            "skew": m3 / m2 ** (3 * half),
            "kurtosis": m4 / m2**2,
        }


def mean_of(values):
    return sum(values) / len(values) if values else np.nan


def replay(number, bars, settings, *, rel):
    """Trace scripted bars, and compare every metric and the equity with more digits."""
    series, n = prepare(bars), len(bars["close"])
    got = trace(series, SCRIPTED, np.ones(2), settings, (0, n))
    exact = Exact(number, bars, got.trades, settings)
    np.testing.assert_allclose(got.equity, exact.equity.astype(float), rtol=rel)
    loop = trace(series, SCRIPTED, np.ones(2), replace(settings, engine="scalar"), (0, n))
    for name, value in exact.metrics().items():
        for engine in (got, loop):
            have = engine.metrics[METRICS.index(name)]
            assert have == pytest.approx(float(value), rel=rel, nan_ok=True), name
    return got


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("seed", [0, 2, 5, 8, 20, 23])
def test_any_level_and_settings_to_fifty_digits(level, seed):
    with localcontext(prec=50):
        settings = any_settings(np.random.default_rng(seed))
        got = replay(Decimal, walk(400, seed, level, 0.03), settings, rel=1e-11)
    assert len(got.trades) > 8


MILLION = {
    "long and free": Settings(commission=0, slippage=0, periods_per_year=98_280),
    "reversals with costs": Settings(direction="both", commission=1e-4, slippage=1e-5),
    "stops": Settings(
        direction="both", commission=1e-5, stop_loss=0.02, take_profit=0.03, risk_fraction=0.01
    ),
    "trailing": Settings(
        direction="both", slippage=1e-5, trailing_stop=0.02, fill="same_close", commission=0
    ),
}


@pytest.mark.parametrize("case", MILLION)
def test_a_million_bars_to_nine_digits(case):
    bars = walk(1_000_000, seed=5, level=1e4, sigma=5e-4)
    bars["code"] = np.repeat(bars["code"][:50_000], 20)
    got = replay(np.longdouble, bars, MILLION[case], rel=1e-9)
    assert len(got.trades) > 1_000


@pytest.mark.parametrize("level", LEVELS)
def test_gaps_of_ninety_percent(level):
    """Every tenth open is a tenth or the tenfold of the close before, stop-loss or none."""
    bars = walk(100, seed=2, level=level, sigma=0.01)
    jump = np.where(np.arange(100) % 20 == 5, 0.1, np.where(np.arange(100) % 20 == 15, 10.0, 1.0))
    for name in PRICES:
        bars[name] = bars[name] * np.cumprod(jump)
    bars["code"] = np.where(np.arange(100) % 20 == 12, 0.0, 1.0)
    for loss in (None, 0.05):
        settings = Settings(stop_loss=loss, take_profit=None if loss is None else 2.0)
        with localcontext(prec=50):
            got = replay(Decimal, bars, settings, rel=1e-11)
        assert got.metrics[METRICS.index("max_drawdown")] > 0.9
        assert got.equity.min() > 0


@pytest.mark.parametrize("fall", [1e-2, 1e-6, 1e-12])
@pytest.mark.parametrize("level", LEVELS)
def test_the_deepest_fall_there_is(level, fall):
    """Falls to that share of the peak and comes back."""
    close = level * np.r_[1, 1, 2, np.geomspace(2, 2 * fall, 30), np.geomspace(2 * fall, 3, 30)]
    got = hold(close)
    assert got["max_drawdown"] == pytest.approx(1 - fall, rel=1e-14)
    assert got["total_return"] == pytest.approx(2, rel=1e-13)


@pytest.mark.parametrize("level", LEVELS)
def test_the_slightest_fall_there_is(level):
    """One tick in the eighth digit; and none on a path that only rises."""
    steps = 1 + 1e-8 * np.r_[0, 0, 5, 4, 6, 7]
    assert hold(level * steps)["max_drawdown"] == pytest.approx(1e-8, rel=1e-6)
    assert hold(level * np.sort(steps))["max_drawdown"] == 0


def hold(close, **settings):
    """Metrics of a position bought at the open of bar 1, where that is the close before."""
    opened = np.r_[close[0], close[:-1]]
    bars = {"open": opened, "high": np.maximum(opened, close), "low": np.minimum(opened, close)}
    bars |= {"close": close, "code": np.ones(len(close))}
    return {k: v[0] for k, v in evaluate(bars, SCRIPTED, {}, FREE | settings).items()}


@pytest.mark.parametrize("level", [*LEVELS, 0.1, 123.45])
def test_a_market_that_stands_still_costs_the_costs(level):
    """Nine reversals at 1 %: a close and an open each, after one entry; no other number moves."""
    codes = np.tile([1.0, -1.0], 5)
    bars = dict.fromkeys(PRICES, np.full(11, level)) | {"code": np.r_[codes, 2]}
    got = evaluate(bars, SCRIPTED, {}, FREE | {"commission": 0.01, "initial_capital": 1.0})
    longs, shorts = (1 / 1.01) * 0.99, (1.01 / 1.01) - 0.02 / 1.01  # each round trip keeps that
    kept = longs**5 * shorts**4 * (1 - 0.01 / 1.01)  # the last short is still open
    assert got["final_equity"][0] == pytest.approx(kept, rel=1e-14)
    assert got["max_drawdown"][0] == pytest.approx(1 - kept, rel=1e-14)
    assert (got["trades"][0], got["losing_trades"][0], got["profit_factor"][0]) == (10, 10, 0)


@pytest.mark.parametrize("level", LEVELS)
def test_one_bar_and_two_bars_at_any_level(level):
    one = hold(np.array([level]), fill="same_close", commission=0.001)
    assert one["total_return"] == pytest.approx(-0.001 / 1.001, rel=1e-12)
    assert one["trades"] == one["exposure"] == 1
    assert (one["sharpe"], np.isnan(one["volatility"])) == (0, True)
    two = hold(level * np.array([1.0, 1.25]))
    assert two["total_return"] == two["expectancy"] == pytest.approx(0.25, rel=1e-15)
    assert two["volatility"] == pytest.approx(0.25 * np.sqrt(252 / 2), rel=1e-14)
    assert two["sharpe"] == pytest.approx(np.sqrt(252 / 2), rel=1e-14)
    assert two["kurtosis"] == pytest.approx(1, rel=1e-14)


@pytest.mark.parametrize("capital", [1e-6, 1.0, 1e15])
def test_money_has_no_scale(capital):
    bars = walk(300, seed=4)
    small, usual = (
        evaluate(bars, SCRIPTED, {}, {"direction": "both", "initial_capital": c})
        for c in (capital, 10_000.0)
    )
    for name in METRICS:
        scale = capital / 10_000 if name == "final_equity" else 1
        assert small[name][0] == pytest.approx(usual[name][0] * scale, rel=1e-11, nan_ok=True)


def test_volume_of_zero_changes_nothing():
    bars = walk(200, seed=6)
    bare = evaluate(bars, SCRIPTED)
    empty = evaluate(bars | {"volume": np.zeros(200)}, SCRIPTED)
    assert all(bare[name].tobytes() == empty[name].tobytes() for name in METRICS)


@pytest.mark.parametrize("engine", ["events", "scalar"])
@pytest.mark.parametrize("side", [1, -1])
def test_a_market_that_does_not_move_shows_nothing(side, engine):
    """The rounding of a fill, one unit in the last place, is no return."""
    rng = np.random.default_rng(11)
    for level, capital in zip(rng.uniform(1, 100, 60), rng.uniform(100, 5_000, 60), strict=True):
        bars = dict.fromkeys(PRICES, np.full(252, level)) | {"code": np.full(252, float(side))}
        settings = FREE | {"initial_capital": capital, "engine": engine}
        metrics = evaluate(bars, SCRIPTED, {}, settings)
        for name in ("volatility", "sharpe", "sortino", "calmar", "max_drawdown"):
            assert metrics[name][0] == 0, (name, level, capital)
        assert metrics["trades"][0] == 1

"""Analysis of the last days of a profile: live and shadow, each number with its error."""

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from kernels.jit.array_types import Floats
from operate.intake.records import records
from operate.monitors.watch import Watch
from operate.records.desk import Place
from operate.statistics import predictions as scores
from operate.statistics.horizon import deepest, sharpe_error, wilson
from store.resampling.futures import futures

REGIME_BARS = 50
LEAST_PREDICTIONS = 10
ROUNDING = 12
"""Digits of a cost that are no rounding: without it faithful fills had an excess of 1e-17."""


@dataclass(frozen=True)
class Number:
    """One number.

    Attributes:
        name: what it is.
        value: NaN where it is not known.
        low: of its 95 % interval.
        high: of its 95 % interval.
        n: trades, bars or predictions it is made of.
        expected: of the profile's backtest, or the base rate; NaN where there is none.
        error: standard error.
    """

    name: str
    value: float
    low: float
    high: float
    n: int
    expected: float = math.nan
    error: float = math.nan

    def row(self) -> dict[str, Any]:
        """As JSON types; what is not finite is null."""
        return {k: None if isinstance(v, float) and not math.isfinite(v) else v
                for k, v in asdict(self).items()}  # fmt: skip


def analyse(place: Place, watch: Watch, days: int) -> list[Number]:
    """Win rate, Sharpe ratio, drawdown, costs and predictions of the last days.

    Args:
        place: where.
        watch: records, shadow and promise of the profile.
        days: of the calendar, up to the last closed bar.
    """
    live = watch.live
    times = pd.DatetimeIndex(live.table.index)
    since = times[-1] - pd.Timedelta(days, "D")
    recent = live.trades[pd.DatetimeIndex(live.trades["exit_time"]) > since]
    numbers = [_win_rate("shadow win rate", recent, live.profile.metrics)]
    numbers += _by_regime(recent, live.table)
    shadow = _returns(live.table["equity"], since)
    periods = live.shadow.periods_per_year
    expected = float(live.profile.metrics.get("sharpe") or math.nan)
    numbers.append(_sharpe("shadow Sharpe ratio", shadow, periods, expected))
    account = watch.account
    if account.profit.size:
        ends = times[account.first : account.first + account.profit.size]
        own = account.returns[np.asarray(ends > since)]
        numbers.append(_sharpe("live Sharpe ratio", own[np.isfinite(own)], periods, expected))
    numbers.append(_drawdown(shadow, watch))
    costs = watch.verdicts["costs"].facts
    if costs.get("excess") is not None:
        excess, low, high = (
            round(float(share), ROUNDING) + 0.0 for share in (costs["excess"], *costs["interval"])
        )
        numbers.append(Number("cost excess a fill", excess, low, high,
                              watch.verdicts["costs"].n, 0.0, (high - low) / 3.92))  # fmt: skip
    return numbers + prediction_numbers(records(place.root, live.profile.profile, "predictions"))


def _win_rate(name: str, trades: pd.DataFrame, metrics: Any) -> Number:
    wins, n = int((trades["pnl"] > 0).sum()), len(trades)
    low, high = wilson(wins, n)
    share = wins / n if n else math.nan
    error = math.sqrt(share * (1 - share) / n) if n else math.nan
    return Number(name, share, low, high, n, float(metrics.get("win_rate") or math.nan), error)


def _by_regime(trades: pd.DataFrame, table: pd.DataFrame) -> list[Number]:
    """Win rate by a regime that was known at each entry: trend of the 50 bars before it."""
    close = table["close"]
    rising = (close.shift(1) > close.shift(1 + REGIME_BARS)).reindex(trades["entry_time"])
    return [
        _win_rate(f"win rate in {word} markets", trades[rising.to_numpy() == value], {})
        for word, value in (("rising", True), ("falling", False))
    ]


def _returns(equity: pd.Series, since: pd.Timestamp) -> Floats:
    returns = equity.pct_change()
    return np.array(returns[returns.index > since].dropna().tolist(), np.float64)


def _sharpe(name: str, returns: Floats, periods: float, expected: float) -> Number:
    value, error = sharpe_error(returns, periods)
    return Number(name, value, value - 1.96 * error, value + 1.96 * error, int(returns.size),
                  expected, error)  # fmt: skip


def _drawdown(returns: Floats, watch: Watch) -> Number:
    """Drawdown, with the interval that the promise's own bootstrap gives for as many bars."""
    if returns.size < 2:
        return Number("shadow drawdown", math.nan, math.nan, math.nan, 0)
    equity = watch.live.table["equity"].dropna().to_numpy(float)
    own = np.diff(equity) / equity[:-1]
    drawn = futures(own, int(returns.size), 1_000, watch.promise.block, 5).drawdown
    low, middle, high = (float(np.quantile(drawn, q)) for q in (0.025, 0.5, 0.975))
    return Number("shadow drawdown", deepest(returns), low, high, int(returns.size), middle,
                  float(drawn.std()))  # fmt: skip


def prediction_numbers(table: pd.DataFrame) -> list[Number]:
    """Scores of each model's due predictions, with their base rates."""
    numbers = []
    for model, rows in table.dropna(subset=["outcome"]).groupby("model"):
        n, outcome = len(rows), rows["outcome"].to_numpy(float)
        if n < LEAST_PREDICTIONS:
            continue
        probability = rows["probability"].to_numpy(float)
        result: dict[str, tuple[float, float]] = {}
        if np.isfinite(probability).all():
            result["accuracy"] = scores.accuracy(probability, outcome)
            result["Brier score"] = scores.brier(probability, outcome)
            result["log loss"] = scores.log_loss(probability, outcome)
        score = rows["score"].fillna(rows["probability"]).to_numpy(float)
        if np.isfinite(score).all():
            result["IC"] = scores.information_coefficient(score, outcome)
            k = max(1, n // 5)
            result[f"precision@{k}"] = scores.precision_at(score, outcome, k)
        for name, (value, base) in result.items():
            error = math.sqrt(max(value * (1 - value), 0.0) / n) if 0 <= value <= 1 else math.nan
            error = 1 / math.sqrt(n) if name == "IC" else error
            numbers.append(Number(f"{model} {name}", value, value - 1.96 * error,
                                  value + 1.96 * error, n, base, error))  # fmt: skip
    return numbers

"""Performance by market regime, with labels that were known before the bar they label.

Three kinds of label: `trend`, up where the close before lay above the mean of the 200 closes up to
it, else down; `volatility`, low, middle or high by the terciles of all values so far of the
deviation of the last 21 returns; or a feature column of the bars, its value at the bar before. The
mean return of a regime has a 95 % interval by the standard error of Newey and West (1987), with
floor(4 (n / 100)^(2/9)) lags.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from kernels.jit.array_types import Floats
from store.errors import UnknownReference

TREND, VOLATILITY = "trend", "volatility"
LONG, SHORT = 200, 21
"""Bars of the mean of a trend, and of a volatility."""
LEAST = 63
"""Volatilities that terciles need."""
MOST_LEVELS = 12
"""Different values of a column at most."""
NINETY_FIVE = 1.959963984540054


def labels_of(frame: pd.DataFrame, kind: str) -> pd.Series:
    """Regime of each bar by what was known at the close before it; "" while unknown.

    Args:
        frame: bars; of a universe those of its index.
        kind: trend, volatility, or a column.

    Raises:
        UnknownReference: no such column, or one with too many different values.
    """
    close = frame["close"]
    if kind == TREND:
        mean = close.rolling(LONG).mean()
        labels = np.where(mean.isna(), "", np.where(close > mean, "up", "down"))
    elif kind == VOLATILITY:
        labels = _terciles(close.pct_change().rolling(SHORT).std())
    elif kind in frame.columns:
        values = frame[kind]
        if values.nunique() > MOST_LEVELS:
            raise UnknownReference(
                f"{kind}: has {values.nunique():,} different values, a label {MOST_LEVELS} at most"
            )
        labels = np.where(values.isna(), "", values.map("{:g}".format))
    else:
        raise UnknownReference(
            f"{kind[:60]}: is no regime; choose {TREND}, {VOLATILITY} or one of the columns "
            f"{', '.join(map(str, frame.columns))}"
        )
    return pd.Series(labels, frame.index).shift(1, fill_value="")


def _terciles(deviations: pd.Series) -> Any:
    earlier = deviations.expanding(LEAST)
    low, high = earlier.quantile(1 / 3), earlier.quantile(2 / 3)
    words = np.where(deviations <= low, "low", np.where(deviations > high, "high", "middle"))
    return np.where(low.isna() | deviations.isna(), "", words)


def by_regime(
    equity: pd.Series, labels: pd.Series, initial: float, periods: float
) -> list[dict[str, object]]:
    """Metrics of the bars of each regime, in the order of their names.

    Args:
        equity: (n,) at each close.
        labels: (n,) of `labels_of`.
        initial: equity before the first bar.
        periods: bars in a year.

    Returns:
        `regime`, `bars`, `share` of the bars, `total_return` (the product over its bars),
        `annual_return` (mean return per bar times a year's bars), `low` and `high` of its interval,
        `volatility`, `sharpe`, `max_drawdown` of the equity of these bars alone, and `win_rate`,
        the share of its bars with a return other than 0 that gained; None where undefined.
    """
    before = np.concatenate([[initial], equity.to_numpy()[:-1]])
    returns = np.divide(equity.to_numpy(), before, out=np.ones_like(before), where=before > 0) - 1
    names = labels.to_numpy()
    return [
        {"regime": name or "unknown", **_metrics(returns[names == name], returns.size, periods)}
        for name in sorted(set(names.tolist()), key=lambda name: (name == "", name))
    ]


def _metrics(returns: Floats, n_all: int, periods: float) -> dict[str, object]:
    n, mean = returns.size, float(returns.mean())
    deviation = float(returns.std(ddof=1)) if n > 1 else math.nan
    error = standard_error(returns) * NINETY_FIVE
    path = np.cumprod(1 + returns)
    peak = np.maximum.accumulate(np.maximum(path, 1.0))
    moved = returns[returns != 0]
    metrics = {
        "bars": n,
        "share": n / n_all,
        "total_return": float(path[-1] - 1),
        "annual_return": mean * periods,
        "low": (mean - error) * periods,
        "high": (mean + error) * periods,
        "volatility": deviation * math.sqrt(periods),
        "sharpe": mean / deviation * math.sqrt(periods) if deviation > 0 else 0.0,
        "max_drawdown": float((1 - path / peak).max()),
        "win_rate": float((moved > 0).mean()) if moved.size else math.nan,
    }
    return {name: _finite(value) for name, value in metrics.items()}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def standard_error(returns: Floats) -> float:
    """Standard error of the mean by Newey and West; NaN of fewer than two."""
    n = returns.size
    if n < 2:
        return math.nan
    off = returns - returns.mean()
    lags = min(int(4 * (n / 100) ** (2 / 9)), n - 1)
    total = off @ off / n
    for lag in range(1, lags + 1):
        total += 2 * (1 - lag / (lags + 1)) * (off[lag:] @ off[:-lag]) / n
    return math.sqrt(max(total, 0.0) / n)


def columns() -> Mapping[str, str]:
    """Headings by key of `by_regime`."""
    return {
        "regime": "regime",
        "bars": "bars",
        "share": "of all",
        "annual_return": "return a year",
        "low": "95 % from",
        "high": "to",
        "sharpe": "Sharpe",
        "max_drawdown": "drawdown",
        "win_rate": "bars that gained",
    }

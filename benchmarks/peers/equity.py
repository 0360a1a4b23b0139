"""Metrics of our definitions from a peer's equity curve and list of trades.

For what a peer does not compute, or defines otherwise. Written with NumPy alone, apart from the
kernels, so that agreement means something.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def of_equity(equity: Floats, initial: float, periods: float) -> dict[str, float]:
    """Metrics of (T,) equity at each close."""
    path = np.concatenate([[initial], equity])
    returns = path[1:] / path[:-1] - 1.0
    mean, centred = returns.mean(), returns - returns.mean()
    deviation = returns.std(ddof=1)
    downside = np.sqrt(np.mean(np.minimum(returns, 0.0) ** 2))
    total = equity[-1] / initial - 1.0
    annual = (1.0 + total) ** (periods / returns.size) - 1.0
    drawdown = np.max(1.0 - path / np.maximum.accumulate(path))
    return {
        "total_return": total,
        "annual_return": annual,
        "volatility": deviation * np.sqrt(periods),
        "sharpe": mean / deviation * np.sqrt(periods),
        "sortino": mean * np.sqrt(periods) / downside,
        "calmar": annual / drawdown,
        "max_drawdown": drawdown,
        "final_equity": equity[-1],
        "skew": np.mean(centred**3) / returns.std() ** 3,
        "kurtosis": np.mean(centred**4) / returns.std() ** 4,
    }


@dataclass(frozen=True)
class Trades:
    """All trades of one configuration in order, (k,) each; one open at the end is marked, the last.

    Attributes:
        side: +1 long, -1 short.
        size: shares, > 0.
        entry: price paid.
        exit: price got, or the last close.
        entry_fee: commission of the entry, quote currency.
        pnl: profit after commissions, quote currency.
        closed: False for the trade that is open.
    """

    side: Floats
    size: Floats
    entry: Floats
    exit: Floats
    entry_fee: Floats
    pnl: Floats
    closed: Flags


def of_trades(trades: Trades) -> dict[str, float]:
    """Metrics of at least one trade."""
    pnl, gains = trades.pnl, trades.pnl / (trades.size * trades.entry)
    won, lost = pnl > 0, pnl < 0
    return {
        "trades": float(pnl.size),
        "winning_trades": float(won.sum()),
        "losing_trades": float(lost.sum()),
        "win_rate": float(won.mean()),
        "profit_factor": pnl[won].sum() / -pnl[lost].sum() if lost.any() else np.inf,
        "avg_win": gains[won].mean() if won.any() else np.nan,
        "avg_loss": gains[lost].mean() if lost.any() else np.nan,
        "expectancy": gains.mean(),
    }


def turnover(trades: Trades, initial: float, years: float) -> float:
    """Sum over fills of notional / equity just before the fill, per year."""
    stake = initial + np.concatenate([[0.0], np.cumsum(trades.pnl)[:-1]])
    moved = trades.side * trades.size * (trades.exit - trades.entry)
    bought = trades.size * trades.entry / stake
    sold = trades.size * trades.exit / (stake - trades.entry_fee + moved)
    return float((bought.sum() + sold[trades.closed].sum()) / years)

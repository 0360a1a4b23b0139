"""Buying at the first close and holding to the last: what every strategy has to beat."""

import math

import numpy as np
from numpy.typing import NDArray


def hold_metrics(
    close: NDArray[np.float64], periods_per_year: float, initial_capital: float = 10_000.0
) -> dict[str, float]:
    """Metrics of holding one asset, without costs; names and units as in `kernels`.

    Those that count trades are left out: there is none that ends.

    Args:
        close: (n,) closes of the window, oldest first, finite and above zero; n >= 2.
        periods_per_year: bars in a year.
        initial_capital: money at the first close.
    """
    growth = close / close[0]
    returns = np.concatenate([[0.0], growth[1:] / growth[:-1] - 1])
    deviation = float(returns.std(ddof=1))
    total = float(growth[-1]) - 1
    annual = (1 + total) ** (periods_per_year / close.size) - 1
    fall = float((1 - growth / np.maximum.accumulate(growth)).max())
    downside = math.sqrt(float((np.minimum(returns, 0) ** 2).mean()))
    scale, mean = math.sqrt(periods_per_year), float(returns.mean())
    return {
        "total_return": total,
        "annual_return": annual,
        "volatility": deviation * scale,
        "sharpe": mean / deviation * scale if deviation > 0 else 0.0,
        "sortino": mean / downside * scale if downside > 0 else math.inf if mean > 0 else 0.0,
        "calmar": annual / fall if fall > 0 else math.inf if annual > 0 else 0.0,
        "max_drawdown": fall,
        "exposure": 1.0,
        "final_equity": initial_capital * (1 + total),
    }

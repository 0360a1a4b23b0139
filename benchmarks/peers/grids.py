"""Grids of parameters to time: every value of one axis with every value of the others."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

AXES: dict[str, dict[str, tuple[float, float, int]]] = {
    "sma": {"fast": (5, 59, 55), "slow": (60, 258, 199)},
    "ema": {"fast": (5, 59, 55), "slow": (60, 258, 199)},
    "rsi": {"period": (2, 30, 29), "oversold": (15.0, 40.0, 26), "overbought": (60.0, 85.0, 26)},
    "macd": {"fast": (5, 19, 15), "slow": (20, 60, 41), "signal": (4, 18, 15)},
    "bollinger": {"period": (5, 100, 96), "width": (0.5, 3.0, 101)},
    "momentum": {"lookback": (20, 260, 241), "threshold": (0.0, 0.2, 41)},
    "donchian": {"entry": (10, 120, 111), "exit": (5, 60, 56)},
}
"""Lowest and highest value of each parameter, and how many values it has at most."""


def grid(strategy: str, size: int) -> dict[str, NDArray[Any]]:
    """About `size` configurations, at least one: (n,) values by parameter, evenly spread."""
    axes = AXES[strategy]
    share = size ** (1 / len(axes))
    values = []
    for low, high, most in axes.values():
        spread = np.linspace(low, high, min(most, max(1, round(share))))
        values.append(np.round(spread).astype(int) if isinstance(low, int) else spread)
    columns = np.meshgrid(*values, indexing="ij")
    return {name: column.ravel() for name, column in zip(axes, columns, strict=True)}

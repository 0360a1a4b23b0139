"""Weights and stops in average true ranges, as vectorbt users write them."""

from typing import Any

import numpy as np
import pandas as pd
import vectorbt as vbt


def target_weights(bars: pd.DataFrame, lookbacks: list[int]) -> vbt.Portfolio:
    """Half of the equity on the side of the past return, traded to at the next open, no costs."""
    close = bars["close"].to_numpy()
    wanted = np.full((close.size, len(lookbacks)), np.nan)
    for column, n in enumerate(lookbacks):
        wanted[n:, column] = 0.5 * np.sign(close[n:] / close[:-n] - 1)
    later = np.vstack([np.full_like(wanted[:1], np.nan), wanted[:-1]])
    return vbt.Portfolio.from_orders(
        bars["close"],
        size=pd.DataFrame(later, index=bars.index),
        size_type="targetpercent",
        price=bars["open"],
        init_cash=10_000.0,
        fees=0.0,
        slippage=0.0,
        freq="1D",
    )


def average_range(bars: pd.DataFrame, n: int) -> np.ndarray:
    """Wilder's average true range, seeded with the mean of the first n ranges."""
    high, low, close = (bars[name].to_numpy() for name in ("high", "low", "close"))
    ranges = np.maximum(high[1:], close[:-1]) - np.minimum(low[1:], close[:-1])
    out = np.full(close.size, np.nan)
    out[n] = ranges[:n].mean()
    for i in range(n + 1, close.size):
        out[i] = (out[i - 1] * (n - 1) + ranges[i - 1]) / n
    return out


def range_stops(bars: pd.DataFrame, n: int) -> dict[str, Any]:
    """Options for a stop 2 ranges below and a target 4 above the fill: fractions by the bar."""
    decided = np.r_[np.nan, average_range(bars, n)[:-1]]
    fraction = pd.Series(decided / bars["open"].to_numpy(), index=bars.index)
    return {"stop_loss": 2 * fraction, "take_profit": 4 * fraction}

"""The strategies as vectorbt users write them: indicators once per value, signals by broadcasting.

Each gives (entries, exits), (n_bars, n) booleans decided at the close, for a grid of about `size`.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
import vectorbt as vbt

from benchmarks.peers.grids import grid

Signals = tuple[np.ndarray, np.ndarray]


def columns(table: pd.DataFrame, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The indicator as an array, and the column of each configuration's value in it."""
    unique = np.unique(values)
    assert table.shape[1] == unique.size
    return table.to_numpy(), np.searchsorted(unique, values)


def sma(bars: pd.DataFrame, size: int, ewm: bool = False) -> Signals:
    """Crossing of simple averages, or of exponential ones."""
    points = grid("ema" if ewm else "sma", size)
    lengths = np.unique(np.r_[points["fast"], points["slow"]])
    table = vbt.MA.run(bars["close"], lengths, ewm=ewm).ma.to_numpy()
    fast, slow = (table[:, np.searchsorted(lengths, points[name])] for name in ("fast", "slow"))
    return fast > slow, fast < slow


def ema(bars: pd.DataFrame, size: int) -> Signals:
    """Crossing of exponential averages."""
    return sma(bars, size, ewm=True)


def rsi(bars: pd.DataFrame, size: int) -> Signals:
    """RSI below and above thresholds."""
    points = grid("rsi", size)
    found = vbt.RSI.run(bars["close"], np.unique(points["period"]), ewm=True).rsi
    table, at = columns(found, points["period"])
    index = table[:, at]
    return index < points["oversold"], index > points["overbought"]


def macd(bars: pd.DataFrame, size: int) -> Signals:
    """The line against its signal line."""
    points = grid("macd", size)
    found = vbt.MACD.run(
        bars["close"],
        fast_window=points["fast"],
        slow_window=points["slow"],
        signal_window=points["signal"],
        macd_ewm=True,
        signal_ewm=True,
    )
    line, signal = found.macd.to_numpy(), found.signal.to_numpy()
    return line > signal, line < signal


def bollinger(bars: pd.DataFrame, size: int) -> Signals:
    """The close below the lower band and above the upper one."""
    points = grid("bollinger", size)
    found = vbt.BBANDS.run(bars["close"], window=points["period"], alpha=points["width"])
    close = bars["close"].to_numpy()[:, None]
    return close < found.lower.to_numpy(), close > found.upper.to_numpy()


def momentum(bars: pd.DataFrame, size: int) -> Signals:
    """The change over a lookback against a threshold."""
    points = grid("momentum", size)
    lookbacks = np.unique(points["lookback"])
    close = bars["close"]
    table = pd.concat([close.pct_change(int(lookback)) for lookback in lookbacks], axis=1)
    moved = table.to_numpy()[:, np.searchsorted(lookbacks, points["lookback"])]
    return moved > points["threshold"], moved < -points["threshold"]


def donchian(bars: pd.DataFrame, size: int) -> Signals:
    """The close above the highest high before, and below the lowest low before."""
    points = grid("donchian", size)

    def channel(name: str, side: str) -> np.ndarray:
        lengths = np.unique(points[name])
        prices = bars["high" if side == "max" else "low"]
        rolls = [getattr(prices.vbt, f"rolling_{side}")(int(n)).shift(1) for n in lengths]
        return pd.concat(rolls, axis=1).to_numpy()[:, np.searchsorted(lengths, points[name])]

    close = bars["close"].to_numpy()[:, None]
    return close > channel("entry", "max"), close < channel("exit", "min")


RULES: dict[str, Callable[[pd.DataFrame, int], Signals]] = {
    "sma": sma,
    "ema": ema,
    "rsi": rsi,
    "macd": macd,
    "bollinger": bollinger,
    "momentum": momentum,
    "donchian": donchian,
}

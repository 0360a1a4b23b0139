"""Random universes for tests: births, deaths, holes, equal prices."""

import numpy as np
import pandas as pd


def random_panel(seed, n_symbols=9, n_bars=120, *, whole=False):
    """Opens and closes (N, T), NaN where a symbol has no bar; prices of few digits, so some tie."""
    rng = np.random.default_rng(seed)
    moves = np.round(rng.normal(0.0005, 0.02, (n_symbols, n_bars)), 2)
    close = 50 * np.exp(np.cumsum(moves, axis=1))
    opened = close * np.exp(np.round(rng.normal(0, 0.01, close.shape), 2))
    if not whole:
        for i in range(n_symbols):
            kind = rng.integers(5)
            if kind == 1:
                close[i, : rng.integers(1, n_bars // 2)] = np.nan
            if kind == 2:
                close[i, rng.integers(n_bars // 3, n_bars) :] = np.nan
            if kind == 3:
                close[i, rng.integers(1, n_bars, 4)] = np.nan
        opened[np.isnan(close)] = np.nan
        opened[rng.random(close.shape) < 0.01] = np.nan
    return opened, close


def frames(opened, close, names=None, **columns):
    """The same as frames by symbol, rows without a price left in."""
    times = pd.bdate_range("2015-01-01", periods=close.shape[1])
    names = names or [f"S{i:02d}" for i in range(len(close))]
    return {
        name: pd.DataFrame(
            {"open": opened[i], "close": close[i]} | {k: v[i] for k, v in columns.items()}, times
        )
        for i, name in enumerate(names)
    }

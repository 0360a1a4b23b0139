"""Bars and settings to test with."""

import numpy as np

from kernels.engine.settings import Settings


def walk(n, seed=0, level=100.0, sigma=0.02):
    """Random bars with gaps and ranges, and a column `code` of codes that last a few bars."""
    random = np.random.default_rng(seed)
    close = level * np.exp(np.cumsum(random.normal(0.0, sigma, n)))
    opened = np.r_[close[0], close[:-1]] * np.exp(random.normal(0.0, sigma / 3, n))
    high = np.maximum(opened, close) * np.exp(np.abs(random.normal(0.0, sigma / 3, n)))
    low = np.minimum(opened, close) * np.exp(-np.abs(random.normal(0.0, sigma / 3, n)))
    lasting = np.repeat(random.integers(-1, 3, n), random.integers(1, 9, n))[:n]
    code = np.where(random.random(n) < 0.15, 2, lasting).astype(float)
    return {"open": opened, "high": high, "low": low, "close": close, "code": code}


def any_settings(random):
    """Settings with every one of them drawn at random."""

    def either(value):
        return value if random.random() < 0.5 else None

    stop_loss = either(random.uniform(0.005, 0.08))
    return Settings(
        direction=str(random.choice(["long", "short", "both"])),
        fill=str(random.choice(["next_open", "same_close"])),
        arm=bool(random.random() < 0.5),
        stop_order=str(random.choice(["signal_first", "stop_first"])),
        stops_from=str(random.choice(["entry_bar", "next_bar"])),
        initial_capital=10 ** random.uniform(0, 6),
        periods_per_year=float(random.choice([252, 365, 98_280])),
        risk_free=either(random.uniform(-0.01, 0.08)) or 0.0,
        commission=either(random.uniform(0, 0.01)) or 0.0,
        slippage=either(random.uniform(0, 0.005)) or 0.0,
        stop_loss=stop_loss,
        take_profit=either(random.uniform(0.005, 0.1)),
        trailing_stop=either(random.uniform(0.005, 0.1)),
        risk_fraction=None if stop_loss is None else either(random.uniform(0.001, 0.1)),
    )

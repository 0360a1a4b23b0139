"""Reference versions of the indicators: the definition, from scratch at every bar, unjitted."""

import itertools
import math
from fractions import Fraction

import numpy as np


def windows(x, period):
    """The last `period` values at each bar, None while there are fewer."""
    return [x[i + 1 - period : i + 1] if i + 1 >= period else None for i in range(len(x))]


def sma(x, period):
    return np.array([np.nan if w is None else math.fsum(w) / period for w in windows(x, period)])


def smooth(x, period, alpha):
    out, level, run = [], math.nan, []
    for value in x:
        run = [] if math.isnan(value) else [*run, value]
        if len(run) < period:
            level = math.nan
        elif len(run) == period:
            level = math.fsum(run) / period
        else:
            level = alpha * value + (1 - alpha) * level
        out.append(level)
    return np.array(out)


def rsi(x, period):
    changes = [math.nan, *(b - a for a, b in itertools.pairwise(x))]
    up = smooth([c if math.isnan(c) else max(c, 0.0) for c in changes], period, 1 / period)
    down = smooth([c if math.isnan(c) else max(-c, 0.0) for c in changes], period, 1 / period)
    return np.array(
        [math.nan if not u + d > 0 else 100 * u / (u + d) for u, d in zip(up, down, strict=True)]
    )


def ema(x, period):
    return smooth(x, period, 2 / (period + 1))


def ema_gap(x, period, smoothing):
    return ema(x, period) - ema(ema(x, period), smoothing)


def wma(x, period):
    weights = np.arange(1, period + 1) / (period * (period + 1) / 2)
    return np.array([np.nan if w is None else math.fsum(w * weights) for w in windows(x, period)])


def hma(x, period):
    return wma(2 * wma(x, max(1, period // 2)) - wma(x, period), math.isqrt(period))


def zscore(x, period):
    """In fractions: a mean rounded to a float at 1e8 is already off by a millionth of a tick."""
    out = np.full(len(x), math.nan)
    for i, window in enumerate(windows(x, period)):
        if window is not None and np.isfinite(window).all() and np.ptp(window) > 0:
            exact = [Fraction(v) for v in window]
            mean = sum(exact) / period
            variance = sum((v - mean) ** 2 for v in exact) / period
            out[i] = float(exact[-1] - mean) / math.sqrt(variance)
    return out


def change(x, lookback):
    return np.array(
        [x[i] / x[i - lookback] - 1 if i >= lookback else np.nan for i in range(len(x))]
    )


def highest(x, period):
    return np.array([np.nan if w is None else np.max(w) for w in windows(x, period)])


def lowest(x, period):
    return np.array([np.nan if w is None else np.min(w) for w in windows(x, period)])


def column(x):
    return np.array(list(x))

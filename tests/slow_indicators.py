"""Reference versions of the indicators: the definition, from scratch at every bar, unjitted."""

import itertools
import math

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

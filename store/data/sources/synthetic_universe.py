"""A made-up universe with births, deaths and a planted factor: seeded, and labelled as made up.

Every symbol's return is the market's plus its own, and a share `strength` of its own is foretold by
the feature `quality` of the bar before, which changes slowly; the feature `noise` changes as slowly
and foretells nothing. About a third of the symbols begin late, and a third end early. A `strength`
of 0 is a universe in which no ranking has any skill.

The same spec gives the same bars on every machine: prices are rounded to 0.0001.
"""

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from store.data.calendars.calendar import ALWAYS_OPEN
from store.data.normalise import shape
from store.data.source_table import Table
from store.data.sources.synthetic import bar_times, whole_number
from store.data.spec import DataSpec, choose

OPTIONS = ("size", "bars", "seed", "strength")
MOST = 5_000
MARKET, OWN = 0.008, 0.018
"""Deviations of a bar's return: of the market, and of a symbol itself."""
MEMORY = 0.985
"""Of the features, from bar to bar: half of it is gone in 46 bars."""
LATE, EARLY = 0.3, 0.3
"""Shares of the symbols that begin late and that end early."""
SHORTEST = 60
"""Bars that every symbol has at least."""

Floats = NDArray[np.float64]


def load(spec: DataSpec) -> dict[str, Table]:
    """Make the bars of `size` symbols U000, U001, ... with the features quality and noise."""
    size = whole_number("size", spec.options.get("size", 500), 2, MOST)
    bars = whole_number("bars", spec.options.get("bars", 2_500), 2 * SHORTEST, 100_000)
    seed = whole_number("seed", spec.options.get("seed", 0), 0, 2**63 - 1)
    strength = _strength(spec.options.get("strength", 0.01))
    times = bar_times(spec, bars)
    market = MARKET * np.random.default_rng([seed, 1]).standard_normal(times.size)
    names = {f"U{place:03d}": place for place in range(size)}
    return {
        symbol: Table(symbol, _symbol(names[symbol], times, market, seed, strength), ALWAYS_OPEN)
        for symbol in choose(spec.symbols, names, "the synthetic universe")
    }


def _symbol(
    place: int, times: pd.DatetimeIndex, market: Floats, seed: int, strength: float
) -> pd.DataFrame:
    """The bars of one symbol, from its birth to its end."""
    random = np.random.default_rng([seed, 2, place])
    n = times.size
    quality, noise = (_slow(random, n) for _ in range(2))
    own = random.standard_normal(n) * math.sqrt(1.0 - strength**2)
    own[1:] += strength * quality[:-1]
    returns = (0.5 + random.random()) * market + OWN * own
    close = np.log(20.0 + 80.0 * random.random()) + np.cumsum(returns)
    opening = np.concatenate([close[:1], close[:-1]]) + 0.2 * OWN * random.standard_normal(n)
    above, below = np.abs(0.4 * OWN * random.standard_normal((2, n)))
    columns = {
        "open": opening,
        "high": np.maximum(opening, close) + above,
        "low": np.minimum(opening, close) - below,
        "close": close,
    }
    prices = {name: np.maximum(np.exp(logs).round(4), 1e-4) for name, logs in columns.items()}
    prices["volume"] = np.exp(13 + 0.4 * random.standard_normal(n)).round()
    prices |= {"quality": quality.round(6), "noise": noise.round(6)}
    begin, end = _life(random, n)
    return shape(pd.DataFrame(prices, index=times).iloc[begin:end], f"U{place:03d}")


def _slow(random: np.random.Generator, n: int) -> Floats:
    """(n,) a series of variance 1 that changes slowly: AR(1)."""
    shocks = random.standard_normal(n) * math.sqrt(1.0 - MEMORY**2)
    values = np.empty(n)
    before = random.standard_normal()
    for t, shock in enumerate(shocks.tolist()):
        before = MEMORY * before + shock
        values[t] = before
    return values


def _life(random: np.random.Generator, n: int) -> tuple[int, int]:
    """First bar, and the bar after the last."""
    late, early = random.random(2)
    begin = int(random.integers(1, n // 2)) if late < LATE else 0
    end = int(random.integers(begin + SHORTEST, n)) if early < EARLY else n
    return begin, end


def _strength(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1:
        raise ValueError(f"data.strength: need a fraction in [0, 1), got {value!r}")
    return float(value)

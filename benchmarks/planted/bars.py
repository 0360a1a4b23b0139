"""Bars whose next move a clue foretells: best near a planted value, worse the further off."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.planted.clues import Params

KINDS = len(Params._fields)
EDGE = 0.002
"""Return after a clue that is exactly the planted one; it falls to -EDGE, with the square."""

WIDTH = 0.2
"""Distance at which it is zero."""

NOISE = 0.01
"""Standard deviation of what nothing foretells."""

Floats = NDArray[np.float64]


def planted(seed: int) -> Floats:
    """(4,) where the optimum lies: each between 0.2 and 0.8."""
    return np.random.default_rng([seed, 0]).uniform(0.2, 0.8, KINDS)


def bars(seed: int, count: int = 4000) -> pd.DataFrame:
    """Daily bars with the column `clue`: kind of the bar, plus a clue from 0 to 1.

    What is decided at the close of a bar is bought at the open of the next, which is that close:
    the return of bar i + 1 follows from the clue of bar i.
    """
    random = np.random.default_rng([seed, 1])
    kind = np.arange(count) % KINDS
    clue = random.random(count)
    foretold = EDGE * np.maximum(1 - ((clue - planted(seed)[kind]) / WIDTH) ** 2, -1)
    moves = foretold + NOISE * random.standard_normal(count)
    close = 100 * np.exp(np.cumsum(np.concatenate([[0.0], moves[:-1]])))
    opening = np.concatenate([[100.0], close[:-1]])
    columns = {
        "open": opening,
        "high": np.maximum(opening, close),
        "low": np.minimum(opening, close),
        "close": close,
        "volume": np.full(count, 1.0),
        "clue": kind + clue,
    }
    times = pd.date_range("2000-01-03", periods=count, freq="D", tz="UTC", name="time")
    return pd.DataFrame(columns, index=times)

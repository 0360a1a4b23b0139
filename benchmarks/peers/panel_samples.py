"""Universes that our panels and those of the peers are given. Imports NumPy only."""

import hashlib
from typing import NamedTuple

import numpy as np

CAPITAL = 10_000.0
QUANTILES = 5
RANKED = "ranked"
"""The sample whose scores alphalens judges: its symbols fall into quantiles of equal size."""


class Sample(NamedTuple):
    """A universe, and what a momentum ranking holds of it.

    Attributes:
        opened, close: (N, T) prices; where `same`, each open is the close before.
        lookback: bars of the return that ranks.
        k: symbols held, in equal parts.
        cadence: bars between decisions.
        same: whether a fill at the open has the price of the close that decided it.
    """

    opened: np.ndarray
    close: np.ndarray
    lookback: int
    k: int
    cadence: int
    same: bool

    @property
    def bars(self) -> np.ndarray:
        """Bars at whose close is decided: those with a return, and a bar after them."""
        return np.arange(self.lookback, self.close.shape[1] - 1, self.cadence)

    @property
    def scores(self) -> np.ndarray:
        """(R, N) of each symbol at each of them."""
        earlier = self.close[:, self.bars - self.lookback]
        return (self.close[:, self.bars] / earlier - 1.0).T

    @property
    def weights(self) -> np.ndarray:
        """(R, N) wanted: 1 / k of the k highest scores."""
        weights = np.zeros(self.scores.shape)
        best = np.argsort(-self.scores, axis=1, kind="stable")[:, : self.k]
        np.put_along_axis(weights, best, 1.0 / self.k, axis=1)
        return weights


def samples() -> dict[str, Sample]:
    """Universes by name."""
    return {
        "at the close": _sample(21, 12, 250, (20, 3, 10), same=True),
        "every bar": _sample(22, 6, 120, (5, 2, 1), same=True),
        "at the open": _sample(23, 12, 250, (20, 3, 10), same=False),
        RANKED: _sample(24, 25, 400, (20, 5, 10), same=False),
    }


def _sample(seed: int, n: int, bars: int, choice: tuple[int, int, int], *, same: bool) -> Sample:
    random = np.random.default_rng(seed)
    close = 50.0 * np.exp(np.cumsum(random.normal(0.0003, 0.02, (n, bars)), axis=1))
    opened = np.column_stack([close[:, :1], close[:, :-1]])
    if not same:
        opened = opened * np.exp(random.normal(0, 0.005, close.shape))
    return Sample(opened, close, *choice, same)


def digest() -> str:
    """SHA-256, hex, of all samples: another version of NumPy may draw others.

    Of their first seven digits: NumPy's exp is another in the last one on CPUs without AVX-512.
    """
    content = hashlib.sha256()
    for sample in samples().values():
        for table in (sample.opened, sample.close, sample.weights):
            content.update(np.ascontiguousarray(table, np.float32).tobytes())
    return content.hexdigest()

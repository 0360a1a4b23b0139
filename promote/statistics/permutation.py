"""Permutation test of a whole search: how often it does as well where there is nothing to find.

Source: Masters, T. (2018), Testing and Tuning Market Trading Systems, chapter 7 (permutation
tests); Davison, A. C. and Hinkley, D. V. (1997), Bootstrap Methods and their Application, equation
4.11, for the p-value.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from kernels.jit.array_types import Floats
from store.resampling.numbers import at_least

Data = TypeVar("Data")


@dataclass(frozen=True, eq=False)
class Permutation:
    """Best of a search on the data, and where there is nothing to find.

    Attributes:
        p_value: (1 + draws whose score is at least that of the data) / (1 + draws).
        score: on the data.
        chance: (draws,) scores on what was drawn.
    """

    p_value: float
    score: float
    chance: Floats


def permutation_test(
    search: Callable[[Data], float],
    data: Data,
    redraw: Callable[[Data, np.random.Generator], Data],
    draws: int = 199,
    seed: int = 0,
) -> Permutation:
    """Run a search again on data that hold nothing to find, and compare its best scores.

    Since the whole search runs again, its size and how alike its configurations are need not be
    known. It takes `draws` times as long as the search.

    Args:
        search: gives the score of the best configuration on the data, higher is better.
        data: returns or bars.
        redraw: gives such data without whatever a rule could use, such as `shuffled` for returns
            or `store.resampling.null_bars.null_bars` for bars.
        draws: how many, 19 or more: fewer cannot reach a p-value of 0.05.
        seed: draw k depends on (seed, k) alone.

    Raises:
        ValueError: a score that is NaN, of the data or of a draw.
    """
    at_least("draws", draws, 19)
    score = _known(search(data), "the data")
    randoms = map(np.random.default_rng, np.random.SeedSequence(seed).spawn(draws))
    chance = np.array(
        [_known(search(redraw(data, random)), f"draw {k}") for k, random in enumerate(randoms)]
    )
    return Permutation((1 + int((chance >= score).sum())) / (1 + draws), score, chance)


def shuffled(returns: Floats, random: np.random.Generator) -> Floats:
    """The same returns, (T,) or (T, assets), in another order: the drift stays, its timing goes."""
    return random.permutation(returns, axis=0)


def _known(score: float, where: str) -> float:
    if math.isnan(score):
        raise ValueError(f"search: gave NaN as the score of {where}; it must give a number")
    return float(score)

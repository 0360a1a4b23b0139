"""The stationary bootstrap: blocks of random length, wrapped round the end.

Source: Politis, D. N. and Romano, J. P. (1994), "The stationary bootstrap", Journal of the
American Statistical Association 89(428), section 2.
"""

from collections.abc import Iterator

import numpy as np

from kernels.jit.array_types import Ints, Singles
from store.resampling.numbers import at_least

COUNTS = 2**25
"""Counts that are held at a time: 128 MB."""


def stationary_index(n: int, block: float, random: np.random.Generator) -> Ints:
    """Which observations make one resample, in order.

    Args:
        n: observations.
        block: mean length of a block, 1 or more; lengths are geometric.
        random: drawn from.

    Returns:
        (n,) of 0 to n - 1; observation n - 1 is followed by observation 0.
    """
    at_least("block", block, 1)
    starts = random.integers(n, size=n)
    begins = random.random(n) < 1 / block
    begins[0] = True
    place = np.arange(n)
    last = np.maximum.accumulate(np.where(begins, place, 0))  # where the block of each began
    index: Ints = (starts[last] + place - last) % n
    return index


def stationary_counts(n: int, block: float, resamples: int, random: np.random.Generator) -> Singles:
    """Count of each observation in each resample: the mean of resample b is counts[b] @ x / n.

    Args:
        n: observations.
        block: mean length of a block, 1 or more.
        resamples: how many.
        random: drawn from.

    Returns:
        (resamples, n) float32, whole numbers, each row with the sum n.
    """
    counts = np.empty((resamples, n), np.float32)
    for row in counts:
        row[:] = np.bincount(stationary_index(n, block, random), minlength=n)
    return counts


def count_groups(
    n: int, block: float, resamples: int, random: np.random.Generator
) -> Iterator[Singles]:
    """The same counts, some resamples at a time, so that no more than 128 MB are held."""
    at_once = max(1, COUNTS // n)
    for first in range(0, resamples, at_once):
        yield stationary_counts(n, block, min(at_once, resamples - first), random)

"""Sharpe ratios of all configurations on all halves of the blocks, never kept in a table.

Both functions walk the splits in `half_splits` order, so that the sums of a half follow from those
of the half before by one exchange. Configurations come in stretches that stay in the cache, and
the inner loops over them become vector instructions. State is a few numbers per split, whatever
the number of configurations; 10^6 of them on 252 splits are 2.5 10^8 Sharpe ratios a pass.

Preconditions, which `overfitting.cscv` sees to: all arrays C-contiguous, sums finite, splits and
their bars agree. Compiled code holds no function and no constant from outside this file, so that
Numba's own check of the file's age is enough for its cache.
"""

import math

import numpy as np
from numba import njit

from kernels.jit.array_types import Floats, Ints

CONFIGURATIONS = 1024
"""In a stretch: six of float64 fill 48 KB."""


@njit(cache=True, error_model="numpy", inline="always")
def _ratio(total: float, square: float, bars: float, flat: float) -> float:
    """Sum of the returns over the root of their squared deviations; 0 without deviation."""
    deviations = square - total * total / bars
    return total / math.sqrt(deviations) if deviations > flat * square else 0.0


@njit(cache=True, error_model="numpy")
def _start(
    sums: Floats, squares: Floats, first: Ints, at: int, half: Floats, whole: Floats
) -> None:
    """Write the sums of the first half, and of all blocks, of the stretch that begins at `at`."""
    size = half.shape[1]
    half[:] = 0.0
    whole[:] = 0.0
    for s in range(len(sums)):
        for j in range(size):
            whole[0, j] += sums[s, at + j]
            whole[1, j] += squares[s, at + j]
    for s in first:
        for j in range(size):
            half[0, j] += sums[s, at + j]
            half[1, j] += squares[s, at + j]


@njit(cache=True, error_model="numpy")
def _exchange(
    sums: Floats, squares: Floats, enters: int, leaves: int, at: int, half: Floats
) -> None:
    """Turn the sums of a half into those of the next."""
    for j in range(half.shape[1]):
        half[0, j] += sums[enters, at + j] - sums[leaves, at + j]
        half[1, j] += squares[enters, at + j] - squares[leaves, at + j]


@njit(cache=True, error_model="numpy")
def choose(
    sums: Floats,
    squares: Floats,
    first: Ints,
    enters: Ints,
    leaves: Ints,
    bars: Floats,
    flat: float,
    chosen: Ints,
    ratios: Floats,
) -> None:
    """Find the best configuration of each half.

    Args:
        sums: (S, N) of r.
        squares: (S, N) of r^2.
        first: (S / 2,) blocks of the first half.
        enters: (C - 1,) block that comes in from one half to the next.
        leaves: (C - 1,) block that goes out.
        bars: (C, 2) in each half, and in the other blocks.
        flat: share of the squares below which squared deviations are rounding, and the ratio 0.
        chosen: (C,) written: the best, the first of equals.
        ratios: (C, 2) written: its ratio on the half, and on the other blocks.
    """
    n = sums.shape[1]
    ratios[:, 0] = -np.inf
    for at in range(0, n, CONFIGURATIONS):
        size = min(CONFIGURATIONS, n - at)
        half, whole, ratio = np.empty((2, size)), np.empty((2, size)), np.empty(size)
        _start(sums, squares, first, at, half, whole)
        for c in range(len(bars)):
            if c > 0:
                _exchange(sums, squares, enters[c - 1], leaves[c - 1], at, half)
            best = ratios[c, 0]
            better = 0
            for j in range(size):
                ratio[j] = _ratio(half[0, j], half[1, j], bars[c, 0], flat)
                better += ratio[j] > best
            if better:
                for j in range(size):
                    if ratio[j] > best:
                        best = ratio[j]
                        chosen[c] = at + j
                k = chosen[c] - at
                ratios[c, 0] = best
                ratios[c, 1] = _ratio(
                    whole[0, k] - half[0, k], whole[1, k] - half[1, k], bars[c, 1], flat
                )


@njit(cache=True, error_model="numpy")
def rank(
    sums: Floats,
    squares: Floats,
    first: Ints,
    enters: Ints,
    leaves: Ints,
    bars: Floats,
    flat: float,
    marks: Floats,
    below: Ints,
    equal: Ints,
    total: Floats,
) -> None:
    """Compare all configurations, on the blocks outside each half, with a mark.

    Args:
        sums: (S, N) of r.
        squares: (S, N) of r^2.
        first: (S / 2,) blocks of the first half.
        enters: (C - 1,) block that comes in from one half to the next.
        leaves: (C - 1,) block that goes out.
        bars: (C, 2) in each half, and in the other blocks.
        flat: share of the squares below which squared deviations are rounding, and the ratio 0.
        marks: (C,) a ratio per half, such as `choose` has found.
        below: (C,) written: configurations whose ratio is lower.
        equal: (C,) written: whose ratio is the same.
        total: (C,) written: sum of the ratios of all.
    """
    n = sums.shape[1]
    below[:], equal[:], total[:] = 0, 0, 0.0
    for at in range(0, n, CONFIGURATIONS):
        size = min(CONFIGURATIONS, n - at)
        half, whole, ratio = np.empty((2, size)), np.empty((2, size)), np.empty(size)
        _start(sums, squares, first, at, half, whole)
        for c in range(len(bars)):
            if c > 0:
                _exchange(sums, squares, enters[c - 1], leaves[c - 1], at, half)
            mark, lower, same = marks[c], 0, 0
            for j in range(size):
                ratio[j] = _ratio(
                    whole[0, j] - half[0, j], whole[1, j] - half[1, j], bars[c, 1], flat
                )
                lower += ratio[j] < mark
                same += ratio[j] == mark
            below[c] += lower
            equal[c] += same
            total[c] += ratio.sum()

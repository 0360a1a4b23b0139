"""The largest of many weighted sums, each with the same bits wherever its column stands.

A matrix product of BLAS adds up a column one way in the middle of the table and another at its
edge, so that two copies of a configuration differ in the last digit, and on another processor
both are others. Here each sum is made in one order, on any machine.
"""

import numpy as np
from numba import njit

from kernels.jit.array_types import Singles

COLUMNS = 512
"""Columns that are worked on at a time: they and their sums stay in the cache."""
_ZERO = np.float32(0)


@njit(cache=True, error_model="numpy")
def weighted_maxima(weights: Singles, table: Singles, shifts: Singles) -> Singles:
    """Largest over the columns c of shifts[k, c] + sum over s of weights[r, s] table[s, c].

    Args:
        weights: (R, S), float32, as the others.
        table: (S, N).
        shifts: (K, N); -inf: the column is left out.

    Returns:
        (R, K); -inf without columns.
    """
    largest = np.full((len(weights), len(shifts)), -np.inf, np.float32)
    for start in range(0, table.shape[1], COLUMNS):
        part = np.ascontiguousarray(table[:, start : start + COLUMNS])
        for r in range(len(weights)):
            sums = _sums(weights[r], part)
            for k in range(len(shifts)):
                shift, most = shifts[k, start : start + COLUMNS], largest[r, k]
                for c in range(len(sums)):
                    most = max(most, sums[c] + shift[c])
                largest[r, k] = most
    return largest


@njit(cache=True, error_model="numpy", inline="always")
def _sums(weights: Singles, part: Singles) -> Singles:
    """Weighted sums of the rows, four at a time."""
    sums = np.full(part.shape[1], _ZERO)
    fours = len(weights) // 4 * 4
    for s in range(0, fours, 4):
        w0, w1, w2, w3 = weights[s], weights[s + 1], weights[s + 2], weights[s + 3]
        a, b, c, d = part[s], part[s + 1], part[s + 2], part[s + 3]
        for j in range(len(sums)):
            sums[j] += (w0 * a[j] + w1 * b[j]) + (w2 * c[j] + w3 * d[j])
    for s in range(fours, len(weights)):
        w0, a = weights[s], part[s]
        for j in range(len(sums)):
            sums[j] += w0 * a[j]
    return sums

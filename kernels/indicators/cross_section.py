"""Transforms of a feature: each symbol's value set against those of the others at the same bar.

All take (N, T) float64, NaN where a symbol has no value, and give as much; column t of the result
uses column t only.
"""

from collections.abc import Callable

import numpy as np
from numba import njit

from kernels.jit.array_types import Floats, Ints


def raw(values: Floats) -> Floats:
    """The values as they are."""
    return values


def log(values: Floats) -> Floats:
    """Natural logarithms; NaN of what is not above zero."""
    return np.asarray(np.log(np.where(values > 0, values, np.nan)))


@njit(cache=True, error_model="numpy", nogil=True)
def zscore(values: Floats) -> Floats:
    """Distance from the bar's mean in its standard deviations (ddof 0); 0 where all are equal.

    Summed symbol by symbol: NumPy's sums take another order when there are fewer bars, and would
    give other last bits.
    """
    out = np.full(values.shape, np.nan)
    for t in range(values.shape[1]):
        n, total, square = 0, 0.0, 0.0
        for i in range(values.shape[0]):
            if np.isfinite(values[i, t]):
                n += 1
                total += values[i, t]
        mean = total / n
        for i in range(values.shape[0]):
            if np.isfinite(values[i, t]):
                square += (values[i, t] - mean) ** 2
        deviation = np.sqrt(square / n)
        flat = deviation <= 1e-14 * abs(mean)
        for i in range(values.shape[0]):
            if np.isfinite(values[i, t]):
                out[i, t] = 0.0 if flat or deviation == 0.0 else (values[i, t] - mean) / deviation
    return out


@njit(cache=True, error_model="numpy", nogil=True)
def rank(values: Floats) -> Floats:
    """Ranks from 0, the lowest, to 1; equal values at their mean rank, a lone value at 0.5."""
    out = np.full(values.shape, np.nan)
    for t in range(values.shape[1]):
        there = np.flatnonzero(np.isfinite(values[:, t]))
        own = values[:, t][there]
        order = np.argsort(own, kind="mergesort")
        at = 0
        while at < order.size:
            last = at
            while last + 1 < order.size and own[order[last + 1]] == own[order[at]]:
                last += 1
            middle = 0.5 if order.size == 1 else 0.5 * (at + last) / (order.size - 1)
            for j in range(at, last + 1):
                out[there[order[j]], t] = middle
            at = last + 1
    return out


TRANSFORMS: dict[str, Callable[[Floats], Floats]] = {
    "raw": raw,
    "zscore": zscore,
    "rank": rank,
    "log": log,
}
"""By name."""


def raw_at(bars: Ints, values: Floats) -> Floats:
    """(R, N) values of a (T, N) column at some bars."""
    return np.asarray(values[bars])


def log_at(bars: Ints, values: Floats) -> Floats:
    """(R, N) logarithms at some bars of a (T, N) column."""
    return log(values[bars])


def zscore_at(bars: Ints, values: Floats) -> Floats:
    """(R, N) distances from the mean at some bars of a (T, N) column."""
    return np.asarray(zscore(values[bars].T).T)


def rank_at(bars: Ints, values: Floats) -> Floats:
    """(R, N) ranks at some bars of a (T, N) column."""
    return np.asarray(rank(values[bars].T).T)


AT_BARS: dict[str, Callable[[Ints, Floats], Floats]] = {
    "raw": raw_at,
    "zscore": zscore_at,
    "rank": rank_at,
    "log": log_at,
}
"""The same by name, at some bars only."""

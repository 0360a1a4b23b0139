"""Transforms of a feature: each symbol's value set against those of the others at the same bar.

All take (N, T) float64, NaN where a symbol has no value, and give as much; column t of the result
uses column t only.
"""

from collections.abc import Callable

import numpy as np
from numba import njit

from kernels.jit.array_types import Floats


def raw(values: Floats) -> Floats:
    """The values as they are."""
    return values


def log(values: Floats) -> Floats:
    """Natural logarithms; NaN of what is not above zero."""
    return np.log(np.where(values > 0, values, np.nan))


def zscore(values: Floats) -> Floats:
    """Distance from the bar's mean in its standard deviations (ddof 0); 0 where all are equal."""
    there = np.isfinite(values)
    n = np.maximum(there.sum(axis=0), 1)
    mean = np.where(there, values, 0.0).sum(axis=0) / n
    off = np.where(there, values - mean, 0.0)
    deviation = np.sqrt((off * off).sum(axis=0) / n)
    flat = deviation <= 1e-14 * np.maximum(np.abs(mean), 1e-300)
    scaled = off / np.where(flat, 1.0, deviation)
    return np.where(there, np.where(flat, 0.0, scaled), np.nan)


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

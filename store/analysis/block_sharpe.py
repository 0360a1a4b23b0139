"""Sharpe ratios from block sums: sums of r and of r^2 in each 1/64 of a window."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from store.files.arrow_types import Array, Batch, Column, Table
from store.runs.columns import BLOCK_SUMS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FLAT = 1e-6
"""A variance below this share of the mean square is rounding: block sums are float32 at rest."""


def block_bars(n_bars: int, blocks: int) -> Ints:
    """(blocks,) bars in each part of a window of `n_bars`, cut as `kernels` cuts it."""
    edges: Ints = np.round(np.linspace(0, n_bars, blocks + 1)).astype(np.int64)
    return edges[1:] - edges[:-1]


def block_sums(table: Table | Batch) -> tuple[Floats, Floats]:
    """Sums of r and of r^2, (n, blocks) each, of a pa.Table or RecordBatch of n runs."""
    r, squares = (_matrix(table[name]) for name in BLOCK_SUMS)
    return r, squares


def _matrix(column: Column | Array) -> Floats:
    """(n, blocks) of a column of fixed-size lists without nulls."""
    whole: Array = column.combine_chunks() if hasattr(column, "combine_chunks") else column
    flat: Floats = whole.flatten().to_numpy(zero_copy_only=False).astype(np.float64)
    return flat.reshape(len(whole), -1)


def sharpe(total: ArrayLike, square: ArrayLike, bars: ArrayLike) -> Floats:
    """Sharpe ratios per bar, not annual; ddof 1, risk-free rate 0, as `kernels.engine.metrics`.

    Args:
        total: sum of the returns per bar.
        square: sum of their squares, same shape.
        bars: how many returns; broadcast.

    Returns:
        Same shape; 0 without deviation, NaN with fewer than two returns.
    """
    s1, s2, n = (np.asarray(part, np.float64) for part in (total, square, bars))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = s1 / n
        variance = s2 / n - mean**2
        ratio = mean / np.sqrt(variance * n / (n - 1))
        sharpes: Floats = np.where(variance > FLAT * s2 / n, ratio, 0.0)
        return np.where(n < 2, np.nan, sharpes)

"""Block sums as the statistics take them: a row per block, a column per configuration."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from kernels.jit.array_types import Floats
from store.analysis.block_sharpe import block_bars
from store.resampling.numbers import matrix, series


class Blocks(NamedTuple):
    """Sums over S stretches of a window, oldest first, of N configurations.

    Attributes:
        sums: (S, N) of the returns per bar.
        squares: (S, N) of their squares.
        bars: (S,) in each stretch, at least 1.
    """

    sums: Floats
    squares: Floats
    bars: Floats


def checked(block_sum: ArrayLike, block_sumsq: ArrayLike, block_n: ArrayLike) -> Blocks:
    """The same as float64.

    Raises:
        ValueError: shapes that do not agree, a value that is not finite, a block without bars.
    """
    sums = matrix("block_sum", block_sum, "blocks", "configurations")
    squares = matrix("block_sumsq", block_sumsq, "blocks", "configurations")
    if squares.shape != sums.shape:
        raise ValueError(
            f"block_sumsq: need the shape of block_sum, {sums.shape}, got {squares.shape}"
        )
    return Blocks(sums, squares, checked_bars(block_n, len(sums)))


def checked_bars(block_n: ArrayLike, blocks: int) -> Floats:
    """(blocks,) bars of each as float64.

    Raises:
        ValueError: another length, or a block without bars.
    """
    bars = series("block_n", block_n, 1)
    if bars.size != blocks:
        raise ValueError(f"block_n: need {blocks} as block_sum has rows, got {bars.size}")
    if (bars < 1).any():
        raise ValueError(
            f"block_n: every block needs a bar, got {bars.min():g} in one; "
            "take fewer blocks or a longer window"
        )
    return bars


def merge_blocks(
    block_sum: ArrayLike, block_sumsq: ArrayLike, block_n: ArrayLike, parts: int
) -> Blocks:
    """Merge consecutive blocks into fewer, longer ones.

    Args:
        block_sum: (S, N) sums of r.
        block_sumsq: (S, N) of r^2.
        block_n: (S,) bars in each.
        parts: how many to make, 1 to S; as equal in blocks as S allows.

    Returns:
        (parts, N) sums.
    """
    sums, squares = (np.asarray(table) for table in (block_sum, block_sumsq))
    if not 1 <= parts <= len(sums):
        raise ValueError(f"parts: need 1 to {len(sums)} as there are blocks, got {parts}")
    first = np.cumsum(block_bars(len(sums), parts)) - block_bars(len(sums), parts)
    r, r2 = (np.add.reduceat(table, first, axis=0, dtype=np.float64) for table in (sums, squares))
    return checked(r, r2, np.add.reduceat(np.asarray(block_n, np.float64), first))

"""Cross-validation by halves (CSCV) of choosing the best configuration of many.

The blocks of a window are cut into two halves in every possible way. On one half the best
configuration is chosen; on the other its rank among all is looked at. Where the choice finds
skill, the chosen one stays near the top.

Source: Bailey, D. H., Borwein, J. M., Lopez de Prado, M. and Zhu, Q. J. (2015), "The probability
of backtest overfitting", Journal of Computational Finance 20(4), sections 2.2 and 3.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from kernels.jit.array_types import Floats, Ints
from promote.statistics.blocks import Blocks, checked
from promote.statistics.cscv_scan import choose, rank
from promote.statistics.cscv_splits import Splits, half_splits
from store.analysis.block_sharpe import FLAT

MAX_BLOCKS = 20
"""Splits of 20 blocks into halves: 184,756; of 22 already 705,432."""

Order = Literal["first", "second", "none"]


@dataclass(frozen=True, eq=False)
class Overfitting:
    """Results of combinatorially symmetric cross-validation (CSCV) over C splits.

    Attributes:
        pbo: probability of backtest overfitting: share of the splits on which the chosen
            configuration is no better than the median out of sample.
        prob_loss: share of the splits on which it has a Sharpe ratio below 0 out of sample.
        slope: of its Sharpe ratio out of sample on the one in sample, by least squares: below 0,
            what looks better turns out worse (performance degradation); NaN where all splits have
            the same ratio in sample.
        dominance: of the chosen over the average configuration out of sample: `first` order,
            `second` order only, or `none`.
        logits: (C,) log(w / (1 - w)), where w = rank of the chosen / (N + 1), 1 the worst;
            configurations that are equal share their mean rank.
        in_sample: (C,) Sharpe ratio per bar of the chosen.
        out_of_sample: (C,) the same, on the other half.
        average: (C,) mean Sharpe ratio out of sample of all configurations.
        chosen: (C,) column of the chosen, the first of equals.
    """

    pbo: float
    prob_loss: float
    slope: float
    dominance: Order
    logits: Floats
    in_sample: Floats
    out_of_sample: Floats
    average: Floats
    chosen: Ints


def cscv(block_sum: ArrayLike, block_sumsq: ArrayLike, block_n: ArrayLike) -> Overfitting:
    """Combinatorially symmetric cross-validation of a choice by Sharpe ratio.

    All C = C(S, S/2) splits of S blocks are used. Time grows with C N: `merge_blocks` makes fewer
    blocks of many, say 16 for 10,000 configurations and 10 for 1,000,000. A position that is open
    where a block begins is part of the one backtest that the blocks are cut from.

    Args:
        block_sum: (S, N) sums of the returns per bar, oldest block first; S even, 2 to 20.
        block_sumsq: (S, N) of their squares.
        block_n: (S,) bars in each block; halves need 2 bars at least.

    Returns:
        The findings. A configuration without deviation has a Sharpe ratio of 0.

    Raises:
        ValueError: other shapes, a value that is not finite, fewer than 2 configurations.
    """
    blocks = checked(block_sum, block_sumsq, block_n)
    count, n = blocks.sums.shape
    if count % 2 or not 2 <= count <= MAX_BLOCKS:
        raise ValueError(
            f"block_sum: need an even number of blocks, 2 to {MAX_BLOCKS}, got {count}; "
            "merge_blocks makes fewer of more"
        )
    if n < 2:
        raise ValueError(f"block_sum: need 2 configurations or more to choose from, got {n}")
    splits = half_splits(count)
    bars = _half_bars(splits, blocks.bars)
    chosen, inside, outside, below, equal, average = _scan(blocks, splits, bars)
    share = (below + (equal + 1) / 2) / (n + 1)
    logits = np.log(share / (1 - share))
    return Overfitting(
        pbo=float((logits <= 0).mean()),
        prob_loss=float((outside < 0).mean()),
        slope=_slope(inside, outside),
        dominance=_dominance(outside, average),
        logits=logits,
        in_sample=inside,
        out_of_sample=outside,
        average=average,
        chosen=chosen,
    )


def _half_bars(splits: Splits, bars: Floats) -> Floats:
    """(C, 2) bars in each half, and in the rest."""
    inside = splits.inside @ bars
    halves = np.stack([inside, bars.sum() - inside], axis=1)
    if halves.min() < 2:
        raise ValueError(f"block_n: each half needs 2 bars, got {halves.min():g}")
    return halves


def _scan(
    blocks: Blocks, splits: Splits, bars: Floats
) -> tuple[Ints, Floats, Floats, Ints, Ints, Floats]:
    """(C,) each: chosen, its Sharpe ratios in and out, those below and equal, and their mean."""
    sums, squares = map(np.ascontiguousarray, (blocks.sums, blocks.squares))
    walk = (np.flatnonzero(splits.inside[0]), splits.enters, splits.leaves, bars, FLAT)
    splits_count, n = len(bars), sums.shape[1]
    chosen, below, equal = (np.empty(splits_count, np.int64) for _ in range(3))
    ratios, total = np.empty((splits_count, 2)), np.empty(splits_count)
    choose(sums, squares, *walk, chosen, ratios)
    rank(sums, squares, *walk, np.ascontiguousarray(ratios[:, 1]), below, equal, total)
    sharpe = ratios * (np.sqrt(bars - 1) / bars)
    average = total / n * (np.sqrt(bars[:, 1] - 1) / bars[:, 1])
    return chosen, sharpe[:, 0], sharpe[:, 1], below, equal, average


def _slope(x: Floats, y: Floats) -> float:
    """Slope of y on x by least squares; NaN where x is constant."""
    deviation = x - x.mean()
    spread = float(deviation @ deviation)
    return float(deviation @ y) / spread if spread > 0 else float("nan")


def _dominance(chosen: Floats, average: Floats) -> Order:
    """Stochastic dominance of one sample over another of the same size."""
    ahead = np.sort(chosen) - np.sort(average)  # quantile by quantile
    if (ahead >= 0).all() and (ahead > 0).any():
        return "first"
    if (np.cumsum(ahead) >= 0).all() and (ahead != 0).any():
        return "second"
    return "none"

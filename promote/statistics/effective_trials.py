"""Effective number of independent configurations in a search of similar ones."""

import math

import numpy as np
from numpy.typing import ArrayLike

from kernels.jit.array_types import Floats
from promote.statistics.blocks import checked_bars
from store.analysis.block_sharpe import FLAT
from store.resampling.numbers import at_least, matrix, series

COLUMNS = 65_536
"""Configurations standardised at a time: 32 MB of 64 blocks."""


def effective_number(block_sum: ArrayLike, block_n: ArrayLike) -> float:
    """Effective number of independent configurations, from the spectrum of their correlations.

    exp(H), where H = -sum p log p is the entropy of p, the eigenvalues of the N x N correlation
    matrix over their sum: N where all are uncorrelated, 1 where all move as one. The correlations
    are those of the sums per block. Of S blocks the N x N matrix X'X / S has the same eigenvalues
    above 0 as the S x S matrix X X' / S, so that a million configurations take seconds.

    Source: Roy, O. and Vetterli, M. (2007), "The effective rank: a measure of effective
    dimensionality", 15th European Signal Processing Conference, definition 1; in place of the
    clustering in Bailey and Lopez de Prado (2014), appendix A.3.

    Args:
        block_sum: (S, N) sums of the returns per bar.
        block_n: (S,) bars in each block.

    Returns:
        1 to S - 1: S points span no more directions. So many more kinds of configurations than
        blocks are undercounted. Configurations without any variation are left out.

    Raises:
        ValueError: other shapes, a value that is not finite, fewer than 3 blocks, or no
            configuration whose blocks vary.
    """
    sums = np.asarray(block_sum)
    if sums.ndim != 2 or len(sums) < 3:
        raise ValueError(f"block_sum: need shape (3 or more blocks, N), got {sums.shape}")
    bars = checked_bars(block_n, len(sums))
    gram = np.zeros((len(sums), len(sums)))
    for start in range(0, sums.shape[1], COLUMNS):
        part = matrix("block_sum", sums[:, start : start + COLUMNS], "blocks", "configurations")
        standard = standardised(part, bars)
        gram += standard @ standard.T
    if not gram.any():
        raise ValueError("block_sum: no configuration varies; nothing was traded")
    return _exp_entropy(np.linalg.eigvalsh(gram).astype(np.float64))


def scaled_number(effective: float, tried: int, ledger: int) -> float:
    """The effective number of an experiment, scaled to all that was ever tried.

    What was tried before is taken to be as alike as what this experiment has tried: the effective
    number grows with the count. It never falls below that of the experiment.

    Args:
        effective: of the experiment, as `effective_number` finds it.
        tried: configurations of the experiment, 1 or more.
        ledger: configurations ever tried on the same data, the experiment included.

    Returns:
        effective * max(ledger, tried) / tried.
    """
    count = at_least("tried", tried, 1)
    return at_least("effective", effective, 1) * max(at_least("ledger", ledger, 0), count) / count


def variance_across(sharpes: ArrayLike, n: float) -> float:
    """Variance of Sharpe ratios across configurations, for `deflated_sharpe`.

    Args:
        sharpes: (N,) per period, not annual.
        n: periods they were estimated from, 2 or more.

    Returns:
        The sample variance (ddof 1), but no less than 1 / (n - 1), the variance that the estimate
        of a single Sharpe ratio of 0 has: of configurations that are nearly the same, or of a
        single one, the sample's says nothing about luck.

    Raises:
        ValueError: none at all, a value that is not finite, or less than 2 periods.
    """
    ratios, periods = series("sharpes", sharpes, 1), at_least("n", n, 2)
    across = float(ratios.var(ddof=1)) if ratios.size > 1 else 0.0
    return max(across, 1 / (periods - 1))


def standardised(sums: Floats, bars: Floats) -> Floats:
    """(S, N) sums less their expectation, scaled to unit length; 0 where nothing varies."""
    centred = sums - bars[:, None] * (sums.sum(axis=0) / bars.sum())
    length = np.sqrt((centred**2).sum(axis=0))
    varies = length > FLAT * np.sqrt((sums**2).sum(axis=0))
    return np.where(varies, centred / np.where(varies, length, 1.0), 0.0)


def _exp_entropy(eigenvalues: Floats) -> float:
    share = np.clip(eigenvalues, 0.0, None)
    share = share[share > 0] / share.sum()
    return math.exp(-float(share @ np.log(share)))

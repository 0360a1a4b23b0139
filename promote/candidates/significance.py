"""Significance of the best of a whole sweep: statistics over all of its candidates."""

import math

import numpy as np
import pandas as pd

from kernels import METRICS
from kernels.jit.array_types import Bools
from kernels.series.bars import prepare
from promote.candidates.judged_sample import Floats, Ints, Sample, evaluate
from promote.candidates.null_bars import Edge, null_bars
from promote.statistics import (
    Permutation,
    dependence,
    max_t_blocks,
    permutation_test,
)
from promote.statistics.blocks import Blocks
from promote.statistics.effective_trials import standardised
from promote.statistics.superior_ability_blocks import Adjusted
from store.analysis.block_sharpe import block_bars

EXAMPLES = 16
"""Candidates whose returns per bar are looked at."""


def best_of_kin(
    sample: Sample, kin: Ints, competing: Bools, rival: Floats | None = None
) -> Adjusted:
    """Chance that the best of all that compete looks as good as the best of some kin by luck.

    The store keeps no returns per bar, so a few of the kin are re-run to estimate what their
    returns owe to those before them, and how far they are from the benchmark's.

    Args:
        sample: the candidates.
        kin: (k,) places of the configurations that are judged together, all of them competing.
        competing: (n,) which candidates the choice was made among.
        rival: (bars,) returns of the benchmark; None: cash.

    Returns:
        See `max_t_blocks`.
    """
    blocks, places = sample.blocks, examples(sample.blocks, kin)
    returns = sample.returns(places)
    if rival is not None:
        returns = returns - rival[:, None]
        blocks = excess(blocks, rival, places, returns)
    some = None if competing.all() else np.flatnonzero(competing)
    return max_t_blocks(*blocks, kin, dependence(returns), competing=some)


def examples(blocks: Blocks, among: Ints) -> Ints:
    """Up to `EXAMPLES` of some candidates at equal distances, of those that trade if any does."""
    moves: Bools = np.asarray(blocks.squares.any(axis=0))
    trade = among[moves[among]]
    there = trade if trade.size else among[:1]
    rows: Ints = there[np.unique(np.linspace(0, there.size - 1, EXAMPLES).astype(int))]
    return rows


def excess(blocks: Blocks, rival: Floats, places: Ints, returns: Floats) -> Blocks:
    """Sums of what returns are above a benchmark's, and about those of their squares.

    Their squares are sum r^2 + sum b^2 - 2 sum r b. Were r and b as correlated in every block as
    their sums are over all of them, sum r b would be rho sqrt(sum r^2 sum b^2); how far that is
    from the truth, some candidates tell.

    Args:
        blocks: of the candidates, (S, n).
        rival: (bars,) returns of the benchmark.
        places: (k,) some candidates.
        returns: (bars, k) theirs above the benchmark's.
    """
    sums, squares = (sums_of(values, blocks.bars.size)[:, None] for values in (rival, rival**2))
    mine, other = (standardised(part, blocks.bars) for part in (blocks.sums, sums))
    both = (mine * other).sum(axis=0) * np.sqrt(blocks.squares * squares)
    variances = blocks.squares + squares - 2 * both
    total = float(variances[:, places].sum())
    share = float((returns**2).sum()) / total if total > 0 else 1.0
    return Blocks(blocks.sums - sums, variances * share, blocks.bars)


def sums_of(returns: Floats, blocks: int) -> Floats:
    """(blocks,) sums of (n,) returns, cut as the kernels cut a window."""
    edges = np.concatenate([[0], np.cumsum(block_bars(returns.size, blocks))])
    total = np.concatenate([[0.0], np.cumsum(returns)])
    sums: Floats = total[edges[1:]] - total[edges[:-1]]
    return sums


def shuffled_sweeps(sample: Sample, periods_per_year: float, draws: int) -> Permutation:
    """The best Sharpe ratio of the sweep, and of as many sweeps of shuffled bars.

    Bars are drawn one by one, so that no order is left that a rule could use; the drift of the
    asset stays, as holding it is no skill.

    Args:
        sample: whose configurations are swept on the bars before its end.
        periods_per_year: bars in a year.
        draws: how many, 19 or more.
    """
    columns = {name: column[: sample.span[1]] for name, column in sample.series.columns.items()}
    bars = pd.DataFrame(columns)
    steps = np.diff(np.log(bars["close"].to_numpy()))
    drift = math.sqrt(periods_per_year) * float(np.expm1(steps).mean() / np.expm1(steps).std())
    edge = Edge(drift, periods_per_year)

    def best(series: pd.DataFrame) -> float:
        evaluation = evaluate(sample.candidates, prepare(series), sample.span)
        return float(np.nanmax(evaluation.metrics[:, 0, METRICS.index("sharpe")]))

    def redraw(series: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
        return null_bars(series, int(random.integers(2**63)), block=1.0, edge=edge)

    return permutation_test(best, bars, redraw, draws)

"""Metrics of a backtest whose equity is known at every close: of pairs and of sleeves."""

import numpy as np
from numba import njit

from kernels.engine.daily_equity import sampled
from kernels.engine.metrics import BLOCKS, Parts, finish, measure
from kernels.engine.settings import Rules
from kernels.jit.array_types import Floats, Ints, Singles
from kernels.series.trading_days import Days


@njit(cache=True, error_model="numpy", nogil=True)
def write_metrics(
    equity: Floats,
    tally: Floats,
    window: Ints,
    years: float,
    edges: Ints,
    days: Days,
    rules: Rules,
    metrics: Floats,
    block_sum: Singles,
    block_sumsq: Singles,
) -> None:
    """Write the metrics of `kernels.engine.metrics` and the block sums.

    Args:
        equity: (T,) at each close of the window.
        tally: of `kernels.engine.position`.
        window: (2,) bars [start, stop).
        years: that it lasts.
        edges: (BLOCKS + 1,) of `block_edges`.
        days: of the series.
        rules: initial capital, periods and risk-free rate are read.
        metrics: out, (>= len(METRICS),).
        block_sum: out, (BLOCKS,), or (0,) for none.
        block_sumsq: out, the same.
    """
    start, stop = window
    sums = np.zeros((BLOCKS, 2))
    no_parts = np.empty(0, np.uint8)
    free = rules.risk_free / rules.periods_per_year
    moments = measure(equity, rules.initial_capital, Parts(start, edges, no_parts, sums, free))
    daily = sampled(equity, rules.initial_capital, start, stop, days)
    n_days = days.day[stop - 1] - days.day[start] + 1 if days.day.size else 0
    finish(moments, daily, n_days, tally, stop - start, years, rules, equity, metrics)
    for b in range(block_sum.size):
        block_sum[b], block_sumsq[b] = sums[b]

"""A batch of weight configurations; compiled apart, like `order_batch`, and for the same reason."""

from collections.abc import Callable

import numpy as np
from numba import njit, types

from kernels.engine.batch import CONFIGURATIONS, OUTCOME, part_of_bars
from kernels.engine.metrics import BLOCKS, Parts
from kernels.engine.position import N_TALLY, Log
from kernels.engine.settings import Risk, Rules
from kernels.jit.array_types import TABLE, Floats, Ints, Singles
from kernels.orders.counts import N_COUNTS
from kernels.orders.order_batch import orders_of
from kernels.orders.order_engine import CONTEXT, Context
from kernels.orders.outcome import add_counts, conclude
from kernels.orders.position import STATE
from kernels.orders.weight_engine import simulate_weights
from kernels.series.bars import BARS, Bars
from kernels.series.trading_days import DAYS, Days

WEIGHT = types.FunctionType(
    types.void(types.float64[:, ::1], types.int64[::1], types.float64[::1], types.float64[::1])
)
RUN = types.void(
    WEIGHT,
    *CONFIGURATIONS,
    TABLE,  # orders
    CONTEXT,
    BARS,
    DAYS,
    *OUTCOME,
    types.float64[:, ::1],  # counts
)


@njit(RUN, cache=True, error_model="numpy", nogil=True)
def run_weights(
    weight: Callable[[Floats, Ints, Floats, Floats], None],
    indicators: Floats,
    rows: Ints,
    members: Ints,
    params: Floats,
    risk: Floats,
    orders: Floats,
    context: Context,
    bars: Bars,
    days: Days,
    rules: Rules,
    windows: Ints,
    years: Floats,
    edges: Ints,
    metrics: Floats,
    block_sum: Singles,
    block_sumsq: Singles,
    equity: Floats,
    log: Log,
    counts: Floats,
) -> None:
    """Backtest the member configurations on every window; arguments as of `run_orders`."""
    weights = np.empty(bars.close.size)
    part = part_of_bars(windows, edges)
    sums = np.empty((BLOCKS, 2))
    tally = np.empty(N_TALLY)
    counted = np.empty(N_COUNTS)
    state = np.zeros(1, STATE)
    free = rules.risk_free / rules.periods_per_year
    for j in range(members.size):
        k = members[j]
        weights[:] = np.nan
        weight(indicators, rows[j], params[k], weights)
        own = Risk(risk[k, 0], risk[k, 1], risk[k, 2], risk[k, 3], risk[k, 4], risk[k, 5])
        o = orders_of(orders[k])
        counts[k] = 0.0
        for w in range(len(windows)):
            start, stop = windows[w]
            tally[:] = 0.0
            sums[:] = 0.0
            counted[:] = 0.0
            simulate_weights(
                state[0], bars, weights, context, k, start, stop, rules, own, o, equity, tally,
                log, counted,
            )  # fmt: skip
            add_counts(counts[k], counted)
            parts = Parts(start, edges[w], part[w], sums, free)
            conclude(equity, parts, stop, days, tally, years[w], rules, metrics[k, w])
            for b in range(block_sum.shape[2]):
                block_sum[k, w, b], block_sumsq[k, w, b] = sums[b]

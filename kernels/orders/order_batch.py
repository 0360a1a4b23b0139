"""A batch of configurations through the order engine; compiled apart from `driver.run`.

It is imported when the first configuration needs it: a sweep without orders loads nothing of it.
"""

from collections.abc import Callable

import numpy as np
from numba import njit, types

from kernels.engine.batch import CONFIGURATIONS, OUTCOME, SIGNAL, part_of_bars
from kernels.engine.metrics import BLOCKS, Parts
from kernels.engine.order_settings import TERMS, Orders, Terms
from kernels.engine.position import N_TALLY, Log
from kernels.engine.settings import Risk, Rules
from kernels.jit.array_types import TABLE, Codes, Floats, Ints, Singles
from kernels.orders.counts import N_COUNTS
from kernels.orders.order_engine import CONTEXT, Context, Levels, simulate_orders
from kernels.orders.outcome import add_counts, conclude
from kernels.orders.position import STATE
from kernels.series.bars import BARS, Bars
from kernels.series.trading_days import DAYS, Days
from kernels.strategy import HOLD

LEVELS = types.FunctionType(
    types.void(
        types.float64[:, ::1],
        types.int64[::1],
        types.float64[::1],
        types.float64[::1],
        types.float64[::1],
        types.float64[::1],
    )
)
RUN = types.void(
    SIGNAL,
    LEVELS,
    *CONFIGURATIONS,
    TABLE,  # orders
    TERMS,
    CONTEXT,
    BARS,
    DAYS,
    *OUTCOME,
    types.float64[:, ::1],  # counts
)


@njit(
    types.void(
        types.float64[:, ::1],
        types.int64[::1],
        types.float64[::1],
        types.float64[::1],
        types.float64[::1],
        types.float64[::1],
    ),
    cache=True,
)
def no_levels(
    indicators: Floats, rows: Ints, params: Floats, stop: Floats, target: Floats, limit: Floats
) -> None:
    """The levels of a strategy that has none: nothing is written."""


@njit(error_model="numpy")
def orders_of(row: Floats) -> Orders:
    """A row of the table of order settings by name."""
    return Orders(
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], row[9],
        row[10], row[11], row[12], row[13], row[14], row[15], row[16], row[17], row[18], row[19],
        row[20], row[21], row[22], row[23], row[24],
    )  # fmt: skip


@njit(RUN, cache=True, error_model="numpy", nogil=True)
def run_orders(
    signal: Callable[[Floats, Ints, Floats, Codes], None],
    levels: Callable[[Floats, Ints, Floats, Floats, Floats, Floats], None],
    indicators: Floats,
    rows: Ints,
    members: Ints,
    params: Floats,
    risk: Floats,
    orders: Floats,
    terms: Terms,
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
    """Backtest the member configurations on every window; see `driver.run` for what is shared.

    Args:
        signal: of the strategy.
        levels: of the strategy, `no_levels` if it has none.
        indicators: (n_rows, >= n_bars).
        rows: (m, k) of each member.
        members: (m,) places in the batch.
        params: (n, p).
        risk: (n, 6).
        orders: (n, fields of `Orders`).
        terms: of all.
        context: of all.
        bars: of the whole series.
        days: of the same series.
        rules: of all.
        windows: (w, 2).
        years: (w,).
        edges: (w, BLOCKS + 1).
        metrics: out, (n, w, len(METRICS)).
        block_sum: out, (n, w, BLOCKS) or (n, w, 0).
        block_sumsq: out, same shape.
        equity: scratch; holds the last window's equity after.
        log: out, the first trades of the last window.
        counts: out, (n, N_COUNTS) over all windows.
    """
    n = bars.close.size
    codes = np.empty(n, np.int8)
    width = n if terms.levels else 0
    own_levels = Levels(np.empty(width), np.empty(width), np.empty(width))
    part = part_of_bars(windows, edges)
    sums = np.empty((BLOCKS, 2))
    tally = np.empty(N_TALLY)
    counted = np.empty(N_COUNTS)
    state = np.zeros(1, STATE)
    free = rules.risk_free / rules.periods_per_year
    for j in range(members.size):
        k = members[j]
        codes[:] = HOLD
        signal(indicators, rows[j], params[k], codes)
        if terms.levels:
            own_levels.stop[:] = np.nan
            own_levels.target[:] = np.nan
            own_levels.limit[:] = np.nan
            levels(
                indicators, rows[j], params[k], own_levels.stop, own_levels.target, own_levels.limit
            )
        own = Risk(risk[k, 0], risk[k, 1], risk[k, 2], risk[k, 3], risk[k, 4], risk[k, 5])
        o = orders_of(orders[k])
        counts[k] = 0.0
        for w in range(len(windows)):
            start, stop = windows[w]
            tally[:] = 0.0
            sums[:] = 0.0
            counted[:] = 0.0
            simulate_orders(
                state[0], bars, codes, own_levels, context, k, start, stop, rules, own, o, terms,
                equity, tally, log, counted,
            )  # fmt: skip
            add_counts(counts[k], counted)
            parts = Parts(start, edges[w], part[w], sums, free)
            conclude(equity, parts, stop, days, tally, years[w], rules, metrics[k, w])
            for b in range(block_sum.shape[2]):
                block_sum[k, w, b], block_sumsq[k, w, b] = sums[b]

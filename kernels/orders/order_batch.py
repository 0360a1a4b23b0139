"""A batch of configurations through the order engine; compiled apart from `driver.run`.

It is imported when the first configuration needs it: a sweep without orders loads nothing of it.
"""

from collections.abc import Callable

import numpy as np
from numba import njit, types

from kernels.engine.batch import SIGNAL, part_of_bars
from kernels.engine.metrics import BLOCKS
from kernels.engine.order_settings import TERMS, Terms
from kernels.engine.position import N_TALLY
from kernels.engine.settings import RULES, Rules
from kernels.jit.array_types import Codes, Floats, Ints
from kernels.orders.batch_arrays import (
    CONFIGURATION_ARRAYS,
    MARKET,
    RESULTS,
    WINDOWS,
    Configurations,
    Market,
    Results,
    Scratch,
    Windows,
    clear,
    orders_of,
    risk_of,
    write_window,
)
from kernels.orders.counts import N_COUNTS
from kernels.orders.order_engine import Levels, simulate_orders
from kernels.orders.position import STATE
from kernels.strategy import HOLD

PRICES = types.void(
    types.float64[:, ::1],
    types.int64[::1],
    types.float64[::1],
    types.float64[::1],
    types.float64[::1],
    types.float64[::1],
)
RUN = types.void(
    SIGNAL,
    types.FunctionType(PRICES),
    CONFIGURATION_ARRAYS,
    MARKET,
    WINDOWS,
    RULES,
    TERMS,
    RESULTS,
)


@njit(PRICES, cache=True)
def no_levels(
    indicators: Floats, rows: Ints, params: Floats, stop: Floats, target: Floats, limit: Floats
) -> None:
    """The levels of a strategy that has none: nothing is written."""


@njit(RUN, cache=True, error_model="numpy", nogil=True)
def run_orders(
    signal: Callable[[Floats, Ints, Floats, Codes], None],
    levels: Callable[[Floats, Ints, Floats, Floats, Floats, Floats], None],
    asked: Configurations,
    market: Market,
    windows: Windows,
    rules: Rules,
    terms: Terms,
    out: Results,
) -> None:
    """Backtest the member configurations on every window; see `engine.batch.run` for signals.

    Args:
        signal: of the strategy.
        levels: of the strategy, `no_levels` if it has none.
        asked: configurations.
        market: of all.
        windows: of all.
        rules: of all.
        terms: of all.
        out: results, written.
    """
    n = market.bars.close.size
    codes = np.empty(n, np.int8)
    width = n if terms.levels else 0
    own = Levels(np.empty(width), np.empty(width), np.empty(width))
    part = part_of_bars(windows.spans, windows.edges)
    scratch = Scratch(part, np.empty((BLOCKS, 2)), np.empty(N_TALLY), np.empty(N_COUNTS))
    state = np.zeros(1, STATE)
    for j in range(asked.members.size):
        k = asked.members[j]
        codes[:] = HOLD
        signal(asked.indicators, asked.rows[j], asked.params[k], codes)
        if terms.levels:
            own.stop[:], own.target[:], own.limit[:] = np.nan, np.nan, np.nan
            levels(
                asked.indicators, asked.rows[j], asked.params[k], own.stop, own.target, own.limit
            )
        risk, orders = risk_of(asked.risk[k]), orders_of(asked.orders[k])
        out.counts[k] = 0.0
        for w in range(len(windows.spans)):
            start, stop = windows.spans[w]
            clear(scratch)
            simulate_orders(
                state[0], market.bars, codes, own, market.context, k, start, stop, rules, risk,
                orders, terms, out.equity, scratch.tally, out.log, scratch.counted,
            )  # fmt: skip
            write_window(scratch, k, w, market.days, rules, windows, out)

"""A batch of weight configurations; compiled apart, like `order_batch`, and for the same reason."""

from collections.abc import Callable

import numpy as np
from numba import njit, types

from kernels.engine.batch import part_of_bars
from kernels.engine.metrics import BLOCKS
from kernels.engine.path_metrics import WALKED
from kernels.engine.position import N_TALLY
from kernels.engine.settings import RULES, Rules
from kernels.jit.array_types import Floats, Ints
from kernels.jit.inner import inner
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
from kernels.orders.lane_runs import Group, run_lanes, write_lanes
from kernels.orders.lane_state import LANE_STATE, LANES, set_lane
from kernels.orders.position import STATE
from kernels.orders.weight_engine import allow, simulate_weights

FEWEST = 4
"""Configurations below which lanes do not pay."""
LONGEST = 1_000_000
"""Bars above which the weights of all lanes are no longer kept at once."""
PADDING = 9
"""Numbers behind each lane's weights: rows a power of two apart would share places in the cache."""

WEIGHT = types.FunctionType(
    types.void(types.float64[:, ::1], types.int64[::1], types.float64[::1], types.float64[::1])
)
ARGUMENTS = (WEIGHT, CONFIGURATION_ARRAYS, MARKET, WINDOWS, RULES, RESULTS)
RUN = types.void(*ARGUMENTS)
RUN_MEMBERS = types.void(*ARGUMENTS[:2], types.int64, types.int64, *ARGUMENTS[2:])


@njit(RUN_MEMBERS, cache=True, error_model="numpy", nogil=True)
def run_one_by_one(
    weight: Callable[[Floats, Ints, Floats, Floats], None],
    asked: Configurations,
    first: int,
    last: int,
    market: Market,
    windows: Windows,
    rules: Rules,
    out: Results,
) -> None:
    """Backtest members first..last-1, each by itself; `run_weights` explains the others."""
    weights = np.empty(market.bars.close.size)
    part = part_of_bars(windows.spans, windows.edges)
    scratch = Scratch(part, np.empty((BLOCKS, 2)), np.empty(N_TALLY), np.empty(N_COUNTS))
    state = np.zeros(1, STATE)
    for j in range(first, last):
        k = asked.members[j]
        risk, orders = risk_of(asked.risk[k]), orders_of(asked.orders[k])
        weights[:] = np.nan
        weight(asked.indicators, asked.rows[j], asked.params[k], weights)
        allow(weights, market.context, k, rules, orders)
        out.counts[k] = 0.0
        for w in range(len(windows.spans)):
            start, stop = windows.spans[w]
            clear(scratch)
            simulate_weights(
                state[0], market.bars, weights, market.context, start, stop, rules, risk, orders,
                out.equity, scratch.tally, out.log, scratch.counted,
            )  # fmt: skip
            write_window(scratch, k, w, market.days, rules, windows, out)


@njit(RUN_MEMBERS, cache=True, error_model="numpy", nogil=True)
def run_in_lanes(
    weight: Callable[[Floats, Ints, Floats, Floats], None],
    asked: Configurations,
    first: int,
    last: int,
    market: Market,
    windows: Windows,
    rules: Rules,
    out: Results,
) -> None:
    """Backtest members first..last-1 next to one another, at most LANES."""
    n = market.bars.close.size
    wanted = np.full((LANES, n + PADDING), np.nan)
    lanes = np.zeros(1, LANE_STATE)
    costly = False
    for lane in range(last - first):
        k = asked.members[first + lane]
        risk, orders = risk_of(asked.risk[k]), orders_of(asked.orders[k])
        set_lane(lanes[0], lane, risk, orders)
        costly |= orders.borrow_rate > 0.0 or orders.cash_rate > 0.0
        weights = wanted[lane][:n]
        weight(asked.indicators, asked.rows[first + lane], asked.params[k], weights)
        allow(weights, market.context, k, rules, orders)
        out.counts[k] = 0.0
    group = Group(
        asked, first, last - first, costly, wanted, np.zeros(LANES, STATE),
        np.empty((LANES, BLOCKS, 2)), np.empty((LANES, N_TALLY)), np.empty((LANES, N_COUNTS)),
        out.log,
    )  # fmt: skip
    for w in range(len(windows.spans)):
        start, stop = windows.spans[w]
        group.tally[:] = 0.0
        group.counted[:] = 0.0
        run_lanes(lanes[0], group, market, start, stop, windows.edges[w], rules)
        write_lanes(lanes[0], group, market, w, windows, rules, out)


@inner
def lanes_serve(asked: Configurations, first: int, last: int) -> bool:
    """Members first..last-1 have no cost that the lanes leave out: lots, shares, a least one."""
    for j in range(first, last):
        o = orders_of(asked.orders[asked.members[j]])
        if o.lot > 0.0 or o.commission_minimum > 0.0 or o.commission_per_share > 0.0:
            return False
    return True


@njit(RUN, cache=True, error_model="numpy", nogil=True)
def run_weights(
    weight: Callable[[Floats, Ints, Floats, Floats], None],
    asked: Configurations,
    market: Market,
    windows: Windows,
    rules: Rules,
    out: Results,
) -> None:
    """Backtest the member configurations on every window.

    Args:
        weight: of the strategy.
        asked: configurations.
        market: of all.
        windows: of all.
        rules: of all.
        out: results, written; equity and log only of members that run one by one, as all do where
            there are metrics of the path.
    """
    alone = WALKED or market.bars.close.size > LONGEST or out.log.size > 0
    for first in range(0, asked.members.size, LANES):
        last = min(first + LANES, asked.members.size)
        if alone or last - first < FEWEST or not lanes_serve(asked, first, last):
            run_one_by_one(weight, asked, first, last, market, windows, rules, out)
        else:
            run_in_lanes(weight, asked, first, last, market, windows, rules, out)

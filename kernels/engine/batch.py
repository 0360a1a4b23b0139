"""The one compiled function that Python calls: a batch of configurations of any strategy.

The strategy's signal function comes in as a first-class function of an explicit type. With a
dispatcher argument, or a closure made per strategy, Numba would compile the whole simulation
again for each strategy and in each process; this way a second process finds it in the cache.
"""

from collections.abc import Callable

import numba
import numpy as np
from numba import njit, types

from kernels.engine.bar_engine import simulate
from kernels.engine.daily_equity import sampled
from kernels.engine.event_engine import leap
from kernels.engine.metrics import BLOCKS, Parts, finish, measure
from kernels.engine.position import LOG, N_TALLY, Log
from kernels.engine.settings import RULES, Risk, Rules
from kernels.engine.signal_bits import Signals, to_bits
from kernels.jit.array_types import (
    INDEX,
    MEMBERS,
    SERIES,
    TABLE,
    Bytes,
    Codes,
    Floats,
    Ints,
    Singles,
)
from kernels.series.bars import BARS, Bars
from kernels.series.range_summaries import SPANS, Spans
from kernels.series.trading_days import DAYS, Days
from kernels.strategy import HOLD

SIGNAL = types.FunctionType(
    types.void(types.float64[:, ::1], types.int64[::1], types.float64[::1], types.int8[::1])
)
CONFIGURATIONS = (
    types.float64[:, ::1],  # indicators
    types.int64[:, ::1],  # rows
    MEMBERS,
    types.float64[:, ::1],  # params
    TABLE,  # risk
)
"""Types of what every engine takes of a batch first."""
OUTCOME = (
    RULES,
    INDEX,  # windows
    SERIES,  # years
    INDEX,  # edges
    types.float64[:, :, ::1],  # metrics
    types.float32[:, :, ::1],  # block_sum
    types.float32[:, :, ::1],  # block_sumsq
    types.float64[::1],  # equity
    numba.from_dtype(LOG)[::1],
)
"""Types of what every engine takes last: windows, and where results are written."""
RUN = types.void(SIGNAL, *CONFIGURATIONS, BARS, SPANS, DAYS, *OUTCOME)


@njit(error_model="numpy")
def part_of_bars(windows: Ints, edges: Ints) -> Bytes:
    """Which of its window's parts each bar is in: (n_windows, bars of the longest)."""
    longest = 0
    for start, stop in windows:
        longest = max(longest, stop - start)
    part = np.zeros((len(windows), longest), np.uint8)
    for w in range(len(windows)):
        for b in range(BLOCKS):
            part[w, edges[w, b] : edges[w, b + 1]] = b
    return part


@njit(RUN, cache=True, error_model="numpy", nogil=True)
def run(
    signal: Callable[[Floats, Ints, Floats, Codes], None],
    indicators: Floats,
    rows: Ints,
    members: Ints,
    params: Floats,
    risk: Floats,
    bars: Bars,
    spans: Spans,
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
) -> None:
    """Backtest the member configurations on every window. All checks are `evaluate`'s.

    Args:
        signal: of the strategy.
        indicators: (n_rows, >= n_bars), NaN beyond the bars.
        rows: (m, k) rows of `indicators` that each member uses.
        members: (m,) places of the members in the batch: in all (n, ...) arrays.
        params: (n, p).
        risk: (n, 6), columns as in `Risk`.
        bars: of the whole series.
        spans: of the same series.
        days: of the same series.
        rules: for all.
        windows: (w, 2) bars [start, stop).
        years: (w,) that each lasts.
        edges: (w, BLOCKS + 1) of `block_edges`.
        metrics: out, (n, w, len(METRICS)).
        block_sum: out, (n, w, BLOCKS), or (n, w, 0) for none.
        block_sumsq: out, same shape.
        equity: scratch, as long as the longest window; holds the last window's equity after.
        log: out, (k,) the first k trades of the last window; k = 0 for none.
    """
    n_words = -(-bars.close.size // 64)
    codes = np.empty(n_words * 64, np.int8)  # padded for `signals.to_bits`
    signals = Signals(
        np.empty(n_words, np.uint64), np.empty(n_words, np.uint64), np.empty(n_words, np.uint64)
    )
    part = part_of_bars(windows, edges)
    sums = np.empty((BLOCKS, 2))
    tally = np.empty(N_TALLY)
    free = rules.risk_free / rules.periods_per_year
    for j in range(members.size):
        k = members[j]
        codes[:] = HOLD  # a bar that the strategy does not write must not show the one before
        signal(indicators, rows[j], params[k], codes[: bars.close.size])
        if rules.events:
            to_bits(codes, rules, signals)
        own = Risk(risk[k, 0], risk[k, 1], risk[k, 2], risk[k, 3], risk[k, 4], risk[k, 5])
        for w in range(len(windows)):
            start, stop = windows[w]
            tally[:] = 0.0
            sums[:] = 0.0
            parts = Parts(start, edges[w], part[w], sums, free)
            if rules.events:
                moments, daily = leap(
                    bars, spans, days, signals, start, stop, rules, own, parts, equity, tally, log
                )
            else:
                simulate(bars, codes, start, stop, rules, own, equity, tally, log)
                moments = measure(equity, rules.initial_capital, parts)
                daily = sampled(equity, rules.initial_capital, start, stop, days)
            n_days = days.day[stop - 1] - days.day[start] + 1 if days.day.size else 0
            finish(
                moments, daily, n_days, tally, stop - start, years[w], rules, equity, metrics[k, w]
            )
            for b in range(block_sum.shape[2]):
                block_sum[k, w, b], block_sumsq[k, w, b] = sums[b]

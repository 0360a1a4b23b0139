"""The one compiled function for score strategies: configurations on the windows of a panel.

The score function comes in as a first-class function of an explicit type, for the reason that
`kernels.engine.batch` gives: a second process finds the compiled code in the cache.
"""

from collections.abc import Callable
from typing import NamedTuple

import numba
import numpy as np
from numba import njit, types

from kernels.engine.batch import part_of_bars
from kernels.engine.daily_equity import sampled
from kernels.engine.metrics import BLOCKS, METRICS, Parts, finish, measure
from kernels.engine.position import N_TALLY, Log
from kernels.engine.settings import RULES, Rules
from kernels.jit.array_types import MEMBERS, SERIES, TABLE, Floats, Ints, Singles
from kernels.jit.inner import inner
from kernels.portfolio.accuracy import (
    BASE,
    HELD,
    HITS,
    N_RECORD,
    PERIODS,
    PRECISION,
    REBALANCES,
    newey_west,
)
from kernels.portfolio.books import Books, Case, Choice, Market, Scratch
from kernels.portfolio.purse import FEES, N_EXTRA, TRADE, Costs, Purse
from kernels.portfolio.simulation import simulate
from kernels.series.trading_days import DAYS, Days

SCORE = types.FunctionType(
    types.void(types.float64[:, ::1], types.int64[::1], types.float64[::1], types.float64[::1])
)
I2 = types.int64[:, ::1]
F1, F2, F3 = types.float64[::1], types.float64[:, ::1], types.float64[:, :, ::1]
MARKET = types.NamedTuple(
    [types.int64[::1], F3, types.uint8[:, ::1], F2, F2, F2, TABLE, MEMBERS], Market
)  # type: ignore[no-untyped-call]


class Shared(NamedTuple):
    """Inputs that all configurations of a call share besides the market.

    Attributes:
        windows: (w, 2) bars [start, stop).
        years: (w,) that each lasts.
        edges: (w, BLOCKS + 1) of `block_edges`.
        side: 1 long, -1 short, 0 both.
        weighting: place in `settings.WEIGHTINGS`.
        cap: highest weight of one symbol; NaN for none.
        delisting: return of a symbol after its last close.
        rank_ic: work it out.
    """

    windows: Ints
    years: Floats
    edges: Ints
    side: int
    weighting: int
    cap: float
    delisting: float
    rank_ic: bool


SHARED = types.NamedTuple(
    [I2, SERIES, I2, types.int64, types.int64, types.float64, types.float64, types.boolean],
    Shared,
)  # type: ignore[no-untyped-call]


class Out(NamedTuple):
    """Results.

    Attributes:
        metrics: (n, w, len(METRICS) + len(PANEL_METRICS)).
        block_sum: (n, w, BLOCKS), or (n, w, 0) for none.
        block_sumsq: same shape.
        equity: as long as the longest window; holds the last run's equity after.
        scores: (R, N) of the last run at each rebalance, NaN elsewhere; (0, 0) for none.
        shares: (R, N) held after each rebalance of the last run; (0, 0) for none.
    """

    metrics: Floats
    block_sum: Singles
    block_sumsq: Singles
    equity: Floats
    scores: Floats
    shares: Floats


F32 = types.float32[:, :, ::1]
OUT = types.NamedTuple([F3, F32, F32, F1, F2, F2], Out)  # type: ignore[no-untyped-call]
RUN = types.void(
    SCORE,
    MARKET,
    types.int64[:, ::1],  # jobs
    types.int64[:, ::1],  # rows
    types.float64[:, ::1],  # params
    types.float64[:, ::1],  # choices
    types.float64[:, ::1],  # costs
    SHARED,
    DAYS,
    RULES,
    OUT,
    numba.from_dtype(TRADE)[::1],  # log
)


@njit(error_model="numpy")
def scratch_of(n: int) -> Scratch:
    """Room for n symbols."""
    return Scratch(
        np.empty(n),
        np.empty(n),
        np.empty(n),
        np.empty(n),
        np.empty(2 * n, np.int64),
        np.empty(2 * n),
        np.empty(2 * n),
        np.empty(n, np.int64),
    )


@njit(error_model="numpy")
def purse_of(n: int) -> Purse:
    """An empty purse for n symbols."""
    return Purse(
        np.zeros(n),
        np.zeros(n, np.int64),
        np.zeros(n),
        np.zeros(n),
        np.zeros(n),
        np.zeros(n),
        np.zeros(n),
        np.zeros(n),
        np.zeros(n, np.int64),
        np.zeros(2 * n, np.int64),
        np.zeros(2 * n),
        np.zeros(2 * n),
    )


@inner
def complete(books: Books, n_ics: int, n_rank_ics: int, rate: float, metrics: Floats) -> None:
    """Write `PANEL_METRICS` behind the others; `rate` turns a sum over the window into a year's."""
    record, at = books.record, len(METRICS)
    metrics[at] = record[PRECISION] / record[PERIODS]
    metrics[at + 1] = record[BASE] / record[PERIODS]
    metrics[at + 2] = record[HITS] / record[PERIODS]
    metrics[at + 3], metrics[at + 4] = newey_west(books.ics, n_ics)
    metrics[at + 5], metrics[at + 6] = newey_west(books.rank_ics, n_rank_ics)
    metrics[at + 7] = books.extra[FEES] * rate
    metrics[at + 8] = record[HELD] / record[REBALANCES]


@njit(RUN, cache=True, error_model="numpy", nogil=True)
def run(
    score: Callable[[Floats, Ints, Floats, Floats], None],
    market: Market,
    jobs: Ints,
    rows: Ints,
    params: Floats,
    choices: Floats,
    costs: Floats,
    shared: Shared,
    days: Days,
    rules: Rules,
    out: Out,
    log: Log,
) -> None:
    """Backtest configurations on windows. All checks are `evaluate`'s.

    Args:
        score: of the strategy.
        market: the panel, with the rows of the strategy.
        jobs: (J, 4) configuration, its place in `rows`, window, first rebalance (place in bars).
        rows: (m, k) rows of `market.table` that each configuration uses.
        params: (n, p).
        choices: (n, 2) k and threshold.
        costs: (n, 2) commission and slippage.
        shared: for all.
        days: of the panel.
        rules: for all.
        out: results.
        log: out, (k,) the first k trades of the last run; k = 0 for none.
    """
    n_symbols, n_rebalances = market.marks.shape[0], market.bars.size
    scratch, purse = scratch_of(n_symbols), purse_of(n_symbols)
    part = part_of_bars(shared.windows, shared.edges)
    ics, rank_ics = np.empty(n_rebalances), np.empty(n_rebalances)
    tally, extra, record = np.empty(N_TALLY), np.empty(N_EXTRA), np.empty(N_RECORD)
    books = Books(
        purse, out.equity, tally, extra, record, ics, rank_ics, out.scores, out.shares, log
    )
    sums = np.empty((BLOCKS, 2))
    free = rules.risk_free / rules.periods_per_year
    for j in range(len(jobs)):
        c, place, w, first = jobs[j]
        start, stop = shared.windows[w]
        k = int(min(choices[c, 0], n_symbols))
        choice = Choice(k, choices[c, 1], shared.side, shared.weighting, shared.cap)
        case = Case(
            start,
            stop,
            first,
            choice,
            Costs(costs[c, 0], costs[c, 1]),
            shared.delisting,
            rules.initial_capital,
            shared.rank_ic,
        )
        tally[:] = 0.0
        extra[:] = 0.0
        record[:] = 0.0
        sums[:] = 0.0
        n_ics, n_rank_ics = simulate(score, market, rows[place], params[c], case, books, scratch)
        parts = Parts(start, shared.edges[w], part[w], sums, free)
        moments = measure(out.equity, rules.initial_capital, parts)
        daily = sampled(out.equity, rules.initial_capital, start, stop, days)
        n_days = days.day[stop - 1] - days.day[start] + 1 if days.day.size else 0
        metrics = out.metrics[c, w]
        bars, years = stop - start, shared.years[w]
        finish(moments, daily, n_days, tally, bars, years, rules, out.equity, metrics)
        complete(books, n_ics, n_rank_ics, rules.periods_per_year / (stop - start), metrics)
        for b in range(out.block_sum.shape[2]):
            out.block_sum[c, w, b], out.block_sumsq[c, w, b] = sums[b]

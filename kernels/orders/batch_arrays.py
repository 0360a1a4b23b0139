"""Arrays that the order and the weight engine are called with, by what they are."""

from typing import Any, NamedTuple

import numba
from numba import types

from kernels.engine.batch import CONFIGURATIONS
from kernels.engine.metrics import Parts
from kernels.engine.order_settings import Orders
from kernels.engine.position import LOG, Log
from kernels.engine.settings import Risk, Rules
from kernels.jit.array_types import INDEX, SERIES, TABLE, Bytes, Floats, Ints, Singles
from kernels.jit.inner import inner
from kernels.orders.order_engine import CONTEXT, Context
from kernels.orders.outcome import add_counts, conclude
from kernels.series.bars import BARS, Bars
from kernels.series.trading_days import DAYS, Days


class Configurations(NamedTuple):
    """Configurations of a batch.

    Attributes:
        indicators: (n_rows, >= n_bars).
        rows: (m, k) rows of `indicators` that each member uses.
        members: (m,) places of the members in the batch: in all (n, ...) arrays.
        params: (n, p).
        risk: (n, 6), columns as in `Risk`.
        orders: (n, fields of `Orders`).
    """

    indicators: Floats
    rows: Ints
    members: Ints
    params: Floats
    risk: Floats
    orders: Floats


class Market(NamedTuple):
    """The whole series: its bars, its days, and the arrays that orders read next to them."""

    bars: Bars
    days: Days
    context: Context


class Windows(NamedTuple):
    """Windows of the series.

    Attributes:
        spans: (w, 2) bars [start, stop).
        years: (w,) that each lasts.
        edges: (w, BLOCKS + 1) of `block_edges`.
    """

    spans: Ints
    years: Floats
    edges: Ints


class Results(NamedTuple):
    """Where results are written.

    Attributes:
        metrics: (n, w, len(METRICS)).
        block_sum: (n, w, BLOCKS), or (n, w, 0) for none.
        block_sumsq: same shape.
        equity: scratch, as long as the longest window; of a lone configuration it holds the last
            window's equity after.
        log: the first trades of the last window.
        counts: (n, N_COUNTS) over all windows.
    """

    metrics: Floats
    block_sum: Singles
    block_sumsq: Singles
    equity: Floats
    log: Log
    counts: Floats


def by_name(members: list[Any], names: Any) -> Any:
    """Numba's type of a named tuple of these members."""
    return types.NamedTuple(members, names)  # type: ignore[no-untyped-call]


CONFIGURATION_ARRAYS = by_name([*CONFIGURATIONS, TABLE], Configurations)
MARKET = by_name([BARS, DAYS, CONTEXT], Market)
WINDOWS = by_name([INDEX, SERIES, INDEX], Windows)
RESULTS = by_name(
    [
        types.float64[:, :, ::1],
        types.float32[:, :, ::1],
        types.float32[:, :, ::1],
        types.float64[::1],
        numba.from_dtype(LOG)[::1],
        types.float64[:, ::1],
    ],
    Results,
)
"""Types of the four, for explicit signatures."""


@inner
def risk_of(row: Floats) -> Risk:
    """A row of the table of risk settings by name."""
    return Risk(row[0], row[1], row[2], row[3], row[4], row[5])


@inner
def orders_of(row: Floats) -> Orders:
    """A row of the table of order settings by name."""
    return Orders(
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], row[9],
        row[10], row[11], row[12], row[13], row[14], row[15], row[16], row[17], row[18], row[19],
        row[20], row[21], row[22], row[23], row[24],
    )  # fmt: skip


class Scratch(NamedTuple):
    """One window of one configuration, while it is run.

    Attributes:
        part: (w, bars of the longest) which of its window's parts each bar is in.
        sums: (BLOCKS, 2) of the returns in each part, and of their squares.
        tally: (N_TALLY,).
        counted: (N_COUNTS,).
    """

    part: Bytes
    sums: Floats
    tally: Floats
    counted: Floats


@inner
def clear(scratch: Scratch) -> None:
    """Zeros for the next window."""
    scratch.sums[:] = 0.0
    scratch.tally[:] = 0.0
    scratch.counted[:] = 0.0


@inner
def write_window(
    scratch: Scratch, k: int, w: int, days: Days, rules: Rules, windows: Windows, out: Results
) -> None:
    """Results of configuration k on window w, from its equity and its tally."""
    start, stop = windows.spans[w]
    free = rules.risk_free / rules.periods_per_year
    parts = Parts(start, windows.edges[w], scratch.part[w], scratch.sums, free)
    years, metrics = windows.years[w], out.metrics[k, w]
    add_counts(out.counts[k], scratch.counted)
    conclude(out.equity, parts, stop, days, scratch.tally, years, rules, metrics)
    write_parts(scratch.sums, k, w, out)


@inner
def write_parts(sums: Floats, k: int, w: int, out: Results) -> None:
    """Sums of the parts of configuration k on window w."""
    for b in range(out.block_sum.shape[2]):
        out.block_sum[k, w, b], out.block_sumsq[k, w, b] = sums[b]

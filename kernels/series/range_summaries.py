"""Summaries of stretches of bars, made once per series, to avoid rescanning the bars.

The bars are cut into blocks of 64. Kept are the summary of each block, and for each bar those of
the stretches from its block's first bar to it, and from it to its block's last bar. Any stretch
over several blocks is then a tail, some blocks and a head: sums that are only ever added, so that
no digits are lost, however far into the series the stretch lies. Only within one block sums are
the difference of two heads, exact to the rounding of that block's own sums.
"""

from typing import NamedTuple

import numpy as np
from numba import njit, types

from kernels.jit.array_types import SERIES, TABLE, Floats
from kernels.jit.inner import inner

S1, S2, S3, S4, D2, HIGH, LOW, FALL, N_SUMMARY = range(9)
"""Columns of a summary: sums of r, r^2, r^3, r^4 and, of the returns above the risk-free one f of a
bar, min(r - f, 0)^2 - min(-f, 0)^2, where r is a bar's return since the close before; highest and
lowest close; deepest fall between two closes of the stretch, as a fraction of the higher."""

SHIFT = 6
SIZE = 1 << SHIFT
"""Bars in a block."""


class Spans(NamedTuple):
    """Summaries of one series. All arrays are read-only.

    Attributes:
        heads: (n_bars, 8) from the block's first bar to each bar.
        tails: (n_bars, 8) from each bar to the block's last bar.
        blocks: (n_blocks, 8).
        tops: (n_blocks,) highest high of each block.
        running: (n_bars + 1, 2) sums of r and r^2 over all bars before each: good for block sums,
            which are kept in single precision.
        low: (n_bars + 8,) as in the bars, padded with +inf for `vector.reach8`.
        high: (n_bars + 8,) padded with 0.
        close: (n_bars + 8,) padded with the last close for `vector.return_sums`.
    """

    heads: Floats
    tails: Floats
    blocks: Floats
    tops: Floats
    running: Floats
    low: Floats
    high: Floats
    close: Floats


SPANS = types.NamedTuple([TABLE] * 3 + [SERIES, TABLE] + [SERIES] * 3, Spans)  # type: ignore[no-untyped-call]


@inner
def step(close: Floats, i: int) -> float:
    """Return of bar i since the close before; 0 at the first bar."""
    return (close[i] - close[i - 1]) / close[i - 1] if i > 0 else 0.0


@inner
def shortfall(r: float, free: float) -> float:
    """min(r - f, 0)^2 less what a bar without a position has of it: flat bars add nothing."""
    excess = r - free
    return (excess * excess if excess < 0.0 else 0.0) - idle(free)


@inner
def idle(free: float) -> float:
    """min(-f, 0)^2: the squared shortfall of a bar without a position."""
    return free * free if free > 0.0 else 0.0


@inner
def alone(out: Floats, close: Floats, i: int, free: float) -> None:
    """Write the summary of one bar."""
    r = step(close, i)
    out[S1], out[S2], out[S3], out[S4] = r, r * r, r * r * r, r * r * r * r
    out[D2] = shortfall(r, free)
    out[HIGH] = out[LOW] = close[i]
    out[FALL] = 0.0


@inner
def append(a: Floats, b: Floats, out: Floats) -> None:
    """Write the summary of stretch a followed by stretch b; out may be either."""
    fall = max(a[FALL], b[FALL], 1.0 - b[LOW] / a[HIGH])
    high, low = max(a[HIGH], b[HIGH]), min(a[LOW], b[LOW])
    for k in range(HIGH):
        out[k] = a[k] + b[k]
    out[HIGH], out[LOW], out[FALL] = high, low, fall


@njit(
    types.void(SERIES, *[types.float64[:, ::1]] * 4, types.float64),
    cache=True,
    error_model="numpy",
)
def fill(
    close: Floats, heads: Floats, tails: Floats, blocks: Floats, running: Floats, free: float
) -> None:
    """Write the four tables of `Spans`."""
    n_bars = close.size
    running[0] = 0.0
    for i in range(n_bars):
        r = step(close, i)
        running[i + 1, 0] = running[i, 0] + r
        running[i + 1, 1] = running[i, 1] + r * r
    for block in range(len(blocks)):
        first, last = block << SHIFT, min(n_bars, (block + 1) << SHIFT) - 1
        alone(heads[first], close, first, free)
        for i in range(first + 1, last + 1):
            alone(heads[i], close, i, free)
            append(heads[i - 1], heads[i], heads[i])
        alone(tails[last], close, last, free)
        for i in range(last - 1, first - 1, -1):
            alone(tails[i], close, i, free)
            append(tails[i], tails[i + 1], tails[i])
        for k in range(N_SUMMARY):
            blocks[block, k] = heads[last, k]


def summarise(low: Floats, high: Floats, close: Floats, free: float = 0.0) -> Spans:
    """Summarise the bars of a series.

    Args:
        low: (n_bars,) prices, finite and > 0, as the next two.
        high: (n_bars,).
        close: (n_bars,).
        free: risk-free return of a bar.
    """
    n_bars = close.size
    tables = (by_cache_line(n_bars), by_cache_line(n_bars), by_cache_line(-(-n_bars // SIZE)))
    running = np.empty((n_bars + 1, 2))
    fill(close, *tables, running, free)
    rest = (
        np.maximum.reduceat(high, np.arange(0, n_bars, SIZE)),
        running,
        np.append(low, np.full(8, np.inf)),
        np.append(high, np.zeros(8)),
        np.append(close, np.full(8, close[-1])),
    )
    for array in (*tables, *rest):
        array.flags.writeable = False
    return Spans(*tables, *rest)


def by_cache_line(n: int) -> Floats:
    """Room for n summaries, each of them one cache line of 64 bytes and not parts of two."""
    raw = np.empty((n + 1) * N_SUMMARY)
    skip = (-raw.ctypes.data % 64) // raw.itemsize
    return raw[skip : skip + n * N_SUMMARY].reshape(n, N_SUMMARY)

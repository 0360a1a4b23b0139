"""Results of many runs, and the windows they are asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from kernels.engine.metrics import METRICS
from kernels.engine.position import Log
from kernels.jit.array_types import Floats, Ints, Singles

Window = tuple[int, int]
SHARPE, DAILY = METRICS.index("sharpe"), METRICS.index("sharpe_daily")


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Results of n configurations on w windows.

    Attributes:
        metrics: (n, w, len(METRICS)).
        block_sum: (n, w, BLOCKS) sum of the returns in each part of the window.
        block_sumsq: (n, w, BLOCKS) sum of their squares.
    """

    metrics: Floats
    block_sum: Singles
    block_sumsq: Singles


@dataclass(frozen=True)
class OpenPosition:
    """Position that the order engine holds at the end of a window.

    Attributes:
        size: signed; 0 = flat.
        stop: price of the nearest stop in the next bar; NaN = none.
        target: price of the nearest target; NaN = none.
    """

    size: float
    stop: float
    target: float


@dataclass(frozen=True, eq=False)
class Trace:
    """One backtest in full.

    Attributes:
        equity: (T,) at each close of the window, quote currency.
        trades: structured array of `account.LOG`, in order; exit_reason indexes `REASONS`.
        metrics: (len(METRICS),), the very bits that `evaluate` gives.
        counts: by name, `orders.counts.COUNTS`; None without orders, and without stop and target.
        left: the position at the end; None where the order engine was not needed.
    """

    equity: Floats
    trades: Log
    metrics: Floats
    counts: Mapping[str, int] | None = field(default=None, kw_only=True)
    left: OpenPosition | None = field(default=None, kw_only=True)


def spans_of(windows: Sequence[Window], n_bars: int) -> Ints:
    """Windows as an array (w, 2); ValueError for those that are none, or not within the bars."""
    spans = np.asarray(windows)
    if spans.ndim != 2 or spans.shape[1] != 2 or spans.dtype.kind not in "iu" or not len(spans):
        raise ValueError(f"windows: need one or more (start, stop) of integers, got {windows!r}")
    for start, stop in spans:
        if not 0 <= start < stop <= n_bars:
            raise ValueError(
                f"window ({start}, {stop}): need 0 <= start < stop <= bars, bars={n_bars}"
            )
    return spans.astype(np.int64)

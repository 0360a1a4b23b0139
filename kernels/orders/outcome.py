"""Results of one window: metrics from its equity and tally, and the counts of the order engine."""

from kernels.engine.daily_equity import sampled
from kernels.engine.metrics import Parts, finish, measure
from kernels.engine.settings import Rules
from kernels.jit.array_types import Floats
from kernels.jit.inner import inner
from kernels.orders.counts import HELD
from kernels.series.trading_days import Days


@inner
def conclude(
    equity: Floats,
    parts: Parts,
    stop: int,
    days: Days,
    tally: Floats,
    years: float,
    rules: Rules,
    metrics: Floats,
) -> None:
    """Write the metrics of a window, and the sums of its parts.

    Args:
        equity: (>= bars,) at each close.
        parts: of the window; its sums are written.
        stop: last bar of the window, excluded.
        days: of the series.
        tally: of the window.
        years: that it lasts.
        rules: of all.
        metrics: out, (len(METRICS),).
    """
    start = parts.start
    moments = measure(equity, rules.initial_capital, parts)
    daily = sampled(equity, rules.initial_capital, start, stop, days)
    n_days = days.day[stop - 1] - days.day[start] + 1 if days.day.size else 0
    finish(moments, daily, n_days, tally, stop - start, years, rules, equity, metrics)


@inner
def add_counts(counts: Floats, window: Floats) -> None:
    """Add the counts of one more window, (N_COUNTS,); what is left open is the last one's."""
    for k in range(counts.size):
        counts[k] = window[k] + (counts[k] if k < HELD else 0.0)

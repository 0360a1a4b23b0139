"""Bars in which nothing can happen to a position or without one: passed by a comparison or two.

Most bars are such. The ratios on 5,000 bars of a crossing of averages are in docs/benchmarks.md.
"""

import numpy as np

from kernels.engine.bar_engine import permitted
from kernels.engine.order_settings import Orders, Terms
from kernels.engine.position import EXPOSED
from kernels.engine.settings import Risk, Rules
from kernels.jit.array_types import Floats
from kernels.jit.inner import inner
from kernels.orders.exits import lived_through, margin, scale_level, stop_level, target_level
from kernels.orders.position import State
from kernels.series.bars import Bar, Bars
from kernels.strategy import HOLD

EDGE = 1e-9
"""Share of the price of ruin within which the bar is looked at in full."""


@inner
def may_be_quiet(o: Orders, t: Terms, funding: Floats) -> bool:
    """Nothing that changes from bar to bar acts on a position of this configuration."""
    paid = o.borrow_rate > 0.0 or o.cash_rate > 0.0 or funding.size > 0
    return not (paid or t.levels or t.session_flat)


@inner
def is_quiet(s: State, raw: int, low: float, high: float, i: int, rules: Rules, o: Orders) -> bool:
    """Nothing happens in bar i: no order waits, no level is touched, nothing else is wanted."""
    if not unmoved(s, raw, rules):
        return False
    if s.side == 0:
        return s.order == 0
    if not (s.low < low and high < s.high and i > s.bar):
        return False
    return s.ignored == 0 and s.code == s.side and not i >= s.bar + o.max_bars


@inner
def live_quietly(
    s: State,
    bars: Bars,
    i: int,
    moving: bool,
    rules: Rules,
    risk: Risk,
    o: Orders,
    t: Terms,
    tally: Floats,
) -> None:
    """After such a bar: exposure, and the levels that have moved with it."""
    if s.side != 0:
        tally[EXPOSED] += 1.0
        if moving:
            bar = Bar(bars.open[i], bars.high[i], bars.low[i], bars.close[i])
            lived_through(s, bar, i, rules, o)
            set_range(s, risk, o, t)


@inner
def unmoved(s: State, raw: int, rules: Rules) -> bool:
    """This code at a close leaves what is wanted as it is."""
    code = permitted(raw, rules)
    return code == HOLD or (code == s.code and s.seen != 0)


@inner
def moves(risk: Risk, o: Orders) -> bool:
    """The levels of a position move with the bars that it lives through."""
    armed = not np.isnan(o.break_even) or not np.isnan(o.trail_after)
    return armed or not np.isnan(risk.trailing_stop)


@inner
def set_range(s: State, risk: Risk, o: Orders, t: Terms) -> None:
    """Set the prices strictly between which a bar touches no level of the position."""
    gain, stop = nearest_gain(s, risk, o), stop_level(s, risk, o, t)[0]
    ruin = -s.side * s.cash / (s.size * (1.0 - s.side * margin(o)))
    low, high = -np.inf, np.inf
    if s.side > 0:
        if stop > low:
            low = stop
        if s.cash < 0.0 and ruin * (1.0 + EDGE) > low:
            low = ruin * (1.0 + EDGE)
        if gain < high:
            high = gain
    else:
        if stop < high:
            high = stop
        if ruin * (1.0 - EDGE) < high:
            high = ruin * (1.0 - EDGE)
        if gain > low:
            low = gain
    s.low, s.high = low, high


@inner
def nearest_gain(s: State, risk: Risk, o: Orders) -> float:
    """The nearest of target, part and unit; NaN where there is none."""
    gain, part = target_level(s, risk), scale_level(s, o)
    if np.isnan(gain) or s.side * part < s.side * gain:
        gain = part
    if s.added < o.pyramiding:
        unit = s.first * (1.0 + s.side * (s.added + 1) * o.add_at * s.unit)
        if np.isnan(gain) or s.side * unit < s.side * gain:
            gain = unit
    return gain

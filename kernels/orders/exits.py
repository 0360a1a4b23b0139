"""Exits inside a bar: levels, and which of them a bar reaches first."""

import numpy as np

from kernels.engine.order_settings import Orders, Terms
from kernels.engine.position import (
    BREAK_EVEN,
    LIQUIDATION,
    STOP_LOSS,
    TAKE_PROFIT,
    TRAILING_STOP,
    Log,
)
from kernels.engine.settings import Risk, Rules
from kernels.jit.array_types import Floats, Ints
from kernels.jit.inner import inner
from kernels.orders.counts import AMBIGUOUS, LIQUIDATED
from kernels.orders.entries import room_for_more
from kernels.orders.position import State, buy, in_lots, leave_all, leave_part, lose_all, value
from kernels.series.bars import Bar, Bars


@inner
def stop_level(s: State, risk: Risk, o: Orders, t: Terms) -> tuple[float, int]:
    """The nearest stop in force and its reason; NaN if there is none."""
    side = s.side
    stop, reason = s.first * (1.0 - side * risk.stop_loss * s.unit), STOP_LOSS
    if not np.isnan(s.stop) and (np.isnan(stop) or side * s.stop > side * stop):
        stop = s.stop
    if s.even and (np.isnan(stop) or side * s.first > side * stop):
        stop, reason = s.first, BREAK_EVEN
    if np.isnan(o.trail_after) or s.trails:
        if t.atr:
            trail = s.best - side * risk.trailing_stop * (s.unit * s.first)
        else:
            trail = s.best * (1.0 - side * risk.trailing_stop)
        if np.isnan(stop) or side * trail > side * stop:
            stop, reason = trail, TRAILING_STOP
    return stop, reason


@inner
def target_level(s: State, risk: Risk) -> float:
    """The nearest target in force; NaN if there is none."""
    target = s.first * (1.0 + s.side * risk.take_profit * s.unit)
    if not np.isnan(s.target) and (np.isnan(target) or s.side * s.target < s.side * target):
        target = s.target
    return target


@inner
def scale_level(s: State, o: Orders) -> float:
    """Price at which a part is left; NaN if none is, or it was."""
    return np.nan if s.scaled else s.first * (1.0 + s.side * o.scale_out_at * s.unit)


@inner
def margin(o: Orders) -> float:
    """The maintenance margin; 0 where it is off."""
    return 0.0 if np.isnan(o.maintenance_margin) else o.maintenance_margin


@inner
def ruin_level(s: State, bar: Bar, o: Orders, inside: bool) -> float:
    """Quoted price at which the bar liquidates the position; NaN if it does not."""
    m = margin(o)
    worst = bar.low if s.side > 0 else bar.high
    if value(s, worst) > m * s.size * worst or (s.side > 0 and s.cash >= 0.0):
        return np.nan
    level = -s.side * s.cash / (s.size * (1.0 - s.side * m))
    if not inside and s.side * bar.open <= s.side * level:
        return bar.open
    return level


@inner
def liquidate_at(
    s: State, quoted: float, i: int, risk: Risk, o: Orders, tally: Floats, log: Log, counts: Floats
) -> None:
    """All is lost; with a maintenance margin what it has kept stays."""
    counts[LIQUIDATED] += 1.0
    if np.isnan(o.maintenance_margin):
        lose_all(s, quoted, i, tally, log)
    else:
        leave_all(s, quoted, i, LIQUIDATION, risk, o, tally, log)


@inner
def ruin_at_close(s: State, close: float, i: int, tally: Floats, log: Log, counts: Floats) -> None:
    """Nothing is left of the equity at a close."""
    counts[LIQUIDATED] += 1.0 if s.side != 0 else 0.0
    lose_all(s, close, i, tally, log)


@inner
def watched(s: State, i: int, rules: Rules) -> bool:
    """The range of bar i may touch the position's levels."""
    return i >= s.bar + (1 if s.at_close or rules.next_bar else 0)


@inner
def stop_within(
    s: State, bar: Bar, i: int, rules: Rules, risk: Risk, o: Orders, t: Terms
) -> tuple[float, int]:
    """Where a stop or target takes the position out of bar i, ruin aside; (0, -1) if none does."""
    if not watched(s, i, rules):
        return 0.0, -1
    side, inside = s.side, bool(s.inside) and i == s.bar
    stop, reason = stop_level(s, risk, o, t)
    target = target_level(s, risk)
    best = best_of(s, bar)
    if not inside and side * bar.open <= side * stop:
        return bar.open, reason
    if not inside and side * bar.open >= side * target:
        return bar.open, TAKE_PROFIT
    if stops_in(s, bar, stop, o):
        return side * min(side * stop, side * s.first) if inside else stop, reason
    if not inside and side * best >= side * target and np.isnan(ruin_level(s, bar, o, False)):
        return target, TAKE_PROFIT
    return 0.0, -1


@inner
def target_before_stop(
    s: State, i: int, stop: float, target: float, detail: Bars, first: Ints, t: Terms
) -> tuple[bool, bool]:
    """True, for a bar that holds both, when the target comes first; and whether that is ambiguous.

    Finer bars tell, where they exist and one of them does not hold both.
    """
    if first.size:
        for k in range(first[i], first[i + 1]):
            hit = detail.low[k] <= stop if s.side > 0 else detail.high[k] >= stop
            won = detail.high[k] >= target if s.side > 0 else detail.low[k] <= target
            if hit and won:
                break
            if hit or won:
                return won, False
    return t.target_first, True


@inner
def pass_bar(
    s: State,
    bar: Bar,
    i: int,
    rules: Rules,
    risk: Risk,
    o: Orders,
    t: Terms,
    detail: Bars,
    first: Ints,
    tally: Floats,
    log: Log,
    counts: Floats,
) -> bool:
    """Take the position through bar i; True if it was left there.

    What the open decides comes first. Then what is worse: stop before target, unless finer bars
    tell otherwise; units are added and parts left only in a bar that touches no stop.
    """
    if not watched(s, i, rules):
        return passed_unwatched(s, bar, i, risk, o, tally, log, counts)
    inside = bool(s.inside) and i == s.bar
    stop, reason = stop_level(s, risk, o, t)
    target = target_level(s, risk)
    if not inside and s.side * bar.open <= s.side * stop:
        leave_all(s, bar.open, i, reason, risk, o, tally, log)
        return True
    if not inside and s.side * bar.open >= s.side * target:
        leave_all(s, bar.open, i, TAKE_PROFIT, risk, o, tally, log)
        return True
    if stops_in(s, bar, stop, o):
        if not inside and gains_first(s, bar, i, stop, target, risk, o, t, detail, first, counts):
            if np.isnan(scale_level(s, o)):
                leave_all(s, target, i, TAKE_PROFIT, risk, o, tally, log)
                return True
            scale_out(s, bar, risk, o, tally)
        quoted = s.side * min(s.side * stop, s.side * s.first) if inside else stop
        leave_all(s, quoted, i, reason, risk, o, tally, log)
        return True
    return lives_on(s, bar, i, inside, target, risk, o, tally, log, counts)


@inner
def stops_in(s: State, bar: Bar, stop: float, o: Orders) -> bool:
    """The bar reaches the stop, which is nearer than liquidation."""
    worst = bar.low if s.side > 0 else bar.high
    return s.side * worst <= s.side * stop and value(s, stop) > margin(o) * s.size * stop


@inner
def best_of(s: State, bar: Bar) -> float:
    """The extreme of the bar that is a gain."""
    return bar.high if s.side > 0 else bar.low


@inner
def gains_first(
    s: State,
    bar: Bar,
    i: int,
    stop: float,
    target: float,
    risk: Risk,
    o: Orders,
    t: Terms,
    detail: Bars,
    first: Ints,
    counts: Floats,
) -> bool:
    """A bar that reaches the stop reaches a target before it; one that may have is counted."""
    level = target if np.isnan(o.scale_out_at) else nearer(s, target, scale_level(s, o))
    if not s.side * best_of(s, bar) >= s.side * level:
        return False
    won, unknown = target_before_stop(s, i, stop, level, detail, first, t)
    counts[AMBIGUOUS] += 1.0 if unknown else 0.0
    return won


@inner
def lives_on(
    s: State,
    bar: Bar,
    i: int,
    inside: bool,
    target: float,
    risk: Risk,
    o: Orders,
    tally: Floats,
    log: Log,
    counts: Floats,
) -> bool:
    """A bar without a stop: liquidation, then units, parts, and the target last."""
    fatal = ruin_level(s, bar, o, inside)
    if not np.isnan(fatal):
        liquidate_at(s, fatal, i, risk, o, tally, log, counts)
        return True
    if i > s.bar and o.pyramiding > 0.0:
        add_units(s, bar, risk, o, tally)
    if inside:
        return False
    best = best_of(s, bar)
    if s.side * best >= s.side * scale_level(s, o):
        scale_out(s, bar, risk, o, tally)
    if s.side * best >= s.side * target:
        leave_all(s, target, i, TAKE_PROFIT, risk, o, tally, log)
        return True
    return False


@inner
def passed_unwatched(
    s: State, bar: Bar, i: int, risk: Risk, o: Orders, tally: Floats, log: Log, counts: Floats
) -> bool:
    """Too early for stops, not for ruin, unless the entry was at the close."""
    if i > s.bar or not s.at_close:
        fatal = ruin_level(s, bar, o, bool(s.inside))
        if not np.isnan(fatal):
            liquidate_at(s, fatal, i, risk, o, tally, log, counts)
            return True
    return False


@inner
def nearer(s: State, target: float, other: float) -> float:
    """The nearer of two levels of gain, either of which may be NaN."""
    if np.isnan(target) or s.side * other < s.side * target:
        return other
    return target


@inner
def scale_out(s: State, bar: Bar, risk: Risk, o: Orders, tally: Floats) -> None:
    """Leave a part at its level, or at the open beyond it."""
    level = s.side * max(s.side * scale_level(s, o), s.side * bar.open)
    part = 0.5 if np.isnan(o.scale_out_part) else o.scale_out_part
    size = in_lots(part * s.size, level, o)
    s.scaled = 1
    if 0.0 < size < s.size:
        leave_part(s, size, level, risk, o, tally)


@inner
def add_units(s: State, bar: Bar, risk: Risk, o: Orders, tally: Floats) -> None:
    """Add units at the levels that the bar reaches, each at its level or at the open beyond."""
    best = bar.high if s.side > 0 else bar.low
    while s.added < o.pyramiding:
        level = s.first * (1.0 + s.side * (s.added + 1) * o.add_at * s.unit)
        if s.side * best < s.side * level:
            break
        s.added += 1
        quoted = s.side * max(s.side * level, s.side * bar.open)
        price = quoted * (1.0 + s.side * risk.slippage)
        size = min(s.unit_size, room_for_more(s, price, risk.commission, o))
        size = in_lots(size, price, o)
        if size > 0.0:
            buy(s, size, price, risk.commission, o, tally)


@inner
def lived_through(s: State, bar: Bar, i: int, rules: Rules, o: Orders) -> None:
    """After bar i: the best price takes it in, and what its close arms is armed."""
    if s.inside and i == s.bar:
        s.best = s.side * max(s.side * s.best, s.side * bar.close)
    elif watched(s, i, rules):
        s.best = max(s.best, bar.high) if s.side > 0 else min(s.best, bar.low)
    profit = s.side * (bar.close - s.first)
    if profit >= o.break_even * s.unit * s.first:
        s.even = 1
    if profit >= o.trail_after * s.unit * s.first:
        s.trails = 1

"""One backtest with orders, sizes and costs of every kind, bar by bar: docs/orders.md as code."""

import math
from typing import NamedTuple

import numpy as np
from numba import types

from kernels.engine.bar_engine import Intent, decide, wanted
from kernels.engine.order_settings import LIMIT, MARKET, Orders, Terms
from kernels.engine.position import END, EXPOSED, MAX_BARS, SESSION, SIGNAL, Log
from kernels.engine.settings import Risk, Rules
from kernels.jit.array_types import MEMBERS, SERIES, TABLE, Bools, Codes, Floats, Ints
from kernels.jit.inner import inner
from kernels.orders.counts import HELD, STOP_AT, TARGET_AT, THROUGH, TOUCHED
from kernels.orders.entries import fill_order, order_price, place, reached
from kernels.orders.exits import (
    lived_through,
    pass_bar,
    ruin_at_close,
    stop_level,
    stop_within,
    target_level,
)
from kernels.orders.position import State, begin, book, leave_all, value
from kernels.orders.quiet import is_quiet, live_quietly, may_be_quiet, moves, set_range
from kernels.series.bars import BARS, Bar, Bars

BOOLS = types.Array(types.boolean, 1, "C", readonly=True)


class Context(NamedTuple):
    """Arrays that all configurations of a batch read next to the bars.

    Attributes:
        ranges: (k, n_bars) average true ranges, a row per length.
        spreads: (k, n_bars) realised volatilities per bar, a row per length.
        range_rows: (n,) row of each configuration.
        spread_rows: (n,) row of each configuration.
        last: (n_bars,) the bar is the last of its session; empty where it does not matter.
        funding: (n_bars,) rate that longs pay at the bar's open; empty = none.
        detail: finer bars; empty = none.
        first: (n_bars + 1,) first finer bar of each bar; empty = none.
    """

    ranges: Floats
    spreads: Floats
    range_rows: Ints
    spread_rows: Ints
    last: Bools
    funding: Floats
    detail: Bars
    first: Ints


CONTEXT = types.NamedTuple(  # type: ignore[no-untyped-call]
    [TABLE, TABLE, MEMBERS, MEMBERS, BOOLS, SERIES, BARS, MEMBERS], Context
)


class Levels(NamedTuple):
    """Prices of the strategy's own, decided at each close: (n_bars,) each, NaN = none."""

    stop: Floats
    target: Floats
    limit: Floats


@inner
def simulate_orders(
    s: State,
    bars: Bars,
    codes: Codes,
    levels: Levels,
    context: Context,
    k: int,
    start: int,
    stop: int,
    rules: Rules,
    risk: Risk,
    o: Orders,
    t: Terms,
    equity: Floats,
    tally: Floats,
    log: Log,
    counts: Floats,
) -> None:
    """Trade the codes over bars start..stop-1, flat at the start; see `simulation.simulate`.

    Args:
        s: scratch record of `position.STATE`.
        bars: prices of the whole series.
        codes: (n_bars,) decided at each close.
        levels: prices decided at each close; read if `t.levels`.
        context: of the batch.
        k: the configuration's place in the batch.
        start: first bar, included.
        stop: last bar, excluded.
        rules: of all.
        risk: of the configuration.
        o: of the configuration.
        t: of all.
        equity: out, (>= stop - start,).
        tally: out, (N_TALLY,), zeros on entry.
        log: out, the first trades.
        counts: out, (N_COUNTS,), zeros on entry.
    """
    begin(s, rules.initial_capital)
    atr = context.ranges[context.range_rows[k]]
    vol = context.spreads[context.spread_rows[k]]
    quiet, moving = may_be_quiet(o, t, context.funding), moves(risk, o)
    for i in range(start, stop):
        if quiet and is_quiet(s, codes[i], bars.low[i], bars.high[i], i, rules, o):
            equity[i - start] = value(s, bars.close[i])
            live_quietly(s, bars, i, moving, rules, risk, o, t, tally)
            continue
        bar = Bar(bars.open[i], bars.high[i], bars.low[i], bars.close[i])
        last = t.session_flat and context.last[i]
        pay_funding(s, bar, i, context)
        stopped = at_open(s, bar, i, rules, risk, o, t, tally, log)
        if waiting(s, i, last, o) and not stopped and not (s.kind == MARKET and rules.same_close):
            work(s, bar, i, atr, vol, rules, risk, o, t, tally, counts)
        if s.side != 0 and pass_bar(
            s, bar, i, rules, risk, o, t, context.detail, context.first, tally, log, counts
        ):
            stopped = True
        if last and s.side != 0:
            leave_all(s, bar.close, i, SESSION, risk, o, tally, log)
            stopped = True
        take_in(s, codes[i], i, bar.close, atr, levels, stopped, rules, o, t)
        if rules.same_close and wanted(intent_of(s)) != s.side:
            at_close(s, bar, i, last, atr, vol, levels, rules, risk, o, t, tally, log)
        if s.order != 0 and s.kind != MARKET and i >= s.until:
            ignore(s)
        take_levels(s, levels, i, t)
        worth = charged(s, bar.close, o, rules)
        if worth <= 0.0:
            ruin_at_close(s, bar.close, i, tally, log, counts)
            equity[i - start : stop - start] = 0.0
            return
        equity[i - start] = worth
        if s.side != 0:
            tally[EXPOSED] += 1.0
            lived_through(s, bar, i, rules, o)
            set_range(s, risk, o, t)
    left_open(s, risk, o, t, counts)
    count_open(s, bars.close[stop - 1], stop - 1, tally, log)


@inner
def left_open(s: State, risk: Risk, o: Orders, t: Terms, counts: Floats) -> None:
    """Tell the position that is open at the end, and its levels."""
    counts[HELD], counts[STOP_AT], counts[TARGET_AT] = 0.0, np.nan, np.nan
    if s.side != 0:
        counts[HELD] = s.side * s.size
        counts[STOP_AT] = stop_level(s, risk, o, t)[0]
        counts[TARGET_AT] = target_level(s, risk)


@inner
def take_levels(s: State, levels: Levels, i: int, t: Terms) -> None:
    """The strategy's own prices of this close are in force from the next bar on."""
    if t.levels:
        s.stop, s.target = levels.stop[i], levels.target[i]


@inner
def count_open(s: State, close: float, i: int, tally: Floats, log: Log) -> None:
    """Count a position still open at the end, valued at the last close, without exit fee."""
    if s.side != 0:
        s.left += s.size * close
        book(s, i, value(s, close) - s.stake, END, tally, log)


@inner
def intent_of(s: State) -> Intent:
    """Intent of the strategy after a close."""
    return Intent(s.code, s.ignored != 0, s.seen != 0)


@inner
def ignore(s: State) -> None:
    """Follow the code in force no more, until it changes."""
    s.ignored = 1
    s.order = 0


@inner
def waiting(s: State, i: int, last: bool, o: Orders) -> bool:
    """An order may be filled in bar i: flat, not in a session's last bar, nor too soon."""
    ready = s.side == 0 and s.order != 0 and s.cash > 0.0
    return ready and not last and i > s.last_exit + wait(o)


@inner
def pay_funding(s: State, bar: Bar, i: int, context: Context) -> None:
    """Longs pay shorts the rate of the bar on the notional at its open."""
    if s.side != 0 and context.funding.size:
        rate = context.funding[i]
        if rate == rate:
            s.cash -= s.side * s.size * bar.open * rate


@inner
def take_in(
    s: State,
    code: int,
    i: int,
    close: float,
    atr: Floats,
    levels: Levels,
    stopped: bool,
    rules: Rules,
    o: Orders,
    t: Terms,
) -> None:
    """After the close of bar i: its code, and the order that comes of it."""
    before, seen = s.code, s.seen
    intent = decide(intent_of(s), code, stopped, rules)
    s.code, s.ignored, s.seen = intent.code, 1 if intent.ignored else 0, 1 if intent.seen else 0
    side = wanted(intent)
    limit = levels.limit[i] if t.levels else np.nan
    if intent.code != before or not seen or side == 0:
        place(s, side if side != s.side else 0, i, close, atr[i], limit, o, t)
    elif s.order != 0 and s.kind != MARKET and not np.isnan(limit):
        s.level = limit


@inner
def at_close(
    s: State,
    bar: Bar,
    i: int,
    last: bool,
    atr: Floats,
    vol: Floats,
    levels: Levels,
    rules: Rules,
    risk: Risk,
    o: Orders,
    t: Terms,
    tally: Floats,
    log: Log,
) -> None:
    """Fill market orders at the close that decided them."""
    if s.side != 0:
        leave_all(s, bar.close, i, SIGNAL, risk, o, tally, log)
    if waiting(s, i, last, o) and s.kind == MARKET:
        stop = levels.stop[i] if t.levels else np.nan
        s.at_close, s.inside = 1, 0
        if not fill_order(s, bar.close, i, atr, vol, stop, risk, o, t, rules, tally):
            ignore(s)


@inner
def wait(o: Orders) -> int:
    """Bars after an exit in which nothing is entered; -1 = its own bar may be one of entry."""
    return -1 if math.isnan(o.cooldown) else int(o.cooldown)


@inner
def at_open(
    s: State,
    bar: Bar,
    i: int,
    rules: Rules,
    risk: Risk,
    o: Orders,
    t: Terms,
    tally: Floats,
    log: Log,
) -> bool:
    """Leave at the open what is due there; True if a stop within the bar displaces that order."""
    if s.side == 0:
        return False
    turned = not rules.same_close and wanted(intent_of(s)) != s.side
    if not turned and not i >= s.bar + o.max_bars:
        return False
    if rules.stop_first:
        price, reason = stop_within(s, bar, i, rules, risk, o, t)
        if reason >= 0:
            leave_all(s, price, i, reason, risk, o, tally, log)
            return True
    leave_all(s, bar.open, i, SIGNAL if turned else MAX_BARS, risk, o, tally, log)
    if not turned:
        ignore(s)
    return False


@inner
def work(
    s: State,
    bar: Bar,
    i: int,
    atr: Floats,
    vol: Floats,
    rules: Rules,
    risk: Risk,
    o: Orders,
    t: Terms,
    tally: Floats,
    counts: Floats,
) -> None:
    """Fill the working order if bar i does; one that comes to no size lapses."""
    quoted, inside = bar.open, False
    if s.kind != MARKET:
        if s.kind == LIMIT and reached(s, bar, True):
            counts[THROUGH if reached(s, bar, False) else TOUCHED] += 1.0
        if not reached(s, bar, t.touch):
            return
        quoted = order_price(s, bar)
        inside = quoted != bar.open
    s.at_close, s.inside = 0, 1 if inside else 0
    if not fill_order(s, quoted, i, atr, vol, s.stop, risk, o, t, rules, tally):
        ignore(s)


@inner
def charged(s: State, close: float, o: Orders, rules: Rules) -> float:
    """Equity after the interest of one bar: on a short's notional, on a long's borrowed cash."""
    if s.side < 0:
        s.cash -= s.size * close * o.borrow_rate / rules.periods_per_year
    elif s.side > 0 and s.cash < 0.0:
        s.cash += s.cash * o.cash_rate / rules.periods_per_year
    return value(s, close)

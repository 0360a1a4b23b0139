"""One backtest of weights, bar by bar: the share of the equity that is wanted after each close."""

import math

import numpy as np

from kernels.engine.order_settings import Orders
from kernels.engine.position import END, EXPOSED, SIGNAL, TURNOVER, Log
from kernels.engine.settings import Risk, Rules
from kernels.jit.array_types import Floats
from kernels.jit.inner import inner
from kernels.orders.counts import HELD, STOP_AT, TARGET_AT
from kernels.orders.exits import liquidate_at, ruin_at_close, ruin_level
from kernels.orders.lane_state import DUST
from kernels.orders.order_engine import Context, charged, pay_funding
from kernels.orders.position import State, begin, book, value
from kernels.series.bars import Bar, Bars


@inner
def simulate_weights(
    s: State,
    bars: Bars,
    weights: Floats,
    context: Context,
    start: int,
    stop: int,
    rules: Rules,
    risk: Risk,
    o: Orders,
    equity: Floats,
    tally: Floats,
    log: Log,
    counts: Floats,
) -> None:
    """Trade to the weights over bars start..stop-1, flat at the start.

    Args:
        s: scratch record of `position.STATE`.
        bars: prices of the whole series.
        weights: (n_bars,) of `allow`.
        context: of the batch.
        start: first bar, included.
        stop: last bar, excluded.
        rules: of all.
        risk: of the configuration; its costs are read.
        o: of the configuration.
        equity: out, (>= stop - start,).
        tally: out, (N_TALLY,), zeros on entry.
        log: out, the first trades, from flat to flat or from sign to sign.
        counts: out, (N_COUNTS,), zeros on entry.
    """
    begin(s, rules.initial_capital)
    wanted = np.nan
    for i in range(start, stop):
        bar = Bar(bars.open[i], bars.high[i], bars.low[i], bars.close[i])
        pay_funding(s, bar, i, context)
        if not rules.same_close:
            trade_to(s, wanted, bar.open, i, risk, o, tally, log)
        if s.side != 0 and (i > s.bar or not rules.same_close):
            fatal = ruin_level(s, bar, o, False)
            if not math.isnan(fatal):
                liquidate_at(s, fatal, i, risk, o, tally, log, counts)
        wanted = weights[i]
        if rules.same_close:
            trade_to(s, wanted, bar.close, i, risk, o, tally, log)
        worth = charged(s, bar.close, o, rules)
        if worth <= 0.0:
            ruin_at_close(s, bar.close, i, tally, log, counts)
            equity[i - start : stop - start] = 0.0
            return
        equity[i - start] = worth
        if s.side != 0:
            tally[EXPOSED] += 1.0
    count_left(s, bars.close[stop - 1], stop - 1, tally, log, counts)


@inner
def count_left(s: State, close: float, i: int, tally: Floats, log: Log, counts: Floats) -> None:
    """Count what is still held at the close of the last bar, i."""
    counts[HELD], counts[STOP_AT], counts[TARGET_AT] = s.side * s.size, np.nan, np.nan
    if s.side != 0:
        s.left += s.size * close
        book(s, i, value(s, close) - s.stake, END, tally, log)


@inner
def allow(weights: Floats, context: Context, k: int, rules: Rules, o: Orders) -> None:
    """Weights of configuration k after direction, volatility target and leverage, in place.

    Args:
        weights: (n_bars,) wanted after each close, signed shares of the equity; NaN = keep.
        context: of the batch.
        k: the configuration's place in the batch.
        rules: of all.
        o: of the configuration.
    """
    vol = context.spreads[context.spread_rows[k]]
    for i in range(weights.size):
        weight = weights[i]
        if (weight > 0.0 and not rules.long) or (weight < 0.0 and not rules.short):
            weight = 0.0
        if o.vol_target > 0.0 and weight != 0.0:
            weight *= o.vol_target / (vol[i] * math.sqrt(rules.periods_per_year))
        weight = -o.leverage if weight < -o.leverage else weight
        weights[i] = o.leverage if weight > o.leverage else weight


@inner
def trade_to(
    s: State, wanted: float, quoted: float, i: int, risk: Risk, o: Orders, tally: Floats, log: Log
) -> None:
    """Trade to a weight at a quoted price, if it is further off than the band; NaN trades nothing.

    The weight is that of the equity after the costs of the trade, at the price after slippage.
    """
    if wanted != wanted or value(s, quoted) <= 0.0:
        return
    off = wanted - s.side * s.size * quoted / value(s, quoted)
    if abs(off) <= max(o.no_trade_band, DUST):
        return
    way = 1.0 if off > 0.0 else -1.0
    price = quoted * (1.0 + way * risk.slippage)
    held = s.side * s.size
    target = in_whole_lots(size_after_costs(s, wanted, way, price, risk, o), o)
    traded = (target - held) * way
    if traded <= 0.0 or traded * price < o.min_notional:
        return
    paid = fee_of(traded, price, risk, o)
    if s.side != 0 and target * s.side <= 0.0:
        part = s.size / traded
        tally[TURNOVER] += s.size * price / value(s, price)
        close_out(s, price, paid * part, i, tally, log)
        paid -= paid * part
        traded = abs(target)
    if traded > 0.0 and value(s, price) > 0.0:
        tally[TURNOVER] += traded * price / value(s, price)
    if target != 0.0:
        move(s, target, price, paid, i)
        if wanted == 1.0 and not o.lot > 0.0:
            s.cash = 0.0  # nothing is left, to the last bit


@inner
def fee_of(size: float, price: float, risk: Risk, o: Orders) -> float:
    """Commission of one fill."""
    variable = size * (price * risk.commission + o.commission_per_share)
    return max(variable, o.commission_minimum) + o.commission_fixed


@inner
def size_after_costs(
    s: State, wanted: float, way: float, price: float, risk: Risk, o: Orders
) -> float:
    """Signed size that is the wanted share of the equity which is left after the fee.

    size * price = wanted * (equity - fee), and the fee is linear in the size, or its least.
    """
    equity, held = value(s, price), s.side * s.size
    rate = risk.commission + o.commission_per_share / price
    left = equity - o.commission_fixed
    size = wanted * (left + way * rate * held * price) / (price * (1.0 + way * wanted * rate))
    if abs(size - held) * price * rate < o.commission_minimum:
        size = wanted * (left - o.commission_minimum) / price
    return size


@inner
def in_whole_lots(size: float, o: Orders) -> float:
    """A signed size in whole lots, towards zero."""
    if not o.lot > 0.0:
        return size
    return math.copysign(math.floor(abs(size) / o.lot + 1e-9) * o.lot, size)


@inner
def close_out(s: State, price: float, paid: float, i: int, tally: Floats, log: Log) -> None:
    """Leave all at a price after slippage."""
    s.left += s.size * price
    s.cash = value(s, price) - paid
    book(s, i, s.cash - s.stake, SIGNAL, tally, log)
    s.side, s.size, s.last_exit = 0, 0.0, i


@inner
def move(s: State, target: float, price: float, paid: float, i: int) -> None:
    """Change the position to another size of its sign, or open it."""
    if s.side == 0:
        s.stake = s.cash
        s.side = 1 if target > 0.0 else -1
        s.entered = s.paid = s.left = 0.0
        s.first, s.bar = price, i
        s.added = 1  # prices of the trade are averages
    change = abs(target) - s.size
    if change > 0.0:
        s.entered += change
        s.paid += change * price
    else:
        s.left -= change * price
    s.cash -= s.side * change * price + paid
    s.size = abs(target)

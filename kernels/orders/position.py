"""A position that orders build up and take down, and what each fill does to cash and tally.

All prices that come in are quoted; slippage and fees are applied here. The state is one record
that the engine's functions write to: a position has too many fields to hand around as a tuple.
"""

import numpy as np

from kernels.engine.order_settings import Orders
from kernels.engine.position import (
    LIQUIDATION,
    LOSS,
    LOSSES,
    PROFIT,
    RETURN_LOST,
    RETURN_WON,
    TRADES,
    TURNOVER,
    WINS,
    Log,
)
from kernels.engine.settings import Risk
from kernels.jit.array_types import Floats
from kernels.jit.inner import inner


class State:
    """The state as Numba hands it over: a record of STATE.

    Attributes:
        cash: quote currency, below 0 what is borrowed.
        side: +1, 0 or -1.
        size: held now.
        entered: bought in all, or sold short.
        paid: for all of it, without fees.
        left: taken in by parts that were left, without fees.
        first: price of the first fill, from which distances count.
        unit_size: of the first fill.
        unit: of distances, as a fraction of the first price.
        bar: of the entry.
        stake: equity just before it.
        best: price since, for the trailing stop.
        inside: the entry was inside its bar, not at the open.
        at_close: the entry was at its bar's close.
        even: the break-even stop is in force.
        trails: the trailing stop is in force.
        scaled: a part was left already.
        added: units.
        last_exit: bar.
        decided: bar at whose close the working order was.
        order: side of the working order; 0 = none.
        kind: MARKET, LIMIT or STOP.
        level: of a limit or stop.
        until: last bar in which it works.
        stop: the strategy's own stop in force; NaN = none.
        target: the strategy's own target in force; NaN = none.
        code: in force: +1, 0 or -1.
        ignored: until it changes.
        seen: a code has come.
        low, high: prices strictly between which a bar touches no level of the position.
    """

    cash: float
    side: int
    size: float
    entered: float
    paid: float
    left: float
    first: float
    unit_size: float
    unit: float
    bar: int
    stake: float
    best: float
    inside: int
    at_close: int
    even: int
    trails: int
    scaled: int
    added: int
    last_exit: int
    decided: int
    order: int
    kind: int
    level: float
    until: int
    stop: float
    target: float
    code: int
    ignored: int
    seen: int
    low: float
    high: float


STATE = np.dtype(
    [
        (name, np.float64 if kind is float else np.int64)
        for name, kind in State.__annotations__.items()
    ]
)

LONG_AGO = -(2**60)


@inner
def begin(s: State, cash: float) -> None:
    """Cash only, no order, nothing left before."""
    s.cash = cash
    s.side = 0
    s.size = 0.0
    s.order = 0
    s.decided = -1
    s.last_exit = LONG_AGO
    s.stop = np.nan
    s.target = np.nan
    s.code = 0
    s.ignored = 0
    s.seen = 0


@inner
def value(s: State, price: float) -> float:
    """Equity with the position valued at a price."""
    return s.cash + s.side * s.size * price if s.side != 0 else s.cash


@inner
def fee(size: float, price: float, rate: float, o: Orders) -> float:
    """Commission of one fill; below 0 is a rebate."""
    variable = size * price * rate + size * o.commission_per_share
    if o.commission_minimum > 0.0:
        variable = max(variable, o.commission_minimum)
    return variable + o.commission_fixed


@inner
def affordable(budget: float, price: float, rate: float, o: Orders) -> float:
    """Size whose notional and fee are worth the budget; 0 if that does not cover the fee."""
    budget -= o.commission_fixed
    if budget <= 0.0:
        return 0.0
    size = budget / (price * (1.0 + rate) + o.commission_per_share)
    least = o.commission_minimum
    if least > 0.0 and size * (price * rate + o.commission_per_share) < least:
        size = max(0.0, (budget - o.commission_minimum) / price)
    return size


@inner
def in_lots(size: float, price: float, o: Orders) -> float:
    """The size as the market takes it: whole lots, and 0 below the least notional."""
    if o.lot > 0.0:
        size = np.floor(size / o.lot * (1.0 + 1e-12) + 1e-9) * o.lot
    if o.min_notional > 0.0 and size * price < o.min_notional:
        return 0.0
    return size


@inner
def buy(s: State, size: float, price: float, rate: float, o: Orders, tally: Floats) -> None:
    """Make the position larger by a fill at a price after slippage."""
    notional = size * price
    equity = value(s, price)
    if equity > 0.0:
        tally[TURNOVER] += notional / equity
    s.cash -= s.side * notional + fee(size, price, rate, o)
    s.size += size
    s.entered += size
    s.paid += notional


@inner
def open_position(
    s: State, side: int, size: float, price: float, rate: float, i: int, o: Orders, tally: Floats
) -> None:
    """The first fill, at a price after slippage; `unit` and `inside` are the caller's."""
    s.stake = s.cash
    s.side = side
    s.size = 0.0
    s.entered = 0.0
    s.paid = 0.0
    s.left = 0.0
    s.first = price
    s.unit_size = size
    s.bar = i
    s.best = price
    s.even = 0
    s.trails = 0
    s.scaled = 0
    s.added = 0
    s.order = 0
    buy(s, size, price, rate, o, tally)


@inner
def leave_part(s: State, size: float, quoted: float, risk: Risk, o: Orders, tally: Floats) -> None:
    """Take part of the position out at a quoted price."""
    price = quoted * (1.0 - s.side * risk.slippage)
    before = value(s, price)
    if before > 0.0:
        tally[TURNOVER] += size * price / before
    s.cash += s.side * size * price - fee(size, price, risk.commission, o)
    s.size -= size
    s.left += size * price


@inner
def leave_all(
    s: State, quoted: float, i: int, reason: int, risk: Risk, o: Orders, tally: Floats, log: Log
) -> None:
    """Close the position at a quoted price; equity at or below zero is liquidation."""
    price = quoted * (1.0 - s.side * risk.slippage)
    before = value(s, price)
    cash = before - fee(s.size, price, risk.commission, o)
    if cash <= 0.0:
        lose_all(s, price, i, tally, log)
        return
    tally[TURNOVER] += s.size * price / before
    s.left += s.size * price
    s.cash = cash
    book(s, i, cash - s.stake, reason, tally, log)
    s.side = 0
    s.size = 0.0
    s.last_exit = i


@inner
def lose_all(s: State, price: float, i: int, tally: Floats, log: Log) -> None:
    """Liquidation: nothing is left."""
    if s.side != 0:
        s.left += s.size * price
        book(s, i, -s.stake, LIQUIDATION, tally, log)
    s.cash = 0.0
    s.side = 0
    s.size = 0.0
    s.last_exit = i


@inner
def book(s: State, i: int, pnl: float, reason: int, tally: Floats, log: Log) -> None:
    """Count a finished trade, from flat to flat, and log it if the log has room for it."""
    trade = int(tally[TRADES])
    gain = pnl / s.paid
    tally[TRADES] += 1.0
    if pnl > 0.0:
        tally[WINS] += 1.0
        tally[PROFIT] += pnl
        tally[RETURN_WON] += gain
    elif pnl < 0.0:
        tally[LOSSES] += 1.0
        tally[LOSS] -= pnl
        tally[RETURN_LOST] += gain
    if trade < log.size:
        row = log[trade]
        row.entry_bar = s.bar
        row.exit_bar = i
        row.side = s.side
        row.entry_price = s.paid / s.entered if s.added > 0 else s.first
        row.exit_price = s.left / s.entered
        row.size = s.entered
        row.pnl = pnl
        row.return_ = gain
        row.exit_reason = reason

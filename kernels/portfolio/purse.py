"""One purse: cash and shares of many symbols, and the rebalance that makes costs fit.

A rebalance buys and sells at one moment with one common scale: with E the equity before, w the
weights, h the holdings' values and cost(d) what trading an amount d costs, the equity after solves

    E' = E - sum of cost(w E' - h),

so that the result does not depend on the order of the symbols, and costs come out of all of them.
The equation is a contraction by the cost per side: four steps come to 3e-15 at 0.2 %.

Slippage is inside the price and commission on the notional, as in `kernels.engine.position`: buying
a value v at the quoted price takes v (1 + slippage) (1 + commission) of cash, selling it gives
v (1 - slippage) (1 - commission).
"""

from typing import NamedTuple

import numpy as np

from kernels.engine.position import (
    END,
    LIQUIDATION,
    LOSS,
    LOSSES,
    PROFIT,
    RETURN_LOST,
    RETURN_WON,
    SIGNAL,
    TRADES,
    TURNOVER,
    WINS,
    Log,
)
from kernels.jit.array_types import Floats, Ints
from kernels.jit.inner import inner

DELISTED = 6
"""Reason of a trade whose symbol ended; the others are those of `kernels.engine.position`."""
REASONS = ("signal", "stop_loss", "take_profit", "trailing_stop", "end", "liquidation", "delisted")
STEPS = 64
"""Steps of the fixed point at most; it stops at the last bit."""

TRADE = np.dtype(
    [
        ("symbol", np.int64),
        ("entry_bar", np.int64),
        ("exit_bar", np.int64),
        ("side", np.int64),
        ("entry_price", np.float64),
        ("exit_price", np.float64),
        ("size", np.float64),
        ("pnl", np.float64),
        ("return_", np.float64),
        ("exit_reason", np.int64),
    ]
)
"""One holding from its first fill to its last. Prices are means of its fills after slippage; size
is all that was bought (of a short: sold); pnl is after commission; return_ is pnl over what was
bought."""


class Costs(NamedTuple):
    """Fractions per side."""

    commission: float
    slippage: float


class Purse(NamedTuple):
    """Arrays of N symbols, of the holding that is open; zeros where there is none.

    Attributes:
        shares: held, negative of a short.
        opened: bar of the first fill.
        entered: notional of the fills that opened or added, after slippage, > 0.
        bought: shares of these fills, > 0.
        left: notional of the fills that reduced or closed, after slippage, > 0.
        flow: cash that all fills brought, costs paid.
        value: scratch, at the quoted prices of a rebalance.
        want: weights wanted, zero between rebalances.
        held: symbols held, the first `n_held` entries.
        union: scratch of 2 N, symbols that a rebalance touches.
        values: scratch of 2 N, `value` of each of them.
        wants: scratch of 2 N, `want` of each of them.
    """

    shares: Floats
    opened: Ints
    entered: Floats
    bought: Floats
    left: Floats
    flow: Floats
    value: Floats
    want: Floats
    held: Ints
    union: Ints
    values: Floats
    wants: Floats


FEES = 0
N_EXTRA = 1
"""Places in the tally of a panel: the sum over rebalances of costs / equity."""


@inner
def fee(value: float, costs: Costs) -> float:
    """Cost of trading a signed value at the quoted price, in cash, >= 0."""
    if value > 0.0:
        return value * ((1.0 + costs.slippage) * (1.0 + costs.commission) - 1.0)
    return -value * (1.0 - (1.0 - costs.slippage) * (1.0 - costs.commission))


@inner
def notional(value: float, costs: Costs) -> float:
    """Value moved by trading a signed value at the quoted price, after slippage, >= 0."""
    return value * (1.0 + costs.slippage) if value > 0.0 else -value * (1.0 - costs.slippage)


@inner
def add(purse: Purse, i: int, shares: float, price: float, bar: int, costs: Costs) -> None:
    """Fill shares that open or add to a holding, signed."""
    if purse.shares[i] == 0.0:
        purse.opened[i] = bar
        purse.entered[i] = purse.bought[i] = purse.left[i] = purse.flow[i] = 0.0
    value = shares * price
    purse.shares[i] += shares
    purse.bought[i] += abs(shares)
    purse.entered[i] += notional(value, costs)
    purse.flow[i] -= value + fee(value, costs)


@inner
def reduce(purse: Purse, i: int, shares: float, price: float, costs: Costs) -> None:
    """Fill shares that reduce a holding, signed against it."""
    value = shares * price
    purse.left[i] += notional(value, costs)
    purse.flow[i] -= value + fee(value, costs)
    purse.shares[i] += shares


@inner
def close(
    purse: Purse, i: int, price: float, bar: int, reason: int, costs: Costs, tally: Floats, log: Log
) -> None:
    """Sell all of a holding and count the trade."""
    side = 1 if purse.shares[i] > 0.0 else -1
    reduce(purse, i, -purse.shares[i], price, costs)
    purse.shares[i] = 0.0
    settle(purse, i, side, purse.flow[i], bar, reason, tally, log)


@inner
def settle(
    purse: Purse, i: int, side: int, pnl: float, bar: int, reason: int, tally: Floats, log: Log
) -> None:
    """Count a finished trade, and log it if the log has room for it."""
    trade = int(tally[TRADES])
    gain = pnl / purse.entered[i]
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
        row.symbol = i
        row.entry_bar = purse.opened[i]
        row.exit_bar = bar
        row.side = side
        row.entry_price = purse.entered[i] / purse.bought[i]
        row.exit_price = purse.left[i] / purse.bought[i]
        row.size = purse.bought[i]
        row.pnl = pnl
        row.return_ = gain
        row.exit_reason = reason


@inner
def mark_all(purse: Purse, n_held: int, marks: Floats, bar: int, tally: Floats, log: Log) -> None:
    """Count what is still held at the end, valued at the last closes, without exit costs."""
    for j in range(n_held):
        i = purse.held[j]
        value = purse.shares[i] * marks[i, bar]
        purse.left[i] += abs(value)
        side = 1 if value > 0.0 else -1
        settle(purse, i, side, purse.flow[i] + value, bar, END, tally, log)
        purse.shares[i] = 0.0


@inner
def liquidate(purse: Purse, n_held: int, bar: int, stake: float, tally: Floats, log: Log) -> None:
    """Lose all: the holdings have together cost what the equity was, in equal parts."""
    for j in range(n_held):
        i = purse.held[j]
        side = 1 if purse.shares[i] > 0.0 else -1
        settle(purse, i, side, -stake / n_held, bar, LIQUIDATION, tally, log)
        purse.shares[i] = 0.0


@inner
def equity_at(
    purse: Purse, n_held: int, cash: float, prices: Floats, marks: Floats, bar: int
) -> tuple[float, float]:
    """Equity at the opens of a bar, and the part of it in symbols that do not trade there.

    Writes `purse.value` of what is held; a symbol without an open counts at its last close.
    """
    equity, stuck = cash, 0.0
    for j in range(n_held):
        i = purse.held[j]
        if np.isnan(prices[i]):
            value = purse.shares[i] * marks[i, bar - 1]
            stuck += value
        else:
            value = purse.shares[i] * prices[i]
        purse.value[i] = value
        equity += value
    return equity, stuck


@inner
def gather(purse: Purse, n_held: int, chosen: Ints, n: int, prices: Floats) -> int:
    """Put the symbols that a rebalance touches into `purse.union`; returns how many.

    Writes their values and wanted weights side by side into `purse.values` and `purse.wants`.
    """
    size = 0
    for j in range(n_held):
        i = purse.held[j]
        if not np.isnan(prices[i]):
            purse.union[size], purse.values[size] = i, purse.value[i]
            purse.wants[size] = purse.want[i]
            size += 1
    for j in range(n):
        i = chosen[j]
        if purse.shares[i] == 0.0 and not np.isnan(prices[i]):
            purse.union[size], purse.values[size] = i, 0.0
            purse.wants[size] = purse.want[i]
            size += 1
    return size


@inner
def fitted(values: Floats, wants: Floats, size: int, free: float, costs: Costs) -> float:
    """E' of the equation above for the equity that is free to trade.

    A cost is the higher of what buying and what selling the amount would take, since one of them is
    below zero: without a branch, and four sums side by side, it takes a quarter of the time.
    """
    buy, sell, after = fee(1.0, costs), -fee(-1.0, costs), free
    whole = size // 4 * 4
    for _ in range(STEPS):
        p0 = p1 = p2 = p3 = 0.0
        for j in range(0, whole, 4):
            d0, d1 = wants[j] * after - values[j], wants[j + 1] * after - values[j + 1]
            d2, d3 = wants[j + 2] * after - values[j + 2], wants[j + 3] * after - values[j + 3]
            p0, p1 = p0 + max(buy * d0, sell * d0), p1 + max(buy * d1, sell * d1)
            p2, p3 = p2 + max(buy * d2, sell * d2), p3 + max(buy * d3, sell * d3)
        for j in range(whole, size):
            change = wants[j] * after - values[j]
            p0 += max(buy * change, sell * change)
        before = after
        after = free - ((p0 + p1) + (p2 + p3))
        if abs(after - before) <= 1e-16 * abs(free):
            break
    return after


@inner
def rebalance(
    purse: Purse,
    n_held: int,
    cash: float,
    chosen: Ints,
    n: int,
    prices: Floats,
    marks: Floats,
    bar: int,
    costs: Costs,
    tally: Floats,
    extra: Floats,
    log: Log,
) -> tuple[int, float]:
    """Trade all symbols to `purse.want` at the opens of a bar; returns (symbols held, cash).

    Cash comes back as NaN when the equity is used up: the caller liquidates.

    Args:
        purse: `want` holds the weights of the chosen, and zero of all others.
        n_held: symbols held before.
        cash: before, quote currency.
        chosen: (>= n,) symbols with a weight; those without an open are not bought.
        n: how many they are.
        prices: (N,) opens of the bar, NaN where a symbol does not trade.
        marks: (N, T) last closes.
        bar: of the fill.
        costs: of this configuration.
        tally: of `kernels.engine.position`, changed.
        extra: places above, changed.
        log: trades.
    """
    equity, stuck = equity_at(purse, n_held, cash, prices, marks, bar)
    free = equity - stuck
    size = gather(purse, n_held, chosen, n, prices)
    after = fitted(purse.values, purse.wants, size, free, costs)
    if equity <= 0.0 or after <= 0.0:
        return n_held, np.nan
    traded, invested = 0.0, 0.0
    for j in range(size):
        i, aim = purse.union[j], purse.wants[j] * after
        traded += notional(aim - purse.values[j], costs)
        invested += aim
        trade_to(purse, i, aim / prices[i], prices[i], bar, costs, tally, log)
    tally[TURNOVER] += traded / equity
    extra[FEES] += (free - after) / equity
    return still_held(purse, n_held, size, prices), after - invested


@inner
def trade_to(
    purse: Purse,
    i: int,
    shares: float,
    price: float,
    bar: int,
    costs: Costs,
    tally: Floats,
    log: Log,
) -> None:
    """Trade one symbol to a number of shares; one that changes side is closed, then opened."""
    have = purse.shares[i]
    if have != 0.0 and have * shares <= 0.0:
        close(purse, i, price, bar, SIGNAL, costs, tally, log)
        have = 0.0
    change = shares - have
    if change == 0.0:
        return
    if have * change < 0.0:
        reduce(purse, i, change, price, costs)
    else:
        add(purse, i, change, price, bar, costs)
    purse.shares[i] = shares


@inner
def still_held(purse: Purse, n_held: int, size: int, prices: Floats) -> int:
    """Write `purse.held` after a rebalance: what could not trade, and what has shares."""
    n = 0
    for j in range(n_held):
        i = purse.held[j]
        if np.isnan(prices[i]):
            purse.held[n] = i
            n += 1
    for j in range(size):
        i = purse.union[j]
        if purse.shares[i] != 0.0:
            purse.held[n] = i
            n += 1
    return n

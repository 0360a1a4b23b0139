"""Backtest of one pair on one window: both legs fill at one open, out of one purse.

A side that is wanted after a close is traded at the next open, one of the spread with weights
1 / (1 + |b|) and -b / (1 + |b|) of the equity after costs, b the hedge ratio at that close; the
shares then stay until the side changes. Both symbols must have an open, else the trade waits. When
a symbol ends it is sold at its last close on the first bar without it, and the other is closed at
the next open that it has.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from kernels.engine.position import EXPOSED, TURNOVER, Log
from kernels.jit.array_types import Codes, Floats, Ints
from kernels.jit.inner import inner
from kernels.portfolio.purse import (
    DELISTED,
    FEES,
    Costs,
    Purse,
    close,
    fee,
    liquidate,
    mark_all,
    notional,
    rebalance,
)


class Legs(NamedTuple):
    """Bars of the two symbols of a pair.

    Attributes:
        opens: (2, T) NaN where one does not trade.
        marks: (2, T) last closes.
        last: (2,) last bar with a close.
    """

    opens: Floats
    marks: Floats
    last: Ints


@njit(error_model="numpy")
def legs_purse() -> Purse:
    """An empty purse for two symbols."""
    f, i = np.zeros((7, 2)), np.zeros((2, 2), np.int64)
    union, values, wants = np.zeros(4, np.int64), np.zeros(4), np.zeros(4)
    return Purse(f[0], i[0], f[1], f[2], f[3], f[4], f[5], f[6], i[1], union, values, wants)


@inner
def bury_ended(
    purse: Purse,
    n_held: int,
    cash: float,
    legs: Legs,
    t: int,
    before: float,
    delisting: float,
    costs: Costs,
    tally: Floats,
    extra: Floats,
    log: Log,
) -> tuple[int, float]:
    """Sell what ended before bar t at its last close; returns (symbols held, cash)."""
    n = 0
    for j in range(n_held):
        i = purse.held[j]
        if legs.last[i] >= t:
            purse.held[n] = i
            n += 1
            continue
        price = legs.marks[i, legs.last[i]] * (1.0 + delisting)
        value = purse.shares[i] * price
        tally[TURNOVER] += notional(-value, costs) / before
        extra[FEES] += fee(-value, costs) / before
        cash += value - fee(-value, costs)
        close(purse, i, price, t, DELISTED, costs, tally, log)
    return n, cash


@inner
def allowed_side(sides: Codes, at: int, allowed: int, legs: Legs, t: int) -> int:
    """Side wanted at the last close, 0 if it is not allowed or a symbol has ended by bar t."""
    if at < 0 or legs.last[0] < t or legs.last[1] < t:
        return 0
    return sides[at] if allowed == 0 or sides[at] == allowed else 0


@inner
def can_fill(purse: Purse, legs: Legs, wanted: int, ratio: float, t: int) -> bool:
    """True when all that is to be traded at bar t has an open, and an entry a hedge ratio."""
    if wanted != 0 and np.isnan(ratio):
        return False
    for i in range(2):
        if (wanted != 0 or purse.shares[i] != 0.0) and np.isnan(legs.opens[i, t]):
            return False
    return True


@inner
def worth(purse: Purse, cash: float, legs: Legs, t: int) -> float:
    """Equity at the close of bar t."""
    total = cash
    for i in range(2):
        if purse.shares[i] != 0.0:
            total += purse.shares[i] * legs.marks[i, t]
    return total


@inner
def weights_of(side: int, ratio: float, cap: float, want: Floats) -> int:
    """Write the weights of both legs, (2,), none above the cap; returns how many there are."""
    want[0] = want[1] = 0.0
    if side == 0:
        return 0
    gross = 1.0 + abs(ratio)
    want[0], want[1] = side / gross, -side * ratio / gross
    for i in range(2):
        if abs(want[i]) > cap:
            want[i] = cap if want[i] > 0.0 else -cap
    return 2


@njit(cache=True, error_model="numpy", nogil=True)
def simulate_pair(
    sides: Codes,
    ratios: Floats,
    legs: Legs,
    start: int,
    stop: int,
    allowed: int,
    cap: float,
    costs: tuple[float, float],
    delisting: float,
    initial: float,
    equity: Floats,
    tally: Floats,
    extra: Floats,
    shares: Floats,
    log: Log,
) -> float:
    """Run it; returns the mean number of symbols held at the closes.

    Args:
        sides: (T,) wanted after each close of the window: 1, -1, 0.
        ratios: (n_bars,) of the series.
        legs: their bars.
        start: first bar of the window.
        stop: the bar after its last.
        allowed: 1 only long spreads, -1 only short ones, 0 both.
        cap: highest weight of a leg; NaN for none.
        costs: commission and slippage, fractions per side.
        delisting: return of a symbol after its last close.
        initial: equity before the first bar.
        equity: out, (T,) at each close.
        tally: of `kernels.engine.position`, zeros on entry.
        extra: of `purse`, zeros on entry.
        shares: out, (T, 2) held at each close; (0, 2) for none.
        log: out, trades; (0,) for none.
    """
    purse, paid = legs_purse(), Costs(costs[0], costs[1])
    chosen = np.array([0, 1])
    n_held, cash, side, held = 0, initial, 0, 0
    before, stake = initial, initial
    for t in range(start, stop):
        n_alive, cash = bury_ended(
            purse, n_held, cash, legs, t, before, delisting, paid, tally, extra, log
        )
        broken = n_alive < n_held
        n_held = n_alive
        wanted = 0 if broken else allowed_side(sides, t - start - 1, allowed, legs, t)
        ratio = ratios[t - 1] if t > start else np.nan
        if (wanted != side or (wanted == 0 and n_held > 0)) and can_fill(
            purse, legs, wanted, ratio, t
        ):
            n = weights_of(wanted, ratio, cap, purse.want)
            stake = before
            n_held, cash = rebalance(
                purse, n_held, cash, chosen, n, legs.opens[:, t], legs.marks, t, paid, tally,
                extra, log,
            )  # fmt: skip
            side = wanted
        now = worth(purse, cash, legs, t)
        if not now > 0.0:
            liquidate(purse, n_held, t, stake, tally, log)
            equity[t - start :] = 0.0
            shares[t - start :] = 0.0
            return held / (stop - start)
        equity[t - start] = before = now
        tally[EXPOSED] += 1.0 if n_held else 0.0
        held += n_held
        if shares.shape[0]:
            shares[t - start, 0], shares[t - start, 1] = purse.shares[0], purse.shares[1]
    mark_all(purse, n_held, legs.marks, stop - 1, tally, log)
    return held / (stop - start)

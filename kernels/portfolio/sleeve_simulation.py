"""One purse divided among sleeves: transfers, equity, and the trades of all members.

A sleeve's value is its scale times what a unit of capital has become in its member. At the close of
every `cadence`-th bar of the window, but the last, scales are set so that each sleeve has its share
of the equity after costs V', with V the equity before, w the shares, v the values and c the cost of
what moves: V' = V - c sum |w V' - v|, the equation of `kernels.portfolio.purse`. A sleeve that has
lost all gets nothing more: its share stays in cash.
"""

import numpy as np
from numba import njit

from kernels.engine.position import (
    EXPOSED,
    LOSS,
    LOSSES,
    PROFIT,
    RETURN_LOST,
    RETURN_WON,
    TRADES,
    TURNOVER,
    WINS,
)
from kernels.jit.array_types import Bytes, Floats, Ints
from kernels.jit.inner import inner

ENTRY, GAIN, MONEY, OWNER, N_COLUMNS = range(5)
"""Columns of a table of trades: entry bar in the window, return, pnl of a unit of capital, and the
sleeve."""
STEPS = 64


@inner
def divide(values: Floats, shares: Floats, cash: float, cost: float, want: Floats) -> float:
    """Write the values wanted after a transfer; returns the equity after costs."""
    total = cash
    for i in range(values.size):
        total += values[i]
    after = total
    for _ in range(STEPS):
        moved = 0.0
        for i in range(values.size):
            want[i] = shares[i] * after if values[i] > 0.0 else 0.0
            moved += abs(want[i] - values[i])
        before = after
        after = total - cost * moved
        if abs(after - before) <= 1e-16 * total:
            break
    for i in range(values.size):
        want[i] = shares[i] * after if values[i] > 0.0 else 0.0
    return after


@njit(cache=True, error_model="numpy", nogil=True)
def combine(
    paths: Floats,
    places: Ints,
    shares: Floats,
    cadence: int,
    cost: float,
    initial: float,
    equity: Floats,
    scales: Floats,
    tally: Floats,
) -> float:
    """Equity of the purse at each close; returns the costs of transfers, a sum over equity.

    Args:
        paths: (u, T) what a unit of capital is at each close, by path.
        places: (M,) path of each sleeve.
        shares: (M,) that add to 1.
        cadence: bars between transfers, 0 for none.
        cost: fraction of what moves.
        initial: equity before the first bar.
        equity: out, (T,).
        scales: out, (M, T) in force at each bar.
        tally: of `kernels.engine.position`; the turnover of transfers is added.
    """
    m, n = places.size, equity.size
    values, want = np.empty(m), np.empty(m)
    scale = initial * shares
    cash, paid = initial * (1.0 - shares.sum()), 0.0
    for t in range(n):
        total = cash
        for i in range(m):
            scales[i, t] = scale[i]
            values[i] = scale[i] * paths[places[i], t]
            total += values[i]
        if cadence > 0 and (t + 1) % cadence == 0 and t + 1 < n and total > 0.0:
            after = divide(values, shares, cash, cost, want)
            held = moved = 0.0
            for i in range(m):
                moved += abs(want[i] - values[i])
                held += want[i]
                scale[i] = want[i] / paths[places[i], t] if values[i] > 0.0 else 0.0
            tally[TURNOVER] += moved / total
            paid += (total - after) / total
            cash = after - held
            total = after
        equity[t] = total
    return paid


@njit(cache=True, error_model="numpy", nogil=True)
def count_trades(trades: Floats, scales: Floats, tally: Floats) -> None:
    """Add the trades of all sleeves, each with the scale that its sleeve had at its entry.

    Args:
        trades: (k, N_COLUMNS).
        scales: (M, T) of `combine`.
        tally: of `kernels.engine.position`.
    """
    for j in range(len(trades)):
        money = trades[j, MONEY] * scales[int(trades[j, OWNER]), int(trades[j, ENTRY])]
        tally[TRADES] += 1.0
        if money > 0.0:
            tally[WINS] += 1.0
            tally[PROFIT] += money
            tally[RETURN_WON] += trades[j, GAIN]
        elif money < 0.0:
            tally[LOSSES] += 1.0
            tally[LOSS] -= money
            tally[RETURN_LOST] += trades[j, GAIN]


@njit(cache=True, error_model="numpy", nogil=True)
def count_exposure(held: Bytes, places: Ints, tally: Floats) -> None:
    """Add the bars that close with a position in some sleeve; held is (u, T), by path."""
    for t in range(held.shape[1]):
        for i in range(places.size):
            if held[places[i], t]:
                tally[EXPOSED] += 1.0
                break

"""Backtest of one configuration of a score strategy on one window of a panel."""

from collections.abc import Callable

import numpy as np

from kernels.engine.position import EXPOSED, TURNOVER
from kernels.jit.array_types import Floats, Ints
from kernels.jit.inner import inner
from kernels.portfolio.accuracy import HELD, REBALANCES, judge, rank_correlation
from kernels.portfolio.books import Account, Books, Case, Choice, Market, Scratch
from kernels.portfolio.purse import (
    DELISTED,
    FEES,
    close,
    equity_at,
    fee,
    liquidate,
    mark_all,
    notional,
    rebalance,
)
from kernels.portfolio.selection import best, weigh

Score = Callable[[Floats, Ints, Floats, Floats], None]


@inner
def select(scores: Floats, calm: Floats, choice: Choice, scratch: Scratch) -> tuple[int, int]:
    """Choose symbols and weigh them; returns how many are bought, and how many in all.

    Writes `scratch.chosen` and the signed `scratch.weights`, bought symbols first. With both sides
    each gets half of the equity, and no symbol is on both.
    """
    n_long = n = 0
    half = 0.5 if choice.side == 0 else 1.0
    if choice.side >= 0:
        n_long = best(scores, choice.k, choice.threshold, scratch.keys, scratch.chosen)
        weigh(
            scratch.keys,
            scratch.chosen,
            n_long,
            choice.k,
            calm,
            choice.weighting,
            scratch.weights,
        )
        n = n_long
    if choice.side <= 0:
        for j in range(n_long):  # what is bought is not sold
            scratch.kept[j] = scores[scratch.chosen[j]]
            scores[scratch.chosen[j]] = np.nan
        for i in range(scores.size):
            scratch.turned[i] = -scores[i]
        n_short = best(
            scratch.turned, choice.k, choice.threshold, scratch.keys, scratch.chosen[n_long:]
        )
        weigh(
            scratch.keys,
            scratch.chosen[n_long:],
            n_short,
            choice.k,
            calm,
            choice.weighting,
            scratch.weights[n_long:],
        )
        n = n_long + n_short
        for j in range(n_long):
            scores[scratch.chosen[j]] = scratch.kept[j]
    for j in range(n):
        weight = half * scratch.weights[j]
        weight = choice.cap if weight > choice.cap else weight
        scratch.weights[j] = weight if j < n_long else -weight
    return n_long, n


@inner
def hold(market: Market, books: Books, account: Account, case: Case, begin: int, end: int) -> None:
    """Write the equity at the closes of bars begin..end-1, a symbol that ends turned into cash."""
    equity = books.equity[begin - case.start : end - case.start]
    equity[:] = account.cash
    held, shares = books.purse.held, books.purse.shares
    whole = account.n_held // 4 * 4
    for j in range(0, whole, 4):  # four at a time: the equity is read and written once for them
        a, b, c, d = held[j], held[j + 1], held[j + 2], held[j + 3]
        gone = min(market.last[a], market.last[b], market.last[c], market.last[d]) + 1
        if gone < end:
            for i in (a, b, c, d):
                hold_one(market, equity, shares[i], i, case, begin, end)
            continue
        s0, s1, s2, s3 = shares[a], shares[b], shares[c], shares[d]
        p0, p1 = market.marks[a, begin:end], market.marks[b, begin:end]
        p2, p3 = market.marks[c, begin:end], market.marks[d, begin:end]
        for t in range(equity.size):
            equity[t] += (s0 * p0[t] + s1 * p1[t]) + (s2 * p2[t] + s3 * p3[t])
    for j in range(whole, account.n_held):
        hold_one(market, equity, shares[held[j]], held[j], case, begin, end)


@inner
def hold_one(
    market: Market, equity: Floats, shares: float, i: int, case: Case, begin: int, end: int
) -> None:
    """Add one holding to the equity at the closes of bars begin..end-1."""
    price = market.marks[i, begin:end]
    stop = min(end, market.last[i] + 1) - begin
    for t in range(stop):
        equity[t] += shares * price[t]
    if stop < end - begin:
        value = shares * market.marks[i, market.last[i]] * (1.0 + case.delisting)
        for t in range(stop, end - begin):
            equity[t] += value - fee(-value, case.costs)


@inner
def bury(
    market: Market, books: Books, account: Account, case: Case, begin: int, end: int
) -> Account:
    """Sell the symbols that ended at their last closes, those without a bar at `end` too.

    `begin` is the first bar of the holding period, whose equity is written; `end` the bar of the
    next fill, or the window's end.
    """
    costs, purse = case.costs, books.purse
    n, cash = 0, account.cash
    for j in range(account.n_held):
        i = purse.held[j]
        gone = market.last[i] + 1
        if gone > end or (gone == end and end == case.stop):
            purse.held[n] = i
            n += 1
            continue
        price = market.marks[i, market.last[i]] * (1.0 + case.delisting)
        value = purse.shares[i] * price
        before = books.equity[max(gone - 1, begin) - case.start]
        books.tally[TURNOVER] += notional(-value, costs) / before
        books.extra[FEES] += fee(-value, costs) / before
        cash += value - fee(-value, costs)
        close(purse, i, price, gone, DELISTED, costs, books.tally, books.log)
    return Account(n, cash)


@inner
def exposed(market: Market, books: Books, account: Account, begin: int, end: int) -> int:
    """Bars of begin..end-1 that close with some holding."""
    bars = 0
    for j in range(account.n_held):
        bars = max(bars, min(end, market.last[books.purse.held[j]] + 1) - begin)
    return bars


@inner
def ruin(books: Books, account: Account, case: Case, begin: int, end: int) -> int:
    """First bar of begin..end-1 at which the equity is used up, `end` if there is none."""
    if np.isnan(account.cash):
        return begin
    if case.choice.side > 0:
        return end
    for t in range(begin, end):
        if books.equity[t - case.start] <= 0.0:
            return t
    return end


@inner
def decide(
    score: Score, market: Market, r: int, rows: Ints, params: Floats, case: Case, scratch: Scratch
) -> tuple[int, int]:
    """Score all symbols at a rebalance bar and select; returns what `select` does."""
    scores = scratch.scores
    scores[:] = np.nan
    score(market.table[r], rows, params, scores)
    for i in range(scores.size):
        scores[i] = scores[i] if market.alive[r, i] else np.nan
    return select(scores, market.calm[r], case.choice, scratch)


@inner
def trade(
    market: Market, books: Books, account: Account, case: Case, r: int, n: int, scratch: Scratch
) -> Account:
    """Rebalance to the weights in `scratch` at the opens after a rebalance bar."""
    for j in range(n):
        books.purse.want[scratch.chosen[j]] = scratch.weights[j]
    n_held, cash = rebalance(
        books.purse,
        account.n_held,
        account.cash,
        scratch.chosen,
        n,
        market.opens[r],
        market.marks,
        market.bars[r] + 1,
        case.costs,
        books.tally,
        books.extra,
        books.log,
    )
    for j in range(n):
        books.purse.want[scratch.chosen[j]] = 0.0
    return Account(n_held, cash)


@inner
def assess(
    market: Market,
    books: Books,
    case: Case,
    r: int,
    selected: tuple[int, int],
    counts: tuple[int, int],
    scratch: Scratch,
) -> tuple[int, int]:
    """Take a period that is over into the record; returns how many ICs and rank ICs there are."""
    n_ics, n_rank_ics = counts
    n_long, n = selected
    returns = market.returns[r]
    ic = judge(
        scratch.scores,
        returns,
        scratch.chosen,
        n_long,
        n,
        case.choice.side,
        scratch.ranks,
        books.record,
    )
    if ic == ic:
        books.ics[n_ics] = ic
        n_ics += 1
    if case.rank_ic:
        ic = rank_correlation(scratch.scores, returns, scratch.ranks, scratch.order)
        if ic == ic:
            books.rank_ics[n_rank_ics] = ic
            n_rank_ics += 1
    return n_ics, n_rank_ics


@inner
def simulate(
    score: Score,
    market: Market,
    rows: Ints,
    params: Floats,
    case: Case,
    books: Books,
    scratch: Scratch,
) -> tuple[int, int]:
    """Run one case; returns how many ICs and rank ICs there are.

    Args:
        score: of the strategy.
        market: the panel.
        rows: (k,) rows of `market.table` of this configuration.
        params: (p,) its params.
        case: its settings and its window.
        scratch: room.
        books: zeros on entry, but for the equity.
    """
    account, counts = Account(0, case.initial), (0, 0)
    written = case.start  # bars before it have their equity
    for r in range(case.first, market.bars.size):
        fill = market.bars[r] + 1
        if fill >= case.stop:
            break
        if written < fill:
            books.equity[: fill - case.start] = case.initial
        selected = decide(score, market, r, rows, params, case, scratch)
        stake, _ = equity_at(
            books.purse, account.n_held, account.cash, market.opens[r], market.marks, fill
        )
        account = trade(market, books, account, case, r, selected[1], scratch)
        end = case.stop
        if r + 1 < market.bars.size:
            end = min(end, market.bars[r + 1] + 1)
        hold(market, books, account, case, fill, end)
        dead = ruin(books, account, case, fill, end)
        books.tally[EXPOSED] += exposed(market, books, account, fill, dead)
        if dead < end:
            liquidate(books.purse, account.n_held, dead, stake, books.tally, books.log)
            books.equity[dead - case.start : case.stop - case.start] = 0.0
            return counts
        books.record[HELD] += account.n_held
        books.record[REBALANCES] += 1.0
        if books.scores.size:
            for i in range(scratch.scores.size):
                books.scores[r, i] = scratch.scores[i]
                books.shares[r, i] = books.purse.shares[i]
        account = bury(market, books, account, case, fill, end)
        if end < case.stop:
            counts = assess(market, books, case, r, selected, counts, scratch)
        written = end
    if written == case.start:
        books.equity[: case.stop - case.start] = case.initial
    mark_all(books.purse, account.n_held, market.marks, case.stop - 1, books.tally, books.log)
    return counts

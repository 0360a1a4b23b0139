"""Backtest of one configuration of a score strategy on one window of a panel."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from kernels.engine.position import EXPOSED, TURNOVER, Log
from kernels.jit.array_types import Bytes, Floats, Ints
from kernels.jit.inner import inner
from kernels.portfolio.accuracy import HELD, REBALANCES, judge, rank_correlation
from kernels.portfolio.purse import (
    DELISTED,
    FEES,
    Costs,
    Purse,
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


class Market(NamedTuple):
    """The panel at its rebalance bars, and between them.

    Attributes:
        bars: (R,) rebalance bars, ascending; a decision at bar b fills at the open of b + 1.
        table: (R, U, N) rows of the strategy at these bars.
        alive: (R, N) 1 where the symbol has a close at the bar.
        opens: (R, N) opens of bar b + 1, NaN where a symbol does not trade.
        returns: (R, N) from this fill to the next, NaN without an open; see `accuracy`.
        calm: (R, N) 1 / volatility; (R, 0) unless the weighting needs it.
        marks: (N, T) last closes.
        last: (N,) last bar with a close.
    """

    bars: Ints
    table: Floats
    alive: Bytes
    opens: Floats
    returns: Floats
    calm: Floats
    marks: Floats
    last: Ints


class Choice(NamedTuple):
    """The choice of symbols of one configuration."""

    k: int
    threshold: float  # lowest sign * score; -inf for none
    side: int  # 1 long, -1 short, 0 both
    weighting: int  # place in settings.WEIGHTINGS
    cap: float  # highest weight of one symbol; NaN for none


class Case(NamedTuple):
    """One configuration on one window.

    Attributes:
        start: first bar of the window.
        stop: the bar after its last.
        first: place of the first rebalance among `Market.bars`.
        choice: of the configuration.
        costs: of the configuration.
        delisting: return of a symbol after its last close.
        initial: equity before the first bar.
        rank_ic: work it out.
    """

    start: int
    stop: int
    first: int
    choice: Choice
    costs: Costs
    delisting: float
    initial: float
    rank_ic: bool


class Scratch(NamedTuple):
    """Room that runs share; sizes in symbols."""

    scores: Floats  # (N,)
    keys: Floats  # (N,)
    kept: Floats  # (N,)
    turned: Floats  # (N,)
    chosen: Ints  # (2 N,)
    weights: Floats  # (2 N,)
    ranks: Floats  # (2 N,)
    order: Ints  # (N,)


class Books(NamedTuple):
    """Accounts of a run.

    Attributes:
        purse: shares and the trades that are open.
        equity: (>= T,) at the closes of the window.
        tally: of `kernels.engine.position`.
        extra: of `purse`.
        record: of `accuracy`.
        ics: (R,) information coefficients of the periods that have one.
        rank_ics: (R,) rank correlations the same.
        scores: out, (R, N) at the rebalances of the run; (0, 0) for none.
        shares: out, (R, N) held after them; (0, 0) for none.
        log: out, trades; (0,) for none.
    """

    purse: Purse
    equity: Floats
    tally: Floats
    extra: Floats
    record: Floats
    ics: Floats
    rank_ics: Floats
    scores: Floats
    shares: Floats
    log: Log


class Account(NamedTuple):
    """Holdings: the number of symbols in `Purse.held`, and cash; NaN once all is lost."""

    n_held: int
    cash: float


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
    for j in range(account.n_held):
        i = books.purse.held[j]
        shares = books.purse.shares[i]
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
        books: zeros on entry, but for the equity.
        scratch: room.
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

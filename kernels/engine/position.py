"""The account: cash and at most one position, and what a fill does to them.

Every price in here is quoted; slippage and commission are applied here and nowhere else.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kernels.engine.settings import Risk, Rules
from kernels.jit.array_types import Floats
from kernels.jit.inner import inner
from kernels.series.bars import Bar

SIGNAL, STOP_LOSS, TAKE_PROFIT, TRAILING_STOP, END, LIQUIDATION = range(6)
MAX_BARS, SESSION, BREAK_EVEN = range(6, 9)
REASONS = (
    "signal",
    "stop_loss",
    "take_profit",
    "trailing_stop",
    "end",
    "liquidation",
    "max_bars",
    "session",
    "break_even",
)
"""Why a trade ended, by code; the last three of the order engine only."""
NOT_TOUCHED = -1

TRADES, WINS, LOSSES, PROFIT, LOSS, RETURN_WON, RETURN_LOST, TURNOVER, EXPOSED, N_TALLY = range(10)
"""Places in a tally: counts of trades; money won and lost (> 0); sums of trade returns; sum over
fills of notional / equity; bars that closed with a position."""

LOG = np.dtype(
    [
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
Log = NDArray[np.void]
"""One finished trade. Bars count from the start of the series; prices are after slippage; pnl
is after commission; return_ is pnl / (entry_price * size)."""


class Account(NamedTuple):
    """Cash and the position; side 0 = flat, and then only cash means anything.

    The equity at a price is cash + side * size * price: a short sale's proceeds are cash.
    """

    cash: float
    side: int
    size: float
    price: float  # of the entry, after slippage
    bar: int  # of the entry
    stake: float  # equity just before the entry
    best: float  # price since the entry, for the trailing stop


@inner
def flat(cash: float) -> Account:
    """An account that holds cash only."""
    return Account(cash, 0, 0.0, 0.0, -1, 0.0, 0.0)


@inner
def worth(account: Account, price: float) -> float:
    """Equity with the position valued at a price."""
    return account.cash + account.side * account.size * price


@inner
def enter(
    account: Account, side: int, quoted: float, bar: int, risk: Risk, tally: Floats
) -> Account:
    """Open a position with all the equity, or the share of it that risk_fraction allows."""
    price = quoted * (1.0 + side * risk.slippage)
    share = 1.0
    if risk.risk_fraction > 0.0:
        share = min(1.0, risk.risk_fraction / risk.stop_loss)
    size = share * account.cash / (price * (1.0 + risk.commission))
    notional = size * price
    tally[TURNOVER] += notional / account.cash
    cash = account.cash - side * notional - notional * risk.commission
    if side > 0 and share == 1.0:
        cash = 0.0  # nothing is left, to the last bit
    return Account(cash, side, size, price, bar, account.cash, price)


@inner
def leave(
    account: Account, quoted: float, bar: int, reason: int, risk: Risk, tally: Floats, log: Log
) -> Account:
    """Close the position. Equity that ends at or below zero is liquidation: cash is 0."""
    if reason == LIQUIDATION:
        return liquidate(account, quoted, bar, tally, log)
    price = quoted * (1.0 - account.side * risk.slippage)
    notional = account.size * price
    before = worth(account, price)
    cash = before - notional * risk.commission
    if cash <= 0.0:
        return liquidate(account, price, bar, tally, log)
    tally[TURNOVER] += notional / before
    fees = risk.commission * account.size * (account.price + price)
    pnl = account.side * account.size * (price - account.price) - fees
    settle(account, price, bar, pnl, reason, tally, log)
    return flat(cash)


@inner
def liquidate(account: Account, price: float, bar: int, tally: Floats, log: Log) -> Account:
    """Lose all: the trade has cost what the account was worth before it, and nothing is left."""
    if account.side != 0:
        settle(account, price, bar, -account.stake, LIQUIDATION, tally, log)
    return flat(0.0)


@inner
def mark(account: Account, price: float, bar: int, risk: Risk, tally: Floats, log: Log) -> None:
    """Count a position still open at the end, valued at the last close, without exit fee."""
    if account.side != 0:
        fee = risk.commission * account.size * account.price
        pnl = account.side * account.size * (price - account.price) - fee
        settle(account, price, bar, pnl, END, tally, log)


@inner
def settle(
    account: Account, price: float, bar: int, pnl: float, reason: int, tally: Floats, log: Log
) -> None:
    """Count a finished trade, and log it if the log has room for it."""
    trade = int(tally[TRADES])
    gain = pnl / (account.price * account.size)
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
        row.entry_bar = account.bar
        row.exit_bar = bar
        row.side = account.side
        row.entry_price = account.price
        row.exit_price = price
        row.size = account.size
        row.pnl = pnl
        row.return_ = gain
        row.exit_reason = reason


@inner
def watched(account: Account, i: int, rules: Rules) -> bool:
    """The high and low of bar i may touch the position's stops.

    A position filled at a close has not lived through that bar.
    """
    first = account.bar + (1 if rules.same_close or rules.next_bar else 0)
    return account.side != 0 and i >= first


@inner
def ruin(account: Account, opened: float, high: float) -> float:
    """Quoted price at which a bar takes all the equity of a short; NaN if it does not.

    The bar's high decides, an open beyond is the price. A long cannot be ruined.
    """
    if account.side >= 0 or worth(account, high) > 0.0:
        return np.nan
    return account.cash / account.size if worth(account, opened) > 0.0 else opened


@inner
def touch(account: Account, bar: Bar, i: int, rules: Rules, risk: Risk) -> tuple[float, int]:
    """Exit within bar i: (quoted price, reason), or (0, NOT_TOUCHED).

    The open decides first: beyond the stop or the target it is the price. Then what is worse: the
    stop-loss or the trailing stop, whichever is nearer; a short's ruin, unless a stop comes before
    it; last the take-profit. A stop that is off is NaN, which no price touches.
    """
    side = account.side
    if watched(account, i, rules):
        worst, best = (bar.low, bar.high) if side > 0 else (bar.high, bar.low)
        stop, reason = account.price * (1.0 - side * risk.stop_loss), STOP_LOSS
        trail = account.best * (1.0 - side * risk.trailing_stop)
        if np.isnan(stop) or side * trail > side * stop:
            stop, reason = trail, TRAILING_STOP
        target = account.price * (1.0 + side * risk.take_profit)
        if side * bar.open <= side * stop:
            return bar.open, reason
        if side * bar.open >= side * target:
            return bar.open, TAKE_PROFIT
        if side * worst <= side * stop and worth(account, stop) > 0.0:
            return stop, reason
        fatal = ruin(account, bar.open, bar.high)
        if not np.isnan(fatal):
            return fatal, LIQUIDATION
        if side * best >= side * target:
            return target, TAKE_PROFIT
    elif i > account.bar or not rules.same_close:  # too early for stops, not for ruin
        fatal = ruin(account, bar.open, bar.high)
        if not np.isnan(fatal):
            return fatal, LIQUIDATION
    return 0.0, NOT_TOUCHED


@inner
def lived(account: Account, bar: Bar, i: int, rules: Rules) -> Account:
    """The account after bar i: if that was watched, the best price takes it in."""
    if not watched(account, i, rules):
        return account
    best = max(account.best, bar.high) if account.side > 0 else min(account.best, bar.low)
    return Account(
        account.cash,
        account.side,
        account.size,
        account.price,
        account.bar,
        account.stake,
        best,
    )

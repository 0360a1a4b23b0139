"""One backtest, bar by bar: the rules of docs/semantics.md as code."""

from typing import NamedTuple

from kernels.engine.position import (
    EXPOSED,
    LIQUIDATION,
    NOT_TOUCHED,
    SIGNAL,
    Account,
    Log,
    enter,
    flat,
    leave,
    liquidate,
    lived,
    mark,
    touch,
    worth,
)
from kernels.engine.settings import Risk, Rules
from kernels.jit.array_types import Codes, Floats
from kernels.jit.inner import inner
from kernels.series.bars import Bar, Bars
from kernels.strategy import HOLD


class Intent(NamedTuple):
    """Intent of the strategy: the code in force, and whether the account follows it."""

    code: int  # +1, 0 or -1
    ignored: bool  # until it changes
    seen: bool  # False until the first code appears


@inner
def simulate(
    bars: Bars,
    codes: Codes,
    start: int,
    stop: int,
    rules: Rules,
    risk: Risk,
    equity: Floats,
    tally: Floats,
    log: Log,
) -> None:
    """Trade the codes over bars start..stop-1, flat at the start.

    Args:
        bars: prices of the whole series, checked by `prepare`.
        codes: (n_bars,) decided at each close; those before `start` are not read.
        start: first bar, included.
        stop: last bar, excluded; 0 <= start < stop <= n_bars.
        rules: checked by `Settings`.
        risk: checked by `Settings`.
        equity: out, (>= stop - start,): equity at each close, quote currency.
        tally: out, (N_TALLY,), zeros on entry: see `account.TRADES` and the names next to it.
        log: out, (k,) of `account.LOG`: the first k trades; k = 0 for none.
    """
    account = flat(rules.initial_capital)
    intent = Intent(0, False, False)
    for i in range(start, stop):
        bar = Bar(bars.open[i], bars.high[i], bars.low[i], bars.close[i])
        stopped = False
        if not rules.same_close and wanted(intent) != account.side:
            account, stopped = at_open(account, wanted(intent), bar, i, rules, risk, tally, log)
        price, reason = touch(account, bar, i, rules, risk)
        if reason != NOT_TOUCHED:
            account = leave(account, price, i, reason, risk, tally, log)
            stopped = True
        intent = decide(intent, codes[i], stopped, rules)
        if rules.same_close and wanted(intent) != account.side:
            account = order(account, wanted(intent), bar.close, i, risk, tally, log)
        value = worth(account, bar.close)
        if value <= 0.0:
            liquidate(account, bar.close, i, tally, log)
            equity[i - start : stop - start] = 0.0
            return
        equity[i - start] = value
        if account.side != 0:
            tally[EXPOSED] += 1.0
            account = lived(account, bar, i, rules)
    mark(account, bars.close[stop - 1], stop - 1, risk, tally, log)


@inner
def decide(intent: Intent, raw: int, stopped: bool, rules: Rules) -> Intent:
    """The intent after a close with this code, and after a stop exit within the bar or none.

    What is ignored stays so until the code changes: the first code of all when `arm` is set, the
    code in force at a stop exit, and the code whose order a stop has displaced.
    """
    code = permitted(raw, rules)
    if code == HOLD or (code == intent.code and intent.seen):
        return Intent(intent.code, intent.ignored or stopped, intent.seen)
    displaced = stopped and rules.same_close and rules.stop_first
    return Intent(code, displaced or (rules.arm and not intent.seen), True)


@inner
def wanted(intent: Intent) -> int:
    """The side that the intent asks for."""
    return 0 if intent.ignored else intent.code


@inner
def permitted(code: int, rules: Rules) -> int:
    """The code with the side that the direction forbids acting as flat; HOLD if it is no code."""
    if code == 1:
        return 1 if rules.long else 0
    if code == -1:
        return -1 if rules.short else 0
    return 0 if code == 0 else HOLD


@inner
def at_open(
    account: Account,
    side: int,
    bar: Bar,
    i: int,
    rules: Rules,
    risk: Risk,
    tally: Floats,
    log: Log,
) -> tuple[Account, bool]:
    """Fill the order that waits for the open; True if a stop within the bar displaces it."""
    if rules.stop_first:
        price, reason = touch(account, bar, i, rules, risk)
        if reason not in (NOT_TOUCHED, LIQUIDATION):  # ruin comes after the open
            return leave(account, price, i, reason, risk, tally, log), True
    return order(account, side, bar.open, i, risk, tally, log), False


@inner
def order(
    account: Account, side: int, quoted: float, i: int, risk: Risk, tally: Floats, log: Log
) -> Account:
    """A market order that gets the account to another side; a reversal is two fills."""
    if account.side != 0:
        account = leave(account, quoted, i, SIGNAL, risk, tally, log)
    if side != 0 and account.cash > 0.0:
        account = enter(account, side, quoted, i, risk, tally)
    return account

"""Inputs and accounts of one backtest of a panel, as the kernels hand them on."""

from typing import NamedTuple

from kernels.engine.position import Log
from kernels.jit.array_types import Bytes, Floats, Ints
from kernels.portfolio.purse import Costs, Purse


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

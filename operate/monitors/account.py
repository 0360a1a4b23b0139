"""Live account per bar: capital, profit and return, from an equity statement or from fills."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kernels.jit.array_types import Floats
from operate.monitors.live import Live


@dataclass(frozen=True, eq=False)
class Account:
    """A live account on bars first..last.

    Attributes:
        first: number of the first bar.
        capital: (m,) at work before each bar, quote currency.
        profit: (m,) in each bar, fees paid.
        fees: paid in all; NaN where fills have none.
        source: `equity`, `fills` or empty: nothing known.
    """

    first: int
    capital: Floats
    profit: Floats
    fees: float
    source: str

    @property
    def returns(self) -> Floats:
        """(m,) profit over capital; NaN where no capital was at work."""
        unknown = np.full(self.profit.size, np.nan)
        result: Floats = np.divide(self.profit, self.capital, out=unknown, where=self.capital > 0)
        return result


NOTHING = Account(0, np.zeros(0), np.zeros(0), np.nan, "")


def account_of(live: Live) -> Account:
    """The account: of the equity statement if that has two bars or more, else of the fills."""
    if len(live.equity["bar"].unique()) >= 2:
        return _of_equity(live)
    return _of_fills(live)


def _of_equity(live: Live) -> Account:
    last = live.equity.groupby("bar").agg({"equity": "last", "flow": "sum"})
    first, end = int(last.index[0]), int(last.index[-1])
    equity = last["equity"].reindex(range(first, end + 1)).ffill().to_numpy(float)
    flow = last["flow"].reindex(range(first, end + 1)).fillna(0.0).to_numpy(float)
    fees = float(live.fills["fee"].sum()) if len(live.fills) else np.nan
    return Account(first + 1, equity[:-1], np.diff(equity) - flow[1:], fees, "equity")


def _of_fills(live: Live) -> Account:
    """Marked at the shadow's closes; capital is the shadow's, at the scale of the live fills."""
    first, last = live.first, live.last
    if not live.matched.pairs or last < first:
        return NOTHING
    stop = last + 1
    close = live.table["close"].to_numpy(float)
    flows, signed, fees = (np.zeros(len(close)) for _ in range(3))
    fills = live.fills[(live.fills["bar"] >= first) & (live.fills["bar"] <= last)]
    quantity = fills["side"].to_numpy(float) * fills["quantity"].to_numpy(float)
    np.add.at(signed, fills["bar"].to_numpy(int), quantity)
    np.add.at(flows, fills["bar"].to_numpy(int), quantity * fills["price"].to_numpy(float))
    np.add.at(fees, fills["bar"].to_numpy(int), np.nan_to_num(fills["fee"].to_numpy(float)))
    held = np.cumsum(signed)
    before = np.concatenate([[0.0], held[:-1]])
    step = np.diff(close, prepend=close[0])
    profit = before * step + signed * close - flows - fees
    capital = scales(live)[first:stop] * _before(live)[first:stop]
    return Account(first, capital, profit[first:stop], float(fees.sum()), "fills")


def _before(live: Live) -> Floats:
    """(n,) the shadow's equity before each bar."""
    equity = pd.Series(live.table["equity"].to_numpy(float))
    start = live.profile.number("initial_capital")
    return equity.shift(1).fillna(start).to_numpy(float)


def scales(live: Live) -> Floats:
    """(n,) live quantity per shadow quantity at each bar: the median of the bar's stage."""
    result = np.full(len(live.table), live.matched.scale)
    pairs = live.matched.pairs
    ratios = np.array([pair.quantity / pair.shadow for pair in pairs])
    stages = np.array([live.stage[pair.bar] for pair in pairs], np.int64)
    for stage in np.unique(stages):
        result[live.stage == stage] = np.median(ratios[stages == stage])
    return result

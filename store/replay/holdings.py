"""Holdings of a panel bar by bar, and what each symbol contributed."""

from typing import Any

import numpy as np
import pandas as pd

from kernels.engine.evaluation import Trace
from kernels.portfolio.evaluate import PanelTrace
from kernels.portfolio.panel import Panel
from kernels.portfolio.sleeves import SleevesTrace
from store.replay.retrace import trades_frame


def holdings_frame(traced: PanelTrace, panel: Panel, start: int, times: Any) -> pd.DataFrame:
    """Weights at each close of a window, a fraction of the equity: (T, N), 0 of what is not held.

    Args:
        traced: of `trace_panel` on the panel.
        panel: its bars.
        start: first bar of the window.
        times: (T,) index of the result.
    """
    bars = np.arange(start, start + traced.equity.size)
    shares = traced.shares_at(bars)
    shares[bars[:, None] > panel.last[None, :]] = 0.0
    values = shares * np.where(shares == 0.0, 0.0, panel.marks[:, bars].T)
    equity = traced.equity[:, None]
    weights = np.divide(values, equity, out=np.zeros_like(values), where=equity > 0)
    return pd.DataFrame(weights, index=times, columns=list(panel.symbols))


def sleeves_frame(traced: Trace | None, times: Any) -> pd.DataFrame | None:
    """Value of each sleeve at each close, (T, M) quote currency; None where there is none."""
    if not isinstance(traced, SleevesTrace):
        return None
    return pd.DataFrame(traced.values.T, index=times, columns=list(traced.names))


def sleeve_table(traced: SleevesTrace) -> pd.DataFrame:
    """Contribution of each sleeve and its correlations with the others, a row per sleeve.

    A contribution is what the sleeve's positions gained, a fraction of the initial equity: with the
    costs of transfers they add to the total return. Correlations are of returns per bar.
    """
    growth = np.stack([member.equity / traced.initial for member in traced.members])
    before = np.hstack([np.ones((len(growth), 1)), growth[:, :-1]])
    gained = (traced.scales * (growth - before)).sum(axis=1)
    table = pd.DataFrame({"contribution": gained}, index=list(traced.names))
    returns = pd.DataFrame((growth / before - 1.0).T, columns=list(traced.names))
    return table.join(returns.corr())


def contributions(trades: pd.DataFrame, initial: float) -> pd.DataFrame:
    """Profit and number of holdings by symbol, the largest profit first.

    Args:
        trades: of a panel, with columns symbol and pnl.
        initial: capital, which profits are a fraction of.
    """
    grouped = trades.groupby("symbol")["pnl"].agg(["sum", "size"])
    table = pd.DataFrame({"contribution": grouped["sum"] / initial, "holdings": grouped["size"]})
    return table.sort_values("contribution", ascending=False)


def contributions_of(traced: PanelTrace, initial: float, times: Any) -> pd.DataFrame:
    """Contributions of a panel's sleeves if it has some, else of its symbols."""
    if traced.sleeves is not None:
        return sleeve_table(traced.sleeves)
    return contributions(trades_frame(traced, times), initial)

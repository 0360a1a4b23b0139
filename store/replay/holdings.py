"""Holdings of a panel bar by bar, and what each symbol contributed."""

from typing import Any

import numpy as np
import pandas as pd

from kernels.portfolio.evaluate import PanelTrace
from kernels.portfolio.panel import Panel


def holdings_frame(traced: PanelTrace, panel: Panel, start: int, times: Any) -> pd.DataFrame:
    """Weights at each close of a window, a fraction of the equity: (T, N), 0 of what is not held.

    Args:
        traced: of `trace_panel` on the panel.
        panel: its bars.
        start: first bar of the window.
        times: (T,) index of the result.
    """
    bars = np.arange(start, start + traced.equity.size)
    place = np.searchsorted(traced.bars + 1, bars, side="right") - 1
    shares = np.vstack([traced.shares, np.zeros(len(panel.symbols))])[place]
    shares[bars[:, None] > panel.last[None, :]] = 0.0
    values = shares * np.where(shares == 0.0, 0.0, panel.marks[:, bars].T)
    equity = traced.equity[:, None]
    weights = np.divide(values, equity, out=np.zeros_like(values), where=equity > 0)
    return pd.DataFrame(weights, index=times, columns=list(panel.symbols))


def contributions(trades: pd.DataFrame, initial: float) -> pd.DataFrame:
    """Profit and number of holdings by symbol, the largest profit first.

    Args:
        trades: of a panel, with columns symbol and pnl.
        initial: capital, which profits are a fraction of.
    """
    grouped = trades.groupby("symbol")["pnl"].agg(["sum", "size"])
    table = pd.DataFrame({"contribution": grouped["sum"] / initial, "holdings": grouped["size"]})
    return table.sort_values("contribution", ascending=False)

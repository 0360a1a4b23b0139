"""Results of one backtest: metrics, equity, trades, and how a notebook shows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd


@dataclass(frozen=True, repr=False)
class Result:
    """Results of a backtest.

    Attributes:
        metrics: by name, in the order of kernels.METRICS.
        equity: (n_bars,) at each close, in the currency of `initial_capital`; its index is that of
            the bars given, with their zone or without one.
        trades: entry_time, exit_time, side (1 or -1), entry_price, exit_price, size, pnl, return,
            exit_reason (of `kernels.engine.position.REASONS`); oldest first. Of a
            panel with a column symbol, and delisted among the reasons.
        holdings: (n_bars, n_symbols) weights at each close, a fraction of the equity; None unless a
            panel was given.
        sleeves: (n_bars, n_sleeves) value of each at each close; None of one strategy.
        contributions: a row per symbol of a panel, its profit and its holdings; per sleeve its
            gain and its correlations with the others; None of one symbol.
        counts: limits_through, limits_touched, ambiguous_bars and liquidations; None where no
            setting of orders is on, nor both a stop and a target.
        note: which stored bars were left alone as the holdout; empty where none were.
    """

    metrics: dict[str, float]
    equity: pd.Series
    trades: pd.DataFrame
    holdings: pd.DataFrame | None = None
    sleeves: pd.DataFrame | None = None
    contributions: pd.DataFrame | None = None
    counts: Mapping[str, int] | None = None
    note: str = ""

    def stats(self) -> pd.Series:
        """The metrics as a Series, with the first and last bar: fractions, not percent."""
        ends = {"first": self.equity.index[0], "last": self.equity.index[-1]}
        return pd.Series({**ends, **self.metrics}, name="backtest", dtype=object)

    def plot(self) -> Any:
        """Growth of 1 and the fall from the peak, as a plotly Figure."""
        from store.report.figures.notebook import growth_figure  # late: plotly takes half a second

        return growth_figure(self.equity, "Equity, costs included")

    def __repr__(self) -> str:
        return "\n".join(filter(None, (self.stats().to_string(), self.note)))

    def _repr_html_(self) -> str:
        table = self.stats().to_frame().to_html(header=False, border=0)
        return f"{table}<p>{escape(self.note)}</p>" if self.note else str(table)

"""A stored run backtested again, with every trade and the equity at each close.

The store keeps metrics and block sums, not trades: they are made again from the run's record, on
bars that have to be the very same, and shown only if every metric repeats bit for bit.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kernels.engine.evaluation import Trace
from kernels.engine.position import REASONS
from kernels.portfolio.evaluate import PanelTrace
from kernels.portfolio.purse import REASONS as PANEL_REASONS
from store.files.arrow_types import Table
from store.records.experiment import Experiment
from store.records.run_row import RunRow
from store.replay.replay import group_of, load_bars, trace_again, window_of
from store.runs.columns import BLOCK_SUMS
from store.runs.plain import run_dicts

TRADES = (
    "entry_time",
    "exit_time",
    "side",
    "entry_price",
    "exit_price",
    "size",
    "pnl",
    "return",
    "exit_reason",
)
"""Columns of trades: times of bars; side 1 or -1; prices and pnl in the quote currency; return a
fraction of the equity before; why it ended."""


@dataclass(frozen=True, eq=False)
class Retraced:
    """Run bar by bar: equity and trades.

    Attributes:
        run: as `store.runs.plain.run_dicts` gives it.
        equity: (n_bars,) at each close of its window, in the currency of `initial_capital`.
        trades: columns `TRADES`, oldest first.
    """

    run: RunRow
    equity: pd.Series
    trades: pd.DataFrame


def retrace(experiment: Experiment, table: Table) -> Retraced:
    """Backtest a stored run again.

    Args:
        experiment: that has the run.
        table: pa.Table of the one row.

    Raises:
        StoreError: its bars are others now, or a metric does not repeat.
    """
    light = [name for name in table.schema.names if name not in BLOCK_SUMS]
    run = run_dicts(table.select(light))[0]
    data = load_bars(experiment, group_of(experiment, run["run"]))
    window = window_of(data, run)
    traced = trace_again(experiment, data.series(), run, window)
    times = pd.DatetimeIndex(data.frame.index)[slice(*window)]
    equity = pd.Series(traced.equity, index=times, name="equity")
    return Retraced(run, equity, trades_frame(traced, pd.DatetimeIndex(data.frame.index)))


def trades_frame(traced: Trace, times: pd.Index) -> pd.DataFrame:
    """Trades as people read them: times instead of bar numbers, words instead of codes."""
    trades = traced.trades
    reasons = PANEL_REASONS if isinstance(traced, PanelTrace) else REASONS
    columns = (
        times[trades["entry_bar"]],
        times[trades["exit_bar"]],
        trades["side"],
        trades["entry_price"],
        trades["exit_price"],
        trades["size"],
        trades["pnl"],
        trades["return_"],
        np.array(reasons)[trades["exit_reason"]],
    )
    frame = pd.DataFrame(dict(zip(TRADES, columns, strict=True)))
    if isinstance(traced, PanelTrace):
        frame.insert(0, "symbol", np.array(traced.symbols)[trades["symbol"]])
    return frame

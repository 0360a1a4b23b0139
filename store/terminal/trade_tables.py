"""Trades and equity of one run: rows for JSON and SQL, tables for the terminal."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from rich.console import Group, RenderableType
from rich.text import Text

from store.files.arrow_types import Dataset, Table
from store.replay.retrace import Retraced
from store.terminal.fitted_table import Column, FittedTable, numbers

DAY = "%Y-%m-%d"
MINUTE = "%Y-%m-%d %H:%M"


def trade_rows(retraced: Retraced) -> list[dict[str, object]]:
    """Trades as JSON types, times in ISO 8601."""
    frame = retraced.trades.assign(
        entry_time=[time.isoformat() for time in retraced.trades["entry_time"]],
        exit_time=[time.isoformat() for time in retraced.trades["exit_time"]],
    )
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def equity_rows(retraced: Retraced) -> list[dict[str, object]]:
    """Time of each bar, equity at its close, drawdown as a positive fraction of the peak."""
    columns = zip(retraced.equity.index, retraced.equity, _drawdown(retraced), strict=True)
    return [
        {"time": time.isoformat(), "equity": float(equity), "drawdown": float(fall)}
        for time, equity, fall in columns
    ]


def views(retraced: Retraced) -> dict[str, Table | Dataset]:
    """The tables `trades` and `equity` of a run, as SQL sees them."""
    equity = retraced.equity.rename_axis("time").reset_index()
    equity["drawdown"] = _drawdown(retraced)
    return {
        "trades": pa.Table.from_pandas(retraced.trades, preserve_index=False),
        "equity": pa.Table.from_pandas(equity, preserve_index=False),
    }


def trades_table(retraced: Retraced, n: int) -> RenderableType:
    """The first trades, and how many there are."""
    trades, form = retraced.trades, _form(retraced)
    table = FittedTable(
        [
            Column("entry", "id"),
            Column("exit", "id"),
            Column("side", "id"),
            *numbers("in at", "out at", "size", "return %"),
            Column("by"),
        ]
    )
    for row in trades.head(n).itertuples(index=False):
        entry, leave, side, price_in, price_out, size, _, fraction, reason = row
        table.add_row(
            entry.strftime(form),
            leave.strftime(form),
            "long" if side > 0 else "short",
            *(f"{price:,.6g}" for price in (price_in, price_out)),
            f"{size:,.4g}",
            f"{100 * fraction:.2f}",
            str(reason).replace("_", " "),
        )
    return Group(
        Text(_title(retraced)), table, Text(_count(min(n, len(trades)), len(trades), "trades"))
    )


def equity_table(retraced: Retraced, n: int) -> RenderableType:
    """Evenly spaced bars, the first and the last among them."""
    table = FittedTable([Column("close of", "id"), *numbers("equity", "drawdown %")])
    bars, fall = len(retraced.equity), _drawdown(retraced)
    for place in np.unique(np.linspace(0, bars - 1, min(n, bars)).round().astype(int)):
        table.add_row(
            retraced.equity.index[place].strftime(_form(retraced)),
            f"{retraced.equity.iloc[place]:,.2f}",
            f"{100 * fall[place]:.1f}",
        )
    return Group(Text(_title(retraced)), table, Text(_count(min(n, bars), bars, "bars")))


def _drawdown(retraced: Retraced) -> Any:
    equity = retraced.equity.to_numpy()
    peak = np.maximum.accumulate(equity)
    return np.divide(peak - equity, peak, out=np.zeros_like(equity), where=peak > 0)


def _title(retraced: Retraced) -> str:
    run = retraced.run
    return f"{run['ref']}: {run['strategy']} on {run['symbol']}, window {run['window']}"


def _count(shown: int, all_of_them: int, what: str) -> str:
    if shown == all_of_them:
        return f"{all_of_them:,} {what}"
    return f"{shown:,} of {all_of_them:,} {what}; -n shows more, --json has all"


def _form(retraced: Retraced) -> str:
    """Days alone where every bar starts one."""
    times = pd.DatetimeIndex(retraced.equity.index)
    return DAY if (times == times.normalize()).all() else MINUTE

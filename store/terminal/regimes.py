"""Table of a run's performance by regime."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from store.analysis.regimes import columns

FRACTIONS = ("share", "annual_return", "low", "high", "max_drawdown", "win_rate")


def regimes_page(rows: Sequence[Mapping[str, object]], kind: str) -> Table:
    """A row per regime: bars, return a year with its interval, Sharpe, fall, bars that gained."""
    table = Table(title=f"By {kind}, as it was known at the close before each bar", box=None)
    for name, heading in columns().items():
        table.add_column(heading, justify="left" if name == "regime" else "right")
    for row in rows:
        table.add_row(*(_text(name, row[name]) for name in columns()))
    return table


def _text(name: str, value: Any) -> str:
    if value is None:
        return "-"
    if name in FRACTIONS:
        return f"{100 * value:.1f} %"
    if isinstance(value, float):
        return f"{value:.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)

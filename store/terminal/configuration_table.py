"""The leaderboard by configuration as a terminal table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console, ConsoleOptions, RenderResult

from store.terminal.fitted_table import Column, FittedTable, numbers, texts
from store.terminal.leaderboard import WIDE
from store.terminal.metric_text import cell, label, params_text

Row = Mapping[str, Any]


@dataclass(frozen=True)
class ConfigurationTable:
    """The leaderboard by configuration, readable at 80 columns.

    Attributes:
        rows: as `store.query.configuration_leaderboard` gives them.
        title: above the table.
    """

    rows: Sequence[Row]
    title: str = ""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Lay out for the width at hand."""
        metric = self.rows[0]["metric"] if self.rows else "sharpe"
        wide = options.max_width >= WIDE
        who = [name for name in ("strategy", "direction", "timeframe") if self._differs(name)]
        headings = ["side" if name == "direction" else name for name in who]
        table = FittedTable(
            [
                Column("#", "id"),
                *texts(*headings, "params"),
                *numbers(f"median {label(metric)}", "mean", "worst"),
                *texts("at") * wide,
                *numbers("above 0", "symbols"),
            ],
            self.title,
        )
        for place, row in enumerate(self.rows, 1):
            figures = [cell(metric, row[name]) for name in ("median", "mean", "worst")]
            at = [row["worst_symbol"]] * wide
            counts = [f"{row['positive']:,}", f"{row['n']:,}"]
            named = [row[name] for name in who]
            table.add_row(str(place), *named, _words(row), *figures, *at, *counts)
        yield table

    def _differs(self, name: str) -> bool:
        """True when a column tells rows apart; the strategy is always named."""
        return name == "strategy" or len({row[name] for row in self.rows}) > 1


def _words(row: Row) -> str:
    """The params column: numbers, what else was swept, and whether these are the defaults."""
    words = params_text({**row["params"], **row["settings"]})
    return " ".join(filter(None, (words, row["cell"], "(base)" if row["baseline"] else "")))


def configurations_title(rows: Sequence[Row], name: str = "") -> str:
    """The heading of a leaderboard by configuration."""
    metric = rows[0]["metric"].replace("_", " ") if rows else "the metric"
    symbols = rows[0]["symbols"] if rows else 0
    head = f"by configuration, median {metric} over {symbols:,} symbols"
    return f"{name}: {head}" if name else head

"""One configuration from the command line: a backtest on the bars that a sweep would read."""

import logging
import math
import sys
from collections.abc import Iterator, Sequence

import numpy as np

from kernels.engine.position import REASONS
from store.files.foreign_text import Screen
from store.records.holdout import holdout_note
from store.records.short_window import short_time, without_growth
from store.runs.plain import to_json
from store.runs.schema import COUNTS
from store.terminal.fitted_table import BETWEEN, Column, FittedTable, numbers
from store.terminal.metric_text import cell as metric_text
from store.terminal.metric_text import label, params_text
from store.terminal.window_tables import day
from sweeper.config.schema import Config
from sweeper.config.window import Window
from sweeper.evaluate.compiling import compiling_note
from sweeper.evaluate.kernel_call import evaluate_group, prepared, trace_baseline
from sweeper.evaluate.lookahead import warn_of_look_ahead
from sweeper.plan.cell import build_cell
from sweeper.plan.described_windows import described_windows
from sweeper.plan.plan import Group, build_plan, load_datasets
from sweeper.space.constraint import short

log = logging.getLogger(__name__)

Metrics = dict[str, float | None]
IN_ROWS = {
    "sharpe": 0,
    "total_return": 0,
    "annual_return": 3,
    "max_drawdown": 0,
    "profit_factor": 5,
    "win_rate": 4,
    "trades": 0,
}
"""Metrics of a line per symbol, and which are left out first where there is no room."""
WINDOW_WIDTH = 12
"""Columns of a terminal for each window, at least: a date and the space before it."""


def run_single(config: Config) -> None:
    """Backtest `config` on each symbol and print the metrics, as a table or as JSON.

    Raises:
        ValueError: parameters that the strategy's constraint bars, or any other bad value.
    """
    cell = build_cell(config, [], [], [])
    if cell.nonsense:
        raise ValueError(cell.nonsense)
    if not len(cell.baseline):
        needed = cell.space.constraint.names if cell.space.constraint else ()
        values = {short(name): value for name, value in cell.fixed.items()}
        given = ", ".join(f"{name}={values[name]:g}" for name in needed)
        raise ValueError(f"{cell.strategy.name}: needs {cell.space.constraint}, got {given}")
    plan = build_plan([cell], load_datasets([cell]))
    for note in filter(None, (*plan.notes, *cell.space.notes, compiling_note())):
        sys.stderr.write(f"Note: {note}\n")
    groups = plan.groups
    warn_of_look_ahead(groups[0])
    results = {group.series.symbol: _metrics(group) for group in groups}
    if log.isEnabledFor(logging.DEBUG):  # hydra.verbose=true
        for group in groups:
            _log_trades(group)
    if config.output == "json":
        shown = {
            symbol: windows if len(windows) > 1 else next(iter(windows.values()))
            for symbol, windows in results.items()
        }
        Screen(soft_wrap=True).print_json(to_json(shown))
    elif config.output == "table":
        _print(groups, results, config.holdout)
    for line in short_windows(groups):
        Screen(stderr=config.output == "json", soft_wrap=True).print(line, markup=False)


def _log_trades(group: Group) -> None:
    """Every trade of the baseline, one line each."""
    times = group.series.times.astype("datetime64[s]")
    for window in group.windows:
        for trade in trace_baseline(group, window).trades:
            log.debug(
                "%s %s %s at %s for %.6g, out at %s for %.6g: return %.2f %%, %s",
                group.series.symbol,
                window.role,
                "long" if trade["side"] > 0 else "short",
                times[trade["entry_bar"]],
                trade["entry_price"],
                times[trade["exit_bar"]],
                trade["exit_price"],
                100 * trade["return_"],
                REASONS[trade["exit_reason"]],
            )


def _metrics(group: Group) -> dict[str, Metrics]:
    """The baseline's metrics on each window, by role."""
    values = evaluate_group(group, group.cell.baseline).metrics[0].tolist()
    return {
        window.role: without_growth(_named(group.cell.metrics, row), *_ends(group, window))
        for window, row in zip(group.windows, values, strict=True)
    }


def _named(names: Sequence[str], values: Sequence[float]) -> Metrics:
    """Metrics by name; what is not known as None, what is infinite as it is."""
    named = zip(names, values, strict=True)
    metrics = {name: None if math.isnan(value) else value for name, value in named}
    return metrics | {name: int(metrics[name] or 0) for name in COUNTS}


def _print(
    groups: tuple[Group, ...], results: dict[str, dict[str, Metrics]], holdout: float | str
) -> None:
    """A table with a column per symbol and window; of many symbols with a line for each."""
    cell, console = groups[0].cell, Screen()
    params = {name.removeprefix("params."): cell.fixed[name] for name in cell.params}
    columns = [
        (_heading(group, place), results[group.series.symbol][window.role])
        for group in groups
        for place, window in enumerate(group.windows)
    ]
    intraday = any(prepared(group).intraday for group in groups)
    metrics = [name for name in cell.metrics if name != "sharpe_daily" or intraday]
    shown = [[metric_text(name, metrics_of[name]) for name in metrics] for _, metrics_of in columns]
    wide = max(WINDOW_WIDTH, *(len(text) + BETWEEN for texts in shown for text in texts))
    fit = max(1, (console.width - max(map(len, map(label, metrics)))) // wide)
    title = f"{cell.strategy.name} {params_text(params)}"
    if len(groups) > 1 and len(columns) > fit:
        console.print(_rows(groups, results, title))
        console.print("output=json has every metric", markup=False)
        columns = []
    for start in range(0, len(columns), fit):
        headings = [heading for heading, _ in columns[start : start + fit]]
        table = FittedTable([Column("metric"), *numbers(*headings)], "" if start else title)
        for place, name in enumerate(metrics):
            table.add_row(label(name), *(texts[place] for texts in shown[start : start + fit]))
        console.print(table)
    if note := holdout_note(holdout):
        console.print(note)


def _rows(
    groups: Sequence[Group], results: dict[str, dict[str, Metrics]], title: str
) -> FittedTable:
    """A line per symbol and window, with the metrics that tell most."""
    folds = any(len(group.windows) > 1 for group in groups)
    words = [Column("symbol", "id"), *([Column("window", "id")] * folds), Column("from", "id", 2)]
    counts = [Column(label(name), "number", need) for name, need in IN_ROWS.items()]
    table = FittedTable([*words, Column("to", "id", 1), *counts], title)
    for group in groups:
        for described in described_windows(group):
            metrics = results[group.series.symbol][described.role]
            who = [group.series.symbol, *([described.role] * folds)]
            dates = [day(described.first)[:10], day(described.last)[:10]]
            values = [metric_text(name, metrics[name]) for name in IN_ROWS]
            table.add_row(*who, *dates, *values)
    return table


def _heading(group: Group, place: int) -> str:
    """Symbol and dates of a window, with its role where there are several."""
    window = described_windows(group)[place]
    first, last = day(window.first), day(window.last)
    if len(group.windows) == 1:
        return f"{group.series.symbol} {first[:10]} to {last[:10]}"
    return f"{group.series.symbol}\n{window.role}\n{first}\n{last}"


def short_windows(groups: Sequence[Group]) -> Iterator[str]:
    """A sentence for each symbol with a window too short for a figure per year."""
    for group in groups:
        spans = [(window.stop - window.start, *_ends(group, window)) for window in group.windows]
        n_bars, first, last = min(spans, key=lambda span: span[2] - span[1])
        if short_time(first, last):
            yield (
                f"{group.series.symbol}: {n_bars:,} bars {_lasting(last - first)}, less than 30 "
                "days: no CAGR and no Calmar ratio are given, and volatility, Sharpe, Sortino and "
                "turnover are scaled up from it to a year."
            )


def _ends(group: Group, window: Window) -> tuple[np.datetime64, np.datetime64]:
    """Times of a window's first and last bar."""
    return group.series.times[window.start], group.series.times[window.stop - 1]


def _lasting(span: np.timedelta64) -> str:
    """A time below 30 days in words."""
    minutes = span / np.timedelta64(1, "m")
    if minutes < 120:
        return f"last {minutes:.0f} minutes"
    return (
        f"last {minutes / 60:.1f} hours" if minutes < 48 * 60 else f"last {minutes / 1440:.3g} days"
    )

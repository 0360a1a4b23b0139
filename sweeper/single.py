"""One configuration from the command line: a backtest on the bars that a sweep would read."""

import json
import math

from rich.console import Console
from rich.table import Table

from store.leaderboard import cell as metric_text
from store.leaderboard import label, params_text
from store.schema import COUNTS
from sweeper.cells import build_cell
from sweeper.config import Config
from sweeper.evaluation import evaluate_group
from sweeper.lookahead import warn_of_look_ahead
from sweeper.plan import Group, build_plan, load_datasets


def run_single(config: Config) -> None:
    """Backtest `config` on each symbol and print the metrics, as a table or as JSON.

    Raises:
        ValueError: parameters that the strategy's constraint bars, or any other bad value.
    """
    cell = build_cell(config, [], [], [])
    if not len(cell.baseline):
        given = ", ".join(f"{name}={cell.fixed[name]:g}" for name in cell.params)
        raise ValueError(f"{cell.strategy.name}: needs {cell.space.constraint}, got {given}")
    groups = build_plan([cell], load_datasets([cell])).groups
    warn_of_look_ahead(groups[0])
    results = {group.series.symbol: _metrics(group) for group in groups}
    if config.output == "json":
        Console(soft_wrap=True).print_json(json.dumps(results))
    else:
        _print(groups, results, config.holdout)


def _metrics(group: Group) -> dict[str, float | None]:
    """The metrics of the group's baseline, by name; NaN as None, for JSON knows no NaN."""
    values = evaluate_group(group, group.cell.baseline).metrics[0, 0].tolist()
    named = zip(group.cell.metrics, values, strict=True)
    metrics = {name: value if math.isfinite(value) else None for name, value in named}
    return metrics | {name: int(metrics[name] or 0) for name in COUNTS}


def _print(
    groups: tuple[Group, ...], results: dict[str, dict[str, float | None]], holdout: float
) -> None:
    """A table with a line per metric and a column per symbol."""
    cell, console = groups[0].cell, Console()
    params = {name.removeprefix("params."): cell.fixed[name] for name in cell.params}
    table = Table(
        title=f"{cell.strategy.name} {params_text(params)}", title_justify="left", box=None
    )
    table.add_column("metric")
    for group in groups:
        first, last = (str(group.series.times[i])[:10] for i in (0, -1))
        table.add_column(f"{group.series.symbol} {first} to {last}", justify="right")
    for metric in cell.metrics:
        table.add_row(label(metric), *(metric_text(metric, results[s][metric]) for s in results))
    console.print(table)
    if holdout > 0:
        console.print(f"The newest {holdout:.0%} of the bars is kept unseen; holdout=0 reads all.")

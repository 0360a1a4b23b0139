"""The verb `top`: the best runs by a metric."""

from typing import Annotated

import typer

from store.cli.options import RESULTS, Json, Root, answer, open_results
from store.errors import StoreError


def top(
    metric: Annotated[str, typer.Argument(help="Any metric, such as sharpe or max_drawdown.")],
    n: Annotated[int, typer.Option("--n", "-n", min=1, help="How many runs.")] = 10,
    experiment: Annotated[
        str | None, typer.Option(metavar="REF", help="Only this experiment; otherwise all.")
    ] = None,
    strategy: Annotated[str | None, typer.Option(help="Only this strategy.")] = None,
    symbol: Annotated[str | None, typer.Option(help="Only this symbol.")] = None,
    window: Annotated[
        str | None, typer.Option(help="Only this window; test windows only so.")
    ] = None,
    penalty: Annotated[
        float,
        typer.Option(help="Rank by the metric less this for every parameter and risk setting."),
    ] = 0.0,
    by: Annotated[
        str | None,
        typer.Option(
            metavar="configuration",
            help="configuration: the median over symbols, of --experiment or the latest.",
        ),
    ] = None,
    root: Root = RESULTS,
    json: Json = False,
) -> None:
    """The best runs by a metric (lowest first for volatility, max_drawdown and the like)."""
    from store.runs.plain import run_dicts
    from store.terminal.configuration_table import ConfigurationTable, configurations_title
    from store.terminal.leaderboard import RunTable

    if by is not None:
        given = {"--strategy": strategy, "--symbol": symbol, "--window": window}
        _check_by(by, [name for name, value in given.items() if value], penalty)
        over = open_results(root).by_configuration(experiment or "latest", metric, n)
        answer(over, json, lambda: ConfigurationTable(over, configurations_title(over)))
        return
    runs = open_results(root).top(
        metric, n, experiment, strategy=strategy, symbol=symbol, window=window, penalty=penalty
    )
    rows = run_dicts(runs)
    answer(rows, json, lambda: RunTable(rows, metric))


def _check_by(by: str, others: list[str], penalty: float) -> None:
    if by != "configuration":
        raise StoreError(f"--by: must be configuration, got {by!r}; leave it out to rank runs")
    for name in [*others, *(["--penalty"] if penalty else [])]:
        raise StoreError(f"{name}: ranks runs, --by configuration all symbols together; drop one")

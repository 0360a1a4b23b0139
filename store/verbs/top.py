"""The verb `top`: the best runs by a metric."""

from typing import Annotated

import typer

from store.verbs.options import RESULTS, Json, Root, answer, open_results


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
    root: Root = RESULTS,
    json: Json = False,
) -> None:
    """The best runs by a metric (lowest first for volatility, max_drawdown and the like)."""
    from store.leaderboard import RunTable
    from store.rows import run_dicts

    found = open_results(root).top(
        metric, n, experiment, strategy=strategy, symbol=symbol, window=window, penalty=penalty
    )
    rows = run_dicts(found)
    answer(rows, json, lambda: RunTable(rows, metric))

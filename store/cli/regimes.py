"""The verb `regimes`: a run's performance by market regime."""

from typing import Annotated

import typer

from store.cli.options import RESULTS, Json, Root, answer, open_results


def regimes(
    ref: Annotated[
        str, typer.Argument(metavar="[REF]", help="A run; the best of an experiment else.")
    ] = "latest/best",
    by: Annotated[
        str, typer.Option("--by", help="trend, volatility, or a column of the bars.")
    ] = "trend",
    root: Root = RESULTS,
    json: Json = False,
) -> None:
    """Show a run's metrics by regime, with the number of bars and a 95 % interval."""
    from store.query.regimes import regimes_of
    from store.terminal.regimes import regimes_page

    results = open_results(root)
    rows = regimes_of(results, ref, by)
    answer(rows, json, lambda: regimes_page(rows, by))

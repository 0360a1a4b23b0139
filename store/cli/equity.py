"""The verb `equity`: a stored run bar by bar."""

from typing import Annotated

import typer

from store.cli.options import RESULTS, Json, Root, answer, open_results


def equity(
    ref: Annotated[str, typer.Argument(metavar="[REF]", help="A run.")] = "latest/best",
    n: Annotated[int, typer.Option("--n", "-n", min=2, help="Bars to show; --json has all.")] = 20,
    root: Root = RESULTS,
    json: Json = False,
) -> None:
    """The equity of a run at the close of every bar, backtested again, and its drawdown."""
    from store.terminal.trade_tables import equity_rows, equity_table

    retraced = open_results(root).retrace(ref)
    answer(equity_rows(retraced), json, lambda: equity_table(retraced, n))

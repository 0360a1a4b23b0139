"""The verb `trades`: every trade of a stored run."""

from typing import Annotated

import typer

from store.cli.options import RESULTS, Json, Root, answer, open_results


def trades(
    ref: Annotated[str, typer.Argument(metavar="[REF]", help="A run.")] = "latest/best",
    n: Annotated[
        int, typer.Option("--n", "-n", min=1, help="Trades to show; --json has all.")
    ] = 50,
    root: Root = RESULTS,
    json: Json = False,
) -> None:
    """Every trade of a run, backtested again: shown only if all its metrics repeat."""
    from store.terminal.trade_tables import trade_rows, trades_table

    retraced = open_results(root).retrace(ref)
    answer(trade_rows(retraced), json, lambda: trades_table(retraced, n))

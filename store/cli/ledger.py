"""The verb `ledger`: what was ever tried."""

from typing import Annotated

import typer

from store.cli.options import RESULTS, Json, Root, answer


def ledger(
    symbol: Annotated[str | None, typer.Option(help="Only this symbol.")] = None,
    strategy: Annotated[str | None, typer.Option(help="Only this strategy.")] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Compare with the runs; exit 3 if something is wrong.")
    ] = False,
    root: Root = RESULTS,
    json: Json = False,
) -> None:
    """Counts of configurations ever tried, by strategy, symbol and data."""
    from store.ledger import ledger as book
    from store.ledger import verify as audit
    from store.terminal.tables import faults_page, ledger_table

    if verify:
        faults = audit.verify(root)
        answer({"faults": faults}, json, lambda: faults_page(faults))
        raise typer.Exit(3 if faults else 0)
    rows = book.rows(root, symbol=symbol, strategy=strategy)
    answer(rows, json, lambda: ledger_table(rows))

"""The verb `sql`: a query over everything in the store."""

from typing import TYPE_CHECKING, Annotated

import typer

from store.cli.options import RESULTS, Json, Root, answer, open_results

if TYPE_CHECKING:
    from store.files.arrow_types import Dataset, Table
    from store.query.results import Results


def sql(
    query: Annotated[
        str,
        typer.Argument(
            metavar="QUERY", help="One SELECT over the views runs, experiments, errors and ledger."
        ),
    ],
    n: Annotated[int, typer.Option("--n", "-n", min=1, help="Rows to show; --json has all.")] = 50,
    ref: Annotated[
        str | None,
        typer.Option("--ref", help="A run, whose trades and equity are views, too."),
    ] = None,
    root: Root = RESULTS,
    json: Json = False,
) -> None:
    """Ask in SQL (DuckDB's), which can look at the store and at nothing else."""
    from store.query import sql as queries
    from store.terminal.tables import answer_table

    results = open_results(root)
    table = queries.query(results, query, {} if ref is None else _views_of(results, ref))
    rows = queries.plain(table if json else table.slice(0, n))
    answer(rows, json, lambda: answer_table(table.column_names, rows, len(table)))


def _views_of(results: "Results", ref: str) -> "dict[str, Table | Dataset]":
    from store.terminal.trade_tables import views  # late, as only here are kernels needed

    return views(results.retrace(ref))

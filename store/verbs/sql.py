"""The verb `sql`: a query over everything in the store."""

from typing import Annotated

import typer

from store.verbs.options import RESULTS, Json, Root, answer, open_results


def sql(
    query: Annotated[
        str,
        typer.Argument(
            metavar="QUERY", help="One SELECT over the views runs, experiments, errors and ledger."
        ),
    ],
    n: Annotated[int, typer.Option("--n", "-n", min=1, help="Rows to show; --json has all.")] = 50,
    root: Root = RESULTS,
    json: Json = False,
) -> None:
    """Ask in SQL (DuckDB's), which can look at the store and at nothing else."""
    from store import query as queries
    from store.tables import answer_table

    found = queries.query(open_results(root), query)
    rows = queries.plain(found if json else found.slice(0, n))
    answer(rows, json, lambda: answer_table(found.column_names, rows, len(found)))

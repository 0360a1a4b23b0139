"""The verb `errors`: what failed, and why."""

from typing import Annotated

import typer

from store.cli.options import RESULTS, Experiment, Json, Root, answer, open_results


def errors(
    ref: Experiment = "latest",
    n: Annotated[int, typer.Option("--n", "-n", min=1, help="How many to show.")] = 10,
    root: Root = RESULTS,
    json: Json = False,
) -> None:
    """Configurations that failed, each with its error; --json has the tracebacks."""
    from store.terminal.tables import errors_table

    rows = open_results(root).errors(ref).drop_columns(["config_hash", "tried"]).to_pylist()
    answer(rows if json else rows[:n], json, lambda: errors_table(rows, n))

"""The verb `tearsheet`: one run as QuantStats sees it."""

from pathlib import Path
from typing import Annotated

import typer

from store.cli.options import RESULTS, Json, Root, answer_lines, open_results


def tearsheet(
    ref: Annotated[str, typer.Argument(metavar="[REF]", help="A run.")] = "latest/best",
    out: Annotated[
        Path | None,
        typer.Option(help="The page; reports/<experiment id>-<run>-tearsheet.html if left out."),
    ] = None,
    root: Root = RESULTS,
    json: Json = False,
) -> None:
    """Write a QuantStats tear sheet of a run, next to buy-and-hold."""
    from store.trackers.quantstats import write_tearsheet

    path = str(write_tearsheet(open_results(root), ref, out))
    answer_lines({"page": path}, json, [path])

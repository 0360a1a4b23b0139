"""The verb `report`: one HTML page."""

from pathlib import Path
from typing import Annotated

import typer

from store.cli.options import RESULTS, Root


def report(
    ref: Annotated[
        str, typer.Argument(metavar="[REF]", help="An experiment, or a run to draw instead.")
    ] = "latest",
    out: Annotated[
        Path | None, typer.Option(help="The page; reports/<experiment id>.html if left out.")
    ] = None,
    root: Root = RESULTS,
) -> None:
    """Write one self-contained HTML page about an experiment."""
    from store.report import write_report  # late: Plotly and Jinja take a second

    typer.echo(write_report(root, ref, out))

"""The verb `export`: experiments as files."""

from pathlib import Path
from typing import Annotated

import typer

from store.cli.options import RESULTS, Json, Root, answer_lines, open_results


def export(
    ref: Annotated[
        str | None, typer.Argument(metavar="[REF]", help="An experiment; the latest if left out.")
    ] = None,
    tag: Annotated[str | None, typer.Option(help="All experiments with this tag instead.")] = None,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            help="json or parquet, to import again; csv for spreadsheets; folder: summary, "
            "windows, weights and config, four small files.",
        ),
    ] = "json",
    out: Annotated[Path, typer.Option(help="Folder to write to.")] = Path("exports"),
    root: Root = RESULTS,
    json: Json = False,
) -> None:
    """Write experiments to files named by their ids."""
    from store.transfer.export import chosen
    from store.transfer.export import export as write

    results = open_results(root)
    experiments = chosen(results, ref, tag)
    paths = [str(path) for path in write(results.root, experiments, out, form)]
    answer_lines(paths, json, paths)

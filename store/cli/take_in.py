"""The verb `import`: experiments that another store has exported."""

from pathlib import Path
from typing import Annotated

import typer

from store.cli.options import RESULTS, Json, Root, answer_lines


def take_in(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="JSON files, or folders of Parquet.")
    ],
    root: Root = RESULTS,
    json: Json = False,
) -> None:
    """Take in experiments that `export` wrote as json or parquet."""
    from store.transfer.import_experiment import take_in as add

    ids = [add(root, path).id for path in paths]
    answer_lines(ids, json, ids)

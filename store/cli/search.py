"""The verb `search`: what has a tag."""

from typing import Annotated

import typer

from store.cli.options import RESULTS, Json, Root, answer


def search(
    tag: Annotated[str, typer.Argument(metavar="TAG", help="A tag, whole.")],
    root: Root = RESULTS,
    json: Json = False,
) -> None:
    """Experiments and runs that have a tag."""
    from store.query import experiment_search
    from store.terminal.tables import words_table

    matches = experiment_search.search(root, tag)
    answer(matches, json, lambda: words_table(matches, f"Nothing is tagged {tag}."))

"""The verb `search`: what has a tag."""

from typing import Annotated

import typer

from store.verbs.options import RESULTS, Json, Root, answer


def search(
    tag: Annotated[str, typer.Argument(metavar="TAG", help="A tag, whole.")],
    root: Root = RESULTS,
    json: Json = False,
) -> None:
    """Experiments and runs that have a tag."""
    from store import listing
    from store.tables import words_table

    found = listing.search(root, tag)
    answer(found, json, lambda: words_table(found, f"Nothing is tagged {tag}."))

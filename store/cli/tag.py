"""The verb `tag`: adding tags and taking them away."""

from enum import StrEnum
from typing import Annotated

import typer

from store.cli.options import RESULTS, Json, Ref, Root, answer, open_results


class Action(StrEnum):
    """Kinds of change to tags."""

    add = "add"
    remove = "remove"


def tag(
    ref: Ref,
    action: Annotated[Action, typer.Argument(help="add or remove.")],
    tags: Annotated[list[str], typer.Argument(metavar="TAG...", help="One or more tags.")],
    root: Root = RESULTS,
    json: Json = False,
) -> None:
    """Tag an experiment or a run, or take tags away."""
    from store.query import edit_annotations
    from store.terminal.tables import words_page

    change = edit_annotations.tag if action is Action.add else edit_annotations.untag
    texts = change(open_results(root), ref, tags)
    answer(texts, json, lambda: words_page(texts))

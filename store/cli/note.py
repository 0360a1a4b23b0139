"""The verb `note`: what people write about an experiment or run."""

from typing import Annotated

import typer

from store.cli.options import RESULTS, Json, Ref, Root, answer, open_results


def note(
    ref: Ref,
    description: Annotated[str | None, typer.Option(metavar="TEXT", help="What it is.")] = None,
    hypothesis: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Why it should work.")
    ] = None,
    expected_impact: Annotated[
        str | None, typer.Option(metavar="TEXT", help="What is expected of using it.")
    ] = None,
    root: Root = RESULTS,
    json: Json = False,
) -> None:
    """Write texts about an experiment or a run; without any, show them."""
    from store.query import edit_annotations
    from store.terminal.tables import words_page

    results = open_results(root)
    if (description, hypothesis, expected_impact) == (None, None, None):
        texts = edit_annotations.read(results, ref)
    else:
        texts = edit_annotations.note(
            results,
            ref,
            description=description,
            hypothesis=hypothesis,
            expected_impact=expected_impact,
        )
    answer(texts, json, lambda: words_page(texts))

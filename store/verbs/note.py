"""The verb `note`: what people write about an experiment or run."""

from typing import Annotated

import typer

from store.verbs.options import RESULTS, Json, Ref, Root, answer, open_results


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
    from store import words
    from store.tables import words_page

    results = open_results(root)
    if (description, hypothesis, expected_impact) == (None, None, None):
        found = words.read(results, ref)
    else:
        found = words.note(
            results,
            ref,
            description=description,
            hypothesis=hypothesis,
            expected_impact=expected_impact,
        )
    answer(found, json, lambda: words_page(found))

"""The verb `delete`: an experiment and its runs."""

from typing import Annotated

import typer

from store.verbs.options import RESULTS, Json, Root, answer, open_results


def delete(
    ref: Annotated[str, typer.Argument(metavar="REF", help="An experiment.")],
    force: Annotated[bool, typer.Option("--force", help="Do not ask.")] = False,
    root: Root = RESULTS,
    json: Json = False,
) -> None:
    """Delete an experiment with its runs, tags and notes; the ledger's count of them stays."""
    from rich.text import Text

    from store import deletion

    experiment = deletion.deletable(open_results(root), ref)
    if not force:
        for line in deletion.consequences(root, experiment.id):
            typer.echo(line, err=True)
        runs = experiment.counts.get("done", 0)
        if not typer.confirm(f"Delete {experiment.id} and its {runs:,} runs?", err=True):
            typer.echo("Nothing was deleted.", err=True)
            return
    deletion.delete(root, experiment.id)
    answer({"deleted": experiment.id}, json, lambda: Text(f"Deleted {experiment.id}."))

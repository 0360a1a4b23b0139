"""The verb `delete`: an experiment and its runs."""

from typing import Annotated

import typer

from store.cli.options import RESULTS, Json, Root, answer_lines, open_results


def delete(
    ref: Annotated[str, typer.Argument(metavar="REF", help="An experiment.")],
    force: Annotated[bool, typer.Option("--force", help="Do not ask.")] = False,
    root: Root = RESULTS,
    json: Json = False,
) -> None:
    """Delete an experiment with its runs, tags and notes; the ledger's count of them stays."""
    from store.maintenance import deletion

    experiment = deletion.deletable(open_results(root), ref)
    if not force:
        for line in deletion.consequences(root, experiment.id):
            typer.echo(line, err=True)
        _confirm(f"Delete {experiment.id} and its {experiment.counts.get('done', 0):,} runs?")
    deletion.delete(root, experiment.id)
    answer_lines({"deleted": experiment.id}, json, [f"Deleted {experiment.id}."])


def _confirm(question: str) -> None:
    """Go on only after a yes; without a terminal to ask at it is a no."""
    try:
        agreed = typer.confirm(question, err=True)
    except typer.Abort:
        agreed = False
    if not agreed:
        typer.echo("Nothing was deleted; --force does not ask.", err=True)
        raise typer.Exit(2)

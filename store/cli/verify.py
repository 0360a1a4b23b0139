"""The verb `verify`: whether everything is what was written."""

from typing import Annotated

import typer

from store.cli.options import RESULTS, Json, Root, answer_lines, open_results


def verify(
    ref: Annotated[
        str | None,
        typer.Argument(metavar="[REF]", help="Only this experiment; otherwise the whole store."),
    ] = None,
    root: Root = RESULTS,
    json: Json = False,
) -> None:
    """Compare every file with its checksum, and the ledger with the runs; 3 if one is wrong."""
    from dataclasses import asdict

    from store.maintenance import verification

    if ref is None:
        verified = verification.verify(root)
    else:
        name = open_results(root).resolve(ref).experiment.id
        verified = verification.verify_experiment(root, name)
    answer_lines(asdict(verified), json, verification.lines(verified))
    raise typer.Exit(3 if verified.faults else 0)

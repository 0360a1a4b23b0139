"""The verb `events`: what was done to profiles and tasks, newest first."""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.text import Text

from operate.cli.options import RESULTS, Json, Profiles, Root, answer, place_of


def events(
    subject: Annotated[
        str | None, typer.Argument(help="Only of this profile, task or symbol.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=500)] = 20,
    before: Annotated[
        int | None, typer.Option("--before", help="Only events with a smaller number.")
    ] = None,
    root: Root = RESULTS,
    profiles: Profiles = None,
    json: Json = False,
) -> None:
    """Promotions, approvals, steps of rollouts, tasks, challengers, cycles, looks at a holdout."""
    from operate.records.event_rows import event_rows

    registry = place_of(root, profiles, None).registry
    rows = event_rows(registry, subject=subject, before=before, limit=limit)
    lines = [
        f"{row.number:>6}  {row.time[:16].replace('T', ' ')}  {row.kind} {row.subject} "
        f"by {row.by}{f': {row.text}' if row.text else ''}"
        for row in rows
    ]
    answer([asdict(row) for row in rows], json, lambda: Text("\n".join(lines) or "No event yet."))

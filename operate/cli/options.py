"""Options that the verbs have in common, and the place that they make."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from promote.cli.desk import AutoCommit, By, ProfileRef, Profiles, desk_of, person
from store.cli.options import RESULTS, Json, Root, answer

if TYPE_CHECKING:
    from operate.records.desk import Place

__all__ = [
    "RESULTS",
    "AutoCommit",
    "By",
    "Json",
    "Name",
    "Now",
    "ProfileRef",
    "Profiles",
    "Root",
    "answer",
    "person",
    "place_of",
]

Name = Annotated[str, typer.Argument(metavar="PROFILE", help="Name of a profile.")]
Now = Annotated[
    str | None,
    typer.Option(
        "--now", help="Act as of this ISO time (UTC without a zone) instead of the clock: replays."
    ),
]


def place_of(root: Path, profiles: Path | None, now: str | None) -> "Place":
    """Store, profiles and instant of a command."""
    from operate.records.clock import now_of
    from operate.records.desk import Place

    return Place(desk_of(root, profiles), now_of(now))

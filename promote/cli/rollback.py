"""The verb `rollback`: an older version in force again."""

from typing import Annotated

import typer

from promote.cli.desk import AutoCommit, BesideChanges, By, Profiles, desk_of, person
from store.cli.options import RESULTS, Root


def rollback(
    profile: Annotated[str, typer.Argument(metavar="PROFILE", help="Name of a profile.")],
    to: Annotated[
        int | None, typer.Option(min=1, help="Which version; the current one's parent if left out.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why, in your words.")] = "",
    by: By = None,
    auto_commit: AutoCommit = False,
    allow_dirty: BesideChanges = False,
    root: Root = RESULTS,
    profiles: Profiles = None,
) -> None:
    """Go back: a new version that is equal to an older one, to be approved like any other."""
    from promote.commands import profiles_line
    from promote.promotion.rollback import rollback as go_back

    desk = desk_of(root, profiles, auto_commit=auto_commit, allow_dirty=allow_dirty)
    done = go_back(desk, profile, to, by=person(by, desk.profiles), reason=reason)
    approve = profiles_line("approve", done.ref, profiles=desk.profiles, root=desk.root)
    typer.echo(
        f"{done.ref} is in force, equal to v{done.restores}; "
        f"`{approve}` once somebody has looked at it"
    )

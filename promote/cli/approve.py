"""The verb `approve`: a person's word, which no command gives by itself."""

from typing import Annotated

import typer

from promote.cli.desk import AutoCommit, BesideChanges, By, ProfileRef, Profiles, desk_of
from store.cli.options import RESULTS, Root


def approve(
    profile: ProfileRef,
    by: By = None,
    comment: Annotated[str, typer.Option(help="In your words.")] = "",
    auto_commit: AutoCommit = False,
    allow_dirty: BesideChanges = False,
    root: Root = RESULTS,
    profiles: Profiles = None,
) -> None:
    """Approve of a version: you have looked at it, and it may be used."""
    from promote.audit import git
    from promote.promotion.approval import approve as record

    desk = desk_of(root, profiles, auto_commit=auto_commit, allow_dirty=allow_dirty)
    who = by or git.user(desk.profiles) or ""
    approval = record(desk, profile, who, comment)
    typer.echo(f"{approval.ref}: approved by {who}")

"""The verb `actual-impact`: what a promotion has really done."""

from typing import Annotated

import typer

from promote.cli.desk import AutoCommit, BesideChanges, By, ProfileRef, Profiles, desk_of, person
from store.cli.options import RESULTS, Root


def actual_impact(
    profile: ProfileRef,
    text: Annotated[str, typer.Option(help="What it has done since, in your words.")],
    by: By = None,
    auto_commit: AutoCommit = False,
    allow_dirty: BesideChanges = False,
    root: Root = RESULTS,
    profiles: Profiles = None,
) -> None:
    """Add to STRATEGY_LOG.md what a version has really done, a month or so after it began."""
    from promote.promotion.actual_impact import tell_impact

    desk = desk_of(root, profiles, auto_commit=auto_commit, allow_dirty=allow_dirty)
    entry = tell_impact(desk, profile, text, person(by, desk.profiles))
    typer.echo(f"{entry.ref}: added to {desk.profiles / 'STRATEGY_LOG.md'}")

"""Options that the verbs on profiles share, where they write, how they print."""

import getpass
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from store.terminal.fitted_table import Column, Facts, FittedTable

if TYPE_CHECKING:
    from promote.promotion.transaction import Desk

Profiles = Annotated[
    Path | None,
    typer.Option(
        "--profiles",
        envvar="SWEEPER_PROFILES",
        help="Folder of the profiles; conf/promote.yaml says which unless given.",
    ),
]
ProfileRef = Annotated[
    str, typer.Argument(metavar="PROFILE", help="A profile, or NAME/v3 for one version of it.")
]
By = Annotated[
    str | None, typer.Option("--by", help="Who does it; the user.email of git unless given.")
]
AutoCommit = Annotated[
    bool, typer.Option("--auto-commit", help="Commit what is written to git, and nothing else.")
]
BesideChanges = Annotated[
    bool, typer.Option("--allow-dirty", help="Commit next to changes that are not committed.")
]


def desk_of(
    root: Path,
    profiles: Path | None,
    *,
    auto_commit: bool = False,
    allow_dirty: bool = False,
) -> "Desk":
    """Where the verb reads and writes; what a killed process has left undone is done first."""
    # Imported late, as in all verbs: --help and completion should not wait for the store.
    from promote import config
    from promote.audit.journal import settle
    from promote.promotion.transaction import Desk

    settings = config.load()
    if profiles is not None:
        settings = replace(settings, profiles=profiles)
    if done := settle(settings.profiles, root):
        typer.echo(f"Finished first, as it had been interrupted: {done}", err=True)
    return Desk(root, settings, auto_commit, allow_dirty)


def person(by: str | None, folder: Path) -> str:
    """Name of the acting person: as given, else as git has it, else the account."""
    from promote.audit import git

    return by or git.user(folder) or getpass.getuser()


def listing(*columns: str | Column, title: str = "") -> FittedTable:
    """An empty table in the manner of all others; a heading alone is that of a text."""
    return FittedTable(
        [column if isinstance(column, Column) else Column(column) for column in columns], title
    )


def pairs(values: dict[str, Any]) -> Facts:
    """A name and a value per line."""
    return Facts({name: str(value) for name, value in values.items()})

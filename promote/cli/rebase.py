"""The verb `rebase`: a profile of an older kernel, through the gate again."""

from typing import Annotated

import typer

from promote.cli.desk import AutoCommit, By, Profiles, desk_of, person
from promote.cli.options import AllowDirty, Gate, Set, preset_of
from store.cli.options import RESULTS, Json, Root, answer


def rebase(
    profile: Annotated[str, typer.Argument(metavar="PROFILE", help="Name of a profile.")],
    reason: Annotated[str, typer.Option(help="Why, in your words.")] = "",
    by: By = None,
    gate: Gate = "standard",
    set_: Set = None,
    auto_commit: AutoCommit = False,
    allow_dirty: AllowDirty = False,
    root: Root = RESULTS,
    profiles: Profiles = None,
    json: Json = False,
) -> None:
    """Promote the same configuration on the present kernel, once its sweep was run again there."""
    from rich.console import Group
    from rich.text import Text

    from promote.cli.judgement_page import judgement_page
    from promote.commands import profiles_line
    from promote.profiles.files import find
    from promote.promotion.rebase import rebase as promote
    from promote.promotion.rebase import rebase_judgement, same_run

    desk = desk_of(root, profiles, auto_commit=auto_commit, allow_dirty=allow_dirty)
    preset = preset_of(gate, set_, {})
    desk.require_ready()
    before = find(desk.profiles, profile)
    ref = same_run(desk, before)
    judgement = rebase_judgement(desk, ref, preset, allow_dirty=allow_dirty)
    if not judgement.passed:
        answer(judgement.to_dict(), json, lambda: judgement_page(judgement))
        raise typer.Exit(3)
    done = promote(desk, before, judgement, person(by, desk.profiles), reason)
    approve = profiles_line("approve", done.profile.ref, profiles=desk.profiles, root=desk.root)
    line = Text(f"{done.profile.ref} is in force, in place of {before.ref}. `{approve}`")
    values = done.report.to_dict() | {"files": [str(file) for file in done.files]}
    answer(values, json, lambda: Group(judgement_page(judgement), line))

"""The verb `log`: everything that was done to profiles."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from promote.cli.desk import Profiles, desk_of, listing
from store.cli.options import RESULTS, Json, Root, answer
from store.terminal.fitted_table import Column, FittedTable


def log(
    profile: Annotated[
        str | None, typer.Argument(metavar="[PROFILE]", help="Only this profile.")
    ] = None,
    root: Root = RESULTS,
    profiles: Profiles = None,
    json: Json = False,
) -> None:
    """The audit, oldest first: who did what, when and why."""
    from promote.audit import audit_log
    from store.errors import UnknownReference
    from store.files.paths import check_name

    desk = desk_of(root, profiles)
    wanted = None if profile is None else check_name(profile, "profile")
    entries = [
        {"number": link.number, **link.body, "digest": link.digest}
        for link in audit_log.entries(desk.profiles)
        if wanted in (None, link.body["profile"])
    ]
    if wanted is not None and not entries:
        raise UnknownReference(
            f"{profile}: there is no such profile in {desk.profiles}; "
            "`python -m promote list` shows them"
        )
    answer(entries, json, lambda: _page(entries))


def _page(rows: Sequence[Mapping[str, Any]]) -> FittedTable:
    heads = (Column("#", "number"), Column("time (UTC)", "id"), Column("profile", "id"))
    table = listing(*heads, "what", Column("by", "id"), "why")
    for row in rows:
        why = row.get("reason") or row.get("comment") or row.get("text") or ""
        name = f"{row['profile']}/v{row['version']}"
        cells = (str(row["number"]), row["time"][:19], name, row["kind"], row["by"], why)
        table.add_row(*cells)
    return table

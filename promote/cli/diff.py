"""The verb `diff`: what two versions or profiles differ in."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from promote.cli.desk import Profiles, desk_of, listing
from store.cli.options import RESULTS, Json, Root, answer
from store.terminal.fitted_table import FittedTable

Ref = Annotated[str, typer.Argument(help="A profile, or NAME/v3 for one version of it.")]


def diff(
    a: Ref, b: Ref, root: Root = RESULTS, profiles: Profiles = None, json: Json = False
) -> None:
    """Old -> new of everything in which two versions differ: params, settings, data, metrics."""
    from promote.profiles.diff import profile_changes
    from promote.profiles.files import find

    desk = desk_of(root, profiles)
    old, new = find(desk.profiles, a), find(desk.profiles, b)
    changes = profile_changes(old, new)
    values = {"old": old.ref, "new": new.ref, "changes": changes}
    answer(values, json, lambda: _page(old.ref, new.ref, changes))


def _page(old: str, new: str, differences: Mapping[str, Mapping[str, list[Any]]]) -> FittedTable:
    table = listing("", "", old, new)
    for section, changes in differences.items():
        for name, pair in changes.items():
            table.add_row(section, *_row(section, name, pair))
    return table


def _row(section: str, name: str, pair: list[Any]) -> list[str]:
    """A name and both values; metrics in the units of all other tables."""
    from store.terminal.metric_text import cell, label, number_text

    if section == "metrics":
        return [label(name), *("none" if value is None else cell(name, value) for value in pair)]
    return [name, *("none" if value is None else number_text(value) for value in pair)]

"""The verb `verify`: is it what was promoted, and does it give the same numbers?"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer
from rich.text import Text

from promote.cli.desk import ProfileRef, Profiles, desk_of, listing
from store.cli.options import RESULTS, Json, Root, answer
from store.terminal.fitted_table import FittedTable

if TYPE_CHECKING:
    from promote.promotion.verify import Finding


def verify(
    profile: ProfileRef, root: Root = RESULTS, profiles: Profiles = None, json: Json = False
) -> None:
    """Look for tampering, then run the profile again from its YAML alone; exit 3 if it differs."""
    from promote.promotion.verify import verify as look

    desk = desk_of(root, profiles)
    found = look(desk.root, desk.conf, profile)
    wrong = any(one.faults for one in found)
    told = {"verified": not wrong, "findings": [asdict(one) for one in found]}
    answer(told, json, lambda: _page(found))
    raise typer.Exit(3 if wrong else 0)


def _page(found: Sequence["Finding"]) -> FittedTable:
    table = listing("", "", "")
    for one in found:
        if not one.faults:
            table.add_row(Text("ok", "green"), one.part, one.note)
        for fault in one.faults:
            table.add_row(Text("FAIL", "red"), one.part, fault)
    return table

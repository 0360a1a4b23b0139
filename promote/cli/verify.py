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
    findings = look(desk.root, desk.conf, profile)
    wrong = any(finding.faults for finding in findings)
    values = {"verified": not wrong, "findings": [asdict(finding) for finding in findings]}
    answer(values, json, lambda: _page(findings))
    raise typer.Exit(3 if wrong else 0)


def _page(findings: Sequence["Finding"]) -> FittedTable:
    table = listing("", "", "")
    for finding in findings:
        if not finding.faults:
            table.add_row(Text("ok", "green"), finding.part, finding.note)
        for fault in finding.faults:
            table.add_row(Text("FAIL", "red"), finding.part, fault)
    return table

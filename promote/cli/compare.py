"""The verb `compare`: two profiles over the same time."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from promote.cli.desk import Profiles, desk_of, listing
from store.cli.options import RESULTS, Json, Root, answer
from store.terminal.fitted_table import numbers

if TYPE_CHECKING:
    from promote.profiles.compare import Compared

Ref = Annotated[str, typer.Argument(help="A profile, or NAME/v3 for one version of it.")]


def compare(
    a: Ref,
    b: Ref,
    start: Annotated[str | None, typer.Option(help="First day, ISO; the first of both.")] = None,
    end: Annotated[
        str | None, typer.Option(help="Last day, included; the last that a sweep could read.")
    ] = None,
    root: Root = RESULTS,
    profiles: Profiles = None,
    json: Json = False,
) -> None:
    """Backtest two versions over any range; bars of the holdout count as a look at it."""
    from promote.profiles.compare import compare as run
    from promote.profiles.compare import deltas
    from promote.profiles.files import find

    desk = desk_of(root, profiles)
    compared = run(desk.root, find(desk.profiles, a), find(desk.profiles, b), start, end)
    values = {"a": _told(compared[0]), "b": _told(compared[1]), **deltas(*compared)}
    answer(values, json, lambda: _page(*compared))


def _told(compared: "Compared") -> dict[str, object]:
    return asdict(compared) | {"profile": compared.profile.ref}


def _page(first: "Compared", other: "Compared") -> RenderableType:
    from store.runs.schema import COUNTS
    from store.terminal.metric_text import cell, label

    table = listing("metric", *numbers(first.profile.ref, other.profile.ref, "change"))
    for name in first.metrics:
        kind = int if name in COUNTS else float
        old, new = kind(first.metrics[name]), kind(other.metrics[name])
        values = (old, new, new - old)
        table.add_row(label(name), *(cell(name, number) for number in values))
    notes = [
        Text(f"{each.profile.ref}: {each.bars:,} bars, {each.first[:10]} to {each.last[:10]}")
        for each in (first, other)
    ]
    notes += [
        Text(
            f"{each.unseen:,} of these bars were kept from the sweep: {each.profile.symbol}'s "
            f"holdout has now been looked at {each.looks} times.",
            "yellow",
        )
        for each in (first, other)
        if each.unseen
    ]
    return Group(table, *notes)

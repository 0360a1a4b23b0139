"""The verb `apply`: through the gate, and into a profile."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from promote.cli.desk import AutoCommit, By, Profiles, desk_of, person
from promote.cli.options import (
    AllowDirty,
    Benchmark,
    Gate,
    MaxDrawdown,
    MinSharpe,
    MinTrades,
    Permutations,
    SelectBy,
    Set,
    preset_of,
)
from store.cli.options import RESULTS, Json, Root, answer

if TYPE_CHECKING:
    from promote.promotion.apply import Applied
    from promote.promotion.transaction import Desk


def apply(
    ref: Annotated[
        str, typer.Argument(metavar="REF", help="A run, or an experiment: one is then selected.")
    ],
    profile: Annotated[str, typer.Argument(metavar="PROFILE", help="Name of the profile.")],
    reason: Annotated[str, typer.Option(help="Why, in your words.")] = "",
    expected_impact: Annotated[str, typer.Option(help="What it should do, in your words.")] = "",
    by: By = None,
    gate: Gate = "standard",
    set_: Set = None,
    min_sharpe: MinSharpe = None,
    max_drawdown: MaxDrawdown = None,
    min_trades: MinTrades = None,
    select_by: SelectBy = "plateau",
    benchmark: Benchmark = "cash",
    baseline: Annotated[
        str | None,
        typer.Option(help="What it has to improve on: a profile, or as for `check`."),
    ] = None,
    permutations: Permutations = 0,
    auto_commit: AutoCommit = False,
    allow_dirty: AllowDirty = False,
    root: Root = RESULTS,
    profiles: Profiles = None,
    json: Json = False,
) -> None:
    """Promote a run that passes the gate: all that belongs to it is written, or nothing is."""
    from promote.cli.judgement_page import judgement_page
    from promote.gate.evidence.options import Question
    from promote.promotion.from_judgement import Wish
    from promote.promotion.gated import gated

    desk = desk_of(root, profiles, auto_commit=auto_commit, allow_dirty=allow_dirty)
    wish = Wish(
        profile=profile,
        by=person(by, desk.profiles),
        reason=reason,
        expected_impact=expected_impact,
    )
    named = {"min_sharpe": min_sharpe, "max_drawdown": max_drawdown, "min_trades": min_trades}
    preset = preset_of(gate, set_, named)
    rival = _baseline(desk, baseline)
    question = Question(select_by, benchmark, rival, allow_dirty, permutations)
    judgement, done = gated(desk, ref, wish, preset, question)
    if done is None:
        answer(judgement.to_dict(), json, lambda: judgement_page(judgement))
        raise typer.Exit(3)
    values = done.report.to_dict() | {"files": [str(file) for file in done.files]}
    answer(values, json, lambda: Group(judgement_page(judgement), _page(done, desk)))


def _baseline(desk: "Desk", text: str | None) -> str | None:
    """A baseline as the gate takes it: the run behind a profile, or what was given."""
    from promote.profiles.files import find, names

    if text is None or text.partition("/")[0] not in names(desk.profiles):
        return text
    experiment = find(desk.profiles, text).experiment
    return f"{experiment['id']}/{experiment['run']}"


def _page(done: "Applied", desk: "Desk") -> RenderableType:
    from promote.audit.strategy_log import changes_text
    from promote.commands import profiles_line

    profile = done.profile
    approve = profiles_line("approve", profile.ref, profiles=desk.profiles, root=desk.root)
    before = "nothing before" if done.parent is None else done.parent.ref
    lines = [
        f"{profile.ref} is in force. Against {before}: {changes_text(done.report.changes)}.",
        *(f"  {file}" for file in done.files),
        f"Not approved yet: `{approve}` once somebody has looked at it.",
    ]
    return Group(*map(Text, lines))

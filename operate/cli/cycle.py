"""The verb `cycle`: analyse, identify, optimise, gate, propose; it never deploys."""

import math
from typing import TYPE_CHECKING, Annotated

import typer

from operate.cli.options import RESULTS, Json, Now, Profiles, Root, answer, place_of
from operate.cli.paragraphs import Paragraphs

if TYPE_CHECKING:
    from operate.cycle.analyse import Number
    from operate.cycle.cycle import Cycle


def cycle(
    profile: Annotated[
        str | None, typer.Argument(metavar="[PROFILE]", help="A profile; all without.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, help="Days that are analysed.")] = 30,
    gate: Annotated[str, typer.Option(help="A preset of conf/gate.")] = "standard",
    force: Annotated[
        bool, typer.Option("--force", help="Sweep although nothing is beyond luck.")
    ] = False,
    root: Root = RESULTS,
    profiles: Profiles = None,
    now: Now = None,
    json: Json = False,
) -> None:
    """Look for what got worse; sweep round it, and propose what passes the gate."""
    from operate.cycle.cycle import run_cycle
    from promote.profiles.files import names

    place = place_of(root, profiles, now)
    chosen = names(place.desk.profiles) if profile is None else [profile]
    options = {"days": days, "gate": gate, "force": force}
    done = [run_cycle(place, name, options) for name in chosen]
    rows = [each.row() for each in done]
    report = rows if profile is None else rows[0]
    answer(report, json, lambda: Paragraphs([line for each in done for line in _lines(each)]))


def _number_line(number: "Number") -> str:
    """A number with its interval and what was expected; nothing of either where it is not known."""
    if not math.isfinite(number.value):
        return f"  {number.name}: not known, n {number.n}"
    expected = "" if math.isnan(number.expected) else f", expected {number.expected:.3g}"
    return (
        f"  {number.name}: {number.value:.3g} ({number.low:.3g} to {number.high:.3g})"
        f"{expected}, n {number.n}"
    )


def _lines(done: "Cycle") -> list[str]:
    numbers = [_number_line(each) for each in done.numbers]
    findings = [f"  priority {each.priority}: {each.sentence}" for each in done.findings]
    bands = [
        f"  band {each['metric']}: {each['band']}"
        + (
            ""
            if each["alarms_honest"] is None
            else f"; its critical band alarms {each['alarms_honest']:.0%} of honest profiles"
        )
        for each in done.bands
    ]
    return [f"{done.profile}:", *numbers, *findings, *bands, done.summary]

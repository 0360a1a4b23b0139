"""The verbs `rollout start|status|advance|hold|resume|rollback`."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from operate.cli.options import (
    RESULTS,
    By,
    Json,
    Name,
    Now,
    ProfileRef,
    Profiles,
    Root,
    answer,
    person,
    place_of,
)
from operate.cli.paragraphs import Paragraphs, counted

if TYPE_CHECKING:
    from operate.records.desk import Place
    from operate.records.rollout_state import RolloutState

app = typer.Typer(
    no_args_is_help=True,
    help="Give capital to an approved version by stages, and take it back when it does harm.",
)

Reason = Annotated[str, typer.Option("--reason", help="Why, in your words.")]


@app.command()
def start(
    profile: ProfileRef,
    plan: Annotated[
        str, typer.Option(help="A plan of conf/rollout, or the path of a .yaml file.")
    ] = "standard",
    money: Annotated[
        float | None, typer.Option(help="At full capital, quote currency; as the backtest's.")
    ] = None,
    loss_limit: Annotated[
        float | None, typer.Option(help="Loss that ends it, quote currency.")
    ] = None,
    auto: Annotated[
        list[str] | None,
        typer.Option("--auto", help="A stage that advances without a person; may be repeated."),
    ] = None,
    by: By = None,
    root: Root = RESULTS,
    profiles: Profiles = None,
    now: Now = None,
    json: Json = False,
) -> None:
    """Begin with the first stage of a plan."""
    from operate.rollout.acts import Terms
    from operate.rollout.acts import start as begin
    from operate.rollout.plan import load
    from promote.profiles.files import find

    place = place_of(root, profiles, now)
    chosen = find(place.desk.profiles, profile)
    who = person(by, place.desk.profiles)
    terms = Terms(money, loss_limit, tuple(auto or ()))
    _told(place, begin(place, chosen, load(plan), who, terms), json)


@app.command()
def status(
    profile: Name,
    root: Root = RESULTS,
    profiles: Profiles = None,
    now: Now = None,
    json: Json = False,
) -> None:
    """Stage, verdicts, and what is missing to advance; nothing is changed."""
    from operate.rollout.acts import require_rollout

    place = place_of(root, profiles, now)
    _told(place, require_rollout(place, profile), json)


@app.command()
def advance(
    profile: Name,
    by: By = None,
    root: Root = RESULTS,
    profiles: Profiles = None,
    now: Now = None,
    json: Json = False,
) -> None:
    """The next stage, if the monitors allow it; exit 3 when they do not."""
    from operate.rollout.steps import advance_if_allowed

    place = place_of(root, profiles, now)
    after, refusal = advance_if_allowed(place, profile, person(by, place.desk.profiles))
    _told(place, after, json)
    if refusal:
        typer.echo(f"Refused: {refusal}", err=True)
        raise typer.Exit(3)


@app.command()
def hold(
    profile: Name,
    reason: Reason = "",
    by: By = None,
    root: Root = RESULTS,
    profiles: Profiles = None,
    now: Now = None,
    json: Json = False,
) -> None:
    """Stay at this stage until it is resumed."""
    from operate.rollout import acts

    _act(acts.hold, place_of(root, profiles, now), profile, by, reason, json)


@app.command()
def resume(
    profile: Name,
    reason: Reason = "",
    by: By = None,
    root: Root = RESULTS,
    profiles: Profiles = None,
    now: Now = None,
    json: Json = False,
) -> None:
    """Go on; faults so far are explained by you."""
    from operate.rollout import acts

    _act(acts.resume, place_of(root, profiles, now), profile, by, reason, json)


@app.command()
def rollback(
    profile: Name,
    reason: Reason = "",
    by: By = None,
    root: Root = RESULTS,
    profiles: Profiles = None,
    now: Now = None,
    json: Json = False,
) -> None:
    """Back to the version that was at full capital before, or flat."""
    from operate.rollout import acts

    _act(acts.roll_back, place_of(root, profiles, now), profile, by, reason, json)


def _act(
    act: Callable[..., "RolloutState"],
    place: "Place",
    profile: str,
    by: str | None,
    reason: str,
    json: bool,
) -> None:
    """Do what a person decided about a rollout, and show where it stands."""
    from operate.rollout.acts import require_rollout

    rollout = require_rollout(place, profile)
    _told(place, act(place, rollout, person(by, place.desk.profiles), reason), json)


def _told(place: "Place", rollout: "RolloutState", json: bool) -> None:
    from operate.rollout.steps import status_of

    row = status_of(place, rollout)
    answer(row, json, lambda: Paragraphs(_lines(row)))


def _lines(row: dict[str, Any]) -> list[str]:
    state = str(row["state"]).replace("_", " ")
    days = counted(int(row["days"]), "day")
    return [
        f"{row['profile']}/v{row['version']}, plan {row['plan']}: {state}, stage "
        f"{row['stage']} with {row['capital']:.0%} of the capital since {row['since']}.",
        f"In this stage: {days}, {counted(row['trades'], 'closed trade')}.",
        *(f"  {word:13} {name}: {row['reasons'][name]}" for name, word in row["verdicts"].items()),
        f"For what the green marks are worth: {row['would_stop']}.",
        *(f"Missing: {line}" for line in row["missing"]),
        *([] if row["missing"] or row["state"] in ("done", "rolled_back") else
          [f"Nothing is missing: `python -m operate rollout advance {row['profile']}`"]),
        f"Target valid until {row['valid_until']}.",
    ]  # fmt: skip

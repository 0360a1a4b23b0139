"""The verb `null-rollout`: both errors of a plan, measured on the profile."""

from typing import Annotated

import typer

from operate.cli.options import RESULTS, Json, Now, ProfileRef, Profiles, Root, answer, place_of
from operate.cli.paragraphs import Paragraphs


def null_rollout(
    profile: ProfileRef,
    plan: Annotated[str, typer.Option(help="A plan of conf/rollout.")] = "standard",
    paths: Annotated[int, typer.Option(min=20, help="Redrawn histories of each kind.")] = 1_000,
    seed: int = 0,
    root: Root = RESULTS,
    profiles: Profiles = None,
    now: Now = None,
    json: Json = False,
) -> None:
    """Share rolled back while the promise holds, and without any edge."""
    from operate.monitors.promise import promise_of
    from operate.rollout.null_rollout import null_rollout as measure
    from operate.rollout.plan import load
    from operate.shadow.shadow import shadow
    from promote.profiles.files import find

    place = place_of(root, profiles, now)
    chosen = find(place.desk.profiles, profile)
    done = shadow(place, chosen)
    promise = promise_of(place.root, chosen, done.shadow)
    result = measure(chosen, done.bars, promise, load(plan), paths, seed)
    row = result.row()
    lines = [
        f"{paths:,} histories of three years each, Sharpe {result.sharpe:.2f} where the promise "
        "holds.",
        *(
            f"Rolled back within {time}: {result.holds[time]:.1%} while the promise holds, "
            f"{result.no_edge[time]:.1%} without an edge."
            for time in result.holds
        ),
        f"Before full capital: {result.before_full[0]:.1%} and {result.before_full[1]:.1%}: the "
        "stages limit what is lost, they do not test the edge.",
    ]
    answer(row, json, lambda: Paragraphs(lines))

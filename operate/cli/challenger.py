"""The verbs `challenger start` and `challenger judge`."""

from typing import Annotated

import typer
from rich.text import Text

from operate.cli.options import RESULTS, Json, Now, Profiles, Root, answer, place_of

app = typer.Typer(
    no_args_is_help=True,
    help="Compare versions on the same bars, by the paired difference of their shadows.",
)


@app.command()
def start(
    test: Annotated[str, typer.Argument(help="Name of the test.")],
    control: Annotated[str, typer.Argument(help="The champion: PROFILE or NAME/v3.")],
    treatment: Annotated[str, typer.Argument(help="The challenger.")],
    root: Root = RESULTS,
    profiles: Profiles = None,
    now: Now = None,
    json: Json = False,
) -> None:
    """Freeze a pair of versions."""
    from operate.rollout.challengers import start as begin

    made = begin(place_of(root, profiles, now), test, control, treatment)
    text = f"{test}: {made.facts['treatment']} against {made.facts['control']}."
    answer({"test": test, **made.facts}, json, lambda: Text(text))


@app.command()
def judge(
    root: Root = RESULTS,
    profiles: Profiles = None,
    now: Now = None,
    json: Json = False,
) -> None:
    """Shadow and compare all pairs."""
    from operate.rollout import challengers

    place = place_of(root, profiles, now)
    duels = [challengers.judge(place, each) for each in challengers.all_of(place)]
    lines = [
        f"{each.test}: {each.treatment} against {each.control}, {each.bars} fresh bars: "
        f"{each.difference:+.2e} a bar, evidence {each.evidence:.1f} (20 shows it): {each.status}; "
        f"such a difference takes {each.years:.1f} years to tell."
        for each in duels
    ]
    answer([each.row() for each in duels], json, lambda: Text("\n".join(lines) or "No tests."))

"""The verb `monitors`: five verdicts, each with its false-alarm rate and its power."""

import typer

from operate.cli.options import RESULTS, Json, Now, ProfileRef, Profiles, Root, answer, place_of
from operate.cli.paragraphs import Paragraphs


def monitors(
    profile: ProfileRef,
    root: Root = RESULTS,
    profiles: Profiles = None,
    now: Now = None,
    json: Json = False,
) -> None:
    """Compare live with shadow and promise; exit 3 when a monitor fails."""
    from operate.monitors.watch import watch
    from promote.profiles.files import find

    place = place_of(root, profiles, now)
    result = watch(place, find(place.desk.profiles, profile))
    rows = {name: verdict.row() for name, verdict in result.verdicts.items()}
    answer(rows, json, lambda: Paragraphs([_line(name, row) for name, row in rows.items()]))
    raise typer.Exit(3 if any(row["verdict"] == "fail" for row in rows.values()) else 0)


def _line(name: str, row: dict[str, object]) -> str:
    power = row["power"]
    worth = f"false alarm {row['false_alarm']:.1%}" + (
        "" if power is None else f", power {power:.0%}"
    )
    return f"{row['verdict']:13} {name}: {row['reason']} ({worth})."

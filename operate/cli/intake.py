"""The verb `intake`: what really happened, from a bot, a broker or a model."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from operate.cli.options import RESULTS, Json, Name, Now, Profiles, Root, answer, place_of


def intake(
    profile: Name,
    file: Annotated[Path, typer.Argument(help="The statement.")],
    form: Annotated[
        str,
        typer.Option("--format", help="fills, freqtrade, ccxt, ib, equity or predictions."),
    ] = "fills",
    map_: Annotated[
        Path | None,
        typer.Option("--map", help="YAML: columns, symbols, timezone and currency."),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(help="ISO time up to which the statement is complete; its last row without."),
    ] = None,
    root: Root = RESULTS,
    profiles: Profiles = None,
    now: Now = None,
    json: Json = False,
) -> None:
    """Add a statement to the live records of a profile; the same one twice changes nothing."""
    from operate.intake.fill_table import load_reading
    from operate.intake.records import take_in
    from promote.profiles.files import find

    place = place_of(root, profiles, now)
    chosen = find(place.desk.profiles, profile)
    done = take_in(place, chosen, file, form, load_reading(map_), until)
    text = f"{done.kind}: {done.new:,} new of {done.rows:,}; {done.total:,} in all."
    answer(asdict(done), json, lambda: Text(text))

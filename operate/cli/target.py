"""The verb `target`: the decision that a bot reads, checked as a bot should check it."""

import typer
from rich.text import Text

from operate.cli.options import RESULTS, Json, Name, Now, Profiles, Root, answer, place_of


def target(
    profile: Name,
    root: Root = RESULTS,
    profiles: Profiles = None,
    now: Now = None,
    json: Json = False,
) -> None:
    """Print the target of a profile; exit 3 when a bot has to refuse it."""
    from operate.records.paths import target_file
    from operate.target.reader import Refused, read_target
    from store.errors import UnknownReference

    place = place_of(root, profiles, now)
    path = target_file(place.root, profile)
    if not path.exists():
        raise UnknownReference(
            f"{profile}: has no target; run `python -m operate shadow {profile}` first"
        )
    try:
        result = read_target(path, place.desk.conf.public_keys, place.now.timestamp())
    except Refused as error:
        typer.echo(f"Refused: {error}", err=True)
        raise typer.Exit(3) from None
    answer(result, json, lambda: Text("\n".join(f"{k:24}{v}" for k, v in result.items())))

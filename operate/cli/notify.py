"""The verb `notify`: deliver what waits in the outbox."""

from dataclasses import asdict

import typer
from rich.text import Text

from operate.cli.options import RESULTS, Json, Profiles, Root, answer, place_of


def notify(root: Root = RESULTS, profiles: Profiles = None, json: Json = False) -> None:
    """Send messages to SWEEPER_NOTIFY and DISCORD_WEBHOOK_URL; exit 3 when one did not arrive."""
    from operate.alerts.delivery import deliver

    done = deliver(place_of(root, profiles, None))
    text = f"{done.sent} sent, {done.failed} failed, {done.waiting} waiting."
    if not done.configured:
        text += " Nothing is sent until SWEEPER_NOTIFY or DISCORD_WEBHOOK_URL is set."
    answer(asdict(done), json, lambda: Text(text))
    raise typer.Exit(3 if done.failed else 0)

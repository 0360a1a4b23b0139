"""Delivery of the outbox: each message once, tried again later when a service does not answer.

Addresses are apprise's. `json://host:port/path` and Discord webhooks need nothing but the standard
library; every other scheme needs the extra `notify`.
"""

import json
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from operate.records.desk import Place
from store.errors import StoreError
from store.records.experiment import timestamp
from store.registry.operation import mark, messages

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)
SECONDS = 10.0
DISCORD_LONGEST = 2_000

Send = Callable[[str, str], bool]
"""Takes a title and a text; whether the service has accepted them."""


@dataclass(frozen=True)
class Delivered:
    """Outcome of a delivery of the outbox.

    Attributes:
        sent: messages that were delivered now.
        failed: that were not, and are tried again.
        waiting: unsent in all.
        configured: there is somewhere to send to.
    """

    sent: int
    failed: int
    waiting: int
    configured: bool


def addresses() -> list[str]:
    """Addresses in SWEEPER_NOTIFY (spaces between them), and DISCORD_WEBHOOK_URL."""
    result = os.environ.get("SWEEPER_NOTIFY", "").split()
    discord = os.environ.get("DISCORD_WEBHOOK_URL", "").strip()
    return result + ([discord] if discord else [])


def deliver(place: Place, urls: Sequence[str] | None = None) -> Delivered:
    """Send what is due; without addresses nothing is sent and nothing is lost.

    A message is taken before it is sent, with the time of its next try: two processes never send it
    at once, and one that dies meanwhile leaves a message that is tried again.

    Raises:
        StoreError: apprise is needed and not installed, or an address is none.
    """
    targets = addresses() if urls is None else list(urls)
    open_ones = messages(place.registry, unsent=True)
    if not targets:
        return Delivered(0, 0, len(open_ones), False)
    senders = [sender(url, number) for number, url in enumerate(targets, 1)]
    now = timestamp(datetime.now(UTC))
    sent = failed = 0
    for message in (each for each in open_ones if each.due <= now):
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(message.attempts, 12))
        later = timestamp(datetime.now(UTC) + wait)
        if not mark(place.registry, message, due=later):
            continue
        taken = replace(
            message, version=message.version + 1, attempts=message.attempts + 1, due=later
        )
        title = f"{message.kind}: {message.subject}"
        answers = [send(title, message.message) for send in senders]
        if all(answers):
            mark(place.registry, taken, sent=timestamp(datetime.now(UTC)))
            sent += 1
        else:
            failed += 1
    return Delivered(sent, failed, len(open_ones) - sent, True)


def sender(url: str, number: int) -> Send:
    """Sends to one address; the address may hold a token, so errors name its number alone."""
    parts = urlsplit(url)
    if parts.scheme in ("json", "jsons"):
        scheme = "http" if parts.scheme == "json" else "https"
        plain = f"{scheme}://{parts.netloc}{parts.path or '/'}"
        return lambda title, text: _post(
            plain, {"version": "1.0", "title": title, "message": text, "type": "info"}
        )
    if parts.scheme in ("http", "https"):
        return lambda title, text: _post(url, {"content": f"**{title}**\n{text}"[:DISCORD_LONGEST]})
    return _apprise(url, number)


def _post(url: str, body: dict[str, Any]) -> bool:
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            return bool(200 <= answer.status < 300)
    except (urllib.error.URLError, OSError, ValueError):
        return False


def _apprise(url: str, number: int) -> Send:
    try:
        import apprise  # late: the extra `notify`
    except ImportError:
        raise StoreError(
            f"notify: address {number} needs the extra `notify`: .venv/bin/python -m pip install "
            "apprise"
        ) from None
    client: Any = apprise.Apprise()
    if not client.add(url):
        raise StoreError(f"notify: address {number} is none that apprise knows; mend it")
    return lambda title, text: bool(client.notify(title=title, body=text))

"""Documents of operation, events and messages: what `operate` keeps in the registry.

A document is a row of `operated`, named by its kind and name, and changes by compare-and-set on its
version, with its event in the same transaction. A message is put in the outbox once per key.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from store.errors import Stale
from store.files.canonical import canonical
from store.records.experiment import timestamp
from store.registry.changes import log, row, swap
from store.registry.registry import Registry
from store.registry.tables import OPERATED, OUTBOX


@dataclass(frozen=True, slots=True)
class Document:
    """One document.

    Attributes:
        kind: `rollout`, `task`, `challenger` or `budget`.
        name: of the profile, task or test.
        facts: what it says, JSON types.
        version: how often it was written; 0 when never.
    """

    kind: str
    name: str
    facts: Mapping[str, Any]
    version: int


@dataclass(frozen=True, slots=True)
class Message:
    """One message to people.

    Attributes:
        number: ascending.
        key: names its occasion; a second message of the same key is not kept.
        kind: of its event.
        subject: profile or task.
        message: its text.
        time: when it was put there.
        due: from when on it is sent.
        sent: when it was delivered; empty until then.
        attempts: deliveries that failed.
        version: for compare-and-set.
    """

    number: int
    key: str
    kind: str
    subject: str
    message: str
    time: str
    due: str
    sent: str
    attempts: int
    version: int


Happening = tuple[str, str, Mapping[str, object]]
"""An event: its kind, its subject, its facts."""


def document(registry: Registry, kind: str, name: str) -> Document:
    """A document; of version 0, without facts, when it was never written."""
    with registry.database.reading() as connection:
        if connection is None or not _has_tables(connection):
            return Document(kind, name, {}, 0)
        same = (OPERATED.c.kind == kind, OPERATED.c.name == name)
        result = connection.execute(select(OPERATED).where(*same)).mappings().first()
    if result is None:
        return Document(kind, name, {}, 0)
    return Document(kind, name, json.loads(result["facts"]), int(result["version"]))


def documents(registry: Registry, kind: str) -> list[Document]:
    """All documents of a kind, by name."""
    with registry.database.reading() as connection:
        if connection is None or not _has_tables(connection):
            return []
        rows = connection.execute(select(OPERATED).where(OPERATED.c.kind == kind)).mappings().all()
    result = [
        Document(kind, item["name"], json.loads(item["facts"]), item["version"]) for item in rows
    ]
    return sorted(result, key=lambda each: each.name)


def write(
    registry: Registry, old: Document, facts: Mapping[str, object], event: Happening | None
) -> Document:
    """Write a document if it still has the version that was read, with its event.

    Args:
        registry: of the store.
        old: as it was read.
        facts: what it says from now on.
        event: of the same transaction, or None.

    Raises:
        Stale: another process has written it since.
    """
    key = {"kind": old.kind, "name": old.name}
    stale = f"{old.kind} of {old.name}: was changed since it was read; repeat the command"
    try:
        with registry.database.writing() as connection:
            if not swap(connection, OPERATED, key, old.version, {"facts": canonical(facts)}):
                raise Stale(stale)
            if event is not None:
                log(connection, *event)
    except IntegrityError as error:  # made by another process at the same time
        raise Stale(stale) from error
    return Document(old.kind, old.name, facts, old.version + 1)


def edit(
    registry: Registry,
    kind: str,
    name: str,
    change: Callable[[Mapping[str, Any]], Mapping[str, Any] | None],
    event: Happening | None = None,
) -> Document | None:
    """Change a document in one transaction; None from `change` leaves it as it is."""
    key = {"kind": kind, "name": name}
    with registry.database.writing() as connection:
        result = row(connection, OPERATED, key)
        old = json.loads(result["facts"]) if result else {}
        version = int(result["version"]) if result else 0
        facts = change(old)
        if facts is None:
            return None
        if not swap(connection, OPERATED, key, version, {"facts": canonical(facts)}):
            raise Stale(f"{kind} of {name}: was changed since it was read; repeat the command")
        if event is not None:
            log(connection, *event)
    return Document(kind, name, facts, version + 1)


def happen(registry: Registry, event: Happening) -> None:
    """Add an event that changes no document."""
    with registry.database.writing() as connection:
        log(connection, *event)


def post(registry: Registry, key: str, kind: str, subject: str, message: str) -> bool:
    """Put a message in the outbox; False when one of the same key is there already."""
    now = timestamp(datetime.now(UTC))
    values = {"key": key, "kind": kind, "subject": subject, "message": message}
    with registry.database.writing() as connection:
        if connection.execute(select(OUTBOX.c.number).where(OUTBOX.c.key == key)).first():
            return False
        rest = {"time": now, "due": now, "sent": "", "attempts": 0, "version": 1}
        connection.execute(insert(OUTBOX).values(**values, **rest))
    return True


def messages(registry: Registry, *, unsent: bool = False) -> list[Message]:
    """Messages in the outbox, oldest first."""
    with registry.database.reading() as connection:
        if connection is None or not _has_tables(connection):
            return []
        query = select(OUTBOX).order_by(OUTBOX.c.number)
        if unsent:
            query = query.where(OUTBOX.c.sent == "")
        return [Message(**item) for item in connection.execute(query).mappings()]


def mark(registry: Registry, old: Message, *, sent: str = "", due: str = "") -> bool:
    """Note a delivery, or when it is tried again; False when another process was first."""
    values = {"sent": sent, "due": due or old.due, "attempts": old.attempts + 1}
    same = (OUTBOX.c.number == old.number, OUTBOX.c.version == old.version)
    change = update(OUTBOX).where(*same).values(**values, version=old.version + 1)
    with registry.database.writing() as connection:
        return connection.execute(change).rowcount == 1


def _has_tables(connection: Connection) -> bool:
    """True when the registry was written by a checkout that has them; older ones are still read."""
    from sqlalchemy import inspect  # late: for readers of old registries only

    schema = None if connection.dialect.name == "sqlite" else "sweeper"
    return inspect(connection).has_table("operated", schema)

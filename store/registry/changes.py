"""Transactions of the registry: checks, reading a row, swapping it, its event."""

import getpass
import platform
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select, update

from store.errors import BadName
from store.files.canonical import canonical
from store.files.foreign_text import BREAKS, check_printable
from store.files.paths import check_name
from store.records.experiment import EDITABLE, timestamp
from store.registry.facts import Edits
from store.registry.tables import EVENTS, NOTES, TAGS

LONGEST_TEXT = 10_000

_RUN = re.compile(r"\d{1,18}")


def check_subject(subject: str) -> str:
    """Return the id of an experiment or `ID/42`, or raise BadName."""
    name, slash, run = subject.partition("/")
    check_name(name, "subject")
    if slash and not _RUN.fullmatch(run):
        raise BadName(f"subject: after the slash comes a run number, got {run[:40]!r}")
    return subject


def check_text(text: str, what: str) -> str:
    """Return a text that a database and a terminal take, or raise BadName."""
    if len(text) > LONGEST_TEXT:
        raise BadName(f"{what}: at most {LONGEST_TEXT:,} characters, got {len(text):,}; shorten it")
    return check_printable(text, what, BREAKS)


def check_edits(edits: Mapping[str, Edits]) -> None:
    """Raise BadName unless subjects, tags and texts of edits may all be written."""
    for subject, edit in edits.items():
        check_subject(subject)
        for tag in edit.tags:
            check_text(tag, "tag")
        for name in EDITABLE:
            check_text(getattr(edit.note, name) or "", name)


def row(connection: Connection, table: Table, key: Mapping[str, str]) -> dict[str, Any] | None:
    """The row with this key, or None; no other process changes it before the transaction ends."""
    same = [table.c[name] == value for name, value in key.items()]
    stored = connection.execute(select(table).where(*same).with_for_update()).mappings().first()
    return None if stored is None else dict(stored)


def swap(
    connection: Connection,
    table: Table,
    key: Mapping[str, str],
    version: int,
    values: Mapping[str, object],
) -> bool:
    """Write a row if it still has this version, 0 for a row that is not there; whether it had."""
    if version == 0:
        connection.execute(insert(table).values(**key, **values, version=1))
        return True
    same = [table.c[name] == value for name, value in key.items()]
    change = update(table).where(*same, table.c.version == version)
    return connection.execute(change.values(**values, version=version + 1)).rowcount == 1


def drop_edits(connection: Connection, experiment_id: str) -> None:
    """Remove tags and notes of an experiment and of its runs."""
    runs = check_name(experiment_id, "experiment id") + "/"
    for table in (TAGS, NOTES):
        of_it = (table.c.subject == experiment_id) | table.c.subject.startswith(
            runs, autoescape=True
        )
        connection.execute(delete(table).where(of_it))


def log(connection: Connection, kind: str, subject: str, facts: Mapping[str, object]) -> None:
    """Add an event."""
    connection.execute(
        insert(EVENTS).values(
            time=timestamp(datetime.now(UTC)),
            host=platform.node(),
            account=_account(),
            kind=kind,
            subject=subject,
            facts=canonical(facts),
        )
    )


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user need not have a name
        return "unknown"

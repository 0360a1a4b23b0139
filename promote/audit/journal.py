"""Several files and records, all or none: what is to be written is written down first.

An *intent* holds everything that one act (a promotion, an approval, ...) will write, contents
included. It gets its name PROFILES/_journal.json in one step; from then on the act will happen.
Then it is carried out step by step, each of which may be done again, and the journal is removed.
Killed before the journal, nothing has happened; killed after, the next command finishes it.
"""

import dataclasses
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from promote.audit import git
from store.errors import AlreadyThere, DamagedFile, StoreError
from store.files import local
from store.files.canonical import digest
from store.files.lock import held
from store.files.paths import inside
from store.registry import Approval, Promotion, open_registry

JOURNAL = "_journal.json"
LOCK_SECONDS = 30.0
"""Longest wait for a process that is writing at this moment."""

_UNCOMMITTED = f".*\n{JOURNAL}\n".encode()
"""Files that git ignores: locks and temporaries, this list among them, and the journal."""


@dataclass(frozen=True, slots=True)
class Write:
    """One file.

    Attributes:
        path: from PROFILES on.
        content: all of it.
        replaces: whether it may take the place of another content.
    """

    path: str
    content: str
    replaces: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One act, in the order in which it is carried out.

    Attributes:
        act: in words, for messages: `promotion of scalp/v3`.
        writes: the files.
        store: folder of the store whose registry is told, absolute.
        promotion: for the registry, fields of `store.registry.Promotion`; None tells it nothing.
        approval: the same.
        message: of the git commit; None commits nothing.
    """

    act: str
    writes: tuple[Write, ...]
    store: str
    promotion: Mapping[str, Any] | None = None
    approval: Mapping[str, Any] | None = None
    message: str | None = None


@contextmanager
def writing(profiles: Path, store: Path | None = None) -> Iterator[None]:
    """Be the only process that writes profiles; what another one left undone is done first.

    Args:
        profiles: their folder.
        store: whose registry may be told; None: that which the journal names.

    Raises:
        DamagedFile: the journal names another store: it is not of an act that was begun here.
    """
    local.make_folder(profiles)
    refusal = f"{profiles}: another process is writing a profile; try again"
    with held(profiles / ".lock", refusal, LOCK_SECONDS):
        for draft in _drafts(profiles):  # of killed processes: no other one is writing
            draft.unlink()
        local.put_if_absent(profiles / ".gitignore", _UNCOMMITTED)
        _finish(profiles, store)
        yield


def settle(profiles: Path, store: Path | None = None) -> str | None:
    """Carry out what a killed process has left undone, or clear it away; every verb does so first.

    Args:
        profiles: their folder.
        store: as for `writing`.

    Returns:
        The act, in words; None when there was nothing to do.
    """
    begun = (profiles / JOURNAL).exists()
    if not begun and not _drafts(profiles):
        return None
    act = _read(profiles / JOURNAL).act if begun else None
    with writing(profiles, store):
        return act


def _drafts(profiles: Path) -> list[Path]:
    """Temporaries, whether of a killed process or of one that is writing."""
    return list(profiles.rglob(".*.tmp"))


def carry_out(profiles: Path, intent: Intent) -> None:
    """Make an act happen; the caller is `writing`."""
    content = dataclasses.asdict(intent)
    text = json.dumps({"intent": content, "digest": digest(content)}, indent=1)
    local.replace(profiles / JOURNAL, (text + "\n").encode())
    try:
        _finish(profiles)
    except StoreError as error:
        raise StoreError(f"{error} ({intent.act}: the next command does what is left)") from error


def _finish(profiles: Path, store: Path | None = None) -> None:
    """Carry out the act in the journal, if there is one, on no store but its own."""
    path = profiles / JOURNAL
    if not path.exists():
        return
    intent = _read(path)
    if store is not None and Path(intent.store).resolve() != store.resolve():
        raise DamagedFile(
            f"{path}: was begun for the store {intent.store}, not for {store}: nothing is written; "
            f"repeat with --root {intent.store} if you began {intent.act} there, else remove it"
        )
    for write in intent.writes:
        _write(profiles, write)
    _register(intent)
    if intent.message is not None:
        git.commit(profiles, [write.path for write in intent.writes], intent.message)
    path.unlink()
    local.sync(profiles)


def _write(profiles: Path, write: Write) -> None:
    path, content = inside(profiles, profiles / write.path), write.content.encode()
    local.make_folder(path.parent)
    if write.replaces:
        local.replace(path, content)
    elif not local.put_if_absent(path, content) and path.read_bytes() != content:
        raise DamagedFile(
            f"{path}: is there with another content than is to be written; move it away, then "
            "repeat the command"
        )


def _register(intent: Intent) -> None:
    """Tell the registry; it may have been told before the process was killed."""
    registry = open_registry(intent.store)
    try:
        if intent.promotion is not None:
            registry.promote(Promotion(**intent.promotion))
        if intent.approval is not None:
            registry.approve(Approval(**intent.approval))
    except AlreadyThere:
        return


def _read(path: Path) -> Intent:
    try:
        values = json.loads(path.read_bytes())
        if values["digest"] != digest(values["intent"]):
            raise ValueError("its digest is not that of what it says")
        intent = Intent(**values["intent"])
        writes: tuple[Any, ...] = tuple(intent.writes)
        return dataclasses.replace(intent, writes=tuple(Write(**write) for write in writes))
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedFile(
            f"{path}: is no journal ({error}); if nothing was under way, remove it"
        ) from None

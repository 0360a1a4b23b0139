"""Transaction of a promotion: the files, the log, the audit entry, as one intent of the journal."""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from promote.audit import audit_log, git, strategy_log
from promote.audit.journal import Intent, Write, carry_out
from promote.audit.signing import signer
from promote.config import Conf
from promote.profiles.files import LOG
from store.files.hash_chain import Link
from store.records.experiment import timestamp


@dataclass(frozen=True, slots=True)
class Desk:
    """Where acts are written, and how.

    Attributes:
        root: folder of the store.
        conf: where profiles are kept, and keys.
        auto_commit: whether every act is committed.
        allow_dirty: whether that may be done next to changes that are not committed.
    """

    root: Path
    conf: Conf
    auto_commit: bool = False
    allow_dirty: bool = False

    @property
    def profiles(self) -> Path:
        """Folder of the profiles."""
        return self.conf.profiles

    def require_ready(self) -> None:
        """Raise StoreError when an act could not be signed or committed."""
        signer(self.conf)
        if self.auto_commit:
            git.require_ready(self.profiles, self.allow_dirty)


def act(
    desk: Desk,
    kind: str,
    body: Mapping[str, object],
    writes: Sequence[Write] = (),
    pointer: Write | None = None,
    *,
    promotion: Mapping[str, object] | None = None,
    approval: Mapping[str, object] | None = None,
) -> Link:
    """Carry out one act; the caller is `journal.writing`.

    In this order: the files, the log, the audit entry, the pointer that puts it in force, the
    registry, the commit. The entry vouches for the files and the log.

    Args:
        desk: where.
        kind: of the audit entry.
        body: what the entry says: profile, version, by and what belongs to the kind.
        writes: files that belong to it.
        pointer: written once the entry is.
        promotion: for the registry.
        approval: the same.

    Returns:
        The audit entry.
    """
    links = audit_log.entries(desk.profiles)
    whole = {
        "kind": kind,
        **body,
        "time": timestamp(datetime.now(UTC)),
        "host": platform.node(),
        "files": audit_log.hashes(writes),
    }
    log = Write(LOG, strategy_log.render([*(link.body for link in links), whole]), replaces=True)
    whole["log"] = audit_log.sha256(log.content)
    entry = audit_log.entry_writes(links, whole, signer(desk.conf))
    last = [] if pointer is None else [replace(pointer, replaces=True)]
    subject = f"{kind} {body['profile']}/v{body['version']}"
    intent = Intent(
        act=subject,
        writes=(*writes, log, *entry, *last),
        store=str(desk.root.absolute()),
        promotion=promotion,
        approval=approval,
        message=f"{subject[0].upper()}{subject[1:]}" if desk.auto_commit else None,
    )
    carry_out(desk.profiles, intent)
    return audit_log.entries(desk.profiles)[-1]

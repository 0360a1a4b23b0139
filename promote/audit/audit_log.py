"""The audit: everything that was ever done to profiles, chained, and signed where a key is set.

PROFILES/_audit/000007.json is one entry (`store.files.hash_chain`); 000007.sig holds the Ed25519
signature of its digest, 128 hex digits. The digest covers all entries before it, so the newest
signature vouches for the whole.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from promote.audit import signing
from promote.audit.journal import Write
from promote.config import Conf
from promote.profiles.files import audit_folder, relative
from promote.profiles.profile import Profile
from store.errors import DamagedFile
from store.files import hash_chain
from store.files.hash_chain import Link

PROMOTED, ROLLED_BACK, APPROVED, IMPACT = "promoted", "rolled back", "approved", "actual impact"
VERSIONS = (PROMOTED, ROLLED_BACK)
"""Kinds of entries that make a version."""

Body = Mapping[str, Any]


def entries(profiles: Path) -> list[Link]:
    """Everything that was done, oldest first.

    Raises:
        DamagedFile: an entry is missing or was changed.
    """
    return hash_chain.read(audit_folder(profiles))


def newest(bodies: Iterable[Body], profile: str) -> int:
    """The newest version of a profile that entries tell of; 0 when there is none."""
    made = (
        body["version"]
        for body in bodies
        if body["profile"] == profile and body["kind"] in VERSIONS
    )
    return max(made, default=0)


def making(bodies: Iterable[Body], profile: str, version: int) -> Body | None:
    """The entry by which a version came to be; None when there is none."""
    of_it = (body for body in bodies if (body["profile"], body["version"]) == (profile, version))
    return next((body for body in of_it if body["kind"] in VERSIONS), None)


def hashes(writes: Iterable[Write]) -> dict[str, str]:
    """SHA-256 of each file, hex, by its path from PROFILES on; what an entry keeps of files."""
    return {write.path: sha256(write.content) for write in writes}


def sha256(text: str) -> str:
    """SHA-256 of a text as its file holds it, 64 hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def entry_writes(links: list[Link], body: Body, key: Path | None) -> list[Write]:
    """The files of a new entry, its signature first: an entry is never seen without.

    Args:
        links: all entries before it.
        body: what it says.
        key: to sign with; None leaves it unsigned.
    """
    link, content = hash_chain.compose(links, body)
    path = hash_chain.link_path(Path("_audit"), link.number)
    entry = Write(str(path), content.decode())
    if key is None:
        return [entry]
    signature = signing.sign(key, link.digest.encode()) + "\n"
    return [Write(str(path.with_suffix(".sig")), signature, replaces=True), entry]


def faults(profiles: Path, conf: Conf) -> tuple[list[Link], list[str]]:
    """The entries that can be read, and what is wrong with the chain or its signatures.

    With a pinned key every entry from the first signed one on, and the newest in any case, needs a
    signature by a pinned key.
    """
    folder = audit_folder(profiles)
    links, broken = hash_chain.inspect(folder)
    return links, broken + (_unsigned(folder, links, conf.public_keys) if conf.public_keys else [])


def _unsigned(folder: Path, links: Sequence[Link], public_keys: tuple[str, ...]) -> list[str]:
    unsigned, begun = [], False
    for link in links:
        path = hash_chain.link_path(folder, link.number).with_suffix(".sig")
        if not path.exists():
            if begun or link is links[-1]:
                unsigned.append(f"{path}: is missing: entry {link.number} is not signed")
            continue
        begun = True
        signature = path.read_text(errors="replace").strip()
        if not signing.is_signed(link.digest.encode(), signature, public_keys):
            unsigned.append(f"{path}: is no signature of entry {link.number} by a pinned key")
    return unsigned


def file_fault(profiles: Path, body: Body, path: str) -> str:
    """Fault of a file that an entry vouches for; nothing when it is as it was written.

    Args:
        profiles: their folder.
        body: of the entry.
        path: of the file, from `profiles` on.
    """
    file = profiles / path
    try:
        content = file.read_bytes()
    except OSError as error:
        return f"{file}: cannot be read ({error.strerror}); restore it from a copy"
    if hashlib.sha256(content).hexdigest() != body["files"].get(path):
        return f"{file}: was changed since it was written; restore it from a copy"
    return ""


def require_as_promoted(profiles: Path, profile: Profile) -> None:
    """Raise DamagedFile unless a version's file is the one that the audit saw being written."""
    bodies = [link.body for link in entries(profiles)]
    made = making(bodies, profile.profile, profile.version)
    if made is None:
        raise DamagedFile(f"{profile.ref}: the audit has no promotion of this version")
    path = relative(profile.profile, f"v{profile.version}.yaml")
    if fault := file_fault(profiles, made, path):
        raise DamagedFile(fault)

"""Tokens of the three roles, and the sessions of browsers.

read looks; run also backtests and starts sweeps; approve also lets profiles be used. A token is a
secret of 256 bits. A browser gets a session for the link that `python -m serve` prints, which works
once; a session is a value signed with a key of the same tokens, so that with a token file it
outlives the server.
"""

import hashlib
import hmac
import json
import os
import secrets
import stat
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from store.errors import StoreError

ROLES = ("read", "run", "approve")
"""Each may do what those before it may."""
SESSION_SECONDS = 12 * 3600.0
_LEAST = 16
"""Characters of a token, at least."""


@dataclass
class Tokens:
    """The secrets of a server.

    Attributes:
        by_role: one for each of ROLES.
        link: of the one-time URL; None once it was used.
    """

    by_role: dict[str, str]
    link: str | None = field(default_factory=lambda: secrets.token_urlsafe(32))
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def role_of(self, token: str) -> str | None:
        """The role that a token gives; None for any other text."""
        given = None
        for role, own in self.by_role.items():  # all of them: the time says nothing
            if hmac.compare_digest(own.encode(), token.encode()):
                given = role
        return given

    def use_link(self, token: str) -> str | None:
        """The role of the one-time link, run, for its first use; None for any other."""
        with self._lock:
            if self.link is None or not hmac.compare_digest(self.link.encode(), token.encode()):
                return None
            self.link = None
            return "run"

    def session(self, role: str) -> str:
        """The value of a cookie that stands for a role for SESSION_SECONDS."""
        text = f"{role}.{int(time.time() + SESSION_SECONDS)}.{secrets.token_hex(8)}"
        return f"{text}.{self._signature(text)}"

    def role_of_session(self, value: str) -> str | None:
        """The role of a cookie; None when it is not ours or has run out."""
        text, _, signature = value.rpartition(".")
        if not hmac.compare_digest(self._signature(text).encode(), signature.encode()):
            return None
        role, ends, _ = text.split(".")
        return role if time.time() < int(ends) else None

    def _signature(self, text: str) -> str:
        key = hashlib.sha256("\n".join(self.by_role[role] for role in ROLES).encode()).digest()
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def fresh() -> Tokens:
    """New tokens, which last as long as this server."""
    return Tokens({role: secrets.token_urlsafe(32) for role in ROLES})


def from_file(path: Path) -> Tokens:
    """The tokens of a file, JSON with a text for each role; made, for its owner only, if missing.

    Raises:
        StoreError: others may read it, or it is no such file.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(path)
    except OSError as error:
        raise StoreError(f"--token-file {path}: cannot be made: {error.strerror}") from error
    made = fresh()
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(made.by_role, file, indent=2)
    return made


def _read(path: Path) -> Tokens:
    try:
        open_to_others = path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
        read = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise StoreError(f"--token-file {path}: is no JSON that can be read") from error
    if open_to_others:
        raise StoreError(f"--token-file {path}: others may read it; chmod 600 {path}")
    texts = isinstance(read, dict) and all(isinstance(read.get(role), str) for role in ROLES)
    if not texts or min(len(read[role]) for role in ROLES) < _LEAST:
        raise StoreError(
            f"--token-file {path}: needs a text of {_LEAST} characters or more for each of "
            f"{', '.join(ROLES)}"
        )
    own = {role: read[role] for role in ROLES}
    if len(set(own.values())) < len(ROLES):
        raise StoreError(f"--token-file {path}: the tokens of two roles are equal; change one")
    return Tokens(own)

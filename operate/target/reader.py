"""Read a target: one file of the standard library, to be copied to where a bot runs.

A target is refused when it is missing, torn, of another schema, changed since it was written,
expired, or, with pinned keys, not signed by one of them. A bot that gets a refusal does what
`on_expiry` of the last good target says: `flat` closes the position, `keep` leaves it.
"""

import hashlib
import json
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

SCHEMA, UNIVERSE = 1, 2
"""Of targets of one symbol, and of a universe, which have `weights`."""


class Refused(ValueError):
    """A target that must not be traded; the message says why."""


def read_target(
    path: str | Path, public_keys: Sequence[str] = (), now: float | None = None
) -> dict[str, Any]:
    """The target in a file.

    Args:
        path: of the file.
        public_keys: Ed25519, 64 hex digits each; with any, the signature has to be by one of them.
        now: seconds since 1970; None: the clock's.

    Raises:
        Refused: it must not be traded.
    """
    target = check_digest(_parsed(Path(path)))
    if public_keys:
        _check_signature(target, public_keys)
    moment = time.time() if now is None else now
    until = datetime.fromisoformat(target["valid_until"]).timestamp()
    if moment > until:
        raise Refused(f"{path}: expired at {target['valid_until']}; run `python -m operate shadow`")
    return target


def check_digest(target: dict[str, object]) -> dict[str, Any]:
    """The target, if it is what was written.

    Raises:
        Refused: a field was changed, or its schema is another.
    """
    if target.get("schema") not in (SCHEMA, UNIVERSE):
        raise Refused(
            f"target: has schema {target.get('schema')!r}, this reader takes {SCHEMA}, {UNIVERSE}"
        )
    if target.get("digest") != digest_of(target):
        raise Refused("target: was changed since it was written: its digest is another")
    return target


def digest_of(target: dict[str, object]) -> str:
    """SHA-256 of all fields but digest and signature, as JSON with sorted keys, no spaces."""
    body = {name: value for name, value in target.items() if name not in ("digest", "signature")}
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _parsed(path: Path) -> dict[str, object]:
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise Refused(f"{path}: cannot be read ({error})") from None
    if not isinstance(value, dict):
        raise Refused(f"{path}: is no target")
    return value


def _check_signature(target: dict[str, Any], public_keys: Sequence[str]) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        signature = bytes.fromhex(target.get("signature") or "")
    except ValueError:
        raise Refused("target: its signature is no signature") from None
    for key in public_keys:
        try:
            public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
            public.verify(signature, target["digest"].encode())
        except InvalidSignature:
            continue
        return
    raise Refused("target: is not signed by a pinned key")

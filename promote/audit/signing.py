"""Ed25519 signatures (RFC 8032) of audit entries; keys are made by `promote keygen`."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from promote.config import Conf
from store.errors import StoreError
from store.files import local

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def signer(conf: Conf) -> Path | None:
    """The key to sign with; None when nothing is signed here.

    Raises:
        StoreError: a key is pinned but none is there to sign with, or it is not the pinned one.
    """
    if conf.signing_key is None:
        if conf.public_keys:
            raise StoreError(
                "signing: conf/promote.yaml pins a public key, so a promotion has to be signed; "
                "set SWEEPER_SIGNING_KEY to the file of the private key"
            )
        return None
    fingerprint = public_key(conf.signing_key)
    if fingerprint not in conf.public_keys:
        raise StoreError(
            f"signing: {conf.signing_key} is none of the pinned keys; add {fingerprint} to "
            "public_keys in conf/promote.yaml, or use another key"
        )
    return conf.signing_key


def new_key(path: Path) -> str:
    """Make a private key that only its owner can read; return the public one, 64 hex digits.

    Raises:
        StoreError: the file is there.
    """
    serialization, ed25519, _ = _cryptography()
    private = ed25519.Ed25519PrivateKey.generate()
    content = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    local.make_folder(path.absolute().parent)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise StoreError(f"{path}: is there; a key is never overwritten, name another") from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    return _hex(private)


def public_key(path: Path) -> str:
    """The public key that belongs to a private one, 64 hex digits."""
    return _hex(_private(path))


def sign(path: Path, message: bytes) -> str:
    """A signature by the private key of a file, 128 hex digits."""
    return _private(path).sign(message).hex()


def is_signed(message: bytes, signature: str, public_keys: tuple[str, ...]) -> bool:
    """True when a signature of a message is by one of some public keys."""
    _, ed25519, wrong = _cryptography()
    try:
        content = bytes.fromhex(signature)
    except ValueError:
        return False
    for key in public_keys:
        try:
            ed25519.Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(content, message)
        except wrong:
            continue
        return True
    return False


def _private(path: Path) -> "Ed25519PrivateKey":
    serialization, ed25519, _ = _cryptography()
    try:
        key: object = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise StoreError(
            f"signing: {path} is no private key in PEM without a password "
            f"({' '.join(str(error).split())[:120]}); `python -m promote keygen FILE` makes one"
        ) from None
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise StoreError(
            f"signing: {path} is no Ed25519 key; `python -m promote keygen FILE` makes one"
        )
    private: Ed25519PrivateKey = key
    return private


def _hex(private: "Ed25519PrivateKey") -> str:
    return private.public_key().public_bytes_raw().hex()


def _cryptography() -> tuple[Any, Any, type[Exception]]:
    """The extra `sign`, imported when it is needed."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError:
        raise StoreError(
            "signing: needs the extra `sign`: .venv/bin/python -m pip install cryptography"
        ) from None
    return serialization, ed25519, InvalidSignature

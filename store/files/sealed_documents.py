"""JSON documents that carry a digest of their own, so that a changed byte is never read as data.

A document is an object; `digest` in it is SHA-256 over the canonical JSON of all its other fields.
"""

import json
from collections.abc import Mapping
from typing import Any

from store.errors import DamagedFile
from store.files import backend
from store.files.backend import Place
from store.files.canonical import digest

SEAL = "digest"
"""The field that holds the digest."""


def read(path: Place) -> Any:
    """The JSON value of a file.

    Raises:
        FileNotFoundError: there is none.
        DamagedFile: it is no file, cannot be read or holds no JSON.
    """
    return parse(path, backend.content(path))


def parse(path: Place, content: bytes) -> Any:
    """The JSON value that a file at `path` holds as `content`; DamagedFile when it is none."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise DamagedFile(f"{path}: is not JSON ({error}); {backend.RESTORE}") from error


def sealed(fields: Mapping[str, object]) -> dict[str, object]:
    """The fields with their digest added; ValueError when one of them is NaN or infinite."""
    as_read = json.loads(json.dumps(fields, allow_nan=False))
    return {**as_read, SEAL: digest(as_read)}


def check_seal(path: Place, values: Mapping[str, object], *, required: bool = False) -> None:
    """Raise DamagedFile unless a document's digest is that of its other fields.

    Args:
        path: of the document, for the message.
        values: all that it holds.
        required: whether a document without a digest, as earlier versions wrote, is damaged.
    """
    fields = {name: value for name, value in values.items() if name != SEAL}
    stated = values.get(SEAL)
    if stated is None and SEAL not in values and not required:
        return
    if stated != digest(fields):
        raise DamagedFile(
            f"{path}: was changed: its digest is not that of what it says; {backend.RESTORE}"
        )

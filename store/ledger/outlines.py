"""Outlines of the bars that were ever swept, one file each next to the ledger.

LEDGER/bars/FINGERPRINT.outline: SHA-256 of what follows, then days (int32) and closes (float64),
little-endian. The ledger's entries hold the digest of each, so that none is changed unseen.
"""

import hashlib
import re

import numpy as np

from store.data.outline import Outline
from store.errors import DamagedFile
from store.files import backend
from store.files.backend import Place, Root
from store.files.paths import ledger_outlines_folder

_CHECKSUM = 32
_ROW = np.dtype([("day", "<i4"), ("close", "<f8")])
_FINGERPRINT = re.compile(r"[0-9a-f]{8,64}")


def keep(root: Root, fingerprint: str, outline: Outline) -> None:
    """Keep an outline; nothing happens when that of these bars is there, or they have no name."""
    path = _path(root, fingerprint)
    if path is None:
        return
    backend.make_folder(ledger_outlines_folder(root))
    backend.put_if_absent(path, encode(outline))


def find(root: Root, fingerprint: str) -> tuple[Outline, str] | None:
    """The outline of bars, and its digest; None when none is kept.

    Raises:
        DamagedFile: it is not what was written.
    """
    path = _path(root, fingerprint)
    if path is None or not path.exists():
        return None
    content = backend.content(path)
    digest, rows = content[:_CHECKSUM], content[_CHECKSUM:]
    if hashlib.sha256(rows).digest() != digest or len(rows) % _ROW.itemsize:
        raise DamagedFile(f"{path}: is not what was written; restore it from a copy")
    table = np.frombuffer(rows, _ROW)
    days, closes = table["day"].astype(np.int64), table["close"].astype(np.float64)
    return Outline(days, closes), digest.hex()


def encode(outline: Outline) -> bytes:
    """The file of an outline."""
    table = np.empty(outline.days.size, _ROW)
    table["day"], table["close"] = outline.days, outline.closes
    rows = table.tobytes()
    return hashlib.sha256(rows).digest() + rows


def _path(root: Root, fingerprint: str) -> Place | None:
    if not _FINGERPRINT.fullmatch(fingerprint):
        return None
    return ledger_outlines_folder(root) / f"{fingerprint}.outline"

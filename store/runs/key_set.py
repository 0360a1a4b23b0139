"""Sets of configurations, small enough to keep all there ever were: 8 bytes each.

A key is the first 8 bytes of a configuration's SHA-256, so two configurations of n share one with
odds of n^2 / 2^65: one in 37 million when a million are counted. A set is a sorted array without
repeats.
"""

import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from store.errors import DamagedFile
from store.files import backend as places
from store.files.arrow_types import Array
from store.files.backend import Place

Keys = NDArray[np.uint64]
Bools = NDArray[np.bool_]

_CHECKSUM = 32


def none() -> Keys:
    """The empty set."""
    return np.empty(0, np.uint64)


def keys_of(hashes: NDArray[np.uint8]) -> Keys:
    """Keys of hashes (n, 32), in their order: (n,)."""
    return np.ascontiguousarray(hashes[:, :8]).view("<u8").ravel().astype(np.uint64, copy=False)


def arrow_keys(column: Array) -> Keys:
    """Keys of a pa.Array of binary(32) without nulls, in their order: (n,)."""
    data = np.frombuffer(column.buffers()[1], np.uint8).reshape(-1, 32)
    return keys_of(data[column.offset : column.offset + len(column)])


def union(parts: Iterable[Keys]) -> Keys:
    """The set of all keys in some arrays, sorted or not."""
    merged = np.sort(np.concatenate([none(), *parts]))
    first = np.ones(merged.size, np.bool_)
    first[1:] = merged[1:] != merged[:-1]  # 15 times as fast as np.unique, which hashes
    return merged[first]


def within(keys: Keys, wanted: Keys) -> Bools:
    """Which of some keys (n,), in any order, are in a set: (n,)."""
    if not wanted.size:
        return np.zeros(len(keys), np.bool_)
    places = np.searchsorted(wanted, keys)
    places[places == wanted.size] = 0
    return np.asarray(wanted[places] == keys)


def encode(keys: Keys) -> bytes:
    """The file of a set: SHA-256 of what follows, then the keys, little-endian."""
    content = keys.astype("<u8").tobytes()
    return hashlib.sha256(content).digest() + content


def file_name(content: bytes) -> str:
    """A name that only this content of `encode` has."""
    return f"{content[:_CHECKSUM].hex()}.keys"


def read(path: Place, *, addressed: bool = False) -> Keys:
    """The set in a file that `encode` gave the content of.

    Args:
        path: of the file.
        addressed: whether its name has to be that of `file_name`.

    Raises:
        DamagedFile: it is missing, or not what was written.
    """
    try:
        content = places.content(path)
    except FileNotFoundError:
        raise DamagedFile(f"{path}: is missing; restore it from a copy") from None
    checksum, keys = content[:_CHECKSUM], content[_CHECKSUM:]
    as_written = hashlib.sha256(keys).digest() == checksum and len(keys) % 8 == 0
    if not as_written or (addressed and path.name != file_name(content)):
        raise DamagedFile(f"{path}: is not what was written; restore it from a copy")
    return np.frombuffer(keys, "<u8").astype(np.uint64, copy=False)

"""Canonical form and hash (SHA-256) of a configuration: equal for equal runs.

The canonical form is a JSON object of everything that is not a number of the configuration (keys
sorted, no spaces), a line feed, the sorted names of its numbers, a line feed, and their values as
little-endian float64. So a parameter hashes alike whether it was swept or fixed, written 20 or
20.0, and a million hashes cost a tenth of a second.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from store.files.order_keys import IDLE

MANY = 1_000
"""Configurations from which on they are hashed side by side, four times as fast."""


def hash_runs(
    context: Mapping[str, object], names: Sequence[str], values: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """Hashes of configurations that share a context.

    Args:
        context: what is not a number: strategy, symbol, data fingerprint, window, ...
        names: (d,) of the numbers, in the order of the columns.
        values: (n, d); NaN means off. Settings without effect (`order_keys.IDLE`) are left out,
            so that a configuration hashes alike whether they are there or not.

    Returns:
        (n, 32) bytes.
    """
    at = [place for place, name in enumerate(names) if name in IDLE]
    if not at:
        return _hashes(context, names, values)
    unset = np.array([IDLE[names[place]] for place in at])
    own = values[:, at]
    idle = (own == unset) | (np.isnan(own) & np.isnan(unset))
    digests = np.empty((len(values), 32), np.uint8)
    patterns, which = np.unique(idle, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        out = {place for place, left_out in zip(at, pattern, strict=True) if left_out}
        kept = [place for place in range(len(names)) if place not in out]
        rows = np.flatnonzero(which.ravel() == number)
        own_names = [names[place] for place in kept]
        digests[rows] = _hashes(context, own_names, values[rows][:, kept])
    return digests


def _hashes(
    context: Mapping[str, object], names: Sequence[str], values: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """Hashes that cover all the names."""
    order = np.argsort(np.array(names, dtype=np.str_), kind="stable")
    head = "\n".join([canonical(context), json.dumps([names[i] for i in order]), ""])
    numbers = np.ascontiguousarray(values[:, order], dtype="<f8") + 0.0  # -0.0 becomes 0.0
    numbers[np.isnan(numbers)] = np.nan  # one bit pattern for off
    if len(numbers) >= MANY:
        from kernels.jit.sha256 import sha256_rows  # late: Numba takes half a second

        return sha256_rows(head.encode(), numbers.view(np.uint8).reshape(len(numbers), -1))
    prefix = hashlib.sha256(head.encode())
    digests = bytearray()
    for row in numbers:
        run = prefix.copy()
        run.update(row.data)
        digests += run.digest()
    return np.frombuffer(bytes(digests), dtype=np.uint8).reshape(len(numbers), 32)


def canonical(value: object) -> str:
    """JSON with sorted keys and no spaces: equal values give equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(value: object) -> str:
    """SHA-256 of the canonical form, 64 hex digits."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()

"""Names of the array types: for readers and mypy, and for Numba's explicit signatures."""

from typing import TypeVar

import numpy as np
from numba import types
from numpy.typing import ArrayLike, NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Codes = NDArray[np.int8]
Bytes = NDArray[np.uint8]
Singles = NDArray[np.float32]

Scalar = TypeVar("Scalar", bound=np.generic)

SERIES = types.Array(types.float64, 1, "C", readonly=True)
"""(n,) float64, read-only: Ray hands arrays over read-only, so all series are."""

TABLE = types.Array(types.float64, 2, "C", readonly=True)
INDEX = types.Array(types.int64, 2, "C", readonly=True)
MEMBERS = types.Array(types.int64, 1, "C", readonly=True)
"""Inputs that may come read-only; a writable array is taken as well."""


def read_only(values: ArrayLike) -> Floats:
    """The values as contiguous float64 under a read-only flag, copied only where they must be.

    Always read-only, for an array's flag is part of its type: one compiled function serves the
    driver, which made the array, and a worker, which got it through shared memory.
    """
    array = np.ascontiguousarray(values, dtype=np.float64).view()
    array.flags.writeable = False
    return array


def frozen(array: NDArray[Scalar]) -> NDArray[Scalar]:
    """The array as it is, contiguous, under a read-only flag; see `read_only`."""
    array = np.ascontiguousarray(array).view()
    array.flags.writeable = False
    return array

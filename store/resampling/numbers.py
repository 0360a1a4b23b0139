"""Checks of what comes in: nothing that is not a number becomes a probability."""

import math

import numpy as np
from numpy.typing import ArrayLike

from kernels.jit.array_types import Floats


def finite(what: str, value: float) -> float:
    """The value as a float; refused unless finite."""
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{what}: must be finite, got {number}")
    return number


def between(what: str, value: float, low: float, high: float) -> float:
    """The value as a float; refused unless low < value < high, both excluded."""
    number = float(value)
    if not low < number < high:
        raise ValueError(f"{what}: must be above {low:g} and below {high:g}, got {number:g}")
    return number


def at_least(what: str, value: float, least: float) -> float:
    """The value as a float; refused unless finite and not below `least`, which is included."""
    number = finite(what, value)
    if number < least:
        raise ValueError(f"{what}: must be {least:g} or more, got {number:g}")
    return number


def matrix(what: str, values: ArrayLike, rows: str, columns: str) -> Floats:
    """The values as (rows, columns) float64, neither of them 0; refused unless all are finite."""
    table = np.asarray(values, np.float64)
    if table.ndim != 2 or 0 in table.shape:
        raise ValueError(f"{what}: need shape ({rows}, {columns}), got {table.shape}")
    _refuse_unknown(what, table)
    return table


def series(what: str, values: ArrayLike, least: int) -> Floats:
    """The values as (n,) float64; refused with less than `least` or one that is not finite."""
    line = np.asarray(values, np.float64)
    if line.ndim != 1 or line.size < least:
        raise ValueError(f"{what}: need one dimension of {least} or more, got shape {line.shape}")
    _refuse_unknown(what, line)
    return line


def _refuse_unknown(what: str, values: Floats) -> None:
    unknown = values.size - int(np.isfinite(values).sum())
    if unknown:
        raise ValueError(f"{what}: must be finite, {unknown:,} of {values.size:,} values are not")

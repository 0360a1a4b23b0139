"""Trading days of a series of intraday bars, as the kernels take them."""

from typing import NamedTuple

import numpy as np
from numba import types

from kernels.jit.array_types import MEMBERS, Ints


class Days(NamedTuple):
    """Days of a series; both arrays are empty where days are not sampled.

    Attributes:
        ends: (n_days,) last bar of each day.
        day: (n_bars,) place in `ends` of each bar's day.
    """

    ends: Ints
    day: Ints


DAYS = types.NamedUniTuple(MEMBERS, 2, Days)  # type: ignore[no-untyped-call]


def days_of(labels: Ints) -> Days:
    """Days from the number of each bar's day, (n_bars,) ascending; each array is read-only."""
    starts = np.flatnonzero(np.diff(labels)) + 1
    ends = np.append(starts - 1, labels.size - 1)
    day = np.zeros(labels.size, np.int64)
    day[starts] = 1
    days = Days(ends.astype(np.int64), np.cumsum(day))
    for array in days:
        array.flags.writeable = False
    return days


def no_days() -> Days:
    """Days that are not sampled."""
    nothing = np.empty(0, np.int64)
    nothing.flags.writeable = False
    return Days(nothing, nothing)

"""Finer bars of the same symbol: they tell which of two prices came first inside a bar."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from kernels.jit.array_types import Floats, Ints, read_only
from kernels.series.bars import PRICES, Bars, Detail, Series


def with_detail(series: Series, prices: Mapping[str, Floats], owner: Ints) -> Series:
    """The series with its finer bars.

    Args:
        series: of `prepare`.
        prices: (m,) open, high, low and close of the finer bars, oldest first.
        owner: (m,) bar that each lies in, ascending; -1 = none, which is left out.
    """
    kept = owner >= 0
    first = np.searchsorted(owner[kept], np.arange(series.n_bars + 1)).astype(np.int64)
    first.flags.writeable = False
    bars = Bars(*(read_only(np.array(prices[name], np.float64)[kept]) for name in PRICES))
    return replace(series, detail=Detail(bars, first))

"""Rebalance bars: every n bars, or the last bar of each week, month or quarter."""

import numpy as np

from kernels.jit.array_types import Ints
from kernels.portfolio.panel import Panel

DAY = 86_400 * 10**9
"""Nanoseconds."""


def bars_between(panel: Panel, cadence: int | str) -> Ints | None:
    """Bars at which a calendar cadence may rebalance, ascending; None of a cadence in bars.

    The last bar of a period is the last before a bar of the next one, so the last bar of all is
    none: that its period is over shows only later.

    Raises:
        ValueError: a calendar cadence on bars without times.
    """
    if not isinstance(cadence, str):
        return None
    if panel.times is None:
        raise ValueError(f"cadence: {cadence} needs bars with times; give a number of bars")
    period = _periods(panel.times, cadence)
    return np.flatnonzero(np.diff(period) != 0).astype(np.int64)


def _periods(times: Ints, cadence: str) -> Ints:
    """(T,) a number that is the same within a week (from Monday), month or quarter in UTC."""
    if cadence == "week":
        return np.asarray((times // DAY + 3) // 7)
    months = times.view("datetime64[ns]").astype("datetime64[M]").astype(np.int64)
    return np.asarray(months // 3 if cadence == "quarter" else months)

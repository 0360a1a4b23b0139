"""Returns by calendar month and year."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from store.report.view_model import Months, Role

Floats = NDArray[np.float64]


def monthly(role: Role, label: str, times: pd.DatetimeIndex, equity: Floats) -> Months:
    """The returns of an equity curve by month.

    Args:
        role: whose.
        label: the same.
        times: (n,) UTC, ascending.
        equity: (n,) after each bar, in the same currency; the first is what it starts from.

    Returns:
        A month's return is from the last bar before it, or the first of all, to its last bar; so
        the first and last month may be parts. NaN after a liquidation, as None.
    """
    keys = times.year.to_numpy() * 12 + times.month.to_numpy() - 1
    last = np.flatnonzero(np.diff(keys, append=keys[-1] + 1))
    returns = _changes(np.append(equity[0], equity[last]))
    years = np.arange(keys[0] // 12, keys[-1] // 12 + 1)
    table = np.full((years.size, 12), np.nan)
    table[keys[last] // 12 - years[0], keys[last] % 12] = returns
    ends = np.flatnonzero(np.diff(keys // 12, append=keys[-1] // 12 + 1))
    totals = np.full(years.size, np.nan)
    totals[keys[ends] // 12 - years[0]] = _changes(np.append(equity[0], equity[ends]))
    return Months(
        role=role,
        label=label,
        years=tuple(years.tolist()),
        months=tuple(tuple(map(_known, row)) for row in table.tolist()),
        totals=tuple(map(_known, totals.tolist())),
    )


def _changes(values: Floats) -> Floats:
    """(n - 1,) from each value to the next; NaN from nothing."""
    before, after = values[:-1], values[1:]
    ratio: Floats = np.divide(after, before, out=np.full(after.size, np.nan), where=before > 0)
    return ratio - 1


def _known(value: float) -> float | None:
    return None if np.isnan(value) else round(value, 6)

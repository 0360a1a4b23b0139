"""Kin: the configurations of a sweep that earn and lose at the same times as a given one."""

import numpy as np

from kernels.jit.array_types import Bools, Floats, Ints
from promote.statistics.effective_trials import standardised

CORRELATION = 0.5
"""Of the block sums, from which on two configurations are kin."""
COLUMNS = 65_536
"""Configurations compared at a time: 32 MB of 64 blocks."""
HELD = 64
"""Kin that are held in equal parts, at most."""


def kin(sums: Floats, bars: Floats, place: int, eligible: Bools) -> Ints:
    """Places of the configurations whose block sums correlate with those of one of them.

    Args:
        sums: (S, N) sums of the returns per bar and block.
        bars: (S,) in each block.
        place: of the configuration.
        eligible: (N,) which of the others may be kin.

    Returns:
        (k,) ascending, `place` always among them: correlation `CORRELATION` or more. What does not
        vary correlates with nothing.
    """
    own = standardised(np.asarray(sums[:, place : place + 1], np.float64), bars)[:, 0]
    alike = np.empty(sums.shape[1], np.bool_)
    for start in range(0, alike.size, COLUMNS):
        some = slice(start, start + COLUMNS)
        alike[some] = own @ standardised(sums[:, some], bars) >= CORRELATION
    alike &= eligible
    alike[place] = True
    places: Ints = np.flatnonzero(alike)
    return places


def spread(places: Ints, sharpes: Floats, place: int, most: int = HELD) -> Ints:
    """Some of many kin, at equal distances in the order of their Sharpe ratios.

    Args:
        places: (k,) of the kin.
        sharpes: (N,) of all configurations; NaN ranks lowest.
        place: of the configuration whose kin they are; it is always among the returned.
        most: to return.

    Returns:
        (min(k, most),) or fewer, ascending.
    """
    if places.size <= most:
        return places
    order = places[np.argsort(np.nan_to_num(sharpes[places], nan=-np.inf), kind="stable")]
    chosen = order[np.linspace(0, order.size - 1, most).round().astype(int)]
    if place not in chosen:
        nearest = np.abs(np.searchsorted(sharpes[chosen], sharpes[place]) - np.arange(most))
        chosen[int(nearest.argmin())] = place
    kept: Ints = np.unique(chosen)
    return kept

"""Which parameters a metric depends on, from runs that are there already.

Two answers to two questions. Main effects: how much of the variance over all runs is explained by
one parameter alone. PED-ANOVA: which parameters decide whether a run is among the best.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

LEVELS = 50
"""Of a parameter; one with more values is cut into as many parts of nearly equal counts."""
TOP = 0.1
"""Share of the runs that are the best: gamma' of PED-ANOVA."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def main_effects(columns: Mapping[str, Floats], metric: Floats) -> dict[str, float]:
    """Share of the metric's variance that each parameter alone explains.

    It is the squared correlation ratio freed of the share that k levels explain of n random
    values, epsilon^2 = 1 - (SSW / (n - k)) / (SST / (n - 1)): Kelley, T. L. (1935), "An unbiased
    correlation ratio measure", PNAS 21(9).

    Args:
        columns: (n,) values of each parameter; NaN, off, is a level of its own.
        metric: (n,) a value of each; those that are not finite are left out.

    Returns:
        By name, from 0 to 1; the sum is below 1 when parameters act together, and may exceed it
        when a constraint ties them. NaN where the metric does not vary, or no level has two runs.
    """
    finite = np.isfinite(metric)
    values = metric[finite] - metric[finite].mean() if finite.any() else metric[finite]
    total = float(values @ values)
    effects = {}
    for name, column in columns.items():
        level = levels(column[finite])
        count = np.bincount(level)
        k = count.size
        if total <= 0 or values.size <= k:
            effects[name] = np.nan
            continue
        between = float((np.bincount(level, values) ** 2 / count).sum())
        within = max(total - between, 0.0) / (values.size - k)
        effects[name] = max(0.0, 1 - within * (values.size - 1) / total)
    return effects


def ped_anova(
    columns: Mapping[str, Floats], metric: Floats, *, highest: bool = True
) -> dict[str, float]:
    """Importance of each parameter for being among the best tenth.

    Source: Watanabe, S., Bansal, A. and Hutter, F. (2023), "PED-ANOVA: efficiently quantifying
    hyperparameter importance in arbitrary subspaces", IJCAI 2023, with gamma' = 0.1 and gamma = 1:
    the Pearson divergence of a parameter's distribution among the best from that among all, as a
    share of the sum. Frequencies stand in for the Parzen estimates, which thousands of runs do not
    need; the divergence that m of the best, drawn at random, would show is taken off.

    Args:
        columns: (n,) values of each parameter; NaN, off, is a level of its own.
        metric: (n,) a value of each; those that are not finite are left out.
        highest: whether the highest metric is the best.

    Returns:
        By name, from 0 to 1, with a sum of 1; NaN where no parameter tells the best apart.
    """
    finite = np.isfinite(metric)
    goodness = metric[finite] if highest else -metric[finite]
    if not goodness.size:
        return dict.fromkeys(columns, np.nan)
    best = goodness >= np.quantile(goodness, 1 - TOP)
    divergence = {}
    for name, column in columns.items():
        level = levels(column[finite])
        among_all = np.bincount(level) / level.size
        among_best = np.bincount(level[best], minlength=among_all.size) / best.sum()
        pearson = float((among_all * (among_best / among_all - 1) ** 2).sum())
        chance = (among_all.size - 1) * (1 / best.sum() - 1 / level.size)
        divergence[name] = max(0.0, pearson - chance)
    total = sum(divergence.values())
    return {name: share / total if total > 0 else np.nan for name, share in divergence.items()}


def levels(values: Floats) -> Ints:
    """(n,) numbers from 0 on, none left out: of the distinct values, or of parts of their range."""
    distinct, place = np.unique(values, return_inverse=True, equal_nan=True)
    if distinct.size <= LEVELS:
        return np.asarray(place, np.int64)
    edges = np.nanquantile(values, np.linspace(0, 1, LEVELS + 1)[1:-1])
    part = np.searchsorted(np.unique(edges), values, side="right")
    part[np.isnan(values)] = LEVELS
    return np.asarray(np.unique(part, return_inverse=True)[1], np.int64)

"""Block length of a stationary bootstrap."""

import math

import numpy as np
from numpy.typing import ArrayLike

from kernels.jit.array_types import Floats
from store.resampling.numbers import series

SAMPLE = 64
"""Columns that `mean_optimal_block` looks at."""
ROUNDING = 1e-12
"""A variance below this share of the mean square is rounding."""


def optimal_block(x: ArrayLike) -> float:
    """Mean block length with the least error in the variance of the mean.

    Source: Politis, D. N. and White, H. (2004), "Automatic block-length selection for the
    dependent bootstrap", Econometric Reviews 23(1), section 3.2, with the correction of Patton,
    A., Politis, D. N. and White, H. (2009), Econometric Reviews 28(4).

    Args:
        x: (n,) a series, oldest first, n at least 9.

    Returns:
        1 to min(3 sqrt(n), n / 3), rounded up; 1 for a series that shows no dependence, and for
        one without variation.

    Raises:
        ValueError: too short, or a value that is not finite.
    """
    values = series("series", x, 9)
    n = values.size
    enough = max(5, int(math.log10(n)))  # lags in a row that must be insignificant
    most = min(math.ceil(math.sqrt(n)) + enough, n - 1)
    covariance = autocovariances(values, most)
    if covariance[0] <= ROUNDING * float(values @ values) / n:
        return 1.0
    lags = min(2 * _significant(covariance / covariance[0], enough, n), most)
    place = np.arange(1, lags + 1)
    weight = np.minimum(1.0, 2 * (1 - place / lags)) * covariance[1 : lags + 1]  # flat-top window
    spectrum = covariance[0] + 2 * float(weight.sum())
    slope = 2 * float(place @ weight)
    longest = math.ceil(min(3 * math.sqrt(n), n / 3))
    if slope**2 * n >= longest**3 * spectrum**2:
        return float(longest)
    return float(max((slope**2 / spectrum**2 * n) ** (1 / 3), 1.0))


def autocovariances(x: Floats, most: int) -> Floats:
    """(most + 1,) at lags 0 to `most`, each a sum over n - lag products divided by n."""
    centred = x - x.mean()
    n = centred.size
    products = [centred[lag:] @ centred[: n - lag] for lag in range(most + 1)]
    covariances: Floats = np.array(products) / n
    return covariances


def _significant(correlation: Floats, enough: int, n: int) -> int:
    """First lag, 1 or later, from which `enough` in a row are insignificant; else the last."""
    small = np.abs(correlation[1:]) < 2 * math.sqrt(math.log10(n) / n)
    runs = np.convolve(small, np.ones(enough), mode="valid") == enough
    return int(np.argmax(runs)) + 1 if runs.any() else correlation.size - 1


def mean_optimal_block(table: Floats) -> float:
    """Mean of `optimal_block` over the columns of (T, k), as one resampling must serve them all.

    Of more than 64 columns, 64 at equal distances are taken.
    """
    columns = np.unique(np.linspace(0, table.shape[1] - 1, SAMPLE).astype(int))
    return float(np.mean([optimal_block(table[:, column]) for column in columns]))

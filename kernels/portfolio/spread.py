"""Spread of two symbols: a rolling hedge ratio, and how far the spread is from its mean.

With x and y the logarithms of the second and the first close at the last n bars that both have, the
hedge ratio is the least-squares slope b = cov(x, y) / var(x), the spread y - b x with this b, and
the z-score the distance of its last value from its mean in standard deviations (ddof 1), all over
the same n bars. Entry t uses bars 0..t.
"""

import numpy as np
from numba import njit

from kernels.jit.array_types import Floats

FLAT = 1e-20
"""Variance of log prices, or of a spread, that is rounding."""


@njit(cache=True, error_model="numpy", nogil=True)
def spread(first: Floats, second: Floats, n: int) -> tuple[Floats, Floats]:
    """Hedge ratio and z-score at each bar.

    Args:
        first: (T,) closes, NaN where a symbol has no bar.
        second: (T,) the same.
        n: bars, 3 or more.

    Returns:
        (T,) ratios and (T,) z-scores; NaN while warming up, where a symbol has no bar, and without
        deviation.
    """
    size = first.size
    ratios, zscores = np.full(size, np.nan), np.full(size, np.nan)
    x, y = np.empty(size), np.empty(size)
    m = 0
    for t in range(size):
        if not (first[t] == first[t] and second[t] == second[t]):
            continue
        x[m], y[m] = np.log(second[t]), np.log(first[t])
        m += 1
        if m < n:
            continue
        base_x, base_y = x[m - 1], y[m - 1]  # sums about a base keep their digits
        sx = sy = sxx = sxy = syy = 0.0
        for j in range(m - n, m):
            a, b = x[j] - base_x, y[j] - base_y
            sx, sy = sx + a, sy + b
            sxx, sxy, syy = sxx + a * a, sxy + a * b, syy + b * b
        mx, my = sx / n, sy / n
        cxx, cxy, cyy = sxx - n * mx * mx, sxy - n * mx * my, syy - n * my * my
        if not cxx > FLAT:
            continue
        ratio = cxy / cxx
        ratios[t] = ratio
        square = cyy - ratio * cxy  # of the residuals
        if square > FLAT:
            zscores[t] = (ratio * mx - my) / np.sqrt(square / (n - 1))
    return ratios, zscores

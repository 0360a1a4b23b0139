"""Variance of a mean over a stationary bootstrap, without resampling.

Compiled code holds no function and no constant from outside this file, so that Numba's own check
of the file's age is enough for its cache.
"""

import numpy as np
from numba import njit

from kernels.jit.array_types import Floats


@njit(cache=True, error_model="numpy")
def bootstrap_variance(centred: Floats, block: float, out: Floats) -> None:
    """Write the variance that sqrt(T) times the mean has over stationary bootstrap resamples.

    Source: Hansen (2005), section 3.1.2: gamma_0 + 2 sum over lags i of kappa_i gamma_i, where
    kappa_i = (1 - i/T) q^i + (i/T) q^(T - i), q = 1 - 1/block. Its two terms are one, (1 - i/T)
    q^i, on the autocovariances of the series wrapped round its end, so that two running sums,
    A_t = sum of q^i x_(t-i) and B_t = sum of i q^i x_(t-i), give all T lags in 2 T steps.

    Args:
        centred: (T, k) C-contiguous series less their means. Not checked.
        block: mean length of a block, at least 1.
        out: (k,) written; 0 or more.
    """
    n, k = centred.shape
    q = 1 - 1 / block
    last = q**n
    a, b = np.zeros(k), np.zeros(k)
    for t in range(n):  # A and B as they stand after the last bar: where the circle begins
        for j in range(k):
            b[j] = q * (b[j] + a[j])
            a[j] = q * a[j] + centred[t, j]
    out[:] = 0.0
    for t in range(n):
        for j in range(k):
            x = centred[t, j]
            b[j] = q * (b[j] + a[j]) - n * last * x
            a[j] = q * a[j] + (1 - last) * x
            out[j] += x * (2 * a[j] - x - 2 * b[j] / n)
    for j in range(k):
        out[j] = max(out[j] / n, 0.0)

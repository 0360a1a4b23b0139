"""Betting e-process for a bounded mean, valid at any look.

K_t = mean over l of prod over i <= t of (1 + l (y_i - m)). While E[y_i | past] <= m, K is a
nonnegative supermartingale that starts at 1, so P(K ever >= 1 / alpha) <= alpha (Ville 1939).
Source: Waudby-Smith, I. and Ramdas, A. (2024), "Estimating means of bounded random variables by
betting", JRSS B 86(1), eqs. 24 and 30; a mixture over l as in their section B.
"""

import numpy as np

from kernels.jit.array_types import Floats

BETS = (0.05, 0.12, 0.24)
"""The l of the mixture: 0.24 times the clipped 4 stays below 1."""
CLIP = 4.0
"""Standard deviations at which a value is winsorised."""
SHOWN = 20.0
"""K from which something is shown, at an error of 5 % for ever."""


def e_process(values: Floats, mean: float = 0.0) -> Floats:
    """(n,) evidence that the mean of `values` is above `mean`.

    Args:
        values: (n,) in units of their standard deviation; winsorised at CLIP. Exact only if `mean`
            bounds the mean of the winsorised values too.
        mean: of the null hypothesis, between -0.16 and 0.16.
    """
    centred = np.clip(values, -CLIP, CLIP) - mean
    logs = np.cumsum(np.log1p(np.outer(BETS, centred)), axis=1)
    evidence: Floats = np.logaddexp.reduce(logs, axis=0) - np.log(len(BETS))
    return np.exp(np.minimum(evidence, 700.0))


def scaled(values: Floats, scale: float, weight: float = 3.0) -> Floats:
    """(n,) values over a standard deviation that is known before each of them.

    Args:
        values: (n,) oldest first.
        scale: standard deviation that is assumed before the first, above 0.
        weight: how many values that assumption is worth.
    """
    n = np.arange(values.size)
    before = np.concatenate([[0.0], np.cumsum(values)[:-1]])
    squares = np.concatenate([[0.0], np.cumsum(values**2)[:-1]])
    spread = np.maximum(0.0, squares - before**2 / np.maximum(n, 1))
    return values / np.sqrt((weight * scale**2 + spread) / (weight + n))

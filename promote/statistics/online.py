"""A budget of false discoveries over a stream of tests that never ends."""

import math
from collections.abc import Sequence

from store.resampling.numbers import between

START = 0.5
"""Share of the budget that the first tests may spend before anything was discovered."""


def next_level(discoveries: Sequence[bool], budget: float) -> float:
    """The p-value that the next test of a stream has to reach (LORD++).

    alpha_t = gamma_t w0 + (alpha - w0) gamma_(t - tau_1) + alpha sum_(j > 1) gamma_(t - tau_j),
    where tau_j is the number of the test that made discovery j, w0 = `START` alpha, and
    gamma_j = 6 / (pi^2 j^2), which sums to 1: so the expected share of false ones among all
    discoveries stays below alpha for independent p-values, whenever one stops.

    Source: Ramdas, A., Yang, F., Wainwright, M. J. and Jordan, M. I. (2017), "Online control of the
    false discovery rate with decaying memory", Advances in Neural Information Processing Systems
    30, equation 9, after Javanmard, A. and Montanari, A. (2018), "Online rules for control of false
    discovery rate and false discovery exceedance", Annals of Statistics 46(2), 526-554.

    Args:
        discoveries: of the tests so far, oldest first, which of them discovered something.
        budget: alpha, above 0 and below 1.

    Returns:
        Above 0; higher after a discovery, lower after each test without one.
    """
    alpha = between("budget", budget, 0, 1)
    number = len(discoveries) + 1
    level = _gamma(number) * START * alpha
    made = [place for place, discovered in enumerate(discoveries, start=1) if discovered]
    for order, place in enumerate(made):
        level += (alpha - START * alpha if order == 0 else alpha) * _gamma(number - place)
    return level


def _gamma(j: int) -> float:
    return 6 / (math.pi * j) ** 2

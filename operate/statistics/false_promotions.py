"""Level of the next test, so that all tests of all cycles keep one budget of false promotions.

LORD++: alpha_t = g(t) w + (a - w) g(t - t_1) + a sum over later rejections j of g(t - t_j), with
sum g = 1; the false discovery rate stays below a. Source: Ramdas, A., Yang, F., Wainwright, M. and
Jordan, M. (2017), "Online control of the false discovery rate with decaying memory", NIPS, eq. 4;
g(t) proportional to t^-1.6 as in Ramdas, Zrnic, Wainwright and Jordan (2018), "SAFFRON", ICML,
section 5: a gate that resamples 1,000 times cannot show the far smaller levels of faster decays.
"""

from collections.abc import Sequence

import numpy as np

DECAY = 1.6
TOTAL = 2.2857657
"""Sum of t^-1.6 over all t, zeta(1.6)."""
FIRST = 0.8
"""Share of the budget that is there before any proposal."""


def share(t: int) -> float:
    """The part of a wealth that its t-th test spends, t from 1 on."""
    return float(t**-DECAY / TOTAL)


def next_level(rejections: Sequence[bool], budget: float) -> float:
    """Level of the test after some others.

    Args:
        rejections: whether each test so far led to a proposal, oldest first.
        budget: expected share of false proposals among all.
    """
    t = len(rejections) + 1
    wealth = FIRST * budget
    at = [k + 1 for k, rejected in enumerate(rejections) if rejected]
    level = share(t) * wealth
    for place, time in enumerate(at):
        level += share(t - time) * (budget - wealth if place == 0 else budget)
    return float(np.clip(level, 0.0, budget))

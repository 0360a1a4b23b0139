"""Level of the next test, so that all tests of all cycles keep one budget of false promotions.

LORD++: alpha_t = g(t) w + (a - w) g(t - t_1) + a sum over later rejections j of g(t - t_j), with
sum g = 1; the false discovery rate stays below a. Source: Ramdas, A., Yang, F., Wainwright, M. and
Jordan, M. (2017), "Online control of the false discovery rate with decaying memory", NIPS, eq. 4;
g of Javanmard and Montanari (2018), Annals of Statistics 46(2), eq. 31.
"""

import math
from collections.abc import Sequence

import numpy as np

SCALE = 0.07720838
"""Makes g sum to 1."""


def share(t: int) -> float:
    """The part of a wealth that its t-th test spends, t from 1 on."""
    return SCALE * math.log(max(t, 2)) / (t * math.exp(math.sqrt(math.log(t))))


def next_level(rejections: Sequence[bool], budget: float) -> float:
    """Level of the test after some others.

    Args:
        rejections: whether each test so far led to a proposal, oldest first.
        budget: expected share of false proposals among all.
    """
    t = len(rejections) + 1
    wealth = budget / 2
    at = [k + 1 for k, rejected in enumerate(rejections) if rejected]
    level = share(t) * wealth
    for place, time in enumerate(at):
        level += share(t - time) * (budget - wealth if place == 0 else budget)
    return float(np.clip(level, 0.0, budget))

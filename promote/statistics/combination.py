"""One p-value of two windows: what was chosen on the first has to go on in the second.

A combination test with a choice between its stages and binding bounds for futility. Whatever is
chosen on the first window, the p-value of the second is uniform without skill, and that of the
first allows for the choice.

Sources: Bauer, P. and Koehne, K. (1994), "Evaluation of experiments with adaptive interim
analyses", Biometrics 50(4), 1029-1041; weights as in Lehmacher, W. and Wassmer, G. (1999),
"Adaptive sample size calculations in group sequential trials", Biometrics 55(4), 1286-1290; a
choice among many at the first stage: Posch, M. and others (2005), "Testing and estimation in
flexible group sequential designs with adaptive treatment selection", Statistics in Medicine 24(24),
3697-3714.
"""

import math

import numpy as np

from promote.statistics.probabilistic import normal_cdf, normal_quantile
from store.resampling.numbers import at_least, between, finite

FIRST = 0.20
"""Highest p-value of the first window with which the second is worth a look."""
FLOOR = -0.25
"""Lowest z of the second window, in standard errors, that is not a failure by itself."""
MOST = 100.0
"""Times as much history that is looked for at most."""
_UPPER = 8.0
_POINTS = 2001
_SMALLEST = 1e-300


def evidence(p_first: float, z_second: float, weight: float) -> float:
    """Chance that luck passes both floors and is as strong over both windows together.

    With Z1 and Z2 independent standard normal, f = `FLOOR` and C = sqrt(1 - w) z1 + sqrt(w) z2:

        P[Z1 >= Z^-1(1 - FIRST), Z2 >= f, sqrt(1 - w) Z1 + sqrt(w) Z2 >= C]
          = integral from f to infinity of phi(x) Z(-max(Z^-1(1 - FIRST), (C - sqrt(w) x) /
            sqrt(1 - w))) dx,

    so that the power which the floors cost is bought back. Trapezoid rule, 2,001 points on [f, 8].

    Args:
        p_first: chance of luck on the first window, selection allowed for, above 0.
        z_second: of the second window, in standard errors.
        weight: w, the share of the second window in all bars, above 0 and below 1.

    Returns:
        0 to 1; 1 where p_first is above `FIRST` or z_second below `FLOOR`. It falls with z_second,
        and rises with p_first.

    Raises:
        ValueError: a value that is not finite, or out of its range.
    """
    chance = p_first if p_first == 1 else between("p_first", p_first, 0, 1)
    share, later = between("weight", weight, 0, 1), finite("z_second", z_second)
    if chance > FIRST or later < FLOOR:
        return 1.0
    first, second = math.sqrt(1 - share), math.sqrt(share)
    strength = first * -normal_quantile(chance) + second * later
    x = np.linspace(FLOOR, _UPPER, _POINTS)
    needed = np.maximum(-normal_quantile(FIRST), (strength - second * x) / first)
    density = np.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    tail = np.array([normal_cdf(-z) for z in needed.tolist()])
    return float(np.trapezoid(density * tail, x))


def history_needed(p_first: float, z_second: float, weight: float, limit: float) -> float:
    """Times as much history, at the same Sharpe ratios, for `evidence` to reach a limit.

    With k times the bars of both windows z1 and z2 are sqrt(k) times as large.

    Args:
        p_first: as for `evidence`.
        z_second: as for `evidence`.
        weight: as for `evidence`.
        limit: above 0 and below 1.

    Returns:
        1 where it is reached; infinite where no length would do, or only `MOST` times and more.
    """
    goal, chance = between("limit", limit, 0, 1), finite("p_first", p_first)
    if chance >= 1:
        return math.inf

    def reached(times: float) -> bool:
        root = math.sqrt(times)
        first = max(normal_cdf(normal_quantile(chance) * root), _SMALLEST)
        return evidence(first, z_second * root, weight) <= goal

    low, high = 1.0, MOST
    if reached(low):
        return low
    if not reached(high):
        return math.inf
    while high - low > 0.01 * low:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high


def of_many(p: float, times: float) -> float:
    """The p-value of the best of so many independent tries of p-value p or more.

    Source: Sidak, Z. (1967), "Rectangular confidence regions for the means of multivariate normal
    distributions", Journal of the American Statistical Association 62(318), 626-633:
    1 - (1 - p)^m.

    Args:
        p: above 0, up to 1.
        times: m, 1 or more, not necessarily whole.
    """
    count = at_least("times", times, 1)
    if p == 1:
        return 1.0
    return -math.expm1(count * math.log1p(-between("p", p, 0, 1)))


def after_looks(z: float, looks: int) -> float:
    """The z of the best of several looks at the same bars: p becomes 1 - (1 - p)^looks.

    Args:
        z: in standard errors, of this look.
        looks: configurations that have looked by now, this one included.

    Returns:
        z for the first look; lower for later ones.
    """
    if at_least("looks", looks, 1) == 1:
        return finite("z", z)
    p = of_many(min(max(normal_cdf(-finite("z", z)), _SMALLEST), 1 - 1e-16), looks)
    return -normal_quantile(min(max(p, _SMALLEST), 1 - 1e-16))

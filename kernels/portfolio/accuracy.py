"""Accuracy of a ranking: precision of the selected, and the correlation with what came after.

A period runs from the open at which a rebalance fills to the open of the next fill; the last one of
a window, which the window's end cuts, does not count. A symbol that ends within a period counts
with its last close.

Precision at k (Manning, Raghavan and Schuetze 2008, "Introduction to Information Retrieval", 8.4):
the share of the selected symbols that rose; of the sold ones, that fell. Its base rate is the same
share of all ranked symbols: what a choice at random is expected to reach. The information
coefficient (Grinold 1989) is the correlation, over symbols, of score and return. The t statistic of
its mean takes the long-run variance of Newey and West (1987), "A simple, positive semi-definite,
heteroskedasticity and autocorrelation consistent covariance matrix", Econometrica 55, with
floor(4 (n / 100)^(2/9)) lags.
"""

import math
from typing import NamedTuple

from kernels.engine.metrics import ROUNDING
from kernels.jit.array_types import Floats, Ints
from kernels.jit.inner import inner

PANEL_METRICS = (
    "precision_at_k",  # mean over periods of the share of the selected that went the right way
    "base_rate",  # mean over periods of the same share of all that were ranked
    "hit_rate",  # share of periods in which the selected beat the mean of all that were ranked
    "ic",  # mean over periods of the correlation of score and return
    "ic_t",  # its t statistic
    "rank_ic",  # mean over periods of the rank correlation; NaN unless asked for
    "rank_ic_t",  # its t statistic
    "cost",  # sum over rebalances of costs / equity, * P / T
    "holdings",  # mean number of symbols after a rebalance
)
"""Metrics of a panel besides those of `kernels.engine.metrics`; NaN without a period."""

PRECISION, BASE, HITS, PERIODS, HELD, REBALANCES, N_RECORD = range(7)
"""Places in the record of one run: sums over periods, and counts."""
FEWEST = 3
"""Symbols with score and return that a correlation needs."""


class Moments(NamedTuple):
    """Sums over the symbols that have both a score s and a return f."""

    n: int
    up: int  # of f > 0
    down: int  # of f < 0
    s: float
    f: float
    ss: float
    ff: float
    sf: float


@inner
def moments_of_pairs(scores: Floats, returns: Floats, room: Floats) -> Moments:
    """Sums over the symbols that have both; four side by side, a fifth of the time of one by one.

    `room` is (2 N,), overwritten with the scores and the returns, 0 where one is missing.
    """
    size, n, up, down = scores.size, 0, 0, 0
    a, b = room[:size], room[size:]
    for i in range(size):
        both = (scores[i] == scores[i]) & (returns[i] == returns[i])
        a[i] = scores[i] if both else 0.0
        b[i] = returns[i] if both else 0.0
        n += both
    for i in range(size):
        up += b[i] > 0.0
        down += b[i] < 0.0
    s0 = s1 = s2 = s3 = f0 = f1 = f2 = f3 = 0.0
    p0 = p1 = p2 = p3 = q0 = q1 = q2 = q3 = r0 = r1 = r2 = r3 = 0.0
    whole = size // 4 * 4
    for i in range(0, whole, 4):
        s0, s1, s2, s3 = s0 + a[i], s1 + a[i + 1], s2 + a[i + 2], s3 + a[i + 3]
        f0, f1, f2, f3 = f0 + b[i], f1 + b[i + 1], f2 + b[i + 2], f3 + b[i + 3]
        p0, p1 = p0 + a[i] * a[i], p1 + a[i + 1] * a[i + 1]
        p2, p3 = p2 + a[i + 2] * a[i + 2], p3 + a[i + 3] * a[i + 3]
        q0, q1 = q0 + b[i] * b[i], q1 + b[i + 1] * b[i + 1]
        q2, q3 = q2 + b[i + 2] * b[i + 2], q3 + b[i + 3] * b[i + 3]
        r0, r1 = r0 + a[i] * b[i], r1 + a[i + 1] * b[i + 1]
        r2, r3 = r2 + a[i + 2] * b[i + 2], r3 + a[i + 3] * b[i + 3]
    for i in range(whole, size):
        s0, f0, p0 = s0 + a[i], f0 + b[i], p0 + a[i] * a[i]
        q0, r0 = q0 + b[i] * b[i], r0 + a[i] * b[i]
    return Moments(
        n,
        up,
        down,
        (s0 + s1) + (s2 + s3),
        (f0 + f1) + (f2 + f3),
        (p0 + p1) + (p2 + p3),
        (q0 + q1) + (q2 + q3),
        (r0 + r1) + (r2 + r3),
    )


@inner
def judge(
    scores: Floats,
    returns: Floats,
    chosen: Ints,
    n_long: int,
    n: int,
    side: int,
    room: Floats,
    record: Floats,
) -> float:
    """Take in one period; returns its information coefficient, NaN with too few symbols.

    Args:
        scores: (N,) NaN of what was not ranked.
        returns: (N,) over the period, NaN where there was no open to buy at.
        chosen: (>= n,) selected symbols, the bought ones first.
        n_long: how many were bought.
        n: how many were bought or sold.
        side: 1 long, -1 short, 0 both.
        room: (2 N,) overwritten.
        record: places above, changed.
    """
    sums = moments_of_pairs(scores, returns, room)
    if sums.n == 0:
        return math.nan
    base = sums.up / sums.n
    if side < 0:
        base = sums.down / sums.n
    elif side == 0:
        base = 0.5 * (sums.up + sums.down) / sums.n
    right = gained = counted = 0.0
    for j in range(n):
        sign = 1.0 if j < n_long else -1.0
        move = sign * returns[chosen[j]]
        if move == move:
            counted += 1.0
            right += 1.0 if move > 0.0 else 0.0
            gained += move - sign * sums.f / sums.n
    if counted > 0.0:
        record[PRECISION] += right / counted
        record[BASE] += base
        record[HITS] += 1.0 if gained > 0.0 else 0.0
        record[PERIODS] += 1.0
    return correlation(sums)


@inner
def correlation(sums: Moments) -> float:
    """Correlation of score and return; NaN with too few symbols, or without deviation."""
    if sums.n < FEWEST:
        return math.nan
    s = sums.ss - sums.s * sums.s / sums.n
    f = sums.ff - sums.f * sums.f / sums.n
    if not (s > ROUNDING * sums.ss and f > ROUNDING * sums.ff):
        return math.nan
    return (sums.sf - sums.s * sums.f / sums.n) / math.sqrt(s * f)


@inner
def newey_west(values: Floats, n: int) -> tuple[float, float]:
    """Mean of n values, NaN left out, and its t statistic; NaN with fewer than two.

    The values must stand at the beginning of the array without NaN.
    """
    if n == 0:
        return math.nan, math.nan
    mean = 0.0
    for i in range(n):
        mean += values[i]
    mean /= n
    if n < 2:
        return mean, math.nan
    lags = int(4.0 * (n / 100.0) ** (2.0 / 9.0))
    variance = 0.0
    for lag in range(min(lags, n - 1) + 1):
        total = 0.0
        for i in range(lag, n):
            total += (values[i] - mean) * (values[i - lag] - mean)
        variance += (1.0 if lag == 0 else 2.0 * (1.0 - lag / (lags + 1.0))) * total / n
    return mean, mean / math.sqrt(variance / n) if variance > 0.0 else math.nan


@inner
def rank_correlation(scores: Floats, returns: Floats, scratch: Floats, order: Ints) -> float:
    """Correlation of the ranks (Spearman 1904), equal values at their mean rank; NaN if too few.

    Args:
        scores: (N,) NaN of what was not ranked.
        returns: (N,) over the period.
        scratch: (2 N,) overwritten.
        order: (N,) overwritten.
    """
    n = 0
    for i in range(scores.size):
        if scores[i] == scores[i] and returns[i] == returns[i]:
            order[n] = i
            n += 1
    if n < FEWEST:
        return math.nan
    first, second = scratch[: scores.size], scratch[scores.size :]
    rank(scores, order, n, first)
    rank(returns, order, n, second)
    middle, s, f, sf = 0.5 * (n + 1), 0.0, 0.0, 0.0
    for j in range(n):
        a, b = first[order[j]] - middle, second[order[j]] - middle
        s += a * a
        f += b * b
        sf += a * b
    return sf / math.sqrt(s * f) if s * f > 0.0 else math.nan


@inner
def rank(values: Floats, order: Ints, n: int, out: Floats) -> None:
    """Ranks from 1 of the values at order[:n], which comes back sorted; written at their places."""
    for end in range(n - 1, -1, -1):  # heapsort: makes nothing, and is never slow
        if end == n - 1:
            for root in range(n // 2 - 1, -1, -1):
                sift(values, order, root, n)
        else:
            order[0], order[end + 1] = order[end + 1], order[0]
            sift(values, order, 0, end + 1)
    at = 0
    while at < n:
        last = at
        while last + 1 < n and values[order[last + 1]] == values[order[at]]:
            last += 1
        for j in range(at, last + 1):
            out[order[j]] = 0.5 * (at + last) + 1.0
        at = last + 1


@inner
def sift(values: Floats, order: Ints, root: int, n: int) -> None:
    """Let the root of a heap of the highest value sink to its place among n."""
    place = order[root]
    while 2 * root + 1 < n:
        child = 2 * root + 1
        if child + 1 < n and values[order[child + 1]] > values[order[child]]:
            child += 1
        if values[order[child]] <= values[place]:
            break
        order[root] = order[child]
        root = child
    order[root] = place

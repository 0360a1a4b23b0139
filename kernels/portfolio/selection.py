"""Selection of the best and the worst of a cross-section, ties by the order of the symbols."""

import math

import numpy as np

from kernels.jit.array_types import Floats, Ints
from kernels.jit.inner import inner

TRIALS = 32
"""Bars that are tried at most."""
SPARE = 2
"""Candidates more than k, besides one for each 16 of k, that are then dropped one by one."""


@inner
def worse(key: float, place: int, other: float, other_place: int) -> bool:
    """The first of two candidates ranks behind the second: lower score, then later symbol."""
    return key < other or (key == other and place > other_place)


@inner
def sink(keys: Floats, places: Ints, n: int, key: float, place: int) -> None:
    """Put a candidate at the root of a heap of n and let it sink; the worst stays at the root."""
    at = 0
    while True:
        child = 2 * at + 1
        if child >= n:
            break
        if child + 1 < n and worse(keys[child + 1], places[child + 1], keys[child], places[child]):
            child += 1
        if not worse(keys[child], places[child], key, place):
            break
        keys[at], places[at] = keys[child], places[child]
        at = child
    keys[at], places[at] = key, place


@inner
def rise(keys: Floats, places: Ints, n: int, key: float, place: int) -> None:
    """Add a candidate to a heap of n."""
    at = n
    while at > 0:
        parent = (at - 1) // 2
        if not worse(key, place, keys[parent], places[parent]):
            break
        keys[at], places[at] = keys[parent], places[parent]
        at = parent
    keys[at], places[at] = key, place


@inner
def heap_best(scores: Floats, k: int, low: float, keys: Floats, places: Ints) -> int:
    """The k highest scores that reach `low`, by a heap whose root is the worst of them."""
    n = 0
    for i in range(scores.size):
        key = scores[i]
        if n < k:
            if key >= low:
                rise(keys, places, n, key, i)
                n += 1
        elif key > keys[0]:  # an equal one is a later symbol
            sink(keys, places, n, key, i)
    return n


@inner
def reaching(scores: Floats, bar: float) -> int:
    """Number of scores that reach the bar."""
    n = 0
    for i in range(scores.size):
        n += scores[i] >= bar
    return n


@inner
def normal_quantile(share: float) -> float:
    """Quantile that a standard normal variable exceeds with this probability, to three digits.

    Formula 26.2.23 of Abramowitz and Stegun (1964).
    """
    tail = min(share, 1.0 - share)
    t = math.sqrt(-2.0 * math.log(max(tail, 1e-300)))
    top = 2.515517 + t * (0.802853 + t * 0.010328)
    z = t - top / (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
    return z if share < 0.5 else -z


@inner
def bar_for(scores: Floats, k: int, low: float, reach: int) -> float:
    """A score that k or a few more reach; NaN where none is found, as with many equal scores.

    Counting is one vector instruction for several symbols, 60 ns for 500, so the bar is found by
    trying: from where a normal distribution would have it, by steps until it lies between two
    trials, then by halving.

    Args:
        scores: (N,) NaN of what is not ranked.
        k: symbols wanted, fewer than reach `low`.
        low: what a score must reach at least.
        reach: how many reach it.
    """
    mean, deviation = spread(scores)
    bar = mean + deviation * normal_quantile(k / reach)
    step, below, above = 0.25 * deviation, -np.inf, np.inf
    for _ in range(TRIALS):
        bar = max(bar, low)
        n = reaching(scores, bar)
        if k <= n <= k + SPARE + k // 16:
            return bar
        if n < k:
            above = bar
            bar = 0.5 * (below + above) if below > -np.inf else bar - step
        else:
            below = bar
            bar = 0.5 * (below + above) if above < np.inf else bar + step
        step *= 1.5
    return math.nan


@inner
def spread(scores: Floats) -> tuple[float, float]:
    """Mean and deviation of the scores that are numbers; four sums side by side."""
    n = reaching(scores, -np.inf)
    s0 = s1 = s2 = s3 = q0 = q1 = q2 = q3 = 0.0
    for i in range(0, scores.size // 4 * 4, 4):
        a, b, c, d = scores[i], scores[i + 1], scores[i + 2], scores[i + 3]
        a, b = a if a == a else 0.0, b if b == b else 0.0
        c, d = c if c == c else 0.0, d if d == d else 0.0
        s0, s1, s2, s3 = s0 + a, s1 + b, s2 + c, s3 + d
        q0, q1, q2, q3 = q0 + a * a, q1 + b * b, q2 + c * c, q3 + d * d
    if n == 0:
        return 0.0, 1.0
    mean = ((s0 + s1) + (s2 + s3)) / n
    return mean, math.sqrt(max(((q0 + q1) + (q2 + q3)) / n - mean * mean, 0.0))


@inner
def drop_worst(keys: Floats, places: Ints, n: int) -> None:
    """Put the last of n candidates in the place of the worst."""
    at = 0
    for j in range(1, n):
        if worse(keys[j], places[j], keys[at], places[at]):
            at = j
    keys[at], places[at] = keys[n - 1], places[n - 1]


@inner
def best(scores: Floats, k: int, low: float, keys: Floats, places: Ints) -> int:
    """The k highest scores that reach `low`; returns how many there are.

    By a bar that few more than k reach, and a heap where there is none. For 10 of 500 it takes a
    quarter of the time of the heap, for 50 of 500 a tenth: a heap is all mispredicted branches.

    Args:
        scores: (N,) in the order of the symbols; NaN is never selected.
        k: at most so many, >= 0.
        low: what a score must reach at least.
        keys: out, (N,) scores of the selected, in no order.
        places: out, (N,) their symbols.
    """
    if k <= 0:
        return 0
    reach = reaching(scores, low)
    bar = low if reach <= k else bar_for(scores, k, low, reach)
    if bar != bar:
        return heap_best(scores, k, low, keys, places)
    n = 0
    for i in range(scores.size):  # no branch: what does not reach the bar is written over
        keys[n], places[n] = scores[i], i
        n += scores[i] >= bar
    while n > k:
        drop_worst(keys, places, n)
        n -= 1
    return n


@inner
def weigh(
    keys: Floats, places: Ints, n: int, k: int, calm: Floats, weighting: int, out: Floats
) -> None:
    """Weights of the selected, which add to n / k: what fewer than k leave over stays in cash.

    Args:
        keys: (>= n,) scores, higher is better.
        places: (>= n,) symbols.
        n: how many are selected.
        k: how many were asked for.
        calm: (N,) 1 / volatility, NaN where unknown; empty unless the weighting needs it.
        weighting: place in `settings.WEIGHTINGS`.
        out: (>= n,) weights, >= 0. Where no symbol has a weight of its own all have the same.
    """
    total = 0.0
    for j in range(n):
        raw = 1.0
        if weighting == 1:
            raw = keys[j]
        elif weighting == 2:
            raw = calm[places[j]]
        out[j] = raw if raw > 0.0 and raw < np.inf else 0.0
        total += out[j]
    for j in range(n):
        share = out[j] / total if total > 0.0 else 1.0 / n
        out[j] = share * (n / k) if weighting != 0 else 1.0 / k

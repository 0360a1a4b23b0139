"""Neighbourhoods: how much of a configuration's result its neighbours share.

What wins by luck stands alone; what wins because a rule fits the market wins next door, too. So a
configuration is judged by the median over its neighbourhood, itself included.

On a grid that is every configuration at most one step away in each parameter (Chebyshev distance
1): 9 in two parameters, 4 in a corner. Where the points are no grid it is the 9 nearest, each
parameter measured by rank, so that its unit and scale do not matter.
"""

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

GRID_SHARE = 0.9
"""Of the points that need a neighbour one step along a parameter to be called a grid."""
GRID_AXES = 5
"""More varying parameters, 3^5 = 243 neighbours, and the nearest are taken instead."""
NEAREST = 9
"""Points of a neighbourhood where there is no grid, as many as one of two parameters has."""
CELLS = 1_000_000
"""Neighbours looked at in one go: 8 MB."""
SPARSE = 4
"""Possible cells for each that is there, up to which a table holds them all."""
SMALL_TABLE = 4096
SAMPLED = 1000
"""Values among which the distinct ones are looked for first."""
MOST_VALUES = 100_000
"""Distinct values from which on sorting all is faster."""
OVERLAP = {1: 0.75}
MORE_OVERLAP = 0.45
"""Neighbourhoods of k values overlap less than full ones of K: (K / k)^OVERLAP times as many are as
good as independent, by the number of parameters. Measured on noise over lines of 8 to 50,
grids of 5 x 4 to 40 x 40 and 4 x 4 x 4 to 7 x 7 x 7, and triangles: no class of places is chosen
20 % more or less often than its share."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Plateau:
    """The neighbourhoods of n configurations.

    Attributes:
        median: (n,) of the metric over the neighbourhood; NaN where the own metric is NaN.
        size: (n,) how many values that is the median of, the own one included; 0 without one.
        score: (n,) median over own value, or own over median where the lowest is best: 1 on a
            plateau, near 0 on a needle, above 1 in a dent. NaN unless both are above 0.
        strength: (n,) how seldom luck lifts a median of so many values so high, the higher the
            better: minus the logarithm of the chance, see `_strength`. NaN as the median.
        enough: (n,) which are not nearly alone: with the 2^d values that a corner of a grid has,
            or with the most there are. False where the median is NaN.
        best: the one of these with the highest strength, the first of equals. None when every
            metric is NaN.
        grid: whether neighbours are one step away; otherwise they are the nearest.
        near: finder of the configurations that the medians of p places are over, themselves too:
            (p, k) places, -1 where a neighbourhood has fewer than k.
    """

    median: Floats
    size: Ints
    score: Floats
    strength: Floats
    enough: Bools
    best: int | None
    grid: bool
    near: Callable[[Ints], Ints]


def plateau(columns: Mapping[str, Floats], metric: Floats, *, highest: bool = True) -> Plateau:
    """Judge configurations by their neighbourhoods.

    Args:
        columns: (n,) values of each parameter and swept setting, of configurations that differ in
            nothing else: one strategy, symbol and direction; a baseline only where it lies in the
            space. NaN is off; what is off has no neighbour that is not.
        metric: (n,) a value of each; NaN where there is none: it is excluded from neighbourhoods.
        highest: whether the highest metric is the best.

    Returns:
        Arrays in the order given.
    """
    finite = np.flatnonzero(~np.isnan(metric))
    steps = _varying(columns)
    near, grid = _finder(steps, metric)
    values = np.append(metric, np.nan)  # -1: no neighbour
    scores = np.append(_normal_scores(metric if highest else -metric), np.nan)
    size = np.zeros(metric.size, np.int64)
    median, score = np.full((2, metric.size), np.nan)
    for rows in _parts(finite, 3 ** len(steps) if grid else NEAREST):
        around = near(rows)
        median[rows], size[rows] = _medians(values[around])
        score[rows], _ = _medians(scores[around])
    strength = _strength(np.where(np.isnan(median), np.nan, score), size, len(steps))
    enough = ~np.isnan(median) & (size >= min(2 ** len(steps), size.max(initial=0)))
    places = np.flatnonzero(enough)
    best = int(places[np.argmax(strength[places])]) if places.size else None
    kept = _score(metric, median, highest)
    return Plateau(median, size, kept, strength, enough, best, grid, near)


def neighbours(columns: Mapping[str, Floats], metric: Floats, places: Ints) -> Ints:
    """The configurations that the medians of some are over: their neighbourhoods, themselves too.

    Args:
        columns: as `plateau` takes them.
        metric: the same.
        places: (p,) of the some.

    Returns:
        (p, k) places; -1 where a neighbourhood has fewer than k.
    """
    return _finder(_varying(columns), metric)[0](places)


def _varying(columns: Mapping[str, Floats]) -> list[Ints]:
    """Steps of the parameters that are not the same everywhere."""
    steps = [_steps(values) for values in columns.values()]
    return [column for column in steps if column.size and np.ptp(column) > 0]


def _score(own: Floats, median: Floats, highest: bool) -> Floats:
    above, below = (median, own) if highest else (own, median)
    positive = (own > 0) & (median > 0) & np.isfinite(below)
    with np.errstate(over="ignore"):  # 1e-320 next to 1: infinitely far in the dent
        score: Floats = np.divide(above, below, out=np.full(own.size, np.nan), where=positive)
    return score


def _normal_scores(metric: Floats) -> Floats:
    """(n,) normal quantiles of the ranks, equal values at their mean rank; NaN where unknown.

    So that scale and tails of a metric do not matter: Blom (1958), (rank - 3/8) / (n + 1/4).
    """
    from scipy.special import ndtri  # late: takes 0.1 s

    distinct, place, count = np.unique(metric, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    rank = last - (count - 1) / 2
    total = int(np.count_nonzero(~np.isnan(metric)))
    score = ndtri((rank - 0.375) / (total + 0.25)) if total else rank
    return np.asarray(np.where(np.isnan(distinct), np.nan, score)[place])


def _strength(score: Floats, size: Ints, axes: int) -> Floats:
    """(n,) minus the log of the chance that luck lifts a median as high, up to a constant.

    The median of k normal scores has a variance of about pi/2 / (k + 0.57), or (k + 1.3) for even
    k (exact for k = 1, within 2 % above), and a normal tail; small neighbourhoods are as good as
    more independent tries, see `OVERLAP`.

    Args:
        score: (n,) medians of normal scores.
        size: (n,) values that each is the median of.
        axes: parameters that vary.
    """
    from scipy.special import log_ndtr  # late: takes 0.1 s

    k = np.maximum(size, 1)
    deviation = np.sqrt(math.pi / 2 / (k + np.where(k % 2, math.pi / 2 - 1, 1.3)))
    tail = log_ndtr(-score / deviation)
    overlap = OVERLAP.get(axes, MORE_OVERLAP)
    return np.asarray(overlap * np.log(k / k.max(initial=1)) - tail)


def _steps(values: Floats) -> Ints:
    """(n,) rank among the distinct values; off lies before the first, as far as all are wide."""
    off = np.isnan(values)
    distinct, rank = ranked(values[~off])
    steps = np.full(values.size, -max(distinct.size - 1, 2))
    steps[~off] = rank
    return steps


def ranked(values: Floats) -> tuple[Floats, Ints]:
    """Distinct values, ascending, and the rank of each of (n,) among them; none is NaN.

    As np.unique, which sorts all n of them; the values of a parameter are few.
    """
    if (counted := _counted(values)) is not None:
        return counted
    distinct = np.unique(values[:SAMPLED])
    while distinct.size:
        rank = np.minimum(np.searchsorted(distinct, values), distinct.size - 1)
        other = values[distinct[rank] != values]
        if not other.size:
            return distinct, rank
        if distinct.size > MOST_VALUES:
            break
        distinct = np.union1d(distinct, other[: SAMPLED * distinct.size])
    whole, place = np.unique(values, return_inverse=True)
    return whole, place


def _counted(values: Floats) -> tuple[Floats, Ints] | None:
    """The same of whole numbers that lie close together, by counting; None for others."""
    if not values.size or not np.ptp(values[:SAMPLED]) <= MOST_VALUES:
        return None
    low, high = values.min(), values.max()
    if not high - low <= MOST_VALUES or (values != np.floor(values)).any():
        return None
    steps = (values - low).astype(np.int64)
    there = np.bincount(steps) > 0
    return np.flatnonzero(there) + low, (np.cumsum(there) - 1)[steps]


def _grid(steps: Sequence[Ints], n: int) -> tuple[Ints, Ints] | None:
    """A code of each of n cells, and what is to be added for its 3^d neighbours; None: no grid.

    It is a grid when no point comes twice and nearly all have a neighbour along each parameter,
    so that a constraint that removes points, and points that failed, leave it one.
    """
    widths = [
        int(np.ptp(column)) + 2 for column in steps
    ]  # one cell stays free: no step wraps round
    if len(steps) > GRID_AXES or math.prod(widths) > np.iinfo(np.int64).max:
        return None
    strides = np.array([math.prod(widths[place + 1 :]) for place in range(len(widths))], np.int64)
    codes = np.zeros(n, np.int64)
    for column, stride in zip(steps, strides, strict=True):
        codes += (column - column.min()) * stride
    places = np.arange(n)
    at = _places_of(codes, places, int(strides.max(initial=0)))
    if not np.array_equal(at(codes), places):
        return None
    for column, stride in zip(steps, strides, strict=True):
        mine = codes[column >= 0]  # what is off has no place along this parameter
        compared = (at(mine + stride) >= 0) | (at(mine - stride) >= 0)
        if column.max() > 0 and compared.mean() < GRID_SHARE:
            return None
    offsets = [
        np.dot(column, strides) for column in itertools.product((-1, 0, 1), repeat=len(steps))
    ]
    return codes, np.array(offsets, np.int64)


def _places_of(codes: Ints, places: Ints, reach: int) -> Callable[[Ints], Ints]:
    """Finder of the places of cells by their codes, -1 where there is none.

    A table of all codes where at least one in SPARSE of them is a cell: four times as fast as
    searching, over 2.7 million points.

    Args:
        codes: (n,) of the cells, >= 0.
        places: (n,) what is found there.
        reach: how far below the lowest and above the highest code may be asked for.
    """
    span = int(codes.max(initial=0)) + 1 + 2 * reach
    if span <= max(SPARSE * codes.size, SMALL_TABLE):
        narrow = codes.size < np.iinfo(np.int32).max
        table: Any = np.full(span, -1, np.int32 if narrow else np.int64)
        table[codes + reach] = places

        def look_up(wanted: Ints) -> Ints:
            held: Ints = table[wanted + reach]
            return held

        return look_up
    order = np.argsort(codes, kind="stable")
    cells, following = codes[order], np.append(places[order], -1)

    def search(wanted: Ints) -> Ints:
        ascending = np.argsort(wanted, axis=None)  # searched ten times faster
        asked = wanted.ravel()[ascending]
        at = np.searchsorted(cells, asked)
        there = cells[np.minimum(at, cells.size - 1)] == asked
        answer = np.empty(asked.size, np.int64)
        answer[ascending] = following[np.where(there, at, -1)]
        return answer.reshape(wanted.shape)

    return search


def _finder(steps: Sequence[Ints], metric: Floats) -> tuple[Callable[[Ints], Ints], bool]:
    """Finder of the neighbours of p places: (p, k) or -1, and whether they are one step away."""
    grid = _grid(steps, metric.size)
    return (_nearest(steps, metric), False) if grid is None else (_one_step(*grid, metric), True)


def _one_step(codes: Ints, offsets: Ints, metric: Floats) -> Callable[[Ints], Ints]:
    """Neighbours on a grid."""
    numbers = np.where(np.isnan(metric), -1, np.arange(codes.size))
    at = _places_of(codes, numbers, int(offsets.max(initial=0)))

    def near(places: Ints) -> Ints:
        return at(codes[places][:, None] + offsets)

    return near


def _nearest(steps: Sequence[Ints], metric: Floats) -> Callable[[Ints], Ints]:
    """Neighbours among scattered points: only those with a metric."""
    # The zeros are for points that differ in nothing, which would have no coordinate.
    points = np.column_stack(
        [np.zeros(metric.size), *(column / max(column.max(), 1) for column in steps)]
    )
    finite = np.flatnonzero(~np.isnan(metric))
    count = min(NEAREST, finite.size)
    from scipy.spatial import cKDTree  # late: takes 0.2 s

    tree = cKDTree(points[finite])

    def near(places: Ints) -> Ints:
        _, place = tree.query(points[places], np.arange(1, count + 1), workers=-1)
        nearest: Ints = finite[place]
        return nearest

    return near


def _parts(places: Ints, wide: int) -> Iterator[Ints]:
    """Places in parts of at most `CELLS` neighbours."""
    step = max(1, CELLS // wide)
    return (places[start : start + step] for start in range(0, places.size, step))


def _medians(values: Floats) -> tuple[Floats, Ints]:
    """Median and number of the values in each row that are not NaN; NaN and 0 without any."""
    values = np.sort(values, axis=1)  # NaN last
    size = np.count_nonzero(~np.isnan(values), axis=1)
    low, high = np.maximum(size - 1, 0) // 2, size // 2
    rows = np.arange(len(values))
    high = np.minimum(high, values.shape[1] - 1)
    with np.errstate(invalid="ignore"):  # inf - inf: NaN
        return (values[rows, low] + values[rows, high]) / 2, size

"""Proposals without a model: mutations of the best points, and random ones; all of it seeded."""

import math
from collections.abc import Iterator, Mapping, Set
from itertools import islice

import numpy as np

from sweeper.search import Point, key
from sweeper.space.axes import Axis, Choices, Floats, Interval
from sweeper.space.space import Space

PARENTS = 5
"""The best points; each is mutated as often as the others."""

SPREAD = 0.2
"""Of the first mutations, as a share of each axis; in round k a k-th of it."""

DRAWS = 20
"""How many mutations are drawn for each one wanted, before random points take their place."""


def propose(
    space: Space,
    drawn: Floats,
    scores: Mapping[Point, float],
    besides: Set[Point],
    wanted: int,
    seed: int,
    number: int,
) -> list[Point]:
    """New points that meet the constraint: three quarters mutations, the rest random.

    Args:
        space: what to choose from.
        drawn: (m, d) random points that meet the constraint, for when there is need of one.
        scores: of the points that were run, the higher the better; NaN: failed.
        besides: points that were not run yet, and are not to be proposed either.
        wanted: how many; fewer come when `drawn` has no more.
        seed: any whole number.
        number: of the round, 1, 2, ...
    """
    random = np.random.default_rng([seed % 2**64, number])
    scored = {point: score for point, score in scores.items() if not math.isnan(score)}
    parents = np.array(sorted(scored, key=lambda point: -scored[point])[:PARENTS])
    seen = scores.keys() | besides
    mutations = wanted - wanted // 4
    points: dict[Point, None] = {}
    for _ in range(DRAWS * mutations if len(parents) else 0):
        if len(points) == mutations:
            break
        parent = parents[random.integers(len(parents))]
        near = neighbour(space, parent, SPREAD / number, random)
        if key(near) not in seen and space.valid(near[None, :])[0]:
            points[key(near)] = None
    return [*points, *islice(unseen(drawn, seen | points.keys()), wanted - len(points))]


def unseen(drawn: Floats, seen: Set[Point]) -> Iterator[Point]:
    """The new ones of some points, each once."""
    return (point for point in dict.fromkeys(map(key, drawn)) if point not in seen)


def neighbour(space: Space, point: Floats, spread: float, random: np.random.Generator) -> Floats:
    """A point near another, not necessarily one that meets the constraint.

    Args:
        space: both are of.
        point: (d,) coordinates.
        spread: standard deviation of the step, as a share of the length of each axis; one value of
            a discrete axis at least.
        random: what is drawn from.

    Returns:
        (d,) coordinates; steps beyond an end of an axis stop there.
    """
    draws = random.standard_normal(len(space.axes))
    steps = zip(space.axes, point.tolist(), draws.tolist(), strict=True)
    return np.array([_moved(axis, value, spread, draw) for axis, value, draw in steps])


def _moved(axis: Axis, value: float, spread: float, draw: float) -> float:
    if isinstance(axis, Interval):
        share = min(max(_share(axis, value) + spread * draw, 0.0), math.nextafter(1.0, 0.0))
        return float(axis.quantile(np.array([share]))[0])
    order = np.argsort(axis.values, kind="stable") if isinstance(axis, Choices) else None
    number = axis.find(value)
    assert number is not None
    place = number if order is None else int(np.flatnonzero(order == number)[0])
    place += round(max(1.0, spread * axis.size) * draw)
    place = min(max(place, 0), axis.size - 1)
    return float(axis.at(np.array([place if order is None else order[place]]))[0])


def _share(axis: Interval, value: float) -> float:
    """Where a value lies on an interval, 0 to 1: what `quantile` makes it of."""
    margin = 0.5 if axis.integer else 0.0
    ends = (axis.low - margin, value, axis.high + margin)
    low, at, high = map(math.log, ends) if axis.log else ends
    return (at - low) / (high - low)

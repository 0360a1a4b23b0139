"""Points drawn at random, each as likely as the next, until n of them meet the constraint.

A space that can be numbered is drawn without replacement: point k is the grid point at position k
of a seeded permutation. Otherwise each axis is drawn by itself, and only there may a point of
discrete values come twice.
"""

from dataclasses import dataclass, replace

import numpy as np

from sweeper.search import Search
from sweeper.space.axes import Floats, Interval
from sweeper.space.constraint import Bools
from sweeper.space.counter_rng import LARGEST, Permutation, uniforms
from sweeper.space.space import Space

CHUNK = 2**16
PATIENCE = 1_000_000
"""Draws after which at least one in `RAREST` must have met the constraint."""
RAREST = 1_000


@dataclass(frozen=True)
class Random:
    """Draws 0..drawn-1, of which `wanted` meet the constraint.

    Attributes:
        space: linear whole-number intervals have become ranges here.
        seed: as given.
        order: how the points of the space are shuffled, None when they cannot be numbered.
        drawn: number of points, valid or not.
        wanted: number of valid points among them.
        notes: about the axes, and when there are fewer points than asked for.
    """

    space: Space
    seed: int
    order: Permutation | None
    drawn: int = 0
    wanted: int = 0
    notes: tuple[str, ...] = ()

    def size(self) -> int:
        """Number of points, those that break the constraint included."""
        return self.drawn

    def count(self) -> int:
        """Number of points that meet the constraint."""
        return self.wanted

    def points(self, start: int, stop: int) -> tuple[Floats, Bools]:
        """Values (stop - start, d) and validity (stop - start,) of draws start..stop-1."""
        if self.order is not None:
            values = self.space.values(self.order.at(np.arange(start, stop)))
        else:
            values = np.empty((stop - start, len(self.space.axes)), order="F")
            for column, axis in enumerate(self.space.axes):
                uniform = uniforms(self.seed, column, start, stop)
                if isinstance(axis, Interval):
                    values[:, column] = axis.quantile(uniform)
                else:
                    values[:, column] = axis.at((uniform * axis.size).astype(np.int64))
        return values, self.space.valid(values)


def make(space: Space, *, n: int | None, seed: int) -> Search:
    """Plan n valid draws; a larger n later keeps the draws of a smaller one as its beginning.

    Raises:
        ValueError: n is missing or below 1, or the constraint refuses (almost) every draw.
    """
    if n is None or n < 1:
        raise ValueError(f"search.n: random needs how many points to draw, 1 or more, got {n}")
    axes = [(a.as_range() or a) if isinstance(a, Interval) else a for a in space.axes]
    notes = space.notes
    space = replace(space, axes=tuple(axes))
    numbered = not space.continuous and space.size <= LARGEST
    order = Permutation(space.size, seed) if numbered else None
    drawn, count = _cutoff(Random(space, seed, order), n)
    if count < n:
        notes += (f"search.n: the space has {count:,} valid points, fewer than {n:,}: all are run",)
    return Random(space, seed, order, drawn, count, notes)


def _cutoff(draws: Random, n: int) -> tuple[int, int]:
    """Number of draws that give n valid points, or all there are; and of the valid ones."""
    end = draws.order.size if draws.order is not None else None
    if not draws.space.rules:
        drawn = n if end is None else min(n, end)
        return drawn, drawn
    drawn = count = 0
    while count < n and drawn != end:
        stop = drawn + CHUNK if end is None else min(drawn + CHUNK, end)
        valid = np.flatnonzero(draws.points(drawn, stop)[1])
        if count + valid.size >= n:
            return drawn + int(valid[n - count - 1]) + 1, n
        drawn, count = stop, count + valid.size
        if drawn >= PATIENCE and count * RAREST < drawn:
            break
    if count == 0 or drawn != end:
        raise ValueError(
            f"{draws.space.rules_text}: met by {count:,} of {drawn:,} draws; "
            "narrow the ranges so that more points meet it"
        )
    return drawn, count

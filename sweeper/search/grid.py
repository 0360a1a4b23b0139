"""Every combination once, in order: the last axis turns fastest."""

from dataclasses import dataclass

import numpy as np

from sweeper.search import Search
from sweeper.space.axes import Floats
from sweeper.space.constraint import Bools
from sweeper.space.space import Space


@dataclass(frozen=True)
class Grid:
    """Point k is point k of the space; `wanted` of them meet the constraint."""

    space: Space
    wanted: int

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes for the user about the axes."""
        return self.space.notes

    def size(self) -> int:
        """Number of combinations, those that break the constraint included."""
        return self.space.size

    def count(self) -> int:
        """Number of combinations that meet the constraint."""
        return self.wanted

    def points(self, start: int, stop: int) -> tuple[Floats, Bools]:
        """Values (stop - start, d) and validity (stop - start,) of points start..stop-1."""
        values = self.space.values(np.arange(start, stop))
        return values, self.space.valid(values)


def make(space: Space, *, n: int | None) -> Search:
    """Plan the full grid.

    Raises:
        ValueError: an axis is an interval, n is given, no point meets the constraint, or there are
            too many points to count.
    """
    if n is not None:
        raise ValueError(
            f"search.n: a grid runs every point, got {n}; drop it or use search=random"
        )
    if space.size > np.iinfo(np.int64).max:
        raise ValueError(f"search: a grid of {space.size:.1e} points has no end; use search=random")
    wanted = space.count_valid()
    if wanted == 0:
        raise ValueError(f"{space.rules_text}: met by no point; widen the ranges")
    return Grid(space, wanted)

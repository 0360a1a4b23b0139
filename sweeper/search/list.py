"""The configurations of a file, in its order."""

from dataclasses import dataclass

import numpy as np

from sweeper.search import Search
from sweeper.space.axes import Floats
from sweeper.space.constraint import Bools
from sweeper.space.space import Space


@dataclass(frozen=True, eq=False)
class Listed:
    """Point k is entry k of those that a cell composes, repeated ones left out.

    Attributes:
        space: of the numbers that the entries set.
        values: (n, axes).
        notes: what the user should be told.
    """

    space: Space
    values: Floats
    notes: tuple[str, ...]

    def size(self) -> int:
        """Number of entries, those that break the constraint included."""
        return len(self.values)

    def count(self) -> int:
        """Number of entries that meet the constraint."""
        return int(self.space.valid(self.values).sum())

    def points(self, start: int, stop: int) -> tuple[Floats, Bools]:
        """Values (stop - start, d) and validity (stop - start,) of points start..stop-1."""
        values = self.values[start:stop]
        return values, self.space.valid(values)


def make(space: Space, *, n: int | None, rows: Floats | None, path: str | None = None) -> Search:
    """Plan the entries of a file.

    Args:
        space: an axis for every number that an entry sets.
        n: no use here: a list runs every entry.
        rows: (entries, axes) of this cell.
        path: of the file, for messages; `sweeper.plan.listed_points` has read it.

    Raises:
        ValueError: n is given, there is no file, or the constraint bars every entry.
    """
    if n is not None:
        raise ValueError(f"search.n: a list runs every entry, got {n}; drop it")
    if rows is None:
        raise ValueError("search.path: search=list needs a sweep: add -m")
    told_apart = np.where(np.isnan(rows), np.inf, rows)  # NaN, off, equals itself here
    _, first = np.unique(told_apart, axis=0, return_index=True)
    values = rows[np.sort(first)]
    valid = space.valid(values)
    if not valid.any():
        raise ValueError(f"{space.rules_text}: met by no entry of {path}")
    notes = list(space.notes)
    if again := len(rows) - len(values):
        notes.append(f"search.path: {again} repeated entries of {path} are run once")
    if barred := int((~valid).sum()):
        notes.append(f"{space.rules_text}: bars {barred} entries of {path}")
    return Listed(space, values, tuple(notes))

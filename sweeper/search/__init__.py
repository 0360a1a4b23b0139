"""How points of a space are chosen; this folder is the registry: one file per search.

A file `NAME.py` has `make(space, *, n, seed) -> Search`. Point k of a search is a pure function of
(space, seed, k): nothing is stored, so any worker computes any stretch and a resumed sweep needs
no replay.
"""

import difflib
import importlib
import pkgutil
from typing import Protocol, cast

from sweeper.axes import Floats
from sweeper.constraint import Bools
from sweeper.space import Space


class Search(Protocol):
    """The points of one sweep, numbered 0..size-1; immutable and picklable."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should be told before it starts, one line each."""

    def size(self) -> int:
        """Number of points, those that break the constraint included."""

    def count(self) -> int:
        """Number of points that meet the constraint: the configurations to run."""

    def points(self, start: int, stop: int) -> tuple[Floats, Bools]:
        """Points start..stop-1, 0 <= start <= stop <= size.

        Returns:
            values: (stop - start, d) float64, a column per axis of the space.
            valid: (stop - start,) bool, False where a point breaks the constraint.
        """


class Make(Protocol):
    """What every file of this folder offers as `make`."""

    def __call__(self, space: Space, *, n: int | None, seed: int) -> Search:
        """Plan a search.

        Args:
            space: what to choose from.
            n: how many valid points are wanted; None where the search itself decides.
            seed: the same seed gives the same points, on any machine.

        Raises:
            ValueError: one line, when this search cannot serve this space or this n.
        """


def names() -> tuple[str, ...]:
    """The searches there are, in alphabetical order."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def load(kind: str) -> Make:
    """The `make` of a search; ValueError when there is none of that name."""
    if kind not in names():
        near = difflib.get_close_matches(kind, names(), n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ValueError(f"search.kind: no search {kind!r}; there are {', '.join(names())}{hint}")
    return cast(Make, importlib.import_module(f"{__name__}.{kind}").make)

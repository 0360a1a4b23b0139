"""Points of a space in which some numbers are set together: those of zip() and of dictionaries."""

from collections.abc import Mapping, Sequence

import numpy as np

from sweeper.search.list import Listed
from sweeper.space.axes import Axis, Floats, Interval
from sweeper.space.counter_rng import Permutation
from sweeper.space.space import Space
from sweeper.space.zip_values import Pair

LARGEST = 1_000_000
"""Most points that are listed."""


def paired_rows(
    groups: Sequence[Sequence[Pair]], axes: Sequence[Axis], fixed: Mapping[str, float]
) -> tuple[list[str], Floats]:
    """Every entry of each group with every point of the other axes.

    Args:
        groups: entries by config path, NaN for null.
        axes: what is swept besides.
        fixed: the value of a number that an entry does not set.

    Returns:
        The config paths, those of the groups first, and (points, paths); the last axis turns
        fastest.

    Raises:
        ValueError: a number is in two groups or swept besides, an axis has no listed values, or
            there are too many points.
    """
    paths = _paths(groups, axes)
    for axis in axes:
        if isinstance(axis, Interval):
            raise ValueError(
                f"{axis.name}: {axis} has no listed values to go with pairs; list them"
            )
    sizes = [len(group) for group in groups]
    others = Space(tuple(axes))
    points = int(np.prod([float(size) for size in (*sizes, others.size)]))
    if points > LARGEST:
        raise ValueError(
            f"{paths[0]}: {points:.4g} points with pairs, more than {LARGEST:,}; list fewer values"
        )
    rows = np.empty((1, 0))
    for group in groups:
        own = [path for path in paths if any(path in entry for entry in group)]
        entries = np.array([[entry.get(path, fixed[path]) for path in own] for entry in group])
        rows = _product(rows, entries)
    return paths, _product(rows, others.values(np.arange(others.size)))


def _paths(groups: Sequence[Sequence[Pair]], axes: Sequence[Axis]) -> list[str]:
    own = [list(dict.fromkeys(path for entry in group for path in entry)) for group in groups]
    paths = [*(path for group in own for path in group), *(axis.name for axis in axes)]
    for path in paths:
        if paths.count(path) > 1:
            raise ValueError(f"{path}: is swept twice; keep one of them")
    return paths


def _product(rows: Floats, others: Floats) -> Floats:
    return np.hstack([np.repeat(rows, len(others), axis=0), np.tile(others, (len(rows), 1))])


def paired_search(kind: str, space: Space, rows: Floats, n: int | None, seed: int) -> Listed:
    """The points with pairs, as a grid or a random choice of them.

    Raises:
        ValueError: another search, a wrong n, or no point meets the constraint.
    """
    if kind not in ("grid", "random"):
        raise ValueError(f"search={kind}: proposes numbers one by one, not in pairs; use grid")
    _, first = np.unique(np.where(np.isnan(rows), np.inf, rows), axis=0, return_index=True)
    values = rows[np.sort(first)]
    notes = list(space.notes)
    if again := len(rows) - len(values):
        notes.append(f"{again} repeated point(s) of what is set in pairs dropped")
    valid = space.valid(values)
    if not valid.any():
        raise ValueError(f"constraint {str(space.constraint)!r}: met by none of the pairs")
    if kind == "grid" and n is not None:
        raise ValueError(
            f"search.n: a grid runs every point, got {n}; drop it or use search=random"
        )
    if kind == "random":
        if n is None or n < 1:
            raise ValueError(f"search.n: random needs how many points to draw, 1 or more, got {n}")
        order = Permutation(len(values), seed).at(np.arange(len(values)))
        values = values[[place for place in order if valid[place]][:n]]
    return Listed(space, values, tuple(notes))

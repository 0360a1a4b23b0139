"""A coarse grid over the whole space, then finer ones around its best plateaus.

Half of the points go into the coarse grid, the rest into the rounds after it: each makes the step
`factor` times smaller, within a step of before around what has been best so far. Best is, in turns,
the strongest plateau (see `store.analysis.neighbourhoods`), so that no needle draws all the points,
and the highest single result, so that no summit between two coarse points is missed.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from store.analysis.neighbourhoods import plateau
from sweeper.search import room
from sweeper.space.axes import Axis, Floats, Interval
from sweeper.space.space import Space

LEVELS = 4097
"""Values that an interval is cut into: steps can be halved twelve times."""

LATTICE = 4_000_000
"""Points of a coarse grid that are tried against the constraint at most."""

LISTED = 1_000_000
"""Values of an axis at most: they are listed."""

Ints = NDArray[np.int64]
Place = tuple[int, ...]
"""A point by the number of its value on each axis."""


class Goal(Protocol):
    """Which metric is looked for; what is told is already the higher the better."""

    metric: str
    mode: str


class Refine:
    """A learner (see `sweeper.search`): it is a function of what it was told, nothing is drawn."""

    ask_seconds = 1e-4

    def __init__(self, space: Space, n: int, rounds: int, factor: float) -> None:
        self.budget = n
        self.rounds = rounds
        self.batch = max(self._share(0) + 1, self._share(1))
        self._space = space
        self._factor = factor
        self._axes = [_Numbered(axis) for axis in space.axes]
        self._first = _coarse_steps(space, self._axes, self._share(0))
        self._scores: dict[Place, float] = {}
        self.notes = self._notes()

    def ask(self, number: int) -> Floats:
        """The points of a round; see `sweeper.search.Learner`."""
        left = min(self._share(number), room(self.batch, number), self.budget - len(self._scores))
        if number == 0:
            return self._values(_lattice(self._axes, self._first))[:left]
        return self._values(self._around_the_best(number, left))

    def tell(self, values: Floats, scores: Floats) -> None:
        """Take the results of a round; see `sweeper.search.Learner`."""
        places = np.column_stack(
            [axis.places(column) for axis, column in zip(self._axes, values.T, strict=True)]
        )
        self._scores |= zip(map(tuple, places.tolist()), scores[:, 0].tolist(), strict=True)

    def _share(self, number: int) -> int:
        """Number of points of a round: half of all, then even parts of the rest."""
        if self.rounds == 1:
            return self.budget
        half = self.budget - self.budget // 2
        return half if number == 0 else -(-(self.budget - half) // (self.rounds - 1))

    def _steps(self, number: int) -> list[int]:
        return [max(1, math.ceil(step / self._factor**number)) for step in self._first]

    def _around_the_best(self, number: int, left: int) -> Ints:
        """(m, d) new points, m <= left, near the best so far; each centre gives all its points."""
        before, steps = self._steps(number - 1), self._steps(number)
        places: dict[Place, None] = {}
        for centre in self._centres():
            patch = self._patch(centre, before, steps)
            places |= dict.fromkeys(place for place in patch if place not in self._scores)
            if len(places) >= left:
                break
        chosen = list(itertools.islice(places, left))
        return np.array(chosen, np.int64).reshape(len(chosen), len(self._axes))

    def _centres(self) -> Iterator[Place]:
        """Centres of the next round, the best first: by neighbourhood and by score in turns."""
        scored = [place for place, score in self._scores.items() if not math.isnan(score)]
        if not scored:
            return
        scores = np.array([self._scores[place] for place in scored])
        columns = np.array(scored, np.float64).T
        judged = plateau({str(axis): column for axis, column in enumerate(columns)}, scores)
        orders = (np.argsort(-judged.strength, kind="stable"), np.argsort(-scores, kind="stable"))
        for by_median, by_score in zip(*orders, strict=True):
            yield scored[by_median]
            yield scored[by_score]

    def _patch(self, centre: Place, reach: Sequence[int], steps: Sequence[int]) -> list[Place]:
        """Valid points around a centre, at most `reach` away along each axis, `steps` apart.

        The nearest come first: where only some of them can be run, they lie on all sides.
        """
        ranges = [
            [
                place
                for place in range(at - far // step * step, at + far + 1, step)
                if 0 <= place < axis.size
            ]
            for axis, at, far, step in zip(self._axes, centre, reach, steps, strict=True)
        ]
        places = np.array(list(itertools.product(*ranges)), np.int64).reshape(-1, len(ranges))
        places = places[self._space.valid(self._coordinates(places))]
        away = (((places - centre) / steps) ** 2).sum(axis=1)
        return [tuple(place) for place in places[np.argsort(away, kind="stable")].tolist()]

    def _values(self, places: Ints) -> Floats:
        """The coordinates of those points that meet the constraint: (m, d)."""
        values = self._coordinates(places)
        return values[self._space.valid(values)]

    def _coordinates(self, places: Ints) -> Floats:
        columns = zip(self._axes, places.T, strict=True)
        return np.column_stack([axis.values(column) for axis, column in columns])

    def _notes(self) -> tuple[str, ...]:
        finest = self._steps(self.rounds - 1)
        coarse = [
            f"{axis.name} in steps of {step}"
            for axis, step in zip(self._axes, finest, strict=True)
            if step > 1
        ]
        if not coarse:
            return self._space.notes
        text = f"search=refine: even the last round has {', '.join(coarse)}; raise search.rounds"
        return (*self._space.notes, f"{text} or search.factor for every value")


class _Numbered:
    """The values of one axis by number, in ascending order, `null` last."""

    def __init__(self, axis: Axis) -> None:
        whole = axis.as_range() if isinstance(axis, Interval) else None
        self.name = axis.name
        if isinstance(axis, Interval) and whole is None:
            edges = np.linspace(0, 1, LEVELS, endpoint=False)
            self._table = np.unique(axis.quantile(edges))
        else:
            listed = whole or axis
            assert not isinstance(listed, Interval)
            self._table = np.sort(listed.at(np.arange(listed.size)))
        self.size = self._table.size

    def values(self, places: Ints) -> Floats:
        """Values by number."""
        return self._table[places]

    def places(self, values: Floats) -> Ints:
        """Numbers of values that are on the axis; NaN, `null`, sorts last."""
        return np.searchsorted(self._table, values)


def _coarse_steps(space: Space, axes: Sequence[_Numbered], most: int) -> list[int]:
    """Steps of the finest lattice that has at most `most` valid points: about even on all axes."""
    low, high = 1, max(axis.size for axis in axes)
    while low < high:
        middle = (low + high + 1) // 2
        if _valid_points(space, axes, _steps_for(axes, middle), most) <= most:
            low = middle
        else:
            high = middle - 1
    return _steps_for(axes, low)


def _steps_for(axes: Sequence[_Numbered], values: int) -> list[int]:
    """The step along each axis that leaves at most so many values of it."""
    return [-(-axis.size // values) for axis in axes]


def _valid_points(
    space: Space, axes: Sequence[_Numbered], steps: Sequence[int], most: int
) -> float:
    sizes = [len(_kept(axis, step)) for axis, step in zip(axes, steps, strict=True)]
    if math.prod(sizes) > max(LATTICE, most):
        return math.inf
    places = _lattice(axes, steps)
    columns = [axis.values(column) for axis, column in zip(axes, places.T, strict=True)]
    return int(space.valid(np.column_stack(columns)).sum())


def _lattice(axes: Sequence[_Numbered], steps: Sequence[int]) -> Ints:
    """(m, d) every combination of every `step`-th value of the axes."""
    kept = [_kept(axis, step) for axis, step in zip(axes, steps, strict=True)]
    return np.stack(np.meshgrid(*kept, indexing="ij"), axis=-1).reshape(-1, len(axes))


def _kept(axis: _Numbered, step: int) -> Ints:
    """Every `step`-th number of an axis, as far from one end as from the other."""
    return np.arange((axis.size - 1) % step // 2, axis.size, step)


def make(
    space: Space,
    *,
    n: int | None,
    goals: tuple[Goal, ...],
    rounds: object = 7,
    factor: object = 2.0,
) -> Refine:
    """Plan n points in so many rounds; each after the first has steps `factor` times smaller.

    Raises:
        ValueError: no axis, several metrics, or a number out of range.
    """
    if n is None or n < 2:
        raise ValueError(f"search.n: refine needs how many points to run, 2 or more, got {n}")
    if isinstance(rounds, bool) or not isinstance(rounds, int) or not 1 <= rounds <= 30:
        raise ValueError(f"search.rounds: must be a whole number from 1 to 30, got {rounds!r}")
    if isinstance(factor, bool) or not isinstance(factor, int | float) or not 1 < factor <= 100:
        raise ValueError(f"search.factor: must be above 1 and at most 100, got {factor!r}")
    if not space.axes:
        raise ValueError("search: refine needs a swept number, got none; sweep a parameter")
    if len(goals) > 1:
        raise ValueError(f"search.metric: refine looks for one metric, got {len(goals)}; use bayes")
    for axis in space.axes:
        if not isinstance(axis, Interval) and axis.size > LISTED:
            raise ValueError(
                f"{axis.name}: refine takes up to {LISTED:,} values of an axis, got {axis.size:,}; "
                "give it a larger step"
            )
    search = Refine(space, n, rounds, factor)
    if not len(search.ask(0)):
        raise ValueError(f"{space.rules_text}: met by no point of a grid; widen")
    return search

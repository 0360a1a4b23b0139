"""Successive halving over folds and symbols: `search.prune` drops what did badly in the first ones.

All configurations run on the first fold, the better 1/k of them on the next, and so on: after each
rung the number of runs a configuration has had is k times larger, and those that go on are k times
fewer (Jamieson and Talwalkar 2016, Non-stochastic Best Arm Identification). Everyone is compared
with everyone before anyone goes on, so what comes out depends neither on workers nor on timing, and
which configurations survived a rung is kept in the store.

Every planned run becomes a row: of a dropped configuration, the runs that it no longer had are rows
with the status `pruned`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from store.files.backend import Place, Root
from store.files.paths import survivors_folder
from store.runs.blocks import finished, read_block, write_block
from sweeper.plan.plan import Floats, Group, Plan

Ints = NDArray[np.int64]

MOST = 10_000_000
"""Points of a cell at most: the driver holds a score of each."""


@dataclass(frozen=True)
class Ladder:
    """Which windows of a plan's groups run in which rung.

    Attributes:
        factor: how many times fewer configurations go on from each rung.
        places: for each rung and group, the places of the windows it runs.
        cells: for each group, the number of its cell: groups of one cell share their points.
        folder: of the survivors of each cell; empty until there is an experiment.
    """

    factor: int
    places: tuple[tuple[tuple[int, ...], ...], ...]
    cells: tuple[int, ...]
    folder: tuple[Place, ...] = ()

    @property
    def rungs(self) -> int:
        """Number of rungs, at least two."""
        return len(self.places)

    @property
    def share(self) -> float:
        """Share of the runs that are made: a bit more where numbers do not divide."""
        windows = [sum(map(len, row)) for row in self.places]
        made = [count * float(self.factor) ** -rung for rung, count in enumerate(windows)]
        return sum(made) / sum(windows)

    def left(self, rung: int, group: int) -> tuple[int, ...]:
        """Places of a group's windows that have not run before a rung."""
        return tuple(
            sorted(place for rung_places in self.places[rung:] for place in rung_places[group])
        )

    def survivors(self, rung: int, group: int) -> Ints:
        """Points that go on to a rung, 1 or higher, from the one before, ascending."""
        return _survivors(self.folder[self.cells[group]], rung)

    def known(self, rung: int, cell: int) -> bool:
        """True when it is settled which configurations go on to a rung."""
        return rung in finished(self.folder[cell])

    def settle(self, rung: int, cell: int, points: Ints) -> None:
        """Keep who goes on to a rung, for good."""
        write_block(self.folder[cell], rung, pa.table({"point": np.sort(points)}))


def ladder(plan: Plan, factor: int | None) -> Ladder | None:
    """The rungs of a plan; None when nothing is to be pruned.

    Raises:
        ValueError: one line: the points come from a learner, are too many, or no cell has more than
            one fold and symbol.
    """
    if factor is None:
        return None
    places: list[list[tuple[int, ...]]] = []
    for group in plan.groups:
        if group.learns:
            kind = group.cell.config.search.kind
            raise ValueError(f"search.prune: {kind} chooses its points itself; drop search.prune")
        if group.points > MOST:
            raise ValueError(
                f"search.prune: compares up to {MOST:,} points, got {group.points:,}; use "
                "search=random with fewer"
            )
    cells = plan.cells
    steps = [_rungs(plan, plan.places_of(cell), factor) for cell in cells]
    if max(map(len, steps)) < 2:
        raise ValueError(
            f"search.prune: needs {factor} folds or symbols to drop anything after the first; use "
            "split=walk_forward or more symbols"
        )
    for rung in range(max(map(len, steps))):
        row: list[tuple[int, ...]] = [() for _ in plan.groups]
        for own in steps:
            for number, windows in (own[rung] if rung < len(own) else {}).items():
                row[number] = windows
        places.append(row)
    return Ladder(
        factor,
        tuple(map(tuple, places)),
        tuple(cells.index(group.cell) for group in plan.groups),
    )


def kept(root: Root, experiment_id: str, ladder: Ladder | None) -> Ladder | None:
    """The ladder with the folders of an experiment where its survivors are kept."""
    if ladder is None:
        return None
    cells = range(max(ladder.cells) + 1)
    folders = tuple(survivors_folder(root, experiment_id, cell) for cell in cells)
    return replace(ladder, folder=folders)


def best(scores: Floats, points: Ints, factor: int) -> Ints:
    """The points that go on: the best 1/factor of those that have a score, the baseline always.

    Args:
        scores: (n,) the higher the better, NaN where there is none.
        points: (n,) ascending; of equal scores the lower point goes on.
        factor: how many times fewer go on; at least one does.
    """
    count = -(-len(points) // factor)
    order = np.argsort(-scores, kind="stable")[:count]  # NaN sorts last
    going = points[order[~np.isnan(scores[order])]]
    return np.union1d(going, points[points == 0])


def _rungs(plan: Plan, groups: Sequence[int], factor: int) -> list[dict[int, tuple[int, ...]]]:
    """For each rung of a cell the places of windows by group: fold by fold, in each the symbols."""
    units = sorted(
        (fold, group, places)
        for group in groups
        for fold, places in enumerate(_folds(plan.groups[group]))
    )
    stops = [len(units)]
    while stops[0] // factor >= 1:
        stops.insert(0, stops[0] // factor)
    rungs = []
    for start, stop in zip([0, *stops], stops, strict=False):
        places: dict[int, tuple[int, ...]] = {}
        for _, group, windows in units[start:stop]:
            places[group] = (*places.get(group, ()), *windows)
        rungs.append(places)
    return rungs


def _folds(group: Group) -> list[tuple[int, ...]]:
    """Places of a group's windows, each train window with the tests that follow it."""
    folds: list[tuple[int, ...]] = []
    for place, window in enumerate(group.windows):
        if window.ranks:
            folds.append((place,))
        else:
            folds[-1] = (*folds[-1], place)
    return folds


@lru_cache(maxsize=16)
def _survivors(folder: Place, rung: int) -> Ints:
    points: Ints = read_block(folder, rung)["point"].to_numpy()
    return points

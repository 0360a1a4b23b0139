"""Configurations that several cells of one sweep hold: each runs once.

Of cells on the same bars with the same strategy and settings the first one that holds a
configuration runs it. A baseline is run before all that equals it, so that each cell keeps its own
row for it, or shares that of another cell. Nothing is listed: a point is compared with the axes
and the rules of the other cells.

The points of a learner are not known before they run: it leaves none out, and none is left out
for it, its baseline aside.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from store.files.canonical import hash_runs
from store.runs.key_set import Keys, keys_of, union, within
from sweeper.plan.cell import Cell
from sweeper.plan.proposals import Proposals
from sweeper.search.grid import Grid
from sweeper.search.random import Random
from sweeper.space.axes import Choices, Discrete, Floats, Range
from sweeper.space.constraint import Constraint, Sense
from sweeper.space.space import Space

Bools = NDArray[np.bool_]

CHUNK = 2**16
"""Points that are compared at a time."""


@dataclass(frozen=True)
class Siblings:
    """The other cells that hold configurations of a cell.

    Attributes:
        earlier: run what both hold.
        later: leave out what both hold.
    """

    earlier: tuple[Cell, ...] = ()
    later: tuple[Cell, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.earlier or self.later)


ALONE = Siblings()


def rows_equal(rows: Floats, other: Floats) -> Bools:
    """Which rows equal the one row of `other`, NaN equal to NaN; none when `other` is empty."""
    if not len(other):
        return np.zeros(len(rows), dtype=np.bool_)
    same = (rows == other) | (np.isnan(rows) & np.isnan(other))
    return np.asarray(same.all(axis=1))


def own_baseline(cell: Cell, siblings: Siblings) -> Floats:
    """The baseline that a cell runs itself, (1, d); (0, d) when an earlier one runs it."""
    if any(rows_equal(cell.baseline, other.baseline).any() for other in siblings.earlier):
        return cell.baseline[:0]
    return cell.baseline


def elsewhere(numbers: Floats, cell: Cell, siblings: Siblings) -> Bools:
    """(n,) which configurations of a cell's search have their row elsewhere."""
    held = rows_equal(numbers, cell.baseline)
    for other in (*siblings.earlier, *siblings.later):
        held |= rows_equal(numbers, other.baseline)
    for other in siblings.earlier:
        held |= holds(other, numbers)
    return held


@lru_cache(maxsize=1024)
def n_elsewhere(cell: Cell, siblings: Siblings) -> int:
    """Number of points of a cell's search that have their row elsewhere; 0 of a learner's."""
    if isinstance(cell.search, Proposals):
        return 0
    if all(isinstance(part.search, Grid | Proposals) for part in (cell, *siblings.earlier)):
        return _n_baselines(cell, siblings) + _n_shared(cell, siblings.earlier)
    count, size = 0, cell.search.size()
    for start in range(0, size, CHUNK):
        values, valid = cell.search.points(start, min(start + CHUNK, size))
        count += int(elsewhere(cell.numbers(values[valid]), cell, siblings).sum())
    return count


def _n_baselines(cell: Cell, siblings: Siblings) -> int:
    """Number of different baselines that are points of a cell's search, and of no earlier one's."""
    cells = (cell, *siblings.earlier, *siblings.later)
    rows = np.concatenate([each.baseline for each in cells])
    _, first = np.unique(np.where(np.isnan(rows), np.inf, rows), axis=0, return_index=True)
    rows = rows[first]
    shared = np.zeros(len(rows), np.bool_)
    for other in siblings.earlier:
        shared |= holds(other, rows)
    return int((holds(cell, rows) & ~shared).sum())


def holds(cell: Cell, numbers: Floats) -> Bools:
    """(n,) which configurations are points of a cell's search; none of a learner's.

    Args:
        cell: to look in.
        numbers: (n, d) of the same strategy, columns as `cell.names`.
    """
    search, axes = cell.search, [cell.names.index(axis.name) for axis in cell.space.axes]
    if isinstance(search, Proposals):
        return np.zeros(len(numbers), np.bool_)
    rest = [column for column in range(len(cell.names)) if column not in axes]
    fixed = np.array(list(cell.fixed.values()))[rest]
    equal = rows_equal(numbers[:, rest], fixed[None, :])
    values = numbers[equal][:, axes]
    if isinstance(search, Grid):
        inside = (search.space.places(values) >= 0) & search.space.valid(values)
    elif isinstance(search, Random) and search.order is not None:
        at = search.space.places(values)
        inside = (at >= 0) & search.space.valid(values)
        inside[inside] = search.order.position(at[inside]) < search.drawn
    else:
        inside = within(keys_of(hash_runs({}, cell.names, numbers[equal])), _keys(cell))
    equal[equal] = inside
    return equal


def holds_baseline(cells: Sequence[Cell], cell: Cell) -> bool:
    """True when a cell's baseline is a point of one of some other cells."""
    return any(bool(holds(other, cell.baseline).any()) for other in cells)


def siblings_of(place: int, cells: Sequence[Cell]) -> Siblings:
    """Siblings of one cell, of cells on the same bars with the same strategy and settings.

    A learner counts as earlier than all others, and has no siblings itself.
    """
    cell = cells[place]
    if isinstance(cell.search, Proposals):
        return ALONE
    earlier: list[Cell] = []
    later: list[Cell] = []
    for number, other in enumerate(cells):
        if other is cell:
            continue
        if overlap(cell, other) or rows_equal(cell.baseline, other.baseline).any():
            first = number < place or isinstance(other.search, Proposals)
            (earlier if first else later).append(other)
    return Siblings(tuple(earlier), tuple(later))


@lru_cache(maxsize=64)
def _keys(cell: Cell) -> Keys:
    """Keys of the points of a search that are listed or drawn one by one."""
    size, parts = cell.search.size(), []
    for start in range(0, size, CHUNK):
        values, valid = cell.search.points(start, min(start + CHUNK, size))
        parts.append(keys_of(hash_runs({}, cell.names, cell.numbers(values[valid]))))
    return union(parts)


@lru_cache(maxsize=1024)
def overlap(cell: Cell, other: Cell) -> bool:
    """True when a point of one cell may be one of the other, or its baseline."""
    if holds(cell, other.baseline).any() or holds(other, cell.baseline).any():
        return True
    searches = cell.search, other.search
    if any(isinstance(search, Proposals) for search in searches):
        return False
    if all(isinstance(search, Grid) for search in searches):
        both = _common(_whole(cell), _whole(other))
        return both is not None and both.count_valid() > 0
    return True


def _n_shared(cell: Cell, others: Sequence[Cell]) -> int:
    """Number of points of a cell's grid that are in those of some others."""
    grids = [_whole(other) for other in others if isinstance(other.search, Grid)]
    return _n_in_any(_whole(cell), grids)


def _n_in_any(space: Space, others: Sequence[Space]) -> int:
    """Points of a space in any of some others: |S.F| + |S.R| - |S.F.R| for the first and the rest.

    Exact and without listing the points; most products are empty.
    """
    if not others:
        return 0
    first, rest = others[0], others[1:]
    both = _common(space, first)
    if both is None:
        return _n_in_any(space, rest)
    return both.count_valid() + _n_in_any(space, rest) - _n_in_any(both, rest)


def _whole(cell: Cell) -> Space:
    """A cell's grid as a space of all its numbers; those that are not swept have one value."""
    swept = {axis.name: axis for axis in cell.space.axes}
    axes = [swept.get(name, Choices(name, np.array([value]))) for name, value in cell.fixed.items()]
    return Space(tuple(axes), None, {}, _rules(cell.space))


def _rules(*spaces: Space) -> tuple[Sense, ...]:
    """The rules of some spaces, each once."""
    rules: dict[Constraint, None] = dict.fromkeys(rule for space in spaces for rule in space.rules)
    return tuple(Sense(rule, "", "") for rule in rules)


def _common(space: Space, other: Space) -> Space | None:
    """The points that two whole spaces have in common; None where an axis has no common value."""
    axes = []
    for first, two in zip(space.discrete, other.discrete, strict=True):
        axis = _common_axis(first, two)
        if axis is None:
            return None
        axes.append(axis)
    return Space(tuple(axes), None, {}, _rules(space, other))


def _common_axis(axis: Discrete, two: Discrete) -> Discrete | None:
    if isinstance(axis, Range) and isinstance(two, Range):
        return _common_range(axis, two)
    listed, other = (axis, two) if isinstance(axis, Choices) else (two, axis)
    assert isinstance(listed, Choices)
    values = listed.values[other.places(listed.values) >= 0]
    return Choices(axis.name, values) if values.size else None


def _common_range(first: Range, two: Range) -> Range | None:
    """The numbers of two arithmetic progressions, which are one: by the Chinese remainders."""
    steps = abs(first.step), abs(two.step)
    lows, highs = zip(*(sorted(map(int, axis.ends())) for axis in (first, two)), strict=True)
    divisor = int(np.gcd(*steps))
    apart, rest = divmod(lows[1] - lows[0], divisor)
    if rest:
        return None
    modulus = steps[1] // divisor
    turns = apart * pow(steps[0] // divisor, -1, modulus) % modulus
    step = steps[0] * modulus
    start = lows[0] + turns * steps[0]
    start += max(0, -(-(max(lows) - start) // step)) * step
    size = (min(highs) - start) // step + 1
    return Range(first.name, start, step, size, first.integer) if size > 0 else None

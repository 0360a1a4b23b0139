"""The search space: its axes, the constraint on them, and the numbering of its points."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce

import numpy as np

from sweeper.space.axes import Axis, Choices, Discrete, Floats, Interval, Ints
from sweeper.space.constraint import Bools, Constraint, Sense, short

COUNTABLE = 100_000_000
"""Most combinations that `count_valid` tries: about two seconds' work."""

BLOCK = 2**17
"""Combinations tried at a time: 1 MB, which stays in cache."""


@dataclass(frozen=True, eq=False)
class Space:
    """All combinations of the values of some axes, numbered when every axis is discrete.

    Point 0 has the first value of every axis; the last axis turns fastest.

    Attributes:
        axes: with distinct names; none gives a space of one point without coordinates.
        constraint: what a point must meet to be valid, None for nothing.
        fixed: the numbers that are not swept, which the constraint may mention too.
        sense: rules besides: what breaks one of them makes no sense, and is left out, too.
        doubts: what the user should be told about the values, one line each.

    A constraint mentions axes and fixed numbers by their config path, in which `params.` may be
    left out.
    """

    axes: tuple[Axis, ...]
    constraint: Constraint | None = None
    fixed: Mapping[str, float] = field(default_factory=dict)
    sense: tuple[Sense, ...] = ()
    doubts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        names = [short(axis.name) for axis in self.axes]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"{name}: swept twice; keep one of them")
        for rule in self.rules:
            rule.check_names({*names, *map(short, self.fixed)})

    @property
    def rules(self) -> tuple[Constraint, ...]:
        """Everything that a point must meet to be valid."""
        own = () if self.constraint is None else (self.constraint,)
        return (*own, *(sense.rule for sense in self.sense))

    @property
    def rules_text(self) -> str:
        """The rules as errors name them: `constraint 'fast < slow'`."""
        return f"constraint {' and '.join(map(str, self.rules))!r}"

    @property
    def continuous(self) -> tuple[Interval, ...]:
        """The axes that have no numbering; a space with any of them has no size."""
        return tuple(axis for axis in self.axes if isinstance(axis, Interval))

    @property
    def discrete(self) -> tuple[Discrete, ...]:
        """The axes, when all are discrete.

        Raises:
            ValueError: an axis is an interval.
        """
        if self.continuous:
            axis = self.continuous[0]
            raise ValueError(
                f"{axis.name}: {axis} cannot be enumerated; use search=random or a range()"
            )
        return tuple(axis for axis in self.axes if not isinstance(axis, Interval))

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes for the user about the axes, one line each."""
        axes = (a.note for a in self.axes if isinstance(a, Choices) and a.note)
        return (*axes, *self.doubts, *self._left_out())

    def _left_out(self) -> Iterator[str]:
        """Combinations that make no sense, counted: a line for each rule."""
        for sense in self.sense:
            what = "combinations make no sense"
            if not self.continuous:
                made = Space(self.axes, sense.rule, self.fixed).count_valid()
                what = f"{self.size - made:,} of {self.size:,} {what}"
            yield f"{what}: {sense.key} {sense.needs}; left out"

    @property
    def size(self) -> int:
        """Number of points, valid or not; ValueError with an interval among the axes."""
        return math.prod(axis.size for axis in self.discrete)

    def values(self, index: Ints) -> Floats:
        """Coordinates of the points number `index`.

        Args:
            index: (m,) int64 in 0..size-1 (the caller's duty).

        Returns:
            (m, d) float64, a column per axis.
        """
        axes = self.discrete
        out = np.empty((index.size, len(axes)), order="F")
        for column in range(len(axes) - 1, 0, -1):
            index, digit = np.divmod(index, axes[column].size)
            out[:, column] = axes[column].at(digit)
        if axes:
            out[:, 0] = axes[0].at(index)
        return out

    def index_of(self, values: Sequence[float]) -> int | None:
        """Number of a point given by its (d,) coordinates; None when it is not on the grid.

        None too in a space with an interval. The point need not meet the constraint.
        """
        assert len(values) == len(self.axes)
        number = 0
        for axis, value in zip(self.axes, values, strict=True):
            digit = None if isinstance(axis, Interval) else axis.find(float(value))
            if digit is None or isinstance(axis, Interval):
                return None
            number = number * axis.size + digit
        return number

    def places(self, values: Floats) -> Ints:
        """(m,) numbers of points given by their (m, d) coordinates; -1 when not on the grid."""
        number = np.zeros(len(values), np.int64)
        there = np.ones(len(values), np.bool_)
        for axis, column in zip(self.discrete, values.T, strict=True):
            digit = axis.places(column)
            there &= digit >= 0
            number = number * axis.size + digit
        return np.where(there, number, -1)

    def contains(self, values: Floats) -> bool:
        """True when a point, (d,) coordinates, has a value of every axis; the constraint aside."""
        return all(
            axis.contains(value) if isinstance(axis, Interval) else axis.find(value) is not None
            for axis, value in zip(self.axes, values.tolist(), strict=True)
        )

    def valid(self, values: Floats) -> Bools:
        """Which of the (m, d) points meet the constraint: (m,) bool."""
        met = np.ones(values.shape[0], dtype=np.bool_)
        for rule in self.rules:
            columns = {column: values[:, column] for column in self._mentioned(rule)}
            met &= self._holds(rule, columns)
        return met

    @property
    def fixed_is_valid(self) -> bool:
        """True when the fixed numbers, all of a configuration's, meet the constraint themselves."""
        return all(bool(self._holds(rule, {})) for rule in self.rules)

    def count_valid(self) -> int:
        """Number of points that meet the constraint, exact and without listing the points.

        Only combinations of axes that the constraint ties together are tried: those of `a < b and
        c < d` are a x b and c x d.

        Raises:
            ValueError: an axis is an interval, or more than `COUNTABLE` combinations are tied.
        """
        sizes = [axis.size for axis in self.discrete]
        total = math.prod(sizes)
        for columns, clauses in self._tied():
            combinations = math.prod(sizes[column] for column in columns)
            if combinations > COUNTABLE:
                raise ValueError(
                    f"{self.rules_text}: ties {combinations:,} combinations, "
                    f"more than the {COUNTABLE:,} counted; use search=random or fewer values"
                )
            total = total // combinations * self._count(columns, clauses)
        return total

    def _mentioned(self, constraint: Constraint) -> tuple[int, ...]:
        """The axes, by column, that a constraint mentions."""
        return tuple(i for i, axis in enumerate(self.axes) if short(axis.name) in constraint.names)

    def _holds(self, constraint: Constraint, columns: Mapping[int, Floats]) -> Bools:
        """Evaluate a constraint or clause on the columns it mentions; they broadcast together."""
        given: dict[str, Floats | float] = {short(k): v for k, v in self.fixed.items()}
        given |= {short(self.axes[column].name): value for column, value in columns.items()}
        return constraint.holds({name: given[name] for name in constraint.names})

    def _tied(self) -> list[tuple[list[int], list[Constraint]]]:
        """Group the clauses of the constraint so that no two groups share an axis."""
        groups: list[tuple[list[int], list[Constraint]]] = []
        for clause in (clause for rule in self.rules for clause in rule.clauses()):
            columns, clauses = set(self._mentioned(clause)), [clause]
            for group in [g for g in groups if columns & set(g[0])]:
                groups.remove(group)
                columns |= set(group[0])
                clauses = group[1] + clauses
            groups.append((sorted(columns), clauses))
        return groups

    def _count(self, columns: Sequence[int], clauses: Sequence[Constraint]) -> int:
        """Count the combinations of some axes that meet all clauses.

        The longest axis lies along the rows, combinations of the others down the columns of blocks
        of `BLOCK` numbers; NumPy broadcasts, so `2 * fast` is computed once per fast.
        """
        if not columns:  # fixed numbers only
            return int(all(bool(self._holds(clause, {})) for clause in clauses))
        sizes = [axis.size for axis in self.discrete]
        longest = max(columns, key=lambda column: sizes[column])
        rest = [column for column in columns if column != longest]
        others = Space(tuple(self.axes[column] for column in rest))
        width = min(sizes[longest], BLOCK)
        count = 0
        for across in _pieces(sizes[longest], width):
            row = self.discrete[longest].at(across)
            for down in _pieces(others.size, BLOCK // width):
                block = others.values(down)
                given = {longest: row} | {c: block[:, [i]] for i, c in enumerate(rest)}
                held = (self._holds(clause, given) for clause in clauses)
                met = np.broadcast_to(reduce(np.logical_and, held), (down.size, across.size))
                count += int(np.count_nonzero(met))
        return count


def _pieces(size: int, length: int) -> Iterator[Ints]:
    """Cut the numbers 0..size-1 into arrays of at most `length`."""
    return (np.arange(start, min(start + length, size)) for start in range(0, size, length))

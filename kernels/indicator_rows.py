"""Which indicator rows a batch of configurations needs, and in which order to visit them."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kernels.jit.array_types import Bools, Floats, Ints
from kernels.registry import Strategy
from kernels.series.bars import Series
from kernels.series.longer import Longer, longer_row, periods_of
from kernels.strategy import Row

WORD = 64
"""Rows are padded with NaN to a multiple of this many bars."""

ROW_MEMORY = 32 * 2**20
"""Bytes that the indicator rows may take at one time; 8 per row of the strategy they always may."""

KEPT_MEMORY = 96 * 2**20
"""Bytes of rows that a thread keeps from one batch of a sweep to the next, of one series."""

Call = tuple[Any, tuple[str | float, ...]]
"""Function and arguments of a row; arguments are names of bars columns and numbers, in order."""


@dataclass(frozen=True, eq=False)
class Plan:
    """The unique indicator rows of a batch, and who uses them.

    Attributes:
        calls: of each unique row.
        index: (n, n_rows) position in `calls` of each configuration's rows.
    """

    calls: list[Call]
    index: Ints

    def groups(self, room: int) -> Iterator[Ints]:
        """Cut the batch into groups that need at most `room` unique rows, at least 2 per row.

        Along each of the strategy's rows the unique values are cut into strips; a group is one
        tile of that grid. Strips of the last row are thin: from one group to the next only that
        one changes as a rule, and the rows of the others are still there.

        Yields:
            Which configurations, (m,), ascending.
        """
        if len(self.calls) <= room:
            yield np.arange(len(self.index))
            return
        n_rows = self.index.shape[1]
        widths = np.full(n_rows, room)
        if n_rows > 1:
            widths[-1] = max(1, room // 8)
            widths[:-1] = (room - widths[-1]) // (n_rows - 1)
        tile = _inverse(self.index // widths)
        order = np.argsort(tile, kind="stable")
        for members in np.split(order, np.flatnonzero(np.diff(tile[order])) + 1):
            if members.size:
                yield members


@dataclass(eq=False)
class KeptRows:
    """Rows of one series that are there already, and room for more.

    Attributes:
        series: that they are of.
        values: (room, padded n_bars); NaN to the right of the last bar of a row.
        calls: which row each place holds; None where there is none.
        taken: (room,) which places ever held one.
        place: of each row that is there.
    """

    series: Series
    values: Floats
    calls: list[Call | None]
    taken: Bools
    place: dict[Call, int] = field(default_factory=dict)

    @classmethod
    def of(cls, series: Series, room: int) -> "KeptRows":
        """Room without a row."""
        values = np.empty((room, padded(series.n_bars)))
        return cls(series, values, [None] * room, np.zeros(room, bool))

    def put(self, call: Call, at: int, row: Floats) -> None:
        """Have a row in a place, instead of what is there."""
        if (old := self.calls[at]) is not None:
            self.calls[at] = None
            del self.place[old]
        self.values[at, : row.size], self.values[at, row.size :] = row, np.nan
        self.calls[at], self.place[call], self.taken[at] = call, at, True

    def free(self, used: Ints) -> Ints:
        """Places but those that are used, the empty ones first."""
        unused = np.ones(len(self.values), bool)
        unused[used] = False
        rest = (unused & ~self.taken, unused & self.taken)
        return np.concatenate([np.flatnonzero(part) for part in rest])


_own = threading.local()


def kept_rows(series: Series, n_rows: int) -> KeptRows:
    """The rows that this thread keeps of a series; those of another one are forgotten.

    Args:
        series: of the batch.
        n_rows: of the strategy; there is always room for 8 of each.
    """
    room = max(KEPT_MEMORY // (8 * padded(series.n_bars)), 8 * n_rows)
    kept: KeptRows | None = getattr(_own, "rows", None)
    if kept is None or kept.series is not series or len(kept.values) < room:
        _own.rows = None  # before there is room for others
        kept = _own.rows = KeptRows.of(series, room)
    return kept


class Table:
    """Room for the rows of one group; what two groups both need is computed once.

    Attributes:
        room: unique rows of a group, at most.
        values: (rows, padded n_bars); NaN to the right of the last bar of a row.
    """

    def __init__(
        self, plan: Plan, series: Series, strategy: Strategy, kept: KeptRows | None = None
    ) -> None:
        self._plan, self._series, self._strategy = plan, series, strategy
        self.room = max(ROW_MEMORY // (8 * padded(series.n_bars)), 8 * plan.index.shape[1])
        self._kept = kept or KeptRows.of(series, min(self.room, len(plan.calls)))
        self.values = self._kept.values

    def fetch(self, members: Ints) -> Ints:
        """Have the members' rows in `values`; returns where each is, (m, n_rows).

        Raises:
            ValueError: an indicator's result is not (n_bars,) float64.
        """
        kept, calls = self._kept, self._plan.calls
        needed = np.zeros(len(calls), bool)
        needed[self._plan.index[members]] = True
        wanted = np.flatnonzero(needed).tolist()
        place = np.full(len(calls), -1)
        place[wanted] = [kept.place.get(calls[number], -1) for number in wanted]
        missing = [number for number in wanted if place[number] < 0]
        if missing:
            free = kept.free(place[place >= 0]).tolist()
            for number, at in zip(missing, free, strict=False):
                kept.put(calls[number], at, self._compute(number))
                place[number] = at
        return place[self._plan.index[members]]

    def _compute(self, call: int) -> Floats:
        function, arguments = self._plan.calls[call]
        column = self._series.column
        if isinstance(function, Longer):
            columns = {a: column(a) for a in arguments if isinstance(a, str)}
            periods = periods_of(self._series, function.timeframe)
            return longer_row(function, arguments, columns, periods)
        values = function(*(column(a) if isinstance(a, str) else a for a in arguments))
        shape, kind = np.shape(values), np.asarray(values).dtype
        if shape != (self._series.n_bars,) or kind != np.float64:
            raise ValueError(
                f"strategy {self._strategy.name}: row {function.__name__}{arguments} must be "
                f"({self._series.n_bars},) float64, got {shape} {kind}"
            )
        return values  # type: ignore[no-any-return]


def padded(n_bars: int) -> int:
    """Length of a row: the number of bars, rounded up to whole words."""
    return -(-n_bars // WORD) * WORD


def plan_rows(strategy: Strategy, params: Floats) -> Plan:
    """Find the unique rows that (n, p) checked params ask for."""
    calls: dict[tuple[object, tuple[str | float, ...]], int] = {}
    index = np.empty((len(params), len(strategy.rows)), np.int64)
    for k, row in enumerate(strategy.rows):
        fields = [strategy.fields.index(a) for a in row.arguments if a in strategy.types]
        inverse = _inverse(params[:, fields])
        _, first = np.unique(inverse, return_index=True)
        ids = [
            calls.setdefault((_called(row), _arguments(strategy, row, params[at])), len(calls))
            for at in first
        ]
        index[:, k] = np.array(ids, np.int64)[inverse]
    return Plan(list(calls), index)


def _called(row: Row) -> object:
    """The function of a row, with its timeframe where it has one."""
    return row.function if row.timeframe is None else Longer(row.function, row.timeframe)


def _arguments(strategy: Strategy, row: Row, params: Floats) -> tuple[str | float, ...]:
    """The row's arguments with the fields of Params replaced by their values."""
    return tuple(
        strategy.types[a](params[strategy.fields.index(a)])
        if isinstance(a, str) and a in strategy.types
        else a
        for a in row.arguments
    )


def _inverse(table: Any) -> Ints:
    """For each row of an (n, k) table the number of its distinct value, (n,), in sorted order."""
    number = np.zeros(len(table), np.int64)
    for column in table.T:
        values, inverse = np.unique(column, return_inverse=True)
        _, number = np.unique(number * values.size + inverse, return_inverse=True)
    return number

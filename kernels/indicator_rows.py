"""Which indicator rows a batch of configurations needs, and in which order to visit them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from kernels.jit.array_types import Floats, Ints
from kernels.registry import Strategy
from kernels.series.bars import Series
from kernels.series.longer import Longer, longer_row, periods_of
from kernels.strategy import Row

WORD = 64
"""Rows are padded with NaN to a multiple of this many bars."""

ROW_MEMORY = 32 * 2**20
"""Bytes that the indicator rows may take at one time; 8 per row of the strategy they always may."""


@dataclass(frozen=True, eq=False)
class Plan:
    """The unique indicator rows of a batch, and who uses them.

    Attributes:
        calls: (function, arguments) of each unique row; arguments are names of bars columns
            and numbers, in the order of the call.
        index: (n, n_rows) position in `calls` of each configuration's rows.
    """

    calls: list[tuple[Any, tuple[str | float, ...]]]
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


class Table:
    """Room for the rows of one group; what two groups both need is computed once.

    Attributes:
        values: (room, padded n_bars), NaN to the right of the last bar.
    """

    def __init__(self, plan: Plan, series: Series, strategy: Strategy) -> None:
        self._plan, self._series, self._strategy = plan, series, strategy
        width, n_rows = padded(series.n_bars), plan.index.shape[1]
        self.room = max(ROW_MEMORY // (8 * width), 8 * n_rows)
        self.values = np.empty((min(self.room, len(plan.calls)), width))
        self.values[:, series.n_bars :] = np.nan
        self._place = np.full(len(plan.calls), -1)  # of each call in `values`

    def fetch(self, members: Ints) -> Ints:
        """Have the members' rows in `values`; returns where each is, (m, n_rows).

        Raises:
            ValueError: an indicator's result is not (n_bars,) float64.
        """
        needed = np.zeros(len(self._plan.calls), bool)
        needed[self._plan.index[members]] = True
        kept = needed & (self._place >= 0)
        free = np.setdiff1d(np.arange(len(self.values)), self._place[kept])
        self._place[~kept] = -1
        missing = np.flatnonzero(needed & ~kept)
        self._place[missing] = free[: missing.size]
        for call in missing.tolist():
            self.values[self._place[call], : self._series.n_bars] = self._compute(call)
        return self._place[self._plan.index[members]]

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

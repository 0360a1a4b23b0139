"""Which indicator rows a batch of configurations needs, and in which order to visit them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from kernels.arrays import Floats, Ints
from kernels.bars import Series
from kernels.registry import Strategy
from kernels.strategy import Row

WORD = 64
"""Rows are padded with NaN to a multiple of this many bars."""

ROW_MEMORY = 32 * 2**20
"""Bytes that the indicator rows of one group may take, unless a few long rows need more."""


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

    def groups(self, n_bars: int) -> Iterator[tuple[Ints, Ints]]:
        """Cut the batch into groups whose rows fit into ROW_MEMORY together.

        Along each of the strategy's rows the unique values are cut into strips; a group is one
        tile of that grid, so that a configuration shares its rows with its neighbours.

        Yields:
            (members, needed): which configurations, ascending; which calls, ascending.
        """
        n_rows = self.index.shape[1]
        room = max(ROW_MEMORY // (8 * padded(n_bars)), 8 * n_rows)
        tiles = self.index // max(1, room // max(1, n_rows))
        tile = _inverse(tiles)
        order = np.argsort(tile, kind="stable")
        for members in np.split(order, np.flatnonzero(np.diff(tile[order])) + 1):
            if members.size:
                yield members, np.unique(self.index[members])


def padded(n_bars: int) -> int:
    """Length of a row: the number of bars, rounded up to whole words."""
    return -(-n_bars // WORD) * WORD


def plan_rows(strategy: Strategy, params: Floats) -> Plan:
    """Find the unique rows that (n, p) checked params ask for."""
    calls: dict[tuple[Any, tuple[str | float, ...]], int] = {}
    index = np.empty((len(params), len(strategy.rows)), np.int64)
    for k, row in enumerate(strategy.rows):
        fields = [strategy.fields.index(a) for a in row.arguments if a in strategy.types]
        inverse = _inverse(params[:, fields])
        _, first = np.unique(inverse, return_index=True)
        ids = [
            calls.setdefault((row.function, _arguments(strategy, row, params[at])), len(calls))
            for at in first
        ]
        index[:, k] = np.array(ids, np.int64)[inverse]
    return Plan(list(calls), index)


def compute(plan: Plan, needed: Ints, series: Series, strategy: Strategy) -> Floats:
    """The rows `needed`, (len(needed), padded n_bars), NaN to the right of the last bar.

    Raises:
        ValueError: an indicator's result is not (n_bars,) float64.
    """
    table = np.full((len(needed), padded(series.n_bars)), np.nan)
    for k, call in enumerate(needed):
        function, arguments = plan.calls[call]
        values = function(*(series.column(a) if isinstance(a, str) else a for a in arguments))
        if np.shape(values) != (series.n_bars,) or values.dtype != np.float64:
            raise ValueError(
                f"strategy {strategy.name}: row {function.__name__}{arguments} must be "
                f"({series.n_bars},) float64, got {np.shape(values)} {np.asarray(values).dtype}"
            )
        table[k, : series.n_bars] = values
    return table


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

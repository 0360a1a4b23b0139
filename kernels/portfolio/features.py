"""Rows of a score strategy: each symbol's indicators, and cross-sections of them."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

from kernels.indicator_rows import Plan
from kernels.jit.array_types import Floats, Ints, read_only
from kernels.portfolio.panel import Panel
from kernels.registry import Strategy
from kernels.strategy import BarRow, CrossRow

ROOM = 256 * 2**20
"""Bytes that the rows may take at one time; two per row of the strategy they always may."""
ROOM_AT_BARS = 64 * 2**20
"""The same of rows that are worked out at rebalances only."""


class Cube:
    """Rows of one group of configurations; what two groups need is computed once.

    A `BarRow` is worked out when bars are asked for, any other row for all bars beforehand.
    """

    def __init__(self, plan: Plan, panel: Panel, strategy: Strategy, n_rebalances: int) -> None:
        """Make room; `n_rebalances` is how many bars are asked for at one time, about."""
        self._plan, self._panel, self._strategy = plan, panel, strategy
        shape = (len(panel.symbols), panel.n_bars)
        self._late = {row.function for row in strategy.rows if isinstance(row, BarRow)}
        self._cross = {row.function for row in strategy.rows if isinstance(row, CrossRow)}
        self._whole = np.array([f not in self._late for f, _ in plan.calls], bool)
        least = 2 * max(plan.index.shape[1], 1)
        whole = ROOM // (8 * shape[0] * shape[1])
        late = ROOM_AT_BARS // (8 * shape[0] * max(n_rebalances, 1))
        self.room = max(whole if self._whole.any() else late, least)
        size = min(self.room, int(self._whole.sum()))
        self._values = np.empty((size, *shape))
        self._place = np.full(len(plan.calls), -1)

    def fetch(self, members: Ints) -> Ints:
        """Have the members' rows at hand; returns which they are, (m, n_rows)."""
        needed = np.zeros(len(self._plan.calls), bool)
        needed[self._plan.index[members]] = True
        needed &= self._whole
        kept = needed & (self._place >= 0)
        free = np.setdiff1d(np.arange(len(self._values)), self._place[kept])
        self._place[~kept] = -1
        missing = np.flatnonzero(needed & ~kept)
        self._place[missing] = free[: missing.size]
        for call in missing.tolist():
            function, arguments = self._plan.calls[call]
            self._compute(function, arguments, self._values[self._place[call]])
        return self._plan.index[members]

    def at(self, rows: Ints, bars: Ints) -> Floats:
        """(R, U, N) values of the rows, as `fetch` has named them, at some bars, ascending."""
        shape = (bars.size, len(self._panel.symbols))
        out = np.empty((bars.size, rows.size, shape[1]))
        for u, call in enumerate(rows.tolist()):
            if self._whole[call]:
                at_bars(self._values[self._place[call]], bars, out[:, u])
                continue
            function, arguments = self._plan.calls[call]
            by_time = self._panel.by_time
            values = function(bars, *(by_time(a) if isinstance(a, str) else a for a in arguments))
            self._check(function, arguments, values, shape)
            out[:, u] = values
        return out

    def _compute(
        self, function: Callable[..., Any], arguments: tuple[str | float, ...], out: Floats
    ) -> None:
        """Write one row of all symbols; NaN outside of a symbol's life."""
        panel = self._panel
        columns = {a: panel.values(a) for a in arguments if isinstance(a, str)}
        if function in self._cross:
            out[:] = function(*(columns[a] if isinstance(a, str) else a for a in arguments))
            return
        out[:] = np.nan
        for i, (begin, end) in enumerate(zip(panel.first, panel.last + 1, strict=True)):
            if begin < end:
                given = (
                    read_only(columns[a][i, begin:end]) if isinstance(a, str) else a
                    for a in arguments
                )
                values = function(*given)
                self._check(function, arguments, values, (end - begin,))
                out[i, begin:end] = values

    def _check(
        self,
        function: Callable[..., Any],
        arguments: tuple[str | float, ...],
        values: Any,
        shape: tuple[int, ...],
    ) -> None:
        if np.shape(values) != shape or np.asarray(values).dtype != np.float64:
            raise ValueError(
                f"strategy {self._strategy.name}: row {function.__name__}{arguments} must "
                f"be {shape} float64, got {np.shape(values)} {np.asarray(values).dtype}"
            )


@njit(cache=True, error_model="numpy", nogil=True)
def at_bars(values: Floats, bars: Ints, out: Floats) -> None:
    """Write (R, N) values of a row (N, T) at some bars."""
    for i in range(values.shape[0]):
        for r in range(bars.size):
            out[r, i] = values[i, bars[r]]

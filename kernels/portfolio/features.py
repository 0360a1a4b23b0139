"""Rows of a score strategy: each symbol's indicators, and cross-sections of them."""

from collections.abc import Callable
from typing import Any

import numpy as np

from kernels.indicator_rows import Plan
from kernels.jit.array_types import Floats, Ints, read_only
from kernels.portfolio.panel import Panel
from kernels.registry import Strategy
from kernels.strategy import CrossRow

ROOM = 256 * 2**20
"""Bytes that the rows may take at one time; two per row of the strategy they always may."""


class Cube:
    """Room for the rows of one group of configurations; what two groups need is computed once.

    Attributes:
        values: (room, N, T).
    """

    def __init__(self, plan: Plan, panel: Panel, strategy: Strategy) -> None:
        self._plan, self._panel, self._strategy = plan, panel, strategy
        shape = (len(panel.symbols), panel.n_bars)
        self.room = max(ROOM // (8 * shape[0] * shape[1]), 2 * max(plan.index.shape[1], 1))
        self.values = np.empty((max(min(self.room, len(plan.calls)), 1), *shape))
        self._place = np.full(len(plan.calls), -1)
        self._cross = {row.function for row in strategy.rows if isinstance(row, CrossRow)}

    def fetch(self, members: Ints) -> Ints:
        """Have the members' rows in `values`; returns where each is, (m, n_rows)."""
        needed = np.zeros(len(self._plan.calls), bool)
        needed[self._plan.index[members]] = True
        kept = needed & (self._place >= 0)
        free = np.setdiff1d(np.arange(len(self.values)), self._place[kept])
        self._place[~kept] = -1
        missing = np.flatnonzero(needed & ~kept)
        self._place[missing] = free[: missing.size]
        for call in missing.tolist():
            function, arguments = self._plan.calls[call]
            self._compute(function, arguments, self.values[self._place[call]])
        return self._place[self._plan.index[members]]

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
                if np.shape(values) != (end - begin,) or np.asarray(values).dtype != np.float64:
                    raise ValueError(
                        f"strategy {self._strategy.name}: row {function.__name__}{arguments} must "
                        f"be ({end - begin},) float64, got {np.shape(values)} "
                        f"{np.asarray(values).dtype}"
                    )
                out[i, begin:end] = values

"""A universe on drawn dates: all symbols by the same dates, births and ends where they were.

Every symbol takes the return that it has at the drawn date, without its own mean and, where the
date is mirrored, turned round; one that does not trade there takes that of another symbol which
does. So what moves symbols together stays, and no ranking has any skill: what foretold a return is
followed by its reverse as often.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kernels.jit.array_types import Floats, Ints
from kernels.portfolio.panel import Panel, last_known, panel_from
from store.resampling.null_bars import fair_growth

SWAPPED = {"open": "open", "high": "low", "low": "high"}
"""Which price a mirrored bar takes for each."""


@dataclass(frozen=True, eq=False)
class PanelPart:
    """A universe on the dates of its timeframe.

    Attributes:
        panel: its bars before the holdout.
        steps: (N, T - 1) log returns of the closes without their means; NaN where there is none.
        fair: (N,) what to take off a step for a mean simple return of 0.
        donor: (N, T - 1) symbol whose bar is taken at each step.
        returns: (T - 1,) log returns of the index, for the length of the blocks.
        dates: (T - 1,) place of each step among the dates.
        at: (dates,) step that the universe has at each date.
    """

    panel: Panel
    steps: Floats
    fair: Floats
    donor: Ints
    returns: Floats
    dates: Ints
    at: Ints

    @classmethod
    def of(cls, panel: Panel, dates: Ints, at: Ints) -> "PanelPart":
        """Take a panel apart; every bar of it but the first is a step."""
        close = panel.values("close")
        with np.errstate(invalid="ignore"):
            steps = np.diff(np.log(close), axis=1)
        there = np.isfinite(steps)
        count = np.maximum(there.sum(axis=1, keepdims=True), 1)
        steps = steps - np.where(there, steps, 0.0).sum(axis=1, keepdims=True) / count
        own = [row[np.isfinite(row)] for row in steps]
        fair = np.array([fair_growth(row, mirrored=True) if row.size else 0.0 for row in own])
        index = np.diff(np.log(panel.columns["close"]))
        return cls(panel, steps, fair, donors(there), index, dates, at)

    def drawn(
        self, index: Ints, upside_down: NDArray[np.bool_], planted: Floats | None = None
    ) -> Panel:
        """The universe on drawn dates: (dates,) source of each, and which are mirrored.

        `planted` has log steps (N, T - 1) that are added, None for none.
        """
        source, turned = self.at[index[self.dates]], upside_down[self.dates]
        donor = self.donor[:, source]
        moves = self.steps[donor, source]
        moves = np.where(turned, -moves, moves) - self.fair[donor]
        moves = np.where(np.isfinite(moves), moves, 0.0)
        if planted is not None:
            moves = moves + planted
        close = self._levels(moves)
        bars = np.concatenate([[0], 1 + source])
        donor = np.column_stack([np.arange(len(close)), donor])
        turned = np.concatenate([[False], turned])
        table = {name: self._feature(name, donor, bars) for name in self.panel.table}
        table |= self._prices(close, donor, bars, turned)
        return panel_from(self.panel.symbols, table, self.panel.times, self.panel.days)

    def _levels(self, moves: Floats) -> Floats:
        """(N, T) closes from each symbol's first on, NaN where it has none."""
        close = self.panel.values("close")
        first = np.minimum(self.panel.first, close.shape[1] - 1)
        path = np.column_stack([np.zeros(len(close)), np.cumsum(moves, axis=1)])
        path -= path[np.arange(len(close)), first][:, None]
        level = close[np.arange(len(close)), first][:, None] * np.exp(path)
        return np.where(np.isfinite(close), level, np.nan)

    def _prices(
        self, close: Floats, donor: Ints, bars: Ints, turned: NDArray[np.bool_]
    ) -> dict[str, Floats]:
        """Open, high and low as far from the close as in the bar that is taken."""
        table: dict[str, Any] = {"close": close}
        whole = last_known(self.panel.values("close"))
        for name, mirror in SWAPPED.items():
            if name in self.panel.table:
                plain = self.panel.values(name) / whole
                other = whole / self.panel.values(mirror)
                plain, other = plain[donor, bars], other[donor, bars]
                ratio = np.where(turned, other, plain)
                own = np.isfinite(self.panel.values(name))
                table[name] = np.where(
                    own, np.where(np.isfinite(ratio), ratio, 1.0) * close, np.nan
                )
        return table

    def _feature(self, name: str, donor: Ints, bars: Ints) -> Floats:
        return np.asarray(self.panel.values(name)[donor, bars])


def donors(there: NDArray[np.bool_]) -> Ints:
    """(N, S) symbol whose bar each takes at a step: its own, else one of those that have one."""
    n, steps = there.shape
    donor = np.tile(np.arange(n)[:, None], (1, steps))
    for step in range(steps):
        alive = np.flatnonzero(there[:, step])
        missing = np.flatnonzero(~there[:, step])
        if alive.size and missing.size:
            donor[missing, step] = alive[missing % alive.size]
    return donor

"""Rebalance bars of configurations, and the panel laid out at them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numba import njit, types

from kernels.jit.array_types import TABLE, Bytes, Floats, Ints
from kernels.portfolio.books import Market
from kernels.portfolio.features import Cube
from kernels.portfolio.panel import Panel
from kernels.portfolio.schedule import bars_between
from kernels.portfolio.settings import PanelSettings

SCORE = types.FunctionType(
    types.void(types.float64[:, ::1], types.int64[::1], types.float64[::1], types.float64[::1])
)
FIRST = types.void(
    SCORE,
    types.float64[:, :, ::1],  # table
    types.int64[:, ::1],  # rows
    types.float64[:, ::1],  # params
    types.int64[::1],  # k
    types.int64[:, ::1],  # spans
    TABLE,  # close
    types.int64[::1],  # bars
    types.int64[::1],  # out
)
AT_ONCE = (1, 8, 64)
"""Bars whose rows are worked out at one time while no rebalance has been found: first, then, then
as long as it takes."""


@njit(FIRST, cache=True, error_model="numpy", nogil=True)
def first_ranked(
    score: Callable[[Floats, Ints, Floats, Floats], None],
    table: Floats,
    rows: Ints,
    params: Floats,
    k: Ints,
    spans: Ints,
    close: Floats,
    bars: Ints,
    out: Ints,
) -> None:
    """First of some bars at which k symbols have a score, for each of m runs.

    Args:
        score: of the strategy.
        table: (B, U, N) rows of the strategy.
        rows: (m, n_rows) those of them that each run uses.
        params: (m, p).
        k: (m,) symbols that are wanted.
        spans: (m, 2) bars [begin, end) at which each run may decide.
        close: (T, N) NaN where a symbol has no bar.
        bars: (B,) ascending.
        out: (m,) place in `bars`; -1 where there is none.
    """
    scores = np.empty(table.shape[2])
    for j in range(k.size):
        out[j] = -1
        for b in range(bars.size):
            if bars[b] < spans[j, 0] or bars[b] >= spans[j, 1]:
                continue
            scores[:] = np.nan
            score(table[b], rows[j], params[j], scores)
            ranked = 0
            for i in range(scores.size):
                ranked += (scores[i] == scores[i]) & (close[bars[b], i] == close[bars[b], i])
            if ranked >= k[j]:
                out[j] = b
                break


def first_rebalances(
    score: Callable[[Floats, Ints, Floats, Floats], None],
    cube: Cube,
    rows: Ints,
    params: Floats,
    k: Ints,
    panel: Panel,
    bars: Ints,
    windows: Ints,
) -> Ints:
    """First rebalance of each configuration in each window: when k symbols have a score.

    Args:
        score: of the strategy.
        cube: its rows.
        rows: (m, n_rows) rows of the cube that each configuration uses.
        params: (m, p).
        k: (m,) symbols that are wanted.
        panel: the universe.
        bars: candidates, ascending.
        windows: (w, 2) bars [start, stop).

    Returns:
        (m, w) place in `bars`; bars.size where there is none.
    """
    spans = np.column_stack([windows[:, 0], windows[:, 1] - 1])
    begins = np.searchsorted(bars, windows[:, 0])
    out = np.full((len(rows), len(windows)), bars.size)
    own = np.repeat(np.arange(len(rows)), len(windows))
    which = np.tile(np.arange(len(windows)), len(rows))
    at, step = begins[which], 0
    while own.size:
        size = AT_ONCE[min(step, len(AT_ONCE) - 1)]
        places = np.unique(np.unique(at)[:, None] + np.arange(size))
        places = places[places < bars.size]
        used, inverse = np.unique(rows[own], return_inverse=True)
        tried, hits = np.ascontiguousarray(bars[places]), np.empty(own.size, np.int64)
        first_ranked(
            score,
            cube.at(used, tried),
            np.ascontiguousarray(inverse.reshape(own.size, -1), np.int64),
            params[own],
            k[own],
            spans[which],
            panel.by_time("close"),
            tried,
            hits,
        )
        done = hits >= 0
        out[own[done], which[done]] = places[hits[done]]
        at = at + size
        left = ~done & (at < bars.size)
        left[left] &= bars[at[left]] < spans[which[left], 1]
        own, which, at, step = own[left], which[left], at[left], step + 1
    return out


@njit(cache=True, error_model="numpy", nogil=True)
def volatility(close: Floats, n: int, bars: Ints) -> Floats:
    """(R, N) deviation of the last n returns, close to close, ddof 1; NaN where one is missing."""
    out = np.full((bars.size, close.shape[0]), np.nan)
    for i in range(close.shape[0]):
        for r in range(bars.size):
            t = bars[r]
            if t < n:
                continue
            mean = square = 0.0
            for s in range(t - n + 1, t + 1):
                mean += close[i, s] / close[i, s - 1] - 1.0
            mean /= n
            for s in range(t - n + 1, t + 1):
                square += (close[i, s] / close[i, s - 1] - 1.0 - mean) ** 2
            out[r, i] = np.sqrt(square / (n - 1))
    return out


@dataclass(frozen=True)
class Layout:
    """The panel at the rebalance bars of one phase, but for the rows of a strategy."""

    bars: Ints
    alive: Bytes
    opens: Floats
    returns: Floats
    calm: Floats


class Layouts:
    """Layouts of a panel under one cadence, made when first asked for and kept with the panel."""

    def __init__(self, panel: Panel, settings: PanelSettings) -> None:
        self.panel, self._settings = panel, settings
        self._calendar = bars_between(panel, settings.cadence)
        calm = settings.volatility_bars if settings.weighting == "inverse_volatility" else None
        key = ("layouts", settings.cadence, settings.delisting_return, calm)
        if key not in panel.made:
            for other in [k for k in panel.made if k[0] == "layouts"]:
                del panel.made[other]  # a sweep over cadences goes from one to the next
            panel.made[key] = {}
        self._made: dict[int, Layout] = panel.made[key]

    @property
    def n_rebalances(self) -> int:
        """Rebalances of one phase, at most."""
        if self._calendar is not None:
            return self._calendar.size
        return -(-self.panel.n_bars // int(self._settings.cadence))

    @property
    def candidates(self) -> Ints:
        """Bars at which a first rebalance may be."""
        if self._calendar is not None:
            return self._calendar
        return np.arange(self.panel.n_bars - 1, dtype=np.int64)

    def phases(self, first: Ints) -> Ints:
        """The phase of each first rebalance, a place in `candidates`; 0 for calendars."""
        if self._calendar is not None:
            return np.zeros_like(first)
        return np.asarray(first % int(self._settings.cadence))

    def layout(self, phase: int) -> Layout:
        """The panel at the bars of a phase."""
        if phase not in self._made:
            bars = self._calendar
            if bars is None:
                step = int(self._settings.cadence)
                bars = np.arange(phase, self.panel.n_bars - 1, step, dtype=np.int64)
            self._made[phase] = self._lay_out(np.ascontiguousarray(bars[: self._usable(bars)]))
        return self._made[phase]

    def market(self, phase: int, cube: Cube, used: Ints) -> Market:
        """The same for the kernels, with some rows of a cube."""
        layout = self.layout(phase)
        return Market(
            layout.bars,
            cube.at(used, layout.bars),
            layout.alive,
            layout.opens,
            layout.returns,
            layout.calm,
            self.panel.marks,
            self._last,
        )

    @cached_property
    def _last(self) -> Ints:
        last = self.panel.last
        last.flags.writeable = False
        return last

    def _usable(self, bars: Ints) -> int:
        return int(np.searchsorted(bars, self.panel.n_bars - 1))

    def _lay_out(self, bars: Ints) -> Layout:
        panel, settings = self.panel, self._settings
        fills = bars + 1
        opens = panel.by_time("open")[fills]
        ended = panel.last[None, :] < fills[1:, None]
        later = np.where(np.isfinite(opens[1:]), opens[1:], panel.marks[:, fills[1:]].T)
        later = np.where(ended, later * (1.0 + settings.delisting_return), later)
        returns = np.full(opens.shape, np.nan)
        returns[:-1] = later / opens[:-1] - 1.0
        calm = np.empty((bars.size, 0))
        if settings.weighting == "inverse_volatility":
            with np.errstate(divide="ignore"):
                calm = 1.0 / volatility(panel.values("close"), settings.volatility_bars, bars)
        alive = np.isfinite(panel.by_time("close")[bars]).astype(np.uint8)
        return Layout(bars, alive, opens, returns, calm)


def by_phase(phases: Ints, first: Ints, n_bars: int) -> Iterator[tuple[int, Ints]]:
    """Each phase that occurs, and the flat places of the runs that have it.

    Runs without a rebalance go with the first phase.
    """
    flat = np.where(first.ravel() < n_bars, phases.ravel(), 0)
    for phase in np.unique(flat).tolist():
        yield phase, np.flatnonzero(flat == phase)

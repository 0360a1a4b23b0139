"""Rebalance bars of configurations, and the panel laid out at them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numba import njit, types

from kernels.jit.array_types import INDEX, TABLE, Bytes, Floats, Ints
from kernels.portfolio.panel import Panel
from kernels.portfolio.schedule import bars_between
from kernels.portfolio.settings import PanelSettings
from kernels.portfolio.simulation import Market

SCORE = types.FunctionType(
    types.void(types.float64[:, ::1], types.int64[::1], types.float64[::1], types.float64[::1])
)
FIRST = types.void(
    SCORE,
    types.float64[:, :, ::1],  # cube
    types.int64[:, ::1],  # rows
    types.float64[:, ::1],  # params
    types.int64[::1],  # k
    types.int64[::1],  # earliest
    TABLE,  # close
    types.int64[::1],  # bars
    INDEX,  # windows
    types.int64[:, ::1],  # out
)


@njit(FIRST, cache=True, error_model="numpy", nogil=True)
def first_rebalances(
    score: Callable[[Floats, Ints, Floats, Floats], None],
    cube: Floats,
    rows: Ints,
    params: Floats,
    k: Ints,
    earliest: Ints,
    close: Floats,
    bars: Ints,
    windows: Ints,
    out: Ints,
) -> None:
    """First rebalance of each configuration in each window: when k symbols have a score.

    Args:
        score: of the strategy.
        cube: (U, N, T) its rows.
        rows: (m, n_rows) rows of the cube that each configuration uses.
        params: (m, p).
        k: (m,) symbols that are wanted.
        earliest: (m,) bar before which no k symbols have a row.
        close: (N, T) NaN where a symbol has no bar.
        bars: candidates, ascending.
        windows: (w, 2) bars [start, stop).
        out: (m, w) place in `bars`; bars.size where there is none.
    """
    n_symbols = close.shape[0]
    features = np.empty((cube.shape[0], n_symbols))
    scores = np.empty(n_symbols)
    for j in range(len(rows)):
        for w in range(len(windows)):
            start, stop = windows[w]
            out[j, w] = bars.size
            begin = np.searchsorted(bars, max(start, earliest[j]))
            for at in range(begin, bars.size):
                bar = bars[at]
                if bar + 1 >= stop:
                    break
                for u in rows[j]:
                    for i in range(n_symbols):
                        features[u, i] = cube[u, i, bar]
                scores[:] = np.nan
                score(features, rows[j], params[j], scores)
                ranked = 0
                for i in range(n_symbols):
                    if scores[i] == scores[i] and close[i, bar] == close[i, bar]:
                        ranked += 1
                if ranked >= k[j]:
                    out[j, w] = at
                    break


@njit(cache=True, error_model="numpy", nogil=True)
def first_values(cube: Floats, begin: Ints) -> Ints:
    """(U, N) first bar at which each row of each symbol is a number; T of none."""
    n_rows, n_symbols, n_bars = cube.shape
    out = np.full((n_rows, n_symbols), n_bars, np.int64)
    for u in range(n_rows):
        for i in range(n_symbols):
            for t in range(begin[i], n_bars):
                if cube[u, i, t] == cube[u, i, t]:
                    out[u, i] = t
                    break
    return out


@njit(cache=True, error_model="numpy", nogil=True)
def at_bars(cube: Floats, used: Ints, bars: Ints) -> Floats:
    """(R, U, N) the used rows of a cube (., N, T) at some bars."""
    out = np.empty((bars.size, used.size, cube.shape[1]))
    for u in range(used.size):
        for i in range(cube.shape[1]):
            for r in range(bars.size):
                out[r, u, i] = cube[used[u], i, bars[r]]
    return out


@njit(cache=True, error_model="numpy", nogil=True)
def volatility(close: Floats, n: int) -> Floats:
    """(N, T) deviation of the last n returns, close to close, ddof 1; NaN where one is missing."""
    out = np.full(close.shape, np.nan)
    for i in range(close.shape[0]):
        for t in range(n, close.shape[1]):
            mean = square = 0.0
            for s in range(t - n + 1, t + 1):
                mean += close[i, s] / close[i, s - 1] - 1.0
            mean /= n
            for s in range(t - n + 1, t + 1):
                square += (close[i, s] / close[i, s - 1] - 1.0 - mean) ** 2
            out[i, t] = np.sqrt(square / (n - 1))
    return out


def earliest(panel: Panel, cube: Floats, rows: Ints, k: Ints) -> Ints:
    """(m,) bar before which fewer than k symbols have any row of a configuration."""
    if rows.shape[1]:
        by_row = first_values(cube, panel.first)
    bars = np.empty(len(rows), np.int64)
    cached: dict[bytes, Ints] = {}
    for j, own in enumerate(rows):
        key = own.tobytes()
        if key not in cached:
            first = by_row[own].min(axis=0) if own.size else panel.first
            cached[key] = np.sort(first)
        bars[j] = cached[key][k[j] - 1]
    return bars


@dataclass(frozen=True)
class Layout:
    """The panel at the rebalance bars of one phase, but for the rows of a strategy."""

    bars: Ints
    alive: Bytes
    opens: Floats
    returns: Floats
    calm: Floats


class Layouts:
    """Layouts of a panel under one cadence, made when they are first asked for."""

    def __init__(self, panel: Panel, settings: PanelSettings) -> None:
        self.panel, self._settings = panel, settings
        self._calendar = bars_between(panel, settings.cadence)
        self._made: dict[int, Layout] = {}

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

    def market(self, phase: int, cube: Floats, used: Ints) -> Market:
        """The same for the kernels, with some rows of a cube."""
        layout = self.layout(phase)
        return Market(
            layout.bars,
            at_bars(cube, used, layout.bars),
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
        close, opened = panel.values("close"), panel.values("open")
        fills = bars + 1
        opens = np.ascontiguousarray(opened[:, fills].T)
        ended = panel.last[None, :] < fills[1:, None]
        later = np.where(np.isfinite(opens[1:]), opens[1:], panel.marks[:, fills[1:]].T)
        later = np.where(ended, later * (1.0 + settings.delisting_return), later)
        returns = np.full(opens.shape, np.nan)
        returns[:-1] = later / opens[:-1] - 1.0
        calm = np.empty((bars.size, 0))
        if settings.weighting == "inverse_volatility":
            calm = np.ascontiguousarray(1.0 / self._volatility[:, bars].T)
        alive = np.ascontiguousarray(np.isfinite(close[:, bars]).T.astype(np.uint8))
        return Layout(bars, alive, opens, returns, calm)

    @cached_property
    def _volatility(self) -> Floats:
        with np.errstate(divide="ignore"):
            return volatility(self.panel.values("close"), self._settings.volatility_bars)


def by_phase(phases: Ints, first: Ints, n_bars: int) -> Iterator[tuple[int, Ints]]:
    """Each phase that occurs, and the flat places of the runs that have it.

    Runs without a rebalance go with the first phase.
    """
    flat = np.where(first.ravel() < n_bars, phases.ravel(), 0)
    for phase in np.unique(flat).tolist():
        yield phase, np.flatnonzero(flat == phase)

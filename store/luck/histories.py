"""Histories without skill: all series of an experiment redrawn together, by the same dates.

A stationary bootstrap (Politis and Romano 1994) draws dates in blocks; each series takes the bars
that it has there, so that what moves several symbols at once still does. Returns lose their mean
and are mirrored, date by date, at even odds: nothing is left to foresee, and violent times still
cluster. Block lengths: Politis and White (2004), corrected by Patton, Politis and White (2009), of
the squared returns, the mean over the series.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kernels.jit.array_types import Floats, Ints
from kernels.portfolio.panel import Panel
from kernels.series.bars import Series, prepare
from kernels.series.clock import CLOCK
from store.luck.panels import PanelPart
from store.resampling.block_length import SAMPLE, optimal_block
from store.resampling.bootstrap import stationary_index
from store.resampling.null_bars import (
    MIN_BARS,
    PRICES,
    fair_growth,
    places_at,
    rebuilt_prices,
)

SEED = 20_722
"""Of all draws: the same bars give the same histories, in whatever experiment."""


class Source(NamedTuple):
    """Bars that histories are drawn from: those before the holdout.

    Attributes:
        timeframe: series of one timeframe are redrawn by the same dates.
        times: (n,) ascending, UTC.
        columns: (n,) float64 each: prices, volume, features.
        panel: of a universe, the bars of all its symbols; the columns are then their index.
    """

    timeframe: str
    times: NDArray[np.datetime64]
    columns: Mapping[str, Floats]
    panel: Panel | None = None

    @property
    def drawable(self) -> bool:
        """True when there are bars enough to redraw."""
        return len(self.times) >= MIN_BARS


@dataclass(frozen=True, eq=False)
class _Part:
    """One series on the dates of its timeframe.

    Attributes:
        columns: of the source.
        prices: (n, 4).
        returns: (n - 1,) log returns of the closes, without their mean.
        fair: what to take off a step for a mean simple return of 0.
        dates: (n - 1,) place of each return among the dates.
        at: (dates,) return that the series has at each date.
    """

    columns: Mapping[str, Floats]
    prices: Floats
    returns: Floats
    fair: float
    dates: Ints
    at: Ints

    def drawn(self, index: Ints, upside_down: NDArray[np.bool_]) -> Series:
        """The series on drawn dates: (dates,) source of each, and which are mirrored."""
        source, turned = self.at[index[self.dates]], upside_down[self.dates]
        steps = np.where(turned, -self.returns[source], self.returns[source]) - self.fair
        bars = np.r_[0, 1 + source]
        prices = rebuilt_prices(self.prices, bars, np.r_[False, turned], steps)
        columns = {
            name: column if name in CLOCK else column[bars] for name, column in self.columns.items()
        }
        columns |= {name: prices[:, place] for place, name in enumerate(PRICES)}
        return prepare(columns)


class Histories:
    """Histories of some series, numbered from 0; each is a pure function of its number.

    Args:
        sources: the series, each `drawable`.
    """

    def __init__(self, sources: Sequence[Source]) -> None:
        self._size = len(sources)
        clocks: dict[str, list[int]] = {}
        for place, source in enumerate(sources):
            clocks.setdefault(source.timeframe, []).append(place)
        self._clocks = [
            (_Clock([sources[k] for k in places]), places) for places in clocks.values()
        ]

    def draw(self, number: int) -> list[Series]:
        """All series of one history, in the order of the sources."""
        drawn: dict[int, Series] = {}
        for key, (clock, places) in enumerate(self._clocks):
            drawn |= zip(places, clock.draw((SEED, key, number)), strict=True)
        return [drawn[place] for place in range(self._size)]


class _Clock:
    """The series of one timeframe, and the dates of them all."""

    def __init__(self, sources: Sequence[Source]) -> None:
        dates = np.unique(np.concatenate([source.times[1:] for source in sources]))
        self._parts = [_part(source, dates) for source in sources]
        self._dates = dates.size
        looked = np.unique(np.linspace(0, len(sources) - 1, SAMPLE).astype(int))
        lengths = [optimal_block(self._parts[place].returns ** 2) for place in looked.tolist()]
        self._block = float(np.mean(lengths))

    def draw(self, seed: Sequence[int]) -> list[Series]:
        """Every series on the dates that a seed draws."""
        random = np.random.default_rng(seed)
        index = stationary_index(self._dates, self._block, random)
        upside_down = random.random(self._dates) < 0.5
        return [part.drawn(index, upside_down) for part in self._parts]


def _part(source: Source, dates: NDArray[np.datetime64]) -> _Part | PanelPart:
    if source.panel is not None:
        own = source.times[1:]
        return PanelPart.of(source.panel, np.searchsorted(dates, own), places_at(own, dates))
    prices = np.column_stack([source.columns[name] for name in PRICES])
    returns = np.diff(np.log(prices[:, 3]))
    returns -= returns.mean()
    own = source.times[1:]
    return _Part(
        source.columns,
        prices,
        returns,
        fair_growth(returns, mirrored=True),
        np.searchsorted(dates, own),
        places_at(own, dates),
    )

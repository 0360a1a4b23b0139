"""Finer bars of a symbol that tell which of two prices came first inside a bar (`data.detail`).

A bar that holds both a stop and a target does not say which was touched first; bars of a shorter
timeframe mostly do. Nothing else is read from them: decisions, fills and equity stay those of the
longer bars.
"""

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from store.data.calendars.calendar import DAY, NS, Times, seconds
from store.data.calendars.times import time_text
from store.data.resample import longer_starts
from store.data.spec import DataSpec
from store.errors import BadBars

if TYPE_CHECKING:
    from kernels.series.bars import Series

PRICES = ("open", "high", "low", "close")
SOURCES = ("csv", "parquet", "stored")
"""Sources that may have bars of several timeframes of the very same prices."""
TOLERANCE = 1e-6
"""Share of a price by which finer bars may reach beyond the bar that they lie in."""


@dataclass(frozen=True, eq=False)
class FinerBars:
    """Bars of a shorter timeframe that lie within the bars of a series.

    Attributes:
        timeframe: of them.
        frame: (m,) open, high, low and close, index UTC, oldest first.
        owner: (m,) place of the bar that each lies in, ascending.
    """

    timeframe: str
    frame: pd.DataFrame
    owner: NDArray[np.int64]

    def before(self, stop: int) -> "FinerBars":
        """Finer bars within the first `stop` bars."""
        m = int(np.searchsorted(self.owner, stop))
        return replace(self, frame=self.frame.iloc[:m], owner=self.owner[:m])

    def marked(self, fingerprint: str) -> str:
        """The fingerprint of the series, with these: other finer bars give other results."""
        digest = hashlib.sha256(f"detail 1 {fingerprint}".encode())
        digest.update(self.owner.astype("<i8").tobytes())
        for name in PRICES:
            digest.update(self.frame[name].to_numpy("<f8").tobytes())
        return digest.hexdigest()

    def added_to(self, series: "Series") -> "Series":
        """The series as the kernels take it, with these."""
        from kernels.series.detail import with_detail  # late: with Numba, as `Dataset.series`

        prices = {name: self.frame[name].to_numpy(np.float64) for name in PRICES}
        return with_detail(series, prices, self.owner)


def finer_spec(spec: DataSpec) -> DataSpec:
    """The spec of the finer bars of a spec.

    Raises:
        ValueError: they are not finer, or there are many symbols with one purse.
    """
    if spec.universe:
        raise ValueError("data.detail: a universe has no stops to look up; leave it out")
    if spec.source not in SOURCES:
        names = ", ".join(SOURCES)
        raise ValueError(f"data.detail: source {spec.source} has no finer bars; {names} may have")
    if spec.source != "stored" and spec.detail_path is None:
        raise ValueError(f"data.detail_path: give the file or folder of the {spec.detail} bars")
    own, finer = seconds(spec.timeframe), seconds(str(spec.detail))
    if not 0 < finer < own:
        raise ValueError(
            f"data.detail: need bars shorter than data.timeframe {spec.timeframe}, got "
            f"{spec.detail}"
        )
    left = ("features", "resample_from")
    return replace(
        spec,
        timeframe=str(spec.detail),
        path=spec.detail_path or spec.path,
        detail=None,
        detail_path=None,
        options={name: value for name, value in spec.options.items() if name not in left},
    )


def finer_bars(
    frame: pd.DataFrame, finer: pd.DataFrame, calendar: str, timeframe: str, detail: str, what: str
) -> FinerBars:
    """The finer bars that lie within the bars of a frame.

    Args:
        frame: checked bars, index UTC, oldest first.
        finer: the same of a shorter timeframe.
        calendar: of both.
        timeframe: of the frame.
        detail: that of the finer bars.
        what: names the bars in errors.

    Raises:
        BadBars: none lies within a bar, or more than one bar in a hundred is not made of them.
    """
    times, short = (pd.DatetimeIndex(x.index).as_unit("ns").asi8 for x in (frame, finer))
    length = seconds(timeframe)
    owner = owners(times, short, length * NS)
    if length >= DAY:
        labels = longer_starts(short, calendar, seconds(detail), length)
        place = np.searchsorted(times, labels).clip(max=times.size - 1)
        matched = times[place] == labels
        owner = np.where(matched, place, -1) if matched.any() else owner
    kept = owner >= 0
    if not kept.any():
        raise BadBars(
            f"{what}: no bar of {detail} lies within one of {timeframe}; those of {detail} are "
            f"from {time_text(finer.index[0])} to {time_text(finer.index[-1])}; "
            "change data.detail_path"
        )
    chosen = FinerBars(detail, finer.loc[kept, list(PRICES)], owner[kept].astype(np.int64))
    _check_inside(frame, chosen, timeframe, what)
    return chosen


def finer_bars_of(frame: pd.DataFrame, finer: pd.DataFrame, what: str) -> FinerBars:
    """The finer bars within bars of which only the times are known; see `finer_bars`.

    A bar lasts as long as the shortest time between two of them.
    """
    times, short = (pd.DatetimeIndex(x.index).as_unit("ns").asi8 for x in (frame, finer))
    length = int(np.diff(times).min()) if times.size > 1 else DAY * NS
    owner = owners(times, short, length)
    if not (owner >= 0).any():
        raise BadBars(f"{what}: none of its bars lies within one of the bars given")
    kept = owner >= 0
    chosen = FinerBars("finer", finer.loc[kept, list(PRICES)], owner[kept])
    _check_inside(frame, chosen, "the series", what)
    return chosen


def owners(times: Times, finer: Times, length: int) -> Times:
    """The bar that each finer bar begins in, (m,); -1 = none.

    Args:
        times: (n,) at which the bars begin, nanoseconds UTC, ascending.
        finer: (m,) the same of the finer bars.
        length: of a bar, nanoseconds; what follows it until the next bar belongs to none.
    """
    place = np.searchsorted(times, finer, side="right") - 1
    late = finer >= times[np.maximum(place, 0)] + length
    return np.where(late, -1, place).astype(np.int64)


def coverage(finer: FinerBars, n_bars: int, timeframe: str) -> str:
    """Number of bars that have finer ones: one line for the user."""
    n = np.unique(finer.owner).size
    return f"detail: {n:,} of {n_bars:,} bars of {timeframe} have bars of {finer.timeframe}"


def _check_inside(frame: pd.DataFrame, finer: FinerBars, timeframe: str, what: str) -> None:
    """Refuse finer bars that are of other prices than the bars they lie in."""
    extremes = finer.frame.groupby(finer.owner).agg({"high": "max", "low": "min"})
    own = frame.iloc[extremes.index.to_numpy()]
    over = extremes["high"].to_numpy() > own["high"].to_numpy() * (1 + TOLERANCE)
    over |= extremes["low"].to_numpy() < own["low"].to_numpy() * (1 - TOLERANCE)
    if over.sum() * 100 <= over.size:
        return
    k = int(np.argmax(over))
    raise BadBars(
        f"{what}: data.detail: the bars of {finer.timeframe} reach beyond {over.sum():,} of the "
        f"{over.size:,} bars of {timeframe} that hold them, first {time_text(own.index[k])}: "
        f"{extremes['low'].iloc[k]:g} to {extremes['high'].iloc[k]:g} in {own['low'].iloc[k]:g} to "
        f"{own['high'].iloc[k]:g}; give finer bars of the same prices"
    )

"""The bars of a profile as they are now: from its source, closed ones only, fresh ones marked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kernels.series.bars import Series, prepare
from operate.records.clock import utc
from operate.shadow.universe import Universe
from promote.profiles.profile import Profile
from promote.profiles.replay import bars_of
from store.data import DataSpec, load
from store.data.bars import fingerprint
from store.data.calendars.bar_intervals import spans
from store.data.calendars.calendar import ALWAYS_OPEN, seconds
from store.data.calendars.trading_days import marked
from store.data.detail import FinerBars

TRIES = 2_000
"""Prefixes of the bars that are compared with the fingerprint of the promotion."""
AHEAD = 10
"""Days that are looked at for the next bar of an exchange."""

Times = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class LiveBars:
    """Closed bars of one symbol, or of a universe.

    Attributes:
        symbol: of the bars, or the name of the universe, whose index they then are.
        timeframe: length of a bar.
        calendar: of their market.
        frame: (n_bars,) prices and features, index UTC, oldest first.
        days: (n_bars,) trading day of each intraday bar; None for longer bars.
        closes: (n_bars,) when each bar ended, nanoseconds UTC.
        periods_per_year: bars in a mean year.
        detail: finer bars within them, None without.
        universe: the bars of each of its symbols; None of one symbol.
    """

    symbol: str
    timeframe: str
    calendar: str
    frame: pd.DataFrame
    days: Any
    closes: Times
    periods_per_year: float
    detail: FinerBars | None = None
    universe: Universe | None = None

    @property
    def times(self) -> pd.DatetimeIndex:
        """(n_bars,) when each bar began."""
        return pd.DatetimeIndex(self.frame.index)

    def series(self) -> Series:
        """The bars as the kernels take them."""
        if self.universe is not None:
            return self.universe.panel
        return self._detailed(prepare(self.frame, days=self.days))

    def extended(self) -> Series:
        """The bars and one more, at which the last close stands still: it fills what is decided."""
        if self.universe is not None:
            return self.universe.extended(next_bar(self)[0])
        last = self.frame.iloc[[-1]].copy()
        last = last.assign(open=last["close"], high=last["close"], low=last["close"])
        step = pd.Timedelta(max(1, seconds(self.timeframe)), "s")
        last.index = pd.DatetimeIndex([self.times[-1] + step])
        days = None if self.days is None else np.r_[self.days, self.days[-1]]
        return self._detailed(prepare(pd.concat([self.frame, last]), days=days))

    def table(self, columns: Sequence[str]) -> pd.DataFrame:
        """(n_bars,) all that the equity is made of; of a universe some columns of each symbol."""
        if self.universe is None:
            return self.frame
        return pd.concat([self.frame, self.universe.columns(columns, self.times)], axis=1)

    def fingerprint_of(self, n: int) -> str:
        """Fingerprint of the first n bars, as a dataset of them has it."""
        if self.universe is not None:
            return self.universe.fingerprint_at(self.times[n - 1])
        days = None if self.days is None else self.days[:n]
        times = self.times.as_unit("ns").asi8[:n]
        plain = marked(fingerprint(self.frame.iloc[:n]), times, days)
        return plain if self.detail is None else self.detail.before(n).marked(plain)

    def _detailed(self, series: Series) -> Series:
        return series if self.detail is None else self.detail.added_to(series)


def live_bars(profile: Profile, now: pd.Timestamp) -> LiveBars:
    """Bars of a profile that have closed by an instant, whatever a sweep could read of them.

    Raises:
        ValueError: the source gives none any more, or none has closed yet.
    """
    pinned = {"versions", "end"}
    config = {key: value for key, value in profile.data.items() if key not in pinned}
    if not config.get("universe"):
        config["symbols"] = [profile.symbol]
    (data,) = load(DataSpec.from_config(config))
    times = pd.DatetimeIndex(data.frame.index).as_unit("ns").asi8
    closes = spans(times, data.quality.calendar, data.timeframe).closes
    n = int((closes <= now.as_unit("ns").value).sum())
    if n < 2:
        raise ValueError(f"{profile.ref}: no bar of {profile.symbol} has closed by {now}")
    return LiveBars(
        data.symbol,
        data.timeframe,
        data.quality.calendar,
        data.frame.iloc[:n],
        None if data.days is None else data.days[:n],
        closes[:n],
        data.periods_per_year,
        None if data.detail is None else data.detail.before(n),
        Universe.until(data.frame.index[n - 1], data.members) if data.members else None,
    )


def fresh_from(profile: Profile, bars: LiveBars) -> pd.Timestamp:
    """Time of the last bar that was there at the promotion: later ones are fresh.

    It is that of the version of the bars which the profile names, else of the beginning of the bars
    whose fingerprint it has; where the earlier bars were revised since, the time of the promotion.
    """
    if profile.data.get("versions"):
        return utc(bars_of(profile).frame.index[-1])
    n = _promoted_bars(profile, bars)
    return utc(profile.promoted_at) if n is None else utc(bars.times[n - 1])


def _promoted_bars(profile: Profile, bars: LiveBars) -> int | None:
    """Number of bars whose fingerprint the profile has."""
    total, start = len(bars.frame), int(profile.window["stop"])
    digest: str = profile.fingerprint
    fraction = profile.holdout.get("fraction")
    guess = round(start / (1 - fraction)) if isinstance(fraction, float) and fraction < 1 else start
    near: list[int] = [int(guess) + k for k in (0, 1, -1, 2, -2)]
    tries = TRIES if bars.universe is None else TRIES // len(bars.universe.members)
    for n in [total, *near, *range(start, min(total, start + tries))]:
        if start <= n <= total and bars.fingerprint_of(n) == digest:
            return int(n)
    return None


def next_close(bars: LiveBars) -> pd.Timestamp:
    """When the bar after the last one will have ended: on an exchange, that of its next session."""
    return pd.Timestamp(next_bar(bars)[1], tz="UTC")


def next_bar(bars: LiveBars) -> tuple[int, int]:
    """Time and close of the bar after the last one, nanoseconds UTC."""
    length = max(1, seconds(bars.timeframe)) * 10**9
    last = int(bars.times.as_unit("ns").asi8[-1])
    if bars.calendar == ALWAYS_OPEN:
        return last + length, last + 2 * length
    step = min(length, 86_400 * 10**9)
    ahead = last + step * np.arange(1, 1 + AHEAD * max(1, 86_400 * 10**9 // step), dtype=np.int64)
    after = spans(ahead, bars.calendar, bars.timeframe)
    places = np.flatnonzero(after.inside & (after.closes > bars.closes[-1]))
    if not places.size:
        return last + length, last + 2 * length
    return int(ahead[places[0]]), int(after.closes[places[0]])

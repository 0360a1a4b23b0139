"""Checked bars of one symbol, or of a universe, with what identifies and describes them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from store.data.bars import Quality
from store.data.calendars.calendar import DAY, Times, seconds
from store.data.calendars.times import time_text
from store.data.calendars.trading_days import SESSION_END, bars_to_session_end, trading_days
from store.data.detail import FinerBars
from store.data.spec import DataSpec

if TYPE_CHECKING:
    from kernels.portfolio.panel import Panel
    from kernels.series.bars import Series


@dataclass(frozen=True)
class Dataset:
    """Checked bars of one symbol.

    Attributes:
        frame: open, high, low, close, volume, features: float64; index UTC, oldest first.
        fingerprint: identifies times, columns and values, and of intraday bars their trading days.
        periods_per_year: bars in a mean year.
        spec: what was asked for; `source` is `frame` for bars that were in memory.
        notes: what the user has to know of the bars, one line each, without their name.
        left_out: which other symbols of the same spec are left out, and why; empty, or one line.
        members: of a universe, the datasets of its symbols; the frame is then their index.
        detail: finer bars within them, None without.
    """

    symbol: str
    timeframe: str
    frame: pd.DataFrame
    fingerprint: str
    quality: Quality
    periods_per_year: float
    spec: DataSpec
    notes: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    members: tuple["Dataset", ...] = ()
    detail: FinerBars | None = None

    @property
    def source(self) -> str:
        """Where the bars came from."""
        return self.spec.source

    @cached_property
    def days(self) -> Times | None:
        """(n,) number of the trading day of each intraday bar; None of bars of a day or longer."""
        times = pd.DatetimeIndex(self.frame.index)
        return days_of(times, self.quality.calendar, self.timeframe)

    def series(self) -> "Series":
        """All bars as the kernels take them, with the trading days of their calendar.

        Of a universe they are a `kernels.portfolio.panel.Panel`.
        """
        if self.members:
            return panel_of(self.members)
        from kernels.series.bars import (
            prepare,  # late: with Numba, which reading bars does not need
        )

        series = prepare(self.clocked_frame(), days=self.days)
        return series if self.detail is None else self.detail.added_to(series)

    def clocked_frame(self) -> pd.DataFrame:
        """The bars, intraday ones with the bars that follow each in its session by the calendar."""
        if self.days is None or SESSION_END in self.frame.columns:
            return self.frame
        times = pd.DatetimeIndex(self.frame.index).as_unit("ns").asi8
        left = bars_to_session_end(times, self.quality.calendar, seconds(self.timeframe))
        return self.frame if left is None else self.frame.assign(**{SESSION_END: left})

    def record(self) -> dict[str, object]:
        """Record of an experiment's data, as JSON types; `spec` loads them again."""
        return {
            "source": self.source,
            "spec": self.spec.of_symbol(self.symbol).to_config(),
            "fingerprint": self.fingerprint,
            "timeframe": self.timeframe,
            "bars": len(self.frame),
            "first": time_text(self.frame.index[0]),
            "last": time_text(self.frame.index[-1]),
            "periods_per_year": self.periods_per_year,
            "quality": {**asdict(self.quality), "repairs": list(self.quality.repairs)},
        }


def panel_of(members: Sequence[Dataset]) -> "Panel":
    """The bars of all members as the kernels take them."""
    from kernels.portfolio.panel import prepare_panel  # late: with Numba

    return prepare_panel({member.symbol: member.frame for member in members})


def days_of(times: pd.DatetimeIndex, calendar: str, timeframe: str) -> Times | None:
    """(n,) number of the trading day of each intraday bar; None of bars of a day or longer."""
    if seconds(timeframe) >= DAY:
        return None
    return trading_days(times.as_unit("ns").asi8, calendar)

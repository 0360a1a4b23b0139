"""From a spec to bars that a backtest may read: loaded, shaped, checked, cut, identified."""

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pandas as pd

from store.data import sources
from store.data.bars import MIN_BARS, Quality, check_bars, check_rules, fingerprint, repair
from store.data.calendars.bars_a_year import annual
from store.data.calendars.calendar import DAY, Times, guess_calendar, seconds
from store.data.calendars.times import time_text
from store.data.calendars.trading_days import SESSION_END, bars_to_session_end, marked, trading_days
from store.data.calendars.zone import check_zone
from store.data.normalise import shape
from store.data.plausible import doubts
from store.data.source_table import Table
from store.data.spec import DataSpec, suggest
from store.data.universe import panel_of, universe_of
from store.errors import BadBars

if TYPE_CHECKING:
    from kernels.series.bars import Series

LISTED = 5
"""Symbols that are left out and named with the reason."""


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

    @property
    def source(self) -> str:
        """Where the bars came from."""
        return self.spec.source

    @cached_property
    def days(self) -> Times | None:
        """(n,) number of the trading day of each intraday bar; None of bars of a day or longer."""
        times = pd.DatetimeIndex(self.frame.index)
        return _days(times, self.quality.calendar, self.timeframe)

    def series(self) -> "Series":
        """All bars as the kernels take them, with the trading days of their calendar.

        Of a universe they are a `kernels.portfolio.panel.Panel`.
        """
        if self.members:
            return panel_of(self.members)
        from kernels.series.bars import (
            prepare,  # late: with Numba, which reading bars does not need
        )

        return prepare(self.clocked_frame(), days=self.days)

    def clocked_frame(self) -> pd.DataFrame:
        """The bars, intraday ones with the bars that follow each in its session by the calendar."""
        if self.days is None or SESSION_END in self.frame.columns:
            return self.frame
        times = pd.DatetimeIndex(self.frame.index).as_unit("ns").asi8
        left = bars_to_session_end(times, self.quality.calendar, seconds(self.timeframe))
        return self.frame if left is None else self.frame.assign(**{SESSION_END: left})

    def record(self) -> dict[str, Any]:
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


def source_names() -> tuple[str, ...]:
    """Sources there are: the modules of `store/data/sources`."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(sources.__path__)))


def load(spec: DataSpec) -> list[Dataset]:
    """Load and check the bars of every symbol a spec asks for, in its order.

    Of several symbols those whose bars are refused are left out, which the first of the others
    says (`left_out`).

    Raises:
        ValueError: an unknown source, option or symbol, or an empty range.
        BadBars: bars that break a rule of `store.data.bars`, of the only symbol or of all.
    """
    tables: Mapping[str, Table | BadBars] = _source(spec).load(spec)
    loaded, refused = [], {}
    for symbol, table in tables.items():
        try:
            if isinstance(table, BadBars):
                raise table
            loaded.append(_dataset(table, symbol, spec))
        except BadBars as error:
            refused[symbol] = error
    if not loaded and refused:
        raise next(iter(refused.values()))
    if refused:
        note = left_out_line(refused, len(tables))
        loaded[0] = replace(loaded[0], left_out=(note,))
    return [universe_of(spec, loaded)] if spec.universe else loaded


def left_out_line(reasons: Mapping[str, Exception | str], symbols: int) -> str:
    """Which of so many symbols are left out, and why: one line."""
    listed = "; ".join(f"{symbol}: {reasons[symbol]}" for symbol in list(reasons)[:LISTED])
    more = f"; and {len(reasons) - LISTED} more" if len(reasons) > LISTED else ""
    return f"{len(reasons)} of {symbols} symbols left out: {listed}{more}"


def from_frame(
    frame: pd.DataFrame,
    symbol: str = "FRAME",
    timeframe: str = "1d",
    *,
    calendar: str | None = None,
    periods_per_year: float | None = None,
) -> Dataset:
    """Check bars that are in memory.

    Args:
        frame: OHLCV columns, and a DatetimeIndex or a time column; see
            `store.data.normalise.shape`.
        symbol: its name, in errors too.
        timeframe: length of a bar.
        calendar: as in `DataSpec`.
        periods_per_year: as in `DataSpec`.
    """
    spec = DataSpec(
        source="frame",
        symbols=(symbol,),
        timeframe=timeframe,
        calendar=calendar,
        periods_per_year=periods_per_year,
    )
    naive = getattr(frame.index, "tz", None) is None
    return _dataset(Table(symbol, shape(frame, symbol), naive=naive), symbol, spec)


def _source(spec: DataSpec) -> ModuleType:
    names = source_names()
    if spec.source not in names:
        raise ValueError(f"data.source: no source {spec.source!r}; {suggest(spec.source, names)}")
    # The folder is the registry: a source is imported when it is asked for.
    module = importlib.import_module(f"store.data.sources.{spec.source}")
    given = dict(spec.options) | ({} if spec.path is None else {"path": spec.path})
    for name, value in given.items():
        if name not in module.OPTIONS and value is not None:
            raise ValueError(
                f"data.{name}: source {spec.source} does not read it, got {value!r}; "
                f"{suggest(name, module.OPTIONS)}"
            )
    return module


def _dataset(table: Table, symbol: str, spec: DataSpec) -> Dataset:
    """Check the whole table, then keep the range of the spec."""
    what = table.what
    whole, _ = repair(table.frame)
    check_rules(whole, what)
    frame, repairs = repair(_cut(table.frame, what, spec))
    times = pd.DatetimeIndex(frame.index)
    stated = spec.calendar or table.calendar
    calendar = stated or guess_calendar(times)
    if table.naive:
        check_zone(times, what, calendar, spec.timeframe)
    quality = check_bars(frame, what, spec.timeframe, calendar, repairs)
    year = annual(times, what, spec, quality, guessed=stated is None)
    days = _days(times, calendar, spec.timeframe)
    return Dataset(
        symbol=symbol,
        timeframe=spec.timeframe,
        frame=frame,
        fingerprint=marked(fingerprint(frame), times.as_unit("ns").asi8, days),
        quality=quality,
        periods_per_year=year.periods,
        spec=replace(spec, options={**spec.options, **table.options}),
        notes=(*table.notes, *_clamped(repairs), *year.notes, *doubts(frame)),
    )


def _days(times: pd.DatetimeIndex, calendar: str, timeframe: str) -> Times | None:
    if seconds(timeframe) >= DAY:
        return None
    return trading_days(times.as_unit("ns").asi8, calendar)


def _clamped(repairs: tuple[str, ...]) -> tuple[str, ...]:
    """Highs and lows that are off by rounding, counted in a line; none of none."""
    if not repairs:
        return ()
    many = "1 high or low is" if len(repairs) == 1 else f"{len(repairs):,} highs or lows are"
    return (f"{many} off by rounding, in the last bits, and clamped",)


def _cut(table: pd.DataFrame, what: str, spec: DataSpec) -> pd.DataFrame:
    """Keep the bars from start to end, both included."""
    first, last = spec.bounds()
    kept = table.loc[first:last]
    if len(kept) < MIN_BARS <= len(table):
        raise BadBars(
            f"{what}: {len(kept)} bars from {spec.start or 'the first'} to "
            f"{spec.end or 'the last'}, need {MIN_BARS}; there is {time_text(table.index[0])} to "
            f"{time_text(table.index[-1])}, change data.start or data.end"
        )
    return kept

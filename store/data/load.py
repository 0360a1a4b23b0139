"""From a spec to bars that a backtest may read: loaded, shaped, checked, cut, identified."""

import importlib
import pkgutil
from dataclasses import asdict, dataclass, replace
from types import ModuleType
from typing import Any

import pandas as pd

from store.data import sources
from store.data.bars import MIN_BARS, Quality, check_bars, check_rules, fingerprint, repair
from store.data.calendar import guess_calendar, periods_per_year
from store.data.shape import shape
from store.data.spec import DataSpec, suggest
from store.data.table import Table
from store.data.times import time_text
from store.errors import BadBars

MAX_OUTSIDE = 0.2
"""Share of bars outside a calendar's hours from which periods per year are not derived from it."""


@dataclass(frozen=True)
class Dataset:
    """Checked bars of one symbol.

    Attributes:
        frame: open, high, low, close, volume, features: float64; index UTC, oldest first.
        fingerprint: identifies times, columns and values.
        periods_per_year: bars in a mean year.
        spec: what was asked for; `source` is `frame` for bars that were in memory.
    """

    symbol: str
    timeframe: str
    frame: pd.DataFrame
    fingerprint: str
    quality: Quality
    periods_per_year: float
    spec: DataSpec

    @property
    def source(self) -> str:
        """Where the bars came from."""
        return self.spec.source

    def record(self) -> dict[str, Any]:
        """What an experiment keeps of its data, as JSON types; `spec` loads them again."""
        return {
            "source": self.source,
            "spec": self.spec.to_config() | {"symbols": [self.symbol]},
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

    Raises:
        ValueError: an unknown source, option or symbol, or an empty range.
        BadBars: bars that break a rule of `store.data.bars`.
    """
    source = _source(spec)
    return [_dataset(table, symbol, spec) for symbol, table in source.load(spec).items()]


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
        frame: OHLCV columns, and a DatetimeIndex or a time column; see `store.data.shape.shape`.
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
    return _dataset(Table(symbol, shape(frame, symbol)), symbol, spec)


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
    calendar = spec.calendar or table.calendar or guess_calendar(times)
    quality = check_bars(frame, what, spec.timeframe, calendar, repairs)
    periods = spec.periods_per_year
    if periods is None:
        periods = _derived_periods(times, what, quality, spec)
    return Dataset(
        symbol=symbol,
        timeframe=spec.timeframe,
        frame=frame,
        fingerprint=fingerprint(frame),
        quality=quality,
        periods_per_year=periods,
        spec=replace(spec, options={**spec.options, **table.options}),
    )


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


def _derived_periods(times: pd.DatetimeIndex, what: str, quality: Quality, spec: DataSpec) -> float:
    """Periods per year from the calendar, unless it is plainly not the calendar of these bars."""
    if quality.outside > MAX_OUTSIDE * times.size:
        raise BadBars(
            f"{what}: {quality.outside} of {times.size} bars lie outside the hours of calendar "
            f"{quality.calendar}, so it cannot tell the periods per year; set data.calendar "
            "(24/7, 24/5, XLON, ...) or data.periods_per_year"
        )
    return periods_per_year(quality.calendar, spec.timeframe, times[0], times[-1])

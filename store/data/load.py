"""From a spec to bars that a backtest may read: loaded, shaped, checked, cut, identified."""

from collections.abc import Mapping
from dataclasses import replace
from types import ModuleType

import pandas as pd

from store.data.bars import MIN_BARS, check_bars, check_rules, fingerprint
from store.data.calendars.bars_a_year import annual
from store.data.calendars.calendar import guess_calendar
from store.data.calendars.times import time_text
from store.data.calendars.trading_days import marked
from store.data.calendars.zone import check_zone
from store.data.dataset import Dataset, days_of
from store.data.detail import coverage, finer_bars, finer_spec
from store.data.normalise import shape
from store.data.plausible import doubts
from store.data.rounding import repair
from store.data.source_table import Table
from store.data.spec import DataSpec, suggest
from store.data.universe import universe_of
from store.errors import BadBars
from store.files.plug_ins import PlugInFolder

LISTED = 5
"""Symbols that are left out and named with the reason."""
ZONES = ("timezone", "tz", "time_zone", "zone")


FOLDER = PlugInFolder("store.data.sources", "source", "data.source", ("OPTIONS", "load"))


def source_names() -> tuple[str, ...]:
    """Sources there are: the modules of `store/data/sources`."""
    return FOLDER.names()


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
    if spec.detail is not None:
        loaded = _with_finer(spec, loaded)
    return [universe_of(spec, loaded)] if spec.universe else loaded


def _with_finer(spec: DataSpec, datasets: list[Dataset]) -> list[Dataset]:
    """The datasets with their finer bars."""
    wanted = replace(finer_spec(spec), symbols=tuple(data.symbol for data in datasets))
    finer = {data.symbol: data for data in load(wanted)}
    return [_detailed(data, finer.get(data.symbol)) for data in datasets]


def _detailed(data: Dataset, finer: Dataset | None) -> Dataset:
    if finer is None:
        raise BadBars(f"{data.symbol}: data.detail: its bars of {data.spec.detail} are refused")
    calendar, what = data.quality.calendar, data.symbol
    bars = finer_bars(data.frame, finer.frame, calendar, data.timeframe, finer.timeframe, what)
    options = {**data.spec.options}
    if "versions" in options:
        options["versions"] = {**options["versions"], **finer.spec.options["versions"]}
    return replace(
        data,
        detail=bars,
        fingerprint=bars.marked(data.fingerprint),
        spec=replace(data.spec, options=options),
        notes=(*data.notes, coverage(bars, len(data.frame), data.timeframe)),
    )


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
    module = FOLDER.load(spec.source)
    given = dict(spec.options) | ({} if spec.path is None else {"path": spec.path})
    for name, value in given.items():
        if name not in module.OPTIONS and value is not None:
            raise ValueError(
                f"data.{name}: source {spec.source} does not read it, got {value!r}; "
                f"{_other_source(name) or suggest(name, module.OPTIONS)}"
            )
    return module


def _other_source(name: str) -> str:
    """The source that reads an option, where it is not the one in use; empty for none."""
    if name == "path":
        return "data=csv and data=parquet read files, data=stored what was ingested"
    if name in ("symbol", "ticker"):
        return "data.symbols names the symbols of data=csv, parquet or stored"
    return "data.csv.timezone is the zone of a file's times" if name in ZONES else ""


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
    days = days_of(times, calendar, spec.timeframe)
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


def _clamped(repairs: tuple[str, ...]) -> tuple[str, ...]:
    """Highs and lows that are off by rounding, counted in a line; none of none."""
    if not repairs:
        return ()
    many = "1 high or low is" if len(repairs) == 1 else f"{len(repairs):,} highs or lows are"
    return (f"{many} off by rounding and clamped",)


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

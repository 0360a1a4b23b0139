"""Bars of a study: a frame or panel is kept in the store first, as an ingest would keep it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from kernels.series.periods import bars_a_year
from store.commands import override
from store.data import bar_store
from store.data.bars import fingerprint
from store.data.calendars.calendar import check_calendar
from store.data.calendars.timeframe import length_text, timeframe
from store.data.ingest import Fresh, keep
from store.data.normalise import OHLCV
from store.data.spec import suggest
from store.records.holdout import bars_before
from sweeper.checkout import ROOT

NOTEBOOK = {"source": "notebook"}
SYMBOL = "symbol"
"""Column of a long table, which says whose row it is."""


class Chosen(NamedTuple):
    """Bars of a study, as the command line names them.

    Attributes:
        words: overrides of the group `data`.
        columns: features that a function may take; none where the bars are not ours.
        symbols: of them; empty where that is left to the source.
        times: of the bars of each symbol; none where they are not in memory.
    """

    words: list[str]
    columns: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    times: tuple[pd.DatetimeIndex, ...] = ()

    def annual_words(self, holdout: float | str) -> list[str]:
        """Bars in a year by the bars' own times, as `run_backtest(bars=frame)` counts them.

        Args:
            holdout: as `store.records.holdout.read_holdout` gives it; bars in it are not counted.

        Returns:
            None for bars that are not in memory, and for symbols that differ in it: the calendar
            decides there.
        """
        own = {bars_a_year(each[: bars_before(each, holdout)].asi8) for each in self.times}
        return [f"data.periods_per_year={own.pop()!r}"] if len(own) == 1 else []


def choose(
    data: object, root: Path, *, symbol: str | None, bar: str | None, calendar: str | None
) -> Chosen:
    """Bars by name, or kept from memory.

    Args:
        data: a DataFrame of bars; a panel, {symbol: DataFrame} or one long DataFrame with a column
            `symbol`; the name of a group of conf/data (NASDAQ) or of kept bars, or several names;
            the path of a CSV or Parquet file.
        root: of the store.
        symbol: name of a frame's bars; None names them after what is in them.
        bar: length of a bar; None: by the times of a frame; of kept bars that which they have.
        calendar: of their market; None is a guess from the times, which then also say how many
            bars a year has.

    Raises:
        ValueError: bars that break a rule, or are kept otherwise under that name.
    """
    if isinstance(data, pd.DataFrame) and SYMBOL not in map(str, data.columns):
        return _kept(root, {symbol or "": data}, bar, calendar)
    if isinstance(data, pd.DataFrame):
        return _kept(root, {str(name): part.drop(columns=SYMBOL) for name, part in
                            data.groupby(SYMBOL, sort=False)}, bar, calendar)  # fmt: skip
    if isinstance(data, Mapping):
        return _kept(root, {str(name): frame for name, frame in data.items()}, bar, calendar)
    if isinstance(data, Path) or (isinstance(data, str) and Path(data).suffix in FILES):
        return _file(Path(data), symbol, bar, calendar)
    names = [data] if isinstance(data, str) else list(data) if isinstance(data, Iterable) else []
    if not names or not all(isinstance(name, str) for name in names):
        raise ValueError(f"data: takes bars or names of bars, got {data!r}")
    if len(names) == 1 and (ROOT / "conf" / "data" / f"{names[0].lower()}.yaml").is_file():
        return Chosen([f"data={names[0].lower()}"])
    return _stored(root, names, bar)


FILES = {".csv": "csv", ".gz": "csv", ".parquet": "parquet"}


def _file(path: Path, symbol: str | None, bar: str | None, calendar: str | None) -> Chosen:
    words = [f"data={FILES[path.suffix]}", override("data.path", str(path))]
    given = {"timeframe": bar, "calendar": calendar, "symbols": [symbol] if symbol else None}
    return Chosen([*words, *(override(f"data.{k}", v) for k, v in given.items() if v)])


def _kept(
    root: Path, frames: Mapping[str, pd.DataFrame], bar: str | None, calendar: str | None
) -> Chosen:
    """Keep frames in the store, and name them."""
    if not frames:
        raise ValueError("data: holds no bars; give a frame for each symbol")
    if calendar is not None:
        check_calendar(calendar)
    symbols, lengths, columns = list[str](), set[str](), dict[str, None]()
    times = list[pd.DatetimeIndex]()
    for name, table in frames.items():
        fresh = Fresh.of_table(table, name or "bars", bar or "1d", calendar, adjusted=False)
        times.append(pd.DatetimeIndex(fresh.frame.index))
        own = timeframe(bar) if bar else length_of(times[-1])
        called = name or f"BARS-{fingerprint(fresh.frame)[:8]}"
        try:
            keep(root, replace(fresh, symbol=called, timeframe=own), NOTEBOOK)
        except ValueError as error:
            raise ValueError(str(error).replace("pass --replace to keep the new bars only",
                             "give the new ones another name, symbol=")) from error  # fmt: skip
        symbols.append(called)
        lengths.add(own)
        columns |= dict.fromkeys(each for each in fresh.frame.columns if each not in OHLCV)
    if len(lengths) > 1:
        raise ValueError(f"data: bars of one length each, got {', '.join(sorted(lengths))}")
    words = _words(root, symbols, lengths.pop())
    stated = calendar is not None
    return Chosen(words, tuple(columns), tuple(symbols), () if stated else tuple(times))


def length_of(times: pd.DatetimeIndex) -> str:
    """Timeframe of bars by the most frequent time between two of them."""
    steps = np.diff(times.as_unit("s").asi8)
    if not steps.size:
        return "1d"
    values, counts = np.unique(steps, return_counts=True)
    try:
        return timeframe(length_text(float(values[counts.argmax()])))
    except ValueError:
        return timeframe("irregular")


def _stored(root: Path, names: Sequence[str], bar: str | None) -> Chosen:
    """Kept bars by the names of their symbols."""
    records = bar_store.records(root, "bars")
    there = {record.about["symbol"]: record.about["timeframe"] for record in records}
    for name in names:
        if name not in there:
            groups = (path.stem for path in (ROOT / "conf" / "data").glob("*.yaml"))
            raise ValueError(
                f"data: no bars are called {name!r}; {suggest(name, [*there, *groups])}"
            )
    return Chosen(_words(root, names, bar or there[names[0]]), symbols=tuple(names))


def _words(root: Path, symbols: Sequence[str], length: str) -> list[str]:
    return [
        "data=stored",
        override("data.path", str(root)),
        override("data.symbols", list(symbols)),
        override("data.timeframe", length),
    ]

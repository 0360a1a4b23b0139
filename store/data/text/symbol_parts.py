"""Bars of one symbol out of a table that may hold several, oldest first."""

import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from store.data.column_roles import EXACT
from store.data.text.csv_options import CsvOptions
from store.data.text.csv_table import RawBars
from store.data.text.times import clock_times
from store.data.trouble import Note
from store.errors import BadBars

OTHER = re.compile(r"[^A-Za-z0-9._=^-]+")
PRICES = ["open", "high", "low", "close"]


class Part(NamedTuple):
    """Bars of one symbol.

    Attributes:
        symbol: as the file has it, in characters that a symbol may have; empty: it has none.
        frame: what `store.data.normalise.shape` takes.
        naive: whether the time zone of its times is not given, and was taken as UTC.
        notes: what was done to it on the way.
    """

    symbol: str
    frame: pd.DataFrame
    naive: bool = False
    notes: tuple[str, ...] = ()


def csv_parts(raw: RawBars, what: str, options: CsvOptions) -> Iterator[Part]:
    """The bars of each symbol in a CSV file, with times in UTC.

    Raises:
        BadBars: a time that does not exist in the zone that was given.
    """
    for symbol, table in _tables(raw.frame):
        notes = list(raw.notes)
        frame = _with_prices(table, notes.append)
        frame = oldest_first(frame, notes.append, options.newest_first)
        times = pd.DatetimeIndex(frame.index)
        dates = bool((times == times.normalize()).all())
        if raw.timezone is not None:
            utc, wrong = clock_times(times, raw.timezone)
            if wrong is not None:
                raise BadBars(
                    f"{what}: {times[wrong]} does not exist in {raw.timezone}, whose clock goes "
                    "forward then; set data.csv.timezone to the zone of the file"
                )
            notes += [] if dates else [f"times of {raw.timezone}, in UTC here"]
        else:
            utc = times.tz_localize("UTC")
        naive = raw.naive and raw.timezone is None and not dates
        if naive:
            notes.append("times without a zone, taken as UTC; data.csv.timezone says another")
        yield Part(symbol, frame.set_axis(utc.rename("time")), naive, tuple(notes))


def table_parts(table: pd.DataFrame) -> list[Part]:
    """The bars of each symbol in a table of named columns, its times as they stand."""
    names = [name for name in table.columns if str(name).strip().lower() in EXACT["symbol"]]
    if len(names) != 1 or pd.api.types.is_numeric_dtype(table[names[0]]):
        return [Part("", table)]
    groups = table.groupby(names[0], sort=False)
    return [Part(clean(str(key)), rows.drop(columns=names)) for key, rows in groups]


def _tables(frame: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """A table for each symbol: of rows, where a column names them, or of columns."""
    wide = [str(name) for name in frame.columns if "\n" in str(name)]
    if wide:
        for symbol in dict.fromkeys(name.partition("\n")[0] for name in wide):
            own = {name: name.partition("\n")[2] for name in wide if name.startswith(f"{symbol}\n")}
            yield clean(symbol), frame[list(own)].rename(columns=own)
    elif "symbol" in frame.columns:
        for name, rows in frame.groupby("symbol", sort=False):
            yield clean(str(name)), rows.drop(columns="symbol")
    else:
        yield "", frame


def clean(name: str) -> str:
    """A symbol's name in characters that a symbol may have: AAA/USD is AAA-USD."""
    return OTHER.sub("-", name.strip()).strip("-")[:63]


def _with_prices(frame: pd.DataFrame, note: Note) -> pd.DataFrame:
    """Without rows that hold a time and no price, as vendors write holidays."""
    empty = frame[[name for name in PRICES if name in frame.columns]].isna().all(axis=1)
    if not empty.any() or empty.all():
        return frame
    note(f"{int(empty.sum()):,} rows without any price: left out")
    return frame[~empty.to_numpy()]


def oldest_first(frame: pd.DataFrame, note: Note, newest_first: bool | None = None) -> pd.DataFrame:
    """The rows turned round where they all go back in time, or where that is said of them."""
    steps = np.diff(pd.DatetimeIndex(frame.index).asi8)
    if newest_first is None:
        newest_first = bool(steps.size and (steps <= 0).all() and (steps < 0).any())
    if not newest_first:
        return frame
    note("newest first: turned round")
    return frame.iloc[::-1]

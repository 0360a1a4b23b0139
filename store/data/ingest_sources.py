"""Sources of `python -m store ingest`, one function each."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from store.data import bar_store
from store.data.calendars.calendar import seconds
from store.data.calendars.timeframe import timeframe as spelt
from store.data.features.feature_store import KeptFeature, keep_feature, values_of
from store.data.files import read_file
from store.data.ingest import Fresh, Ingested, keep
from store.data.load import load
from store.data.plausible import doubts
from store.data.sources import csv, parquet
from store.data.spec import DataSpec
from store.data.vendors import ccxt, rss, yfinance
from store.data.vendors.paged_download import Fetched, forget
from store.errors import BadBars
from store.files.paths import bars_record

MS = 1_000_000
"""Nanoseconds."""


def ingest_source(
    root: Path, spec: DataSpec, *, stamp: str = "start", replacing: bool = False
) -> list[Ingested]:
    """Keep the bars of a source that sweeps could read too: csv, parquet, synthetic, ....

    Args:
        root: of the store.
        spec: which bars; all of them are checked before the first is kept.
        stamp: `end` when their times are those of the bars' ends.
        replacing: keep these bars only, whatever is kept.
    """
    origin = {"source": spec.source, "path": spec.path, **spec.options}
    datasets = load(spec)
    fresh = [(Fresh.of_dataset(dataset), dataset.left_out + dataset.notes) for dataset in datasets]
    return [
        keep(root, bars, origin, stamp=stamp, replacing=replacing, notes=notes)
        for bars, notes in fresh
    ]


def ingest_ccxt(
    root: Path,
    exchange: str,
    markets: Sequence[str],
    timeframe: str,
    *,
    start: str | None = None,
    end: str | None = None,
    address: str | None = None,
    replacing: bool = False,
) -> list[Ingested]:
    """Download candles of a crypto exchange and keep them.

    Args:
        root: of the store.
        exchange: as ccxt names it.
        markets: as ccxt names them: BTC/USDT.
        timeframe: of a bar.
        start: ISO date of the first bar, included; None: go on after what is kept.
        end: of the last bar, included; None: now.
        address: scheme and host of a mirror of the exchange's API.
        replacing: keep these bars only, whatever is kept.
    """
    timeframe = spelt(timeframe)
    client = ccxt.open_exchange(exchange, address)
    done = []
    for market in markets:
        symbol = ccxt.symbol_of(market)
        since, until = _range(root, symbol, timeframe, start, end, replacing)
        fetched = ccxt.fetch(root, client, market, timeframe, since, until)
        origin = {"source": "ccxt", "exchange": exchange, "market": market}
        done.append(_keep_fetched(root, symbol, timeframe, fetched, origin, replacing))
    return done


def ingest_yfinance(
    root: Path,
    symbols: Sequence[str],
    timeframe: str = "1d",
    *,
    start: str | None = None,
    end: str | None = None,
    adjusted: bool = False,
    calendar: str | None = None,
    replacing: bool = False,
    session: object = None,
) -> list[Ingested]:
    """Download bars of Yahoo Finance and keep them.

    Args:
        root: of the store.
        symbols: as Yahoo has them: AAPL, ^GSPC, BTC-USD.
        timeframe: of a bar.
        start: ISO date of the first bar, included; None: go on after what is kept.
        end: of the last bar, included; None: now.
        adjusted: scale the prices by Yahoo's adjusted closes (splits and dividends).
        calendar: of their exchange; None: the one that Yahoo names.
        replacing: keep these bars only, whatever is kept.
        session: for yfinance, instead of its own.
    """
    timeframe, done = spelt(timeframe), []
    for symbol in symbols:
        since, until = _range(root, symbol, timeframe, start, end, replacing)
        now = time.time_ns() // MS
        fetched = yfinance.fetch(root, symbol, timeframe, since, until, now, session)
        fetched = fetched._replace(calendar=calendar or fetched.calendar)
        origin = {"source": "yfinance", "symbol": symbol, "adjusted": adjusted}
        done.append(_keep_fetched(root, symbol, timeframe, fetched, origin, replacing))
    return done


def ingest_rss(
    root: Path,
    name: str,
    feeds: Sequence[str],
    *,
    about: Sequence[str] = (),
    delay: str | None = None,
    replacing: bool = False,
) -> KeptFeature:
    """Keep how the items of some feeds sound, as a feature of events.

    Args:
        root: of the store.
        name: of the feature.
        feeds: files, or addresses of http and https.
        about: keep only items in which one of these words occurs.
        delay: how long after its date an item is known; None: at once.
        replacing: keep these items only, whatever is kept.
    """
    items = rss.read(feeds, about)
    origin = {"source": "rss", "feeds": list(feeds), "about": list(about), "delay": delay}
    rows = _delayed(items.rows, delay)
    return keep_feature(root, name, rows, "event", origin, replacing=replacing, notes=items.notes)


def ingest_feature(
    root: Path,
    name: str,
    file: Path,
    rule: str,
    *,
    column: str | None = None,
    delay: str | None = None,
    replacing: bool = False,
) -> KeptFeature:
    """Keep a column of a CSV or Parquet file as a feature.

    Args:
        root: of the store.
        name: of the feature.
        file: with one time column.
        rule: level or event; see `store.data.features.asof_join`.
        column: which one; None when there is only one next to the times.
        delay: how long after its time a value is known; None: at once.
        replacing: keep these values only, whatever is kept.
    """
    source = next(
        (module for module in (csv, parquet) if file.name.lower().endswith(module.SUFFIXES)), None
    )
    if source is None:
        raise ValueError(f"{file}: need a file .csv, .csv.gz or .parquet")
    table = read_file(file, source.SUFFIXES, source.read, source.DAMAGE)
    rows = _delayed(values_of(table, str(file), rule, column), delay)
    origin = {"source": "file", "path": str(file), "column": column, "delay": delay}
    return keep_feature(root, name, rows, rule, origin, replacing=replacing)


def _keep_fetched(
    root: Path,
    symbol: str,
    timeframe: str,
    fetched: Fetched,
    origin: dict[str, Any],
    replacing: bool,
) -> Ingested:
    """Keep what a vendor gave; its pages are removed once that is done."""
    adjusted = bool(origin.get("adjusted"))
    fresh = Fresh.of_table(fetched.table, symbol, timeframe, fetched.calendar, adjusted)
    notes = (*fetched.notes, *doubts(fresh.frame))
    done = keep(root, fresh, origin, replacing=replacing, notes=notes)
    forget(fetched.pages)
    return done


def _range(
    root: Path, symbol: str, timeframe: str, start: str | None, end: str | None, replacing: bool
) -> tuple[int, int]:
    """From when to when to download, ms since 1970, the end excluded.

    What is kept is not asked for again but for its last two bars, which must come out the same.
    """
    first, last = DataSpec("vendor", timeframe=timeframe, start=start, end=end).bounds()
    until = 2**53 if last is None else last.value // MS + 1
    path = bars_record(root, symbol, timeframe)
    old = bar_store.load_record(path) if path.exists() and not replacing else None
    if old is not None and (first is None or first >= pd.Timestamp(old.first, tz="UTC")):
        going_on = int(bar_store.read(root, old.file, old.name).index[-2].value) // MS
        return going_on, until
    if first is None:
        raise BadBars(
            f"{symbol}: no {timeframe} bars are kept yet; say from when, --start 2020-01-01"
        )
    return first.value // MS, until


def _delayed(rows: pd.DataFrame, delay: str | None) -> pd.DataFrame:
    """With the times at which the values were known."""
    if delay is None:
        return rows
    try:
        length = seconds(delay)
    except ValueError:
        raise ValueError(f"--delay: need a length such as 15m or 1d, got {delay!r}") from None
    return rows.set_axis(rows.index + pd.Timedelta(length, "s"))

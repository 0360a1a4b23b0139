"""Bars of Yahoo Finance, through the package yfinance.

Yahoo keeps one-minute bars for 30 days, shorter ones than an hour for 60, hours for two years.
"""

import math
import warnings
from pathlib import Path
from typing import Any

import pandas as pd

from store.data.calendars.bar_intervals import spans
from store.data.calendars.calendar import ALWAYS_OPEN, DAY, guess_calendar, seconds
from store.data.normalise import OHLCV
from store.data.vendors.paged_download import Fetched, Page, Row, download
from store.errors import FetchFailed, one_line
from store.files.canonical import digest
from store.files.paths import pages_folder
from store.optional_dependencies import extra

PAGE_DAYS = {"1m": 7, "2m": 50, "5m": 50, "15m": 50, "30m": 50, "90m": 50, "1h": 700}
"""Days asked for at a time; Yahoo refuses longer ones. Days and weeks come in one page."""
INTERVALS = {name: name for name in (*PAGE_DAYS, "1d")} | {"1w": "1wk", "1mo": "1mo", "3mo": "3mo"}
CALENDARS = {
    **dict.fromkeys(("NMS", "NYQ", "PCX", "ASE", "NGM", "NCM", "BTS", "SNP", "NIM", "DJI"), "XNYS"),
    "LSE": "XLON",
    "PAR": "XPAR",
    "AMS": "XAMS",
    "GER": "XETR",
    "EBS": "XSWX",
    "TOR": "XTSE",
    "JPX": "XTKS",
    "HKG": "XHKG",
    "ASX": "XASX",
    "CCC": ALWAYS_OPEN,
    "CCY": "24/5",
}
"""Of Yahoo's names of exchanges."""
COLUMNS = ("Open", "High", "Low", "Close", "Volume", "Adj Close")
NAMES = ("time", *OHLCV, "adj_close")


def fetch(
    root: Path,
    symbol: str,
    timeframe: str,
    since: int,
    until: int,
    now: int,
    session: object = None,
) -> Fetched:
    """All bars of a symbol that have ended.

    Args:
        root: of the store, which keeps the pages.
        symbol: as Yahoo has it: AAPL, ^GSPC, BTC-USD.
        timeframe: of a bar.
        since: ms since 1970 of the first bar, included.
        until: the same for the last, excluded.
        now: the present, the same.
        session: for yfinance, instead of its own: to go through a proxy.

    Raises:
        ValueError: yfinance is not installed, or Yahoo has no such timeframe.
        FetchFailed: Yahoo does not answer, or has no such symbol.
    """
    yfinance = extra("yfinance", "yfinance")
    if timeframe not in INTERVALS:
        raise ValueError(
            f"yfinance: Yahoo has no bars of {timeframe}; there are {', '.join(INTERVALS)}"
        )
    yfinance.config.debug.hide_exceptions = False
    ticker = yfinance.Ticker(symbol, session=session)
    step = PAGE_DAYS[timeframe] * DAY * 1000 if timeframe in PAGE_DAYS else max(now - since, 1)

    def page(start: int) -> Page:
        following = max(min(start + step, now), start + 1)
        return Page(_rows(ticker, timeframe, start, following), following)

    folder = pages_folder(root, digest({"yfinance": symbol, "timeframe": timeframe}))
    frame = pd.DataFrame(download(folder, since, min(until, now), now, page), columns=list(NAMES))
    frame = frame[frame["time"].between(since, until, inclusive="left")].drop_duplicates("time")
    if frame.empty:
        raise FetchFailed(
            f"yfinance: Yahoo has no {timeframe} bars of {symbol} for these dates; it keeps "
            "minutes for 30 days, hours for two years"
        )
    calendar = CALENDARS.get(str(ticker.history_metadata.get("exchangeName")))
    return _finished(frame, calendar, timeframe, now, folder)


def _rows(ticker: Any, timeframe: str, start: int, stop: int) -> list[Row]:
    """Bars from one time to another, as rows of NAMES; None where Yahoo has no number."""
    no_prices = extra("yfinance.exceptions", "yfinance").YFPricesMissingError
    first, last = (pd.Timestamp(time, unit="ms", tz="UTC") for time in (start, stop))
    try:
        with warnings.catch_warnings():  # the package's own use of what pandas will drop
            warnings.simplefilter("ignore", DeprecationWarning)
            got = ticker.history(
                interval=INTERVALS[timeframe],
                start=first.to_pydatetime(),
                end=last.to_pydatetime(),
                auto_adjust=False,
                actions=False,
                keepna=True,
            )
    except no_prices:
        return []
    except Exception as error:  # its transport has three families of them
        raise FetchFailed(
            f"yfinance: {ticker.ticker}: Yahoo does not answer ({one_line(error)}); the same "
            "command goes on where this one stopped"
        ) from error
    times = pd.DatetimeIndex(got.index)
    if seconds(timeframe) >= DAY:  # stamped at midnight of the exchange: the date is what it means
        times = times.tz_localize(None).normalize().tz_localize("UTC")
    rows = got.reindex(columns=COLUMNS).astype("float64").to_numpy().tolist()
    return [
        [time, *(None if math.isnan(cell) else cell for cell in row)]
        for time, row in zip(times.as_unit("ms").asi8.tolist(), rows, strict=True)
    ]


def _finished(
    frame: pd.DataFrame, calendar: str | None, timeframe: str, now: int, folder: Path
) -> Fetched:
    """Without rows that hold no bar, and without the bar that has not ended."""
    notes = []
    empty = frame[["open", "high", "low", "close"]].isna().all(axis=1)
    if empty.any():
        notes.append(f"{int(empty.sum())} rows without any price: left out")
    frame = frame[~empty]
    times = pd.DatetimeIndex(pd.to_datetime(frame["time"], unit="ms", utc=True), name="time")
    stamps = times.as_unit("ns").asi8
    if stamps.size:
        market = calendar or guess_calendar(times)
        ended = spans(stamps, market, timeframe).closes <= now * 1_000_000
        if not ended.all():
            notes.append("the newest bar has not ended yet: left out")
        frame, times = frame[ended], times[ended]
    return Fetched(frame.assign(time=times), calendar, tuple(notes), folder)

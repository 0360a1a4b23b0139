"""Candles of a crypto exchange, through the package ccxt: public data, without a key."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pandas as pd

from store.data.calendars.bar_intervals import spans
from store.data.calendars.calendar import ALWAYS_OPEN, DAY, seconds
from store.data.calendars.times import time_text
from store.data.normalise import OHLCV
from store.data.spec import suggest
from store.data.vendors.paged_download import Fetched, Page, Row, download
from store.errors import FetchFailed, one_line
from store.files.canonical import digest
from store.files.paths import pages_folder
from store.optional_dependencies import extra

Exchange = Any
"""ccxt.Exchange: the package has no types that a checker finds."""

PAGE = 500
"""Candles asked for at a time; every exchange gives as many, or says how many it gives."""
MS = 1_000_000
"""Nanoseconds."""
SHORTEST_MONTH = 28 * DAY
TRIES = 4
PAUSE = 0.5
"""Seconds, doubled with every try."""


def open_exchange(name: str, address: str | None = None) -> Exchange:
    """The client of an exchange.

    Args:
        name: as ccxt has it: binance, kraken, ...
        address: scheme and host to ask instead of the exchange's own: a mirror of its API.

    Raises:
        ValueError: ccxt is not installed, or knows no such exchange.
    """
    ccxt = extra("ccxt", "ccxt")
    if name not in ccxt.exchanges:
        raise ValueError(f"ccxt: no exchange {name!r}; {suggest(name, ccxt.exchanges)}")
    exchange = getattr(ccxt, name)({"enableRateLimit": True})
    if address is not None:
        exchange.urls["api"] = _moved(exchange.urls["api"], address.rstrip("/"))
        exchange.enableRateLimit = False
    return exchange


def symbol_of(market: str) -> str:
    """The symbol of a market here, which is a file name too: BTC/USDT:USDT is BTC-USDT-USDT."""
    return re.sub(r"[/:]", "-", market)


def fetch(
    root: Path, exchange: Exchange, market: str, timeframe: str, since: int, until: int
) -> Fetched:
    """All candles of a market that have ended.

    Args:
        root: of the store, which keeps the pages.
        exchange: as `open_exchange` gives it.
        market: as ccxt names it: BTC/USDT.
        timeframe: of a bar.
        since: ms since 1970 of the first candle, included.
        until: the same for the last, excluded.

    Raises:
        ValueError: the exchange has no such market or timeframe.
        FetchFailed: it does not answer; the pages so far are kept.
    """
    length = min(seconds(timeframe), SHORTEST_MONTH) * 1000
    name = timeframe.replace("mo", "M")  # ccxt writes 1M for a month
    _check(exchange, market, name)
    request = {"ccxt": exchange.id, "market": market, "timeframe": timeframe}
    folder = pages_folder(root, digest(request))

    def page(start: int) -> Page:
        got = _patiently(exchange, lambda: exchange.fetch_ohlcv(market, name, start, PAGE))
        rows: list[Row] = sorted(row[:6] for row in got if row[0] >= start)
        return Page(rows, rows[-1][0] + length if rows else start + PAGE * length)

    now = exchange.milliseconds()
    rows = download(folder, since, min(until, now), now, page)
    frame = pd.DataFrame(rows, columns=["time", *OHLCV])
    frame = frame[frame["time"] < until].drop_duplicates("time")
    ends = spans(frame["time"].to_numpy(np.int64) * MS, ALWAYS_OPEN, timeframe).closes
    whole = frame[ends <= now * MS]
    notes = []
    if len(whole) < len(frame):
        notes.append("the newest candle has not ended yet: left out")
    if len(whole) and whole["time"].iloc[0] >= since + PAGE * length:
        notes.append(f"asked from {_day(since)} on, the exchange begins {_day(whole.iloc[0, 0])}")
    table = whole.assign(time=pd.to_datetime(whole["time"], unit="ms", utc=True))
    return Fetched(table, ALWAYS_OPEN, tuple(notes), folder)


def _check(exchange: Exchange, market: str, timeframe: str) -> None:
    """Raise ValueError unless the exchange has the market and candles of the timeframe."""
    if not exchange.has.get("fetchOHLCV"):
        raise ValueError(f"ccxt: {exchange.id} gives no candles; choose another exchange")
    if timeframe not in (exchange.timeframes or {}):
        raise ValueError(
            f"ccxt: {exchange.id} has no candles of {timeframe}; there are "
            f"{', '.join(exchange.timeframes or {})}"
        )
    markets = _patiently(exchange, exchange.load_markets)
    if market not in markets:
        raise ValueError(
            f"ccxt: {exchange.id} has no market {market!r}; {suggest(market, markets)}"
        )


def _patiently(exchange: Exchange, ask: Callable[[], object]) -> Any:
    """The answer; after network errors asked for again, some seconds apart."""
    errors = extra("ccxt.base.errors", "ccxt")
    for tries in range(1, TRIES + 1):
        try:
            return ask()
        except errors.BaseError as error:
            if tries == TRIES or not isinstance(error, errors.NetworkError):
                raise FetchFailed(
                    f"ccxt: {exchange.id} does not answer ({one_line(error)}); the same command "
                    "goes on where this one stopped"
                ) from error
        time.sleep(PAUSE * 2**tries)
    raise AssertionError("the last try returns or raises")


def _day(milliseconds: int) -> str:
    return time_text(pd.Timestamp(milliseconds, unit="ms", tz="UTC"))


def _moved(urls: Any, address: str) -> object:
    """The same paths on another host."""
    if isinstance(urls, dict):
        return {name: _moved(url, address) for name, url in urls.items()}
    return address + urlsplit(urls).path

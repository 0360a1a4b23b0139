"""Bars written as each vendor writes them; what a dialect must read again bit by bit."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

VOLUMES = [7544, 9011, 9291, 12_500, 300, 1_000_000]


def bars(timeframe="1h", count=400, first="2021-01-01"):
    """Made-up bars, four decimals: open, high, low, close, volume; index without a zone."""
    random = np.random.default_rng(7)
    close = 1900 + np.cumsum(random.normal(0, 5, count))
    opening = np.concatenate([[1900.0], close[:-1]]) + random.normal(0, 1, count)
    high = np.maximum(opening, close) + np.abs(random.normal(0, 2, count))
    low = np.minimum(opening, close) - np.abs(random.normal(0, 2, count))
    prices = {"open": opening, "high": high, "low": low, "close": close}
    frame = pd.DataFrame({name: values.round(2) for name, values in prices.items()})
    frame["volume"] = random.choice(VOLUMES, count).astype("float64")
    frame.index = pd.date_range(first, periods=count, freq=timeframe, name="time")
    return frame


def days():
    return bars("D")


class Case(NamedTuple):
    """How a vendor writes.

    Attributes:
        bars: what it has.
        write: its file.
        zone: of the times in the file; the plain file has them in UTC.
        symbol: that the file names.
        volume: whether the file has it.
    """

    bars: Callable[[], pd.DataFrame]
    write: Callable[[pd.DataFrame], str]
    zone: str = "UTC"
    symbol: str | None = None
    volume: bool = True


def lines(frame, header, row, *, newest_first=False, below=""):
    rows = [row(time, *values) for time, *values in frame.itertuples()]
    rows = rows[::-1] if newest_first else rows
    return "\n".join([*([header] if header else []), *rows]) + "\n" + below


def epoch(time, factor):
    return time.value // 10**9 * factor


def binance(frame, unit=1000, header=""):
    """Twelve columns; from the middle on in microseconds when the unit is None."""
    middle = frame.index[len(frame) // 2]

    def row(time, o, h, low, c, v):
        factor = unit or (10**3 if time < middle else 10**6)
        last = epoch(time + pd.Timedelta(1, "h"), factor) - 1
        return f"{epoch(time, factor)},{o},{h},{low},{c},{v:.3f},{last},{v * c:.4f},7,1.0,2.0,0"

    return lines(frame, header, row)


BINANCE = (
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,"
    "taker_buy_quote_volume,ignore"
)


def yfinance_two_level(frame):
    head = "Price,Close,High,Low,Open,Volume\nTicker,ABC,ABC,ABC,ABC,ABC\nDate,,,,,"
    return lines(frame, head, lambda t, o, h, low, c, v: f"{t:%Y-%m-%d},{c},{h},{low},{o},{v:.0f}")


def yfinance_by_ticker(frame):
    head = "Ticker,ABC,ABC,ABC,ABC,ABC\nPrice,Open,High,Low,Close,Volume\nDate,,,,,"
    return lines(frame, head, lambda t, o, h, low, c, v: f"{t:%Y-%m-%d},{o},{h},{low},{c},{v:.0f}")


def yfinance_history(frame):
    def row(time, o, h, low, c, v):
        local = time.tz_localize("America/New_York")
        return f"{local},{o},{h},{low},{c},{v:.0f},0.0,0.0"

    return lines(frame, "Date,Open,High,Low,Close,Volume,Dividends,Stock Splits", row)


def investing(frame):
    def row(t, o, h, low, c, v):
        volume = f"{v / 1e6:.2f}M" if v >= 1e6 else f"{v / 1000:.3f}K"
        return f'"{t:%m/%d/%Y}","{c:,.2f}","{o:,.2f}","{h:,.2f}","{low:,.2f}","{volume}","-0.11%"'

    header = '"Date","Price","Open","High","Low","Vol.","Change %"'
    return "\ufeff" + lines(frame, header, row, newest_first=True)


def metatrader5(frame):
    head = "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>"
    return lines(
        frame,
        head,
        lambda t, o, h, low, c, v: (
            f"{t:%Y.%m.%d}\t{t:%H:%M:%S}\t{o}\t{h}\t{low}\t{c}\t{v:.0f}\t0\t3"
        ),
    )


def nasdaq(frame):
    return lines(
        frame,
        "Date,Close/Last,Volume,Open,High,Low",
        lambda t, o, h, low, c, v: f"{t:%m/%d/%Y},${c},{v:.0f},${o},${h},${low}",
        newest_first=True,
    )


def cryptodatadownload(frame):
    return "https://www.example.org/\n" + lines(
        frame,
        "unix,date,symbol,open,high,low,close,Volume BTC,Volume USD",
        lambda t, o, h, low, c, v: (
            f"{epoch(t, 1000)},{t},BTC/USD,{o},{h},{low},{c},{v},{v * c:.2f}"
        ),
        newest_first=True,
    )


def stooq(frame, clock="%H%M%S", per="60"):
    return lines(
        frame,
        "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>",
        lambda t, o, h, low, c, v: (
            f"ABC.US,{per},{t:%Y%m%d},{t.strftime(clock)},{o},{h},{low},{c},{v:.0f},0"
        ),
    )


CASES: dict[str, dict[str, Case]] = {
    "alpaca": {
        "bars": Case(
            bars,
            lambda f: lines(
                f,
                "symbol,timestamp,open,high,low,close,volume,trade_count,vwap",
                lambda t, o, h, low, c, v: f"ABC,{t}+00:00,{o},{h},{low},{c},{v},5,{c}",
            ),
            symbol="ABC",
        ),
    },
    "alpha_vantage": {
        "daily": Case(
            days,
            lambda f: lines(
                f,
                "timestamp,open,high,low,close,volume",
                lambda t, o, h, low, c, v: f"{t:%Y-%m-%d},{o},{h},{low},{c},{v:.0f}",
                newest_first=True,
            ),
        ),
        "daily adjusted": Case(
            days,
            lambda f: lines(
                f,
                "timestamp,open,high,low,close,adjusted_close,volume,dividend_amount,"
                "split_coefficient",
                lambda t, o, h, low, c, v: f"{t:%Y-%m-%d},{o},{h},{low},{c},{c},{v:.0f},0.0,1.0",
                newest_first=True,
            ),
        ),
    },
    "binance": {
        "spot, milliseconds": Case(bars, binance),
        "spot, microseconds": Case(bars, lambda f: binance(f, 10**6)),
        "spot, both in one file": Case(bars, lambda f: binance(f, None)),
        "futures": Case(bars, lambda f: binance(f, header=BINANCE)),
    },
    "cryptodatadownload": {
        "hours": Case(bars, cryptodatadownload, symbol="BTC-USD"),
        "its older files": Case(
            bars,
            lambda f: (
                "https://www.example.org\n"
                + lines(
                    f,
                    "Date,Symbol,Open,High,Low,Close,Volume BTC,Volume USD",
                    lambda t, o, h, low, c, v: (
                        f"{t:%Y-%m-%d %I-%p},BTCUSD,{o},{h},{low},{c},{v},1.5"
                    ),
                    newest_first=True,
                )
            ),
            symbol="BTCUSD",
        ),
    },
    "dukascopy": {
        "hours": Case(
            bars,
            lambda f: lines(
                f,
                "Gmt time,Open,High,Low,Close,Volume",
                lambda t, o, h, low, c, v: f"{t:%d.%m.%Y %H:%M:%S}.000,{o},{h},{low},{c},{v}",
            ),
        ),
        "local time": Case(
            bars,
            lambda f: lines(
                f,
                "Local time,Open,High,Low,Close,Volume",
                lambda t, o, h, low, c, v: (
                    f"{t:%d.%m.%Y %H:%M:%S}.000 GMT+0100,{o},{h},{low},{c},{v}"
                ),
            ),
            zone="Etc/GMT-1",
        ),
    },
    "histdata": {
        "minutes": Case(
            lambda: bars("min"),
            lambda f: lines(
                f, "", lambda t, o, h, low, c, v: f"{t:%Y%m%d %H%M%S};{o};{h};{low};{c};{v:.0f}"
            ),
            zone="Etc/GMT+5",
        ),
    },
    "investing": {"daily": Case(days, investing)},
    "kraken": {
        "OHLCVT": Case(
            bars,
            lambda f: lines(
                f, "", lambda t, o, h, low, c, v: f"{epoch(t, 1)},{o},{h},{low},{c},{v},12"
            ),
        ),
    },
    "metatrader4": {
        "hours": Case(
            bars,
            lambda f: lines(
                f, "", lambda t, o, h, low, c, v: f"{t:%Y.%m.%d,%H:%M},{o},{h},{low},{c},{v:.0f}"
            ),
        ),
    },
    "metatrader5": {
        "hours": Case(bars, metatrader5),
        "days": Case(
            days,
            lambda f: lines(
                f,
                "<DATE>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>",
                lambda t, o, h, low, c, v: f"{t:%Y.%m.%d}\t{o}\t{h}\t{low}\t{c}\t9\t{v:.0f}\t3",
            ),
        ),
    },
    "nasdaq": {"daily": Case(days, nasdaq)},
    "polygon": {
        "hours": Case(
            bars,
            lambda f: lines(
                f,
                "ticker,volume,open,close,high,low,window_start,transactions",
                lambda t, o, h, low, c, v: f"ABC,{v},{o},{c},{h},{low},{t.value},5",
            ),
            symbol="ABC",
        ),
    },
    "stooq": {
        "hours": Case(bars, stooq, symbol="ABC.US"),
        "days": Case(days, lambda f: stooq(f, "000000", "D"), symbol="ABC.US"),
    },
    "tradingview": {
        "seconds and an indicator": Case(
            bars,
            lambda f: lines(
                f,
                "time,open,high,low,close,Volume,Volume MA",
                lambda t, o, h, low, c, v: f"{epoch(t, 1)},{o},{h},{low},{c},{v},",
            ),
        ),
        "ISO without volume": Case(
            bars,
            lambda f: lines(
                f,
                "time,open,high,low,close",
                lambda t, o, h, low, c, v: f"{t:%Y-%m-%dT%H:%M:%SZ},{o},{h},{low},{c}",
            ),
            volume=False,
        ),
    },
    "yahoo": {
        "daily": Case(
            days,
            lambda f: lines(
                f,
                "Date,Open,High,Low,Close,Adj Close,Volume",
                lambda t, o, h, low, c, v: f"{t:%Y-%m-%d},{o},{h},{low},{c},{c / 2},{v:.0f}",
                below="2030-01-01,null,null,null,null,null,null\n",
            ),
        ),
    },
    "yfinance": {
        "two levels": Case(days, yfinance_two_level, symbol="ABC"),
        "two levels by ticker": Case(days, yfinance_by_ticker, symbol="ABC"),
        "history of a New York stock": Case(days, yfinance_history),
    },
}
"""By module of store/data/dialects, and by what the vendor calls the file."""

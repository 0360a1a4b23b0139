"""Bars of Yahoo: yfinance's own client, its session led to a server on loopback."""

from urllib.parse import urlsplit

import numpy as np
import pandas as pd
import pytest
import requests

from store.data import DataSpec, load
from store.data.ingest_sources import ingest_yfinance
from store.data.vendors import yfinance as vendor
from store.errors import BadBars, FetchFailed
from tests.store.serving import serving

ZONE = "America/New_York"
DAYS = pd.bdate_range("2020-01-06", "2020-02-14", tz=ZONE).drop(
    pd.Timestamp("2020-01-20", tz=ZONE)  # a holiday
)


class Led(requests.Session):
    """A session whose every request goes to one address, whatever host was meant."""

    def __init__(self, address):
        super().__init__()
        self.address = address

    def request(self, method, url, *args, **kwargs):
        """Same path, other host."""
        parts = urlsplit(url)
        return super().request(method, f"{self.address}{parts.path}", *args, **kwargs)


def prices(times):
    """A row per time that says its day and hour: open, high, low, close, volume, adjusted."""
    local = times.tz_convert(ZONE)
    base = 100.0 + local.day_of_year.to_numpy() + local.hour.to_numpy() / 100
    columns = {"open": base, "high": base + 2, "low": base - 2, "close": base + 1}
    return columns | {"volume": np.full(len(times), 1000), "adjclose": (base + 1) / 2}


class Yahoo:
    """Answers /v8/finance/chart/SYMBOL as Yahoo does, from `times`."""

    def __init__(self, times=DAYS, exchange="NMS"):
        self.times, self.exchange = times, exchange
        self.empty_rows, self.fails = 0, False

    def __call__(self, path, query):
        if not path.startswith("/v8/finance/chart/"):
            return 404, {}
        if path.endswith("NOSUCH"):
            error = {"code": "Not Found", "description": "No data found, symbol may be delisted"}
            return 404, {"chart": {"result": None, "error": error}}
        if self.fails and "period1" in query:
            return 500, b"oops"
        seconds = self.times.as_unit("s").asi8
        start, stop = (
            int(query.get(name, default)) for name, default in (("period1", 0), ("period2", 2**40))
        )
        here = (seconds >= start) & (seconds < stop)
        quote = prices(self.times[here])
        columns = {name: values.tolist() for name, values in quote.items()}
        for name in columns:
            columns[name][: self.empty_rows] = [None] * self.empty_rows
        adjusted = columns.pop("adjclose")
        daily = query.get("interval") in ("1d", "1wk")
        indicators = {"quote": [columns]} | (
            {"adjclose": [{"adjclose": adjusted}]} if daily else {}
        )
        sessions = [
            [{"timezone": "EST", "gmtoffset": -18000, "start": day + 34200, "end": day + 57600}]
            for day in np.unique(self.times.normalize().as_unit("s").asi8).tolist()
        ]
        meta = {
            "tradingPeriods": sessions,
            "symbol": path.rpartition("/")[2],
            "currency": "USD",
            "exchangeName": self.exchange,
            "instrumentType": "EQUITY",
            "exchangeTimezoneName": ZONE,
            "timezone": "EST",
            "gmtoffset": -18000,
            "dataGranularity": query.get("interval", "1d"),
            "priceHint": 2,
            "validRanges": ["1d", "max"],
            "firstTradeDate": int(seconds[0]),
            "regularMarketTime": int(seconds[-1]),
        }
        result = {"meta": meta, "timestamp": seconds[here].tolist(), "indicators": indicators}
        return 200, {"chart": {"result": [result], "error": None}}


@pytest.fixture(autouse=True)
def cache(tmp_path):
    import yfinance

    yfinance.set_tz_cache_location(str(tmp_path / "cache"))


@pytest.fixture
def root(tmp_path):
    return tmp_path / "store"


@pytest.fixture
def now(monkeypatch):
    """Sets the clock of the ingest."""

    def to(text):
        moment = pd.Timestamp(text, tz=ZONE).value
        monkeypatch.setattr("store.data.ingest_sources.time.time_ns", lambda: moment)

    to("2020-02-15")
    return to


def ingest(root, server, symbol, timeframe="1d", **keys):
    """Symbols differ from test to test: yfinance remembers answers."""
    keys = {"start": "2020-01-06"} | keys
    return ingest_yfinance(root, [symbol], timeframe, session=Led(server.address), **keys)


def bars(root, timeframe="1d"):
    (data,) = load(DataSpec("stored", str(root), timeframe=timeframe))
    return data


def test_days_carry_their_date_and_their_exchange(root, now):
    with serving(Yahoo()) as server:
        (done,) = ingest(root, server, "AAA")
    data = bars(root)
    assert data.frame.index.tz_localize(None).tolist() == DAYS.tz_localize(None).tolist()
    expected = prices(DAYS)
    for name in ("open", "high", "low", "close", "volume"):
        np.testing.assert_allclose(data.frame[name], expected[name], rtol=1e-12)
    assert (data.quality.calendar, data.quality.gaps, done.notes) == ("XNYS", 0, ())


def test_adjusted_prices(root, now):
    with serving(Yahoo()) as server:
        ingest(root, server, "BBB", adjusted=True)
    np.testing.assert_allclose(bars(root).frame["close"], prices(DAYS)["adjclose"], rtol=1e-12)


def test_the_day_under_way_is_left_out(root, now):
    now("2020-02-14 15:00")
    with serving(Yahoo()) as server:
        (done,) = ingest(root, server, "CCC")
        assert done.notes == ("the newest bar has not ended yet: left out",)
        assert done.record.last == "2020-02-13"
        now("2020-02-14 16:01")
        (done,) = ingest(root, server, "CCC")
    assert (done.state, done.added, done.record.last) == ("extended", 1, "2020-02-14")


def test_rows_without_prices_are_left_out_and_said(root, now):
    yahoo = Yahoo()
    yahoo.empty_rows = 2
    with serving(yahoo) as server:
        (done,) = ingest(root, server, "DDD")
    assert done.notes == ("2 rows without any price: left out",)
    assert done.record.first == "2020-01-08"


def hours():
    days = pd.bdate_range("2020-01-06", "2020-01-17", tz=ZONE)
    offsets = pd.to_timedelta(np.arange(9.5, 16), unit="h")
    return pd.DatetimeIndex([day + offset for day in days for offset in offsets]).as_unit("ns")


def test_minutes_come_in_pages_and_go_on(root, now, monkeypatch):
    """A page is three days here; the download breaks after the second and goes on there."""
    monkeypatch.setitem(vendor.PAGE_DAYS, "1h", 3)
    now("2020-01-18")
    from yfinance.data import YfData

    yahoo, asked, down = Yahoo(hours()), [], [True]
    third = int(pd.Timestamp("2020-01-12", tz="UTC").timestamp())

    def flaky(path, query):
        asked.append(int(query.get("period1", 0)))
        yahoo.fails = down[0] and asked[-1] >= third
        return yahoo(path, query)

    with serving(flaky) as server:
        with pytest.raises(FetchFailed, match=r"EEE: Yahoo does not answer .*goes on where this"):
            ingest(root, server, "EEE", "1h")
        assert not (root / "data" / "bars").exists()
        down[0] = False
        YfData.cache_get.cache_clear()  # as in the next process: it remembers failures, too
        asked.clear()
        ingest(root, server, "EEE", "1h")
    assert min(time for time in asked if time) == third, "the first two pages were there"
    data = bars(root, "1h")
    assert data.frame.index.equals(hours().tz_convert("UTC").rename("time"))
    assert data.quality.gaps == 0


def test_a_week_end_market_is_named(root, now):
    days = pd.date_range("2020-01-06", "2020-02-14", tz="UTC")
    with serving(Yahoo(days, exchange="CCC")) as server:
        (done,) = ingest(root, server, "FFF-USD", calendar=None)
    assert done.quality.calendar == "24/7"


@pytest.mark.parametrize(
    ("symbol", "keys", "message"),
    [
        ("NOSUCH", {}, "NOSUCH"),
        ("GGG", {"timeframe": "4h"}, "yfinance: Yahoo has no bars of 4h; there are 1m"),
        ("HHH", {"start": "2030-01-01"}, "Yahoo has no 1d bars of HHH for these dates"),
    ],
)
def test_what_yahoo_does_not_have_is_said(root, now, symbol, keys, message):
    with serving(Yahoo()) as server, pytest.raises(ValueError, match=message) as refused:
        ingest(root, server, symbol, **keys)
    assert "\n" not in str(refused.value)


def test_history_that_changed_is_refused(root, now, monkeypatch):
    with serving(Yahoo(DAYS[:-5])) as server:
        ingest(root, server, "III", end="2020-02-07")
    with serving(Yahoo()) as server:
        changed = lambda times: {k: v * 2 for k, v in PRICES(times).items()}  # noqa: E731
        monkeypatch.setattr(f"{__name__}.prices", changed)
        with pytest.raises(BadBars, match=r"III-1d .* has open .* pass --replace"):
            ingest(root, server, "III")


PRICES = prices


def test_a_missing_package_is_said(root, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "yfinance", None)
    with pytest.raises(ValueError, match=r"yfinance: is not installed; .*pip install yfinance"):
        ingest_yfinance(root, ["AAPL"], start="2020-01-01")

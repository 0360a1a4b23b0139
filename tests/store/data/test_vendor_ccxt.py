"""Candles of an exchange: ccxt's own client against an exchange on loopback."""

from datetime import UTC, datetime

import numpy as np
import pytest

from store.data import DataSpec, load
from store.data.ingest_sources import ingest_ccxt
from store.data.vendors import ccxt as vendor
from store.errors import BadBars, FetchFailed
from tests.store.serving import serving

HOUR = 3_600
FIRST = int(datetime(2020, 1, 1, tzinfo=UTC).timestamp())
LIMIT = 300
"""Candles that this exchange gives at a time."""


class Exchange:
    """As Coinbase: newest first, at most LIMIT, an error for more; candles of BTC-USD."""

    def __init__(self, count, absent=()):
        self.rows = {FIRST + i * HOUR: self.candle(i) for i in range(count) if i not in absent}
        self.fails_after = None
        self.candle_calls = 0

    @staticmethod
    def candle(i):
        """Low, high, open, close, volume."""
        middle = 100 + 10 * np.sin(i / 5)
        return [middle - 2, middle + 2, middle - 1, middle + 1, 5.0 + i % 7]

    def __call__(self, path, query):
        if path == "/currencies":
            return 200, []
        if path == "/products":
            product = {"id": "BTC-USD", "status": "online", "base_increment": "0.1"}
            return 200, [product | {"quote_increment": "0.01", "min_market_funds": "1"}]
        assert path == "/products/BTC-USD/candles"
        self.candle_calls += 1
        if self.fails_after is not None and self.candle_calls > self.fails_after:
            return 503, {"message": "down for maintenance"}
        start, end = (datetime.fromisoformat(query[name]).timestamp() for name in ("start", "end"))
        assert (end - start) / HOUR < LIMIT
        found = [[time, *row] for time, row in self.rows.items() if start <= time <= end]
        return 200, found[::-1]


@pytest.fixture
def root(tmp_path):
    return tmp_path / "store"


@pytest.fixture
def now(monkeypatch):
    """Sets the exchange's clock, in hours after FIRST."""
    import ccxt

    def to(hours):
        monkeypatch.setattr(
            ccxt.coinbaseexchange, "milliseconds", lambda self: int((FIRST + hours * HOUR) * 1000)
        )

    monkeypatch.setattr(vendor, "PAUSE", 0.0)
    monkeypatch.setattr(vendor, "PAGE", LIMIT)
    return to


def ingest(root, server, **keys):
    keys = {"start": "2020-01-01"} | keys
    timeframe = keys.pop("timeframe", "1h")
    market = keys.pop("market", "BTC/USD")
    return ingest_ccxt(
        root, "coinbaseexchange", [market], timeframe, address=server.address, **keys
    )


def bars(root):
    (data,) = load(DataSpec("stored", str(root), timeframe="1h"))
    return data.frame


def test_all_pages_arrive_exactly(root, now):
    now(1000.5)
    with serving(Exchange(1001)) as server:
        (done,) = ingest(root, server)
    frame = bars(root)
    assert (done.state, done.record.name, len(frame)) == ("new", "BTC-USD-1h", 1000)
    assert done.notes == ("the newest candle has not ended yet: left out",)
    expected = [Exchange.candle(i) for i in range(1000)]
    np.testing.assert_array_equal(
        frame[["low", "high", "open", "close", "volume"]].to_numpy(), expected
    )
    assert (np.diff(frame.index.asi8) == HOUR * 10**9).all()
    assert not list((root / "data" / "pages").iterdir())


def test_the_same_command_goes_on_after_what_is_kept(root, now):
    now(700)
    exchange = Exchange(1000)
    with serving(exchange) as server:
        ingest(root, server)
        now(1000)
        server.asked.clear()
        (done,) = ingest(root, server)
        asked = [query["start"] for path, query in server.asked if path.endswith("candles")]
    assert (done.state, done.added, len(bars(root))) == ("extended", 300, 1000)
    assert asked[0] == "2020-01-30T02:00:00.000Z", "the last bar but one of hour 699"


def test_an_interrupted_download_goes_on_where_it_stopped(root, now):
    now(1500)
    exchange = Exchange(1500)
    exchange.fails_after = 3
    with serving(exchange) as server:
        with pytest.raises(FetchFailed, match=r"does not answer .*goes on where this one stopped"):
            ingest(root, server)
        assert not (root / "data" / "bars").exists(), "nothing is kept of half a download"
        exchange.fails_after = None
        server.asked.clear()
        ingest(root, server)
        asked = [query["start"] for path, query in server.asked if path.endswith("candles")]
    assert asked == ["2020-02-07T12:00:00.000Z", "2020-02-20T00:00:00.000Z"], "pages 4 and 5 only"
    assert len(bars(root)) == 1500


def test_a_damaged_page_is_asked_for_again(root, now):
    now(900)
    exchange = Exchange(900)
    exchange.fails_after = 2
    with serving(exchange) as server:
        with pytest.raises(FetchFailed):
            ingest(root, server)
        page = min((root / "data" / "pages").rglob("*.json"))
        page.write_bytes(page.read_bytes().replace(b"99", b"98", 1))
        exchange.fails_after = None
        ingest(root, server)
    assert bars(root)["close"].tolist() == [Exchange.candle(i)[3] for i in range(900)]


def test_a_moment_of_trouble_is_waited_out(root, now):
    now(400)
    exchange = Exchange(400)
    calls = []

    def flaky(path, query):
        calls.append(path)
        return (503, {"message": "busy"}) if len(calls) % 3 == 0 else exchange(path, query)

    with serving(flaky) as server:
        ingest(root, server)
    assert len(bars(root)) == 400


def test_holes_and_a_late_listing_are_shown(root, now):
    now(1200)
    absent = {*range(700), *range(800, 806)}
    with serving(Exchange(1200, absent)) as server:
        (done,) = ingest(root, server)
    assert done.notes == ("asked from 2020-01-01 on, the exchange begins 2020-01-30T04:00:00Z",)
    assert [(str(gap.first)[:16], gap.bars) for gap in done.gaps] == [("2020-02-03 08:00", 6)]
    assert done.row()["gaps"][0]["last"] == "2020-02-03T13:00:00Z"


def test_an_end_is_kept_to(root, now):
    now(500)
    with serving(Exchange(500)) as server:
        ingest(root, server, end="2020-01-03")
    assert str(bars(root).index[-1]) == "2020-01-03 23:00:00+00:00"


def test_history_that_changed_is_refused(root, now):
    now(400)
    exchange = Exchange(500)
    with serving(exchange) as server:
        ingest(root, server)
        exchange.rows[FIRST + 399 * HOUR][3] += 0.5
        now(450)
        with pytest.raises(BadBars, match=r"BTC-USD-1h .* has close .* pass --replace"):
            ingest(root, server)
        (done,) = ingest(root, server, replacing=True)
    assert (done.state, done.record.rows) == ("replaced", 450)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (
            {"market": "BTC/USDT"},
            r"coinbaseexchange has no market 'BTC/USDT'; did you mean BTC/USD\?",
        ),
        ({"timeframe": "4h"}, "has no candles of 4h; there are 1m, 5m"),
        ({"start": "2030-01-01"}, "BTC-USD: too little history, got 0 bars"),
    ],
)
def test_what_the_exchange_does_not_have_is_said(root, now, keys, message):
    now(100)
    with serving(Exchange(100)) as server, pytest.raises(ValueError, match=message):
        ingest(root, server, **keys)


def test_a_server_that_is_not_there(root, now):
    with serving(Exchange(10)) as server:
        pass
    with pytest.raises(FetchFailed, match="ccxt: coinbaseexchange does not answer"):
        ingest(root, server)


def test_markets_as_symbols():
    assert vendor.symbol_of("BTC/USDT") == "BTC-USDT"
    assert vendor.symbol_of("BTC/USDT:USDT") == "BTC-USDT-USDT"


def test_a_missing_package_is_said(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "ccxt", None)
    with pytest.raises(ValueError, match=r"ccxt: is not installed; .*pip install ccxt"):
        vendor.open_exchange("binance")

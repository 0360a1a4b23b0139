"""Intake: every format becomes the same fills; what is not known is refused by its row."""

import json
import sqlite3
from pathlib import Path

import pandas as pd
import pytest

from operate.intake.records import records

GOOD = {
    "time": "2018-08-06T14:30:00Z",
    "symbol": "PLANTED",
    "side": "buy",
    "quantity": 2.0,
    "price": 100.0,
    "fee": 0.1,
}


def take(operated, rows, *options, code=0, name="fills.csv"):
    pd.DataFrame(rows).to_csv(name, index=False)
    return operated.run("intake", "fast", name, *options, code=code)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"time": "2018-08-06 14:30"}, "row 2: time 2018-08-06 14:30 has no zone"),
        ({"time": "yesterday"}, "row 2: time 'yesterday' is no time"),
        ({"symbol": "OTHER"}, "row 2: symbol 'OTHER' is not PLANTED"),
        ({"side": "hold"}, "row 2: side 'hold'"),
        ({"quantity": 0.0}, "row 2: quantity has to be above 0"),
        ({"price": float("inf")}, "row 2: price has to be above 0 and finite"),
        ({"price": "many"}, "row 2: price has to be above 0 and finite"),
        ({"fee": float("inf")}, "row 2: fee has to be finite"),
        ({"currency": "EUR"}, "row 2: currency 'EUR'"),
        ({"venue": "X"}, "unknown column 'venue'"),
    ],
)
def test_a_row_that_cannot_be_is_refused_and_nothing_is_kept(operated, change, message):
    done = take(operated, [GOOD, {**GOOD, **change}], code=2)
    assert message in done.stderr
    assert records(operated.root, "fast", "fills").empty


def test_a_map_names_columns_symbols_and_the_zone(operated):
    Path("map.yaml").write_text(
        "columns: {time: when, quantity: size}\nsymbols: {PLN: PLANTED}\n"
        "timezone: America/New_York\ncurrency: USD\n"
    )
    own = {"when": "2018-08-06 10:30", "symbol": "PLN", "side": "BUY", "size": 2, "price": 100}
    take(operated, [{**own, "currency": "USD"}], "--map", "map.yaml")
    row = records(operated.root, "fast", "fills").iloc[0]
    assert (row["time"], row["quantity"]) == (pd.Timestamp("2018-08-06 14:30", tz="UTC"), 2)


def test_an_hour_that_does_not_exist_is_refused(operated):
    Path("map.yaml").write_text("timezone: America/New_York\n")
    done = take(operated, [{**GOOD, "time": "2019-03-10 02:30"}], "--map", "map.yaml", code=2)
    assert "row 1: time 2019-03-10 02:30:00 in America/New_York" in done.stderr


def test_a_zone_that_does_not_exist_is_refused(operated):
    Path("map.yaml").write_text("timezone: Mars/Olympus\n")
    assert "Mars/Olympus" in take(operated, [GOOD], "--map", "map.yaml", code=2).stderr


def freqtrade_database(path):
    """Trades and orders as freqtrade's persistence models name their columns."""
    with sqlite3.connect(path) as connection:
        connection.execute(
            "create table trades (id integer primary key, exchange text, pair text, "
            "is_open boolean, fee_open float, fee_close float, open_rate float, "
            "open_rate_requested float, close_rate float, close_rate_requested float, "
            "amount float, open_date datetime, close_date datetime, is_short boolean)"
        )
        connection.execute(
            "create table orders (id integer primary key, ft_trade_id integer, "
            "ft_order_side text, ft_pair text, order_id text, status text, side text, "
            "price float, average float, amount float, filled float, order_date datetime, "
            "order_filled_date datetime)"
        )
        connection.execute(
            "insert into trades values (1, 'x', 'PLANTED', 0, 0.001, 0.002, 100, 99.9, 110, 110.1,"
            " 2, '2018-08-06 14:30:00.5', '2018-08-08 14:30:00', 0)"
        )
        connection.execute(
            "insert into orders values (7, 1, 'buy', 'PLANTED', 'a1', 'closed', 'buy', 99.9, 100, "
            "2, 2, '2018-08-06 14:29:00', '2018-08-06 14:30:00.5')"
        )
        connection.execute(
            "insert into orders values (8, 1, 'sell', 'PLANTED', 'a2', 'closed', 'sell', 110.1, "
            "110, 2, 2, '2018-08-08 14:29:00', '2018-08-08 14:30:00')"
        )
    connection.close()


def test_freqtrade_is_read_and_not_written(operated):
    freqtrade_database("trades.sqlite")
    before = Path("trades.sqlite").read_bytes()
    operated.run("intake", "fast", "trades.sqlite", "--format", "freqtrade")
    assert operated.json("intake", "fast", "trades.sqlite", "--format", "freqtrade")["new"] == 0
    fills = records(operated.root, "fast", "fills")
    assert fills["side"].tolist() == ["buy", "sell"]
    assert fills["fee"].tolist() == pytest.approx([0.001 * 200, 0.002 * 220])
    assert fills["requested_price"].tolist() == [99.9, 110.1]
    assert Path("trades.sqlite").read_bytes() == before


def test_ccxt_and_ib_give_the_same_fill(operated):
    trade = {
        "id": "1", "order": "9", "timestamp": 1533565800000, "symbol": "PLANTED", "side": "buy",
        "amount": 2.0, "price": 100.0, "fee": {"cost": 0.1, "currency": "PLANTED"},
    }  # fmt: skip
    Path("trades.json").write_text(json.dumps([trade]))
    operated.run("intake", "fast", "trades.json", "--format", "ccxt")
    Path("flex.xml").write_text(
        '<FlexQueryResponse><Trade symbol="PLANTED" dateTime="20180806;103000" buySell="BUY" '
        'quantity="2" tradePrice="100" ibCommission="-10" ibOrderID="9" currency="USD"/>'
        "</FlexQueryResponse>"
    )
    Path("map.yaml").write_text("timezone: America/New_York\ncurrency: USD\n")
    operated.run("intake", "fast", "flex.xml", "--format", "ib", "--map", "map.yaml")
    fills = records(operated.root, "fast", "fills")
    assert fills["fee"].tolist() == [10.0]  # equal in every field: once


@pytest.mark.parametrize("form", ["fills", "freqtrade", "ib", "ccxt"])
def test_a_file_that_is_something_else_is_one_line(operated, form):
    Path("x.json").write_bytes(b"\x00\x01 nothing")
    done = operated.run("intake", "fast", "x.json", "--format", form, code=2)
    assert done.stderr.count("\n") == 1


def test_predictions_are_kept(operated):
    row = {"time": "2018-08-06T00:00Z", "model": "m", "symbol": "PLANTED", "horizon": "1d"}
    told = take(operated, [{**row, "probability": 0.7, "outcome": 1}], "--format", "predictions")
    assert "1 new" in told.output

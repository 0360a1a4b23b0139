"""Statements of bots and brokers as tables with canonical columns, one function per format."""

import json
import sqlite3
import xml.etree.ElementTree as xml
from pathlib import Path
from typing import Any

import pandas as pd

from operate.intake.fill_table import FILLS, quote_of
from store.errors import DamagedFile

FORMATS = ("fills", "freqtrade", "ccxt", "ib", "equity", "predictions")


def read_table(path: Path) -> pd.DataFrame:
    """A table of a CSV, JSON, JSON-lines or Parquet file; numbers are parsed later, by row.

    Raises:
        DamagedFile: the file cannot be read as what its name says.
        ValueError: its name says none of them.
    """
    kind = path.suffix.lower()
    try:
        if kind == ".csv":
            return pd.read_csv(path, dtype={"order_id": str}, keep_default_na=True)
        if kind == ".parquet":
            return pd.read_parquet(path)
        if kind in (".json", ".jsonl"):
            text = path.read_text()
            rows = json.loads(text) if kind == ".json" else map(json.loads, text.splitlines())
            return pd.DataFrame(list(rows))
    except pd.errors.EmptyDataError:
        raise DamagedFile(f"{path}: is empty; export the statement again") from None
    except FileNotFoundError:
        raise
    except (ValueError, OSError, TypeError, KeyError) as error:
        reason = " ".join(str(error).split())[:120]
        raise DamagedFile(
            f"{path}: cannot be read ({reason}); export the statement again"
        ) from None
    raise ValueError(f"{path}: need a file .csv, .json, .jsonl or .parquet")


def freqtrade(path: Path) -> pd.DataFrame:
    """Fills of freqtrade's trades database (SQLite), read-only; its times are UTC.

    Orders tell what was filled, when and at which average price; trades the rate of their fees. A
    trade without a filled order is read from the trade's own rates.
    """
    uri = f"{path.absolute().as_uri()}?mode=ro"
    try:
        with sqlite3.connect(uri, uri=True) as connection:
            trades = pd.read_sql_query("select * from trades", connection)
            try:
                orders = pd.read_sql_query("select * from orders", connection)
            except (sqlite3.DatabaseError, pd.errors.DatabaseError):
                orders = pd.DataFrame({"ft_trade_id": []})
    except (sqlite3.DatabaseError, pd.errors.DatabaseError) as error:
        raise DamagedFile(f"{path}: is no trades database of freqtrade ({error})") from None
    finally:
        connection.close()
    rows: list[dict[str, object]] = []
    for trade in trades.to_dict("records"):
        own = orders[orders["ft_trade_id"] == trade["id"]].to_dict("records")
        filled = [order for order in own if (order.get("filled") or 0) > 0]
        rows += [_order_fill(trade, order) for order in filled] or _trade_fills(trade)
    return pd.DataFrame(rows, columns=list(FILLS))


def _order_fill(trade: dict[object, object], order: dict[Any, Any]) -> dict[str, object]:
    price = order.get("average") or order["price"]
    side = "buy" if str(order.get("side") or order["ft_order_side"]).lower() == "buy" else "sell"
    opens = (side == "sell") == bool(trade.get("is_short"))
    rate = trade["fee_open"] if opens else trade["fee_close"]
    return {
        "time": _utc(order.get("order_filled_date") or order["order_date"]),
        "symbol": trade["pair"],
        "side": side,
        "quantity": order["filled"],
        "price": price,
        "fee": (rate or 0.0) * order["filled"] * price,
        "order_id": str(order["order_id"]),
        "requested_price": order.get("price"),
    }


def _trade_fills(trade: dict[Any, Any]) -> list[dict[str, object]]:
    sides = ("sell", "buy") if trade.get("is_short") else ("buy", "sell")
    ends = ["open"] if trade["is_open"] else ["open", "close"]
    return [
        {
            "time": _utc(trade[f"{end}_date"]),
            "symbol": trade["pair"],
            "side": side,
            "quantity": trade["amount"],
            "price": trade[f"{end}_rate"],
            "fee": (trade[f"fee_{end}"] or 0.0) * trade["amount"] * trade[f"{end}_rate"],
            "order_id": f"trade-{trade['id']}-{end}",
            "requested_price": trade.get(f"{end}_rate_requested"),
        }
        for end, side in zip(ends, sides, strict=False)
    ]


def _utc(text: Any) -> pd.Timestamp:
    stamp = pd.Timestamp(text)
    return stamp.tz_localize("UTC") if stamp.tz is None else stamp


def ccxt(path: Path) -> pd.DataFrame:
    """Fills of what ccxt's `fetch_my_trades` gives, as JSON.

    A fee in the base currency is worth its price; one in a third currency is refused by row.
    """
    rows = []
    for number, trade in enumerate(read_table(path).to_dict("records"), 1):
        fee = trade.get("fee") if isinstance(trade.get("fee"), dict) else {}
        rows.append(
            {
                "time": int(trade["timestamp"]),
                "symbol": trade["symbol"],
                "side": trade["side"],
                "quantity": trade["amount"],
                "price": trade["price"],
                "fee": _quote_fee(fee or {}, trade, f"{path} row {number}"),
                "order_id": str(trade.get("order") or trade.get("id") or ""),
                "requested_price": None,
            }
        )
    return pd.DataFrame(rows, columns=list(FILLS))


def _quote_fee(fee: dict[str, Any], trade: dict[Any, Any], what: str) -> float | None:
    if fee.get("cost") is None:
        return None
    base, quote = str(trade["symbol"]).partition("/")[0], quote_of(str(trade["symbol"]))
    if fee.get("currency") in (None, quote):
        return float(fee["cost"])
    if fee["currency"] == base:
        return float(fee["cost"]) * float(trade["price"])
    raise ValueError(
        f"{what}: fee is in {fee['currency']!r}, which is neither {base} nor {quote}; convert it"
    )


IB_NAMES = {
    "time": ("dateTime", "DateTime", "Date/Time"),
    "symbol": ("symbol", "Symbol"),
    "side": ("buySell", "Buy/Sell"),
    "quantity": ("quantity", "Quantity"),
    "price": ("tradePrice", "TradePrice", "Price"),
    "fee": ("ibCommission", "IBCommission", "Commission"),
    "order_id": ("ibOrderID", "IBOrderID", "OrderID"),
    "currency": ("currency", "CurrencyPrimary", "Currency"),
}


def ib(path: Path) -> pd.DataFrame:
    """Fills of a Flex query's trades of Interactive Brokers, XML or CSV.

    Commissions are negative there, sold quantities too; times need the account's zone in --map.
    """
    if path.suffix.lower() == ".xml":
        try:
            trades = [dict(each.attrib) for each in xml.parse(path).iter("Trade")]
        except xml.ParseError as error:
            raise DamagedFile(f"{path}: is no XML ({error}); export the statement again") from None
        table = pd.DataFrame(trades)
    else:
        table = read_table(path)
    result = {}
    for name, theirs in IB_NAMES.items():
        column = next((each for each in theirs if each in table), None)
        if column is None and name not in ("fee", "order_id", "currency"):
            raise ValueError(f"{path}: has no column {theirs[0]}; add it to the Flex query")
        if column is not None:
            result[name] = table[column]
    made = pd.DataFrame(result)
    made["quantity"] = pd.to_numeric(made["quantity"]).abs()
    if "fee" in made:
        made["fee"] = -pd.to_numeric(made["fee"])
    made["time"] = [str(time).replace(";", " ") for time in made["time"]]
    return made

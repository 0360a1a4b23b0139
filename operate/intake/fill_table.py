"""Canonical fills: every row checked, refused by its number and reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd
import yaml

FILLS = ("time", "symbol", "side", "quantity", "price", "fee", "order_id", "requested_price")
OPTIONAL = ("fee", "order_id", "requested_price")
SIDES = {"buy": "buy", "b": "buy", "bot": "buy", "long": "buy"} | {
    "sell": "sell", "s": "sell", "sld": "sell", "short": "sell"
}  # fmt: skip


@dataclass(frozen=True)
class Reading:
    """Reading of a statement, from the file of `--map`.

    Attributes:
        columns: canonical name to the statement's.
        symbols: the statement's symbol to the profile's.
        timezone: of times without a zone; None refuses them.
        currency: in which prices and fees have to be; None takes the quote of the symbol.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    symbols: Mapping[str, str] = field(default_factory=dict)
    timezone: str | None = None
    currency: str | None = None


def load_reading(path: Path | None) -> Reading:
    """The reading that a YAML file says; the plain one without a file.

    Raises:
        ValueError: the file is no mapping, has an unknown key, or names no time zone that exists.
    """
    if path is None:
        return Reading()
    try:
        values = yaml.safe_load(path.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise ValueError(f"{path}: cannot be read ({' '.join(str(error).split())})") from None
    keys = ("columns", "symbols", "timezone", "currency")
    if not isinstance(values, dict) or (unknown := set(map(str, values)) - set(keys)):
        extra = "" if not isinstance(values, dict) else f", got {sorted(unknown)[0]!r}"
        raise ValueError(f"{path}: takes the keys {', '.join(keys)}{extra}")
    zone = values.get("timezone")
    check_zone(zone, str(path))
    return Reading(values.get("columns") or {}, values.get("symbols") or {}, zone,
                   values.get("currency"))  # fmt: skip


def check_zone(zone: str | None, what: str) -> None:
    """Raise ValueError for a time zone that does not exist."""
    try:
        if zone is not None:
            ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"{what}: timezone {zone!r} is none; write one such as UTC") from None


def renamed(table: pd.DataFrame, names: Sequence[str], optional: Sequence[str], reading: Reading,
            what: str) -> pd.DataFrame:  # fmt: skip
    """A statement with canonical columns.

    Raises:
        ValueError: a column is missing, or one is there that is not mapped.
    """
    table = table.rename(columns={theirs: ours for ours, theirs in reading.columns.items()})
    missing = [name for name in names if name not in table and name not in optional]
    if missing:
        raise ValueError(
            f"{what}: has no column {missing[0]!r}, it has {', '.join(map(str, table.columns))}; "
            "name it in the file of --map, under columns"
        )
    extra = [str(name) for name in table.columns if name not in (*names, "currency")]
    if extra:
        raise ValueError(
            f"{what}: has an unknown column {extra[0]!r}; it takes {', '.join(names)}; drop it, or "
            "map it under columns of --map"
        )
    return table


def times_of(values: pd.Series, reading: Reading, what: str) -> pd.DatetimeIndex:
    """Times in UTC; ValueError by row for one that is none, or has no zone when none is stated."""
    result = []
    for number, value in enumerate(values, 1):
        try:
            if isinstance(value, (int, np.integer, float)):
                stamp = pd.Timestamp(int(value), unit="ms", tz="UTC")  # exchanges: ms since 1970
            else:
                stamp = pd.Timestamp(value)
            if pd.isna(stamp):
                raise ValueError("no time")
        except (ValueError, TypeError):
            raise ValueError(f"{what} row {number}: time {value!r} is no time") from None
        if stamp.tz is None:
            if reading.timezone is None:
                raise ValueError(
                    f"{what} row {number}: time {value} has no zone; state it as timezone in the "
                    "file of --map"
                )
            stamp = _localised(stamp, reading.timezone, f"{what} row {number}")
        result.append(stamp.tz_convert("UTC"))
    return pd.DatetimeIndex(result).as_unit("ns")


def _localised(stamp: pd.Timestamp, zone: str, what: str) -> pd.Timestamp:
    try:
        return stamp.tz_localize(zone)
    except ValueError as error:  # twice, or not at all, as the clocks are changed
        raise ValueError(f"{what}: time {stamp} in {zone}: {error}; write it with offset") from None


def checked_fills(table: pd.DataFrame, symbol: str, reading: Reading, what: str) -> pd.DataFrame:
    """Canonical fills of one symbol, oldest first.

    Args:
        table: as a statement has it, columns renamed or mapped by `reading`.
        symbol: of the profile.
        reading: columns, symbols, time zone and currency.
        what: names the statement in errors.

    Raises:
        ValueError: a column or a row is not what it has to be.
    """
    table = renamed(table, FILLS, OPTIONAL, reading, what)
    for number, row in enumerate(table.to_dict("records"), 1):
        _check_row(row, symbol, reading, f"{what} row {number}")
    result = pd.DataFrame({"time": times_of(table["time"], reading, what)})
    result["symbol"] = symbol
    result["side"] = [SIDES[str(side).strip().lower()] for side in table["side"]]
    for name in ("quantity", "price", "fee", "requested_price"):
        result[name] = (
            pd.to_numeric(table[name]).astype(float).to_numpy() if name in table else np.nan
        )
    orders = table["order_id"] if "order_id" in table else pd.Series([""] * len(table))
    result["order_id"] = ["" if pd.isna(order) else str(order) for order in orders]
    return result[list(FILLS)].sort_values("time", kind="stable").reset_index(drop=True)


def _check_row(row: Mapping[Any, Any], symbol: str, reading: Reading, what: str) -> None:
    theirs = str(row["symbol"])
    if reading.symbols.get(theirs, theirs) != symbol and _plain(theirs) != _plain(symbol):
        raise ValueError(
            f"{what}: symbol {theirs!r} is not {symbol}; map it under symbols of --map, or take "
            "the row out"
        )
    if str(row["side"]).strip().lower() not in SIDES:
        raise ValueError(f"{what}: side {row['side']!r} is neither buy nor sell")
    for name in ("quantity", "price"):
        if not _positive(row[name]):
            raise ValueError(f"{what}: {name} has to be above 0 and finite, got {row[name]!r}")
    fee = row.get("fee")
    if fee is not None and not pd.isna(fee) and not np.isfinite(_number(fee)):
        raise ValueError(f"{what}: fee has to be finite, got {fee!r}")
    stated, money = row.get("currency"), reading.currency or quote_of(theirs)
    if stated is not None and not pd.isna(stated) and money != str(stated):
        raise ValueError(
            f"{what}: currency {stated!r} is not {money or 'known to be that of the prices'}; "
            "state currency in the file of --map, or convert the row"
        )


def _plain(symbol: str) -> str:
    return symbol.partition(":")[0].replace("/", "").replace("-", "").upper()


def quote_of(symbol: str) -> str | None:
    """The currency that a pair is quoted in: USDT of BTC/USDT; None of a plain symbol."""
    pair = symbol.partition(":")[0].split("/")
    return pair[1] if len(pair) == 2 else None


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return np.nan


def _positive(value: object) -> bool:
    number = _number(value)
    return bool(np.isfinite(number) and number > 0)

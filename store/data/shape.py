"""Any table of prices, from a file or a notebook, brought to one shape.

The shape: a DatetimeIndex named `time` in UTC nanoseconds, and float64 columns with lower-case
names, `open, high, low, close, volume` first, then the feature columns as they came. Only the form
is settled here; whether the numbers make sense is for `store.data.bars`.
"""

import re

import numpy as np
import pandas as pd

from store.data.times import column_names, row_name, take_times
from store.errors import BadBars, shorten

OHLCV = ("open", "high", "low", "close", "volume")
ADJUSTED_NAMES = ("adj_close", "adjclose", "adjusted_close", "adjusted")


def shape(table: pd.DataFrame, what: str, *, adjusted: bool = False) -> pd.DataFrame:
    """Bring a table to the shape of the module's first lines.

    The times are a DatetimeIndex, or a column named time, date, datetime or timestamp in any case:
    ISO 8601 text, or a number since 1970 in s, ms, us or ns. Times without a zone are UTC.

    Args:
        table: at least the columns open, high, low, close and volume, in any case and order.
        what: names the table in errors: its file or symbol.
        adjusted: scale open, high, low and close by adjusted close / close. Without it a column
            with adjusted closes is dropped.

    Raises:
        BadBars: a column is missing, twice there or not numeric, or a time cannot be read.
    """
    times, rest = take_times(named(table, what), what)
    missing = [name for name in OHLCV if name not in rest.columns]
    if missing:
        raise BadBars(
            f"{what}: column {', '.join(missing)} is missing, got {column_names(rest)}; "
            f"bars need {', '.join(OHLCV)} (a market without volume: zeros)"
        )
    adjustments = [name for name in rest.columns if name in ADJUSTED_NAMES]
    features = [name for name in rest.columns if name not in (*OHLCV, *adjustments)]
    if adjusted:
        rest = _adjust(rest, adjustments, times, what)
    columns = {name: numbers(rest[name], times, what) for name in (*OHLCV, *features)}
    return pd.DataFrame(columns, index=times)


def named(table: pd.DataFrame, what: str) -> pd.DataFrame:
    """The table with its column names in lower case, blanks as _; none may come twice."""
    lower = table.rename(columns=lambda name: re.sub(r"\s+", "_", str(name).strip().lower()))
    twice = lower.columns[lower.columns.duplicated()]
    if len(twice):
        raise BadBars(f"{what}: column {shorten(twice[0])} is there twice; keep one of them")
    return lower


def numbers(column: pd.Series, times: pd.DatetimeIndex, what: str) -> pd.Series:
    """A column as float64, missing cells as NaN; BadBars for a cell that is no number."""
    _check_type(column, what)
    numbers = pd.to_numeric(column, errors="coerce").astype("float64").to_numpy(na_value=np.nan)
    wrong = np.isnan(numbers) & column.notna().to_numpy()
    if wrong.any():
        row = int(np.argmax(wrong))
        raise BadBars(
            f"{what}: {row_name(times, row)}: {shorten(str(column.name))} is not a number, got "
            f"{shorten(repr(column.iloc[row]))}; correct the cell, or drop the column"
        )
    return pd.Series(numbers, index=times, name=column.name)


def _check_type(column: pd.Series, what: str) -> None:
    """Refuse values that would be cast although they are no numbers: truths, dates, bytes."""
    wrong = column.dtype.kind in "bmMc" or isinstance(column.dtype, pd.DatetimeTZDtype)
    if column.dtype == object:
        wrong = bool(column.map(lambda cell: isinstance(cell, bool | bytes | complex)).any())
    if wrong:
        raise BadBars(
            f"{what}: column {column.name} holds {column.dtype}, not numbers, in row 1 "
            f"{shorten(repr(column.iloc[0]))}; write numbers, or drop the column"
        )


def _adjust(
    table: pd.DataFrame, names: list[str], times: pd.DatetimeIndex, what: str
) -> pd.DataFrame:
    if len(names) != 1:
        raise BadBars(
            f"{what}: data.adjusted needs one column of adjusted closes "
            f"({', '.join(ADJUSTED_NAMES)}), got {', '.join(names) or 'none'}; "
            "set data.adjusted=false"
        )
    prices = {name: numbers(table[name], times, what) for name in ("open", "high", "low", "close")}
    factor = numbers(table[names[0]], times, what) / prices["close"]
    scaled = {name: (price * factor).to_numpy() for name, price in prices.items()}
    return table.assign(**scaled)

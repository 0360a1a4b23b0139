"""Any table of prices, from a file or a notebook, brought to one shape.

The shape: a DatetimeIndex named `time` in UTC nanoseconds, and float64 columns with lower-case
names, `open, high, low, close, volume` first, then the feature columns as they came. Only the form
is settled here; whether the numbers make sense is for `store.data.bars`.
"""

import re
from typing import Literal

import numpy as np
import pandas as pd

from store.errors import BadBars

OHLCV = ("open", "high", "low", "close", "volume")
TIME_NAMES = ("time", "date", "datetime", "timestamp")
ADJUSTED_NAMES = ("adj_close", "adjclose", "adjusted_close", "adjusted")

Unit = Literal["s", "ms", "us", "ns"]
# A number in a time column counts something since 1970; how large it is says what.
EPOCHS: tuple[tuple[float, Unit], ...] = (
    (1e11, "s"),
    (1e14, "ms"),
    (1e17, "us"),
    (np.inf, "ns"),
)
COMPACT_DATES = (1800_01_01, 2200_12_31)
OFFSET = r":\d{2}(?:[.,]\d+)?\s*(Z|[+-]\d{2}:?\d{2})$"
YEARS = (pd.Timestamp("1700-01-01", tz="UTC"), pd.Timestamp("2200-12-31", tz="UTC"))


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
    named = table.rename(columns=lambda name: re.sub(r"\s+", "_", str(name).strip().lower()))
    twice = named.columns[named.columns.duplicated()]
    if len(twice):
        raise BadBars(f"{what}: column {twice[0]} is there twice; keep one of them")
    times, named = _take_times(named, what)
    missing = [name for name in OHLCV if name not in named.columns]
    if missing:
        there = ", ".join(map(str, named.columns)) or "no column"
        raise BadBars(
            f"{what}: column {', '.join(missing)} is missing, got {there}; "
            f"bars need {', '.join(OHLCV)} (a market without volume: zeros)"
        )
    adjustments = [name for name in named.columns if name in ADJUSTED_NAMES]
    features = [name for name in named.columns if name not in (*OHLCV, *adjustments)]
    if adjusted:
        named = _adjust(named, adjustments, times, what)
    columns = {name: _numbers(named[name], times, what) for name in (*OHLCV, *features)}
    return pd.DataFrame(columns, index=times)


def row_name(times: pd.DatetimeIndex, row: int) -> str:
    """Name a row in an error: its number, the first one being 1, and its time."""
    return f"row {row + 1} ({time_text(times[row])})"


def time_text(time: pd.Timestamp) -> str:
    """Shortest ISO form: the date alone at midnight."""
    if time == time.normalize():
        return str(time.date())
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def _take_times(table: pd.DataFrame, what: str) -> tuple[pd.DatetimeIndex, pd.DataFrame]:
    found = [name for name in table.columns if name in TIME_NAMES]
    if isinstance(table.index, pd.DatetimeIndex):
        raw, found = pd.Series(table.index), found[:0]
    elif len(found) == 1:
        raw = table[found[0]].reset_index(drop=True)
    else:
        problem = f"{len(found)} time columns ({', '.join(found)})" if found else "no time column"
        raise BadBars(
            f"{what}: {problem} among {', '.join(map(str, table.columns))}; "
            f"name exactly one of them {', '.join(TIME_NAMES)}"
        )
    return _times(raw, what), table.drop(columns=found)


def _times(raw: pd.Series, what: str) -> pd.DatetimeIndex:
    """Parse times: (n,) datetimes, numbers since 1970 or ISO 8601 text."""
    if pd.api.types.is_bool_dtype(raw):
        raise BadBars(f"{what}: the time column holds true/false; give ISO 8601 times")
    if pd.api.types.is_numeric_dtype(raw):
        parsed = _epoch_times(raw)
    elif isinstance(raw.dtype, pd.DatetimeTZDtype) or raw.dtype.kind == "M":
        parsed = pd.to_datetime(raw, utc=True)
    else:
        text = raw.map(lambda value: value.isoformat() if hasattr(value, "isoformat") else value)
        text = text.astype("str").str.strip()
        _check_one_zone(text, what)
        parsed = pd.to_datetime(text, format="ISO8601", utc=True, errors="coerce")
    good = parsed.between(*YEARS).to_numpy()
    if not good.all():
        row = int(np.argmin(good))
        raise BadBars(
            f"{what}: row {row + 1}: time {raw.iloc[row]} cannot be read; write ISO 8601 "
            "(2020-01-31 or 2020-01-31T14:30:00Z) or seconds or milliseconds since 1970"
        )
    return pd.DatetimeIndex(parsed, name="time").as_unit("ns")


def _epoch_times(raw: pd.Series) -> pd.Series:
    values = raw.astype("float64")
    largest = float(values.abs().max())
    if values.between(*COMPACT_DATES).all():  # 20200131: no market has bars of August 1970
        return pd.to_datetime(
            values.astype("int64").astype("str"), format="%Y%m%d", utc=True, errors="coerce"
        )
    unit = next(unit for limit, unit in EPOCHS if not largest >= limit)
    # Whole numbers stay integers: float64 cannot hold nanoseconds of our days.
    exact = raw if raw.dtype.kind in "iu" else values
    return pd.Series(pd.to_datetime(exact, unit=unit, utc=True, errors="coerce"))


def _check_one_zone(text: pd.Series, what: str) -> None:
    """Refuse text times with different UTC offsets, or with and without one."""
    zones = text.str.extract(OFFSET, expand=False).fillna("none").replace("Z", "+00:00")
    other = (zones != zones.iloc[0]).to_numpy() if len(zones) else np.zeros(0, bool)
    if other.any():
        row = int(np.argmax(other))
        raise BadBars(
            f"{what}: row {row + 1}: mixed time zones, {text.iloc[0]} and {text.iloc[row]}; "
            "write all times in UTC"
        )


def _numbers(column: pd.Series, times: pd.DatetimeIndex, what: str) -> pd.Series:
    """Cast to float64, missing cells to NaN."""
    numbers = pd.to_numeric(column, errors="coerce").astype("float64").to_numpy(na_value=np.nan)
    wrong = np.isnan(numbers) & column.notna().to_numpy()
    if wrong.any():
        row = int(np.argmax(wrong))
        raise BadBars(
            f"{what}: {row_name(times, row)}: {column.name} is not a number, got "
            f"{column.iloc[row]!r}; correct the cell, or drop the column if it is no feature"
        )
    return pd.Series(numbers, index=times, name=column.name)


def _adjust(
    table: pd.DataFrame, names: list[str], times: pd.DatetimeIndex, what: str
) -> pd.DataFrame:
    if len(names) != 1:
        raise BadBars(
            f"{what}: data.adjusted needs one column of adjusted closes "
            f"({', '.join(ADJUSTED_NAMES)}), got {', '.join(names) or 'none'}; "
            "set data.adjusted=false"
        )
    prices = {name: _numbers(table[name], times, what) for name in ("open", "high", "low", "close")}
    factor = _numbers(table[names[0]], times, what) / prices["close"]
    scaled = {name: (price * factor).to_numpy() for name, price in prices.items()}
    return table.assign(**scaled)

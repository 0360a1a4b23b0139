"""Any table of prices, from a file or a notebook, brought to one shape.

The shape: a DatetimeIndex named `time` in UTC nanoseconds, and float64 columns with lower-case
names, `open, high, low, close, volume` first, then the feature columns as they came. Only the form
is settled here; whether the numbers make sense is for `store.data.bars`.
"""

import re

import numpy as np
import pandas as pd

from store.data.calendars.times import column_names, row_name, take_times
from store.data.trouble import Note, unheard
from store.errors import BadBars, shorten

PRICES = ("open", "high", "low", "close")
OHLCV = (*PRICES, "volume")
ADJUSTED_NAMES = ("adj_close", "adjclose", "adjusted_close", "adjusted")


def shape(
    table: pd.DataFrame, what: str, *, adjusted: bool = False, note: Note = unheard
) -> pd.DataFrame:
    """Bring a table to the shape of the module's first lines.

    The times are a DatetimeIndex, or a column named time, date, datetime or timestamp in any case:
    ISO 8601 text, or a number since 1970 in s, ms, us or ns. Times without a zone are UTC.

    Args:
        table: at least the columns open, high, low and close, in any case and order; without a
            volume it is zero. Columns of two levels (price, ticker) are taken for one ticker.
        what: names the table in errors: its file or symbol.
        adjusted: scale open, high, low and close by adjusted close / close. Without it a column
            with adjusted closes is dropped.
        note: hears that volume is zero, and which columns of words are left out.

    Raises:
        BadBars: a column is missing, twice there or not numeric, or a time cannot be read.
    """
    times, rest = take_times(named(one_level(table, what), what), what)
    missing = [name for name in PRICES if name not in rest.columns]
    if missing:
        raise BadBars(
            f"{what}: column {', '.join(missing)} is missing, got {column_names(rest)}; "
            f"bars need {', '.join(PRICES)}"
        )
    if "volume" not in rest.columns:
        note("no volume column: read as 0; strategies that look at volume see none")
        rest = rest.assign(volume=0.0)
    adjustments = [name for name in rest.columns if name in ADJUSTED_NAMES]
    others = [name for name in rest.columns if name not in (*OHLCV, *adjustments)]
    words = [str(name) for name in others if _is_words(rest[name])]
    if words:
        note(f"left out, as they hold words: {', '.join(words)}")
    features = [name for name in others if str(name) not in words]
    if adjusted:
        rest = _adjust(rest, adjustments, times, what)
    columns = {name: numbers(rest[name], times, what) for name in (*OHLCV, *features)}
    return pd.DataFrame(columns, index=times)


def one_level(table: pd.DataFrame, what: str) -> pd.DataFrame:
    """A table with one line of column names; BadBars for bars of several tickers at once.

    yfinance's frames have two levels, price and ticker, in either order.
    """
    if table.columns.nlevels == 1:
        return table
    levels = [table.columns.get_level_values(k) for k in range(table.columns.nlevels)]
    prices = next((k for k, level in enumerate(levels) if _are_prices(level)), 0)
    tickers = {
        " ".join(str(name) for name in (*key[:prices], *key[prices + 1 :]) if str(name))
        for key in table.columns
    }
    tickers -= {""}
    if len(tickers) > 1:
        first = sorted(tickers)[0]
        raise BadBars(
            f"{what}: holds bars of {len(tickers)} tickers ({shorten(', '.join(sorted(tickers)))});"
            f" give one of them, frame.xs({first!r}, axis=1, level={1 - prices})"
        )
    return table.set_axis(levels[prices], axis=1)


def _are_prices(level: pd.Index) -> bool:
    return {"open", "high", "low", "close"} <= {str(name).strip().lower() for name in level}


def _is_words(column: pd.Series) -> bool:
    """True when a column holds no number at all: a name, an exchange, the date of something."""
    kind = column.dtype.kind
    if isinstance(column.dtype, pd.DatetimeTZDtype) or kind in "bmM":
        return True
    if pd.api.types.is_numeric_dtype(column):
        return False
    given = column.dropna()
    return len(given) > 0 and bool(pd.to_numeric(given, errors="coerce").isna().all())


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

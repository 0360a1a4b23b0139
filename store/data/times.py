"""The times of a table, in whatever honest way they are written: UTC nanoseconds, or a refusal."""

from typing import Literal

import numpy as np
import pandas as pd

from store.errors import BadBars, shorten

TIME_NAMES = ("time", "date", "datetime", "timestamp")
Unit = Literal["s", "ms", "us", "ns"]
# A number in a time column counts something since 1970; how large it is says what.
EPOCHS: tuple[tuple[float, Unit], ...] = (
    (1e11, "s"),
    (1e14, "ms"),
    (1e17, "us"),
    (np.inf, "ns"),
)
FIRST_EPOCH = 1e7
"""Seconds to 26 April 1970: before that no market has bars, but row numbers and years lie there."""
LEAP = 100.0
COMPACT_DATES = (1800_01_01, 2200_12_31)
OFFSET = r":\d{2}(?:[.,]\d+)?\s*(Z|[+-]\d{2}:?\d{2})$"
YEARS = (pd.Timestamp("1700-01-01", tz="UTC"), pd.Timestamp("2200-12-31", tz="UTC"))


def row_name(times: pd.DatetimeIndex, row: int) -> str:
    """Name a row in an error: its number, the first one being 1, and its time."""
    return f"row {row + 1} ({time_text(times[row])})"


def time_text(time: pd.Timestamp) -> str:
    """Shortest ISO form: the date alone at midnight."""
    if time == time.normalize():
        return str(time.date())
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def column_names(table: pd.DataFrame) -> str:
    """The columns of a table, for errors."""
    return shorten(", ".join(map(str, table.columns)) or "no column", 200)


def take_times(table: pd.DataFrame, what: str) -> tuple[pd.DatetimeIndex, pd.DataFrame]:
    """The times of a table, and its other columns.

    Args:
        table: columns with names in lower case; the times as `shape` says.
        what: names the table in errors.
    """
    found = [name for name in table.columns if name in TIME_NAMES]
    if isinstance(table.index, pd.DatetimeIndex):
        raw, found = pd.Series(table.index), found[:0]
    elif len(found) == 1:
        raw = table[found[0]].reset_index(drop=True)
    else:
        problem = f"{len(found)} time columns ({', '.join(found)})" if found else "no time column"
        raise BadBars(
            f"{what}: {problem} among {column_names(table)}; "
            f"name exactly one of them {', '.join(TIME_NAMES)}"
        )
    return parse_times(raw, what), table.drop(columns=found)


def parse_times(raw: pd.Series, what: str) -> pd.DatetimeIndex:
    """Parse times: (n,) datetimes, numbers since 1970 or ISO 8601 text."""
    if pd.api.types.is_bool_dtype(raw):
        raise BadBars(f"{what}: the time column holds true/false; give ISO 8601 times")
    if pd.api.types.is_numeric_dtype(raw):
        parsed = _epoch_times(raw, what)
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
            f"{what}: row {row + 1}: time {shorten(str(raw.iloc[row]))} cannot be read; write "
            "ISO 8601 (2020-01-31 or 2020-01-31T14:30:00Z) or seconds or milliseconds since 1970"
        )
    return pd.DatetimeIndex(parsed, name="time").as_unit("ns")


def _epoch_times(raw: pd.Series, what: str) -> pd.Series:
    values = raw.astype("float64")
    largest = float(values.abs().max())
    if values.between(*COMPACT_DATES).all():  # 20200131: no market has bars of August 1970
        return pd.to_datetime(
            values.astype("int64").astype("str"), format="%Y%m%d", utc=True, errors="coerce"
        )
    _check_one_unit(values, what)
    unit = next(unit for limit, unit in EPOCHS if not largest >= limit)
    # Whole numbers stay integers: float64 cannot hold nanoseconds of our days.
    exact = raw if raw.dtype.kind in "iu" else values
    return pd.Series(pd.to_datetime(exact, unit=unit, utc=True, errors="coerce"))


def _check_one_unit(values: pd.Series, what: str) -> None:
    """Refuse numbers that are no times since 1970, or count seconds here and milliseconds there."""
    sizes = values.abs().to_numpy()
    if np.nanmax(sizes, initial=0) < FIRST_EPOCH and len(sizes):
        raise BadBars(
            f"{what}: row 1: time {values.iloc[0]:.20g} is too small for seconds since 1970; a "
            "year, a row number or a spreadsheet's day has to be written as ISO 8601"
        )
    kinds = np.searchsorted([limit for limit, _ in EPOCHS], sizes, "right")
    # Ten years of milliseconds cross such a limit too, but not in one leap.
    ratio = np.maximum(sizes[1:], 1) / np.maximum(sizes[:-1], 1)
    leaps = (np.diff(kinds) != 0) & ((ratio > LEAP) | (ratio < 1 / LEAP))
    if leaps.any():
        row = int(np.argmax(leaps))
        raise BadBars(
            f"{what}: row {row + 2}: time {values.iloc[row + 1]:.20g} is not of the unit of the "
            f"row before, {values.iloc[row]:.20g}; write all times in one unit"
        )


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

"""The times of a table, in whatever honest way they are written: UTC nanoseconds, or a refusal."""

import numpy as np
import pandas as pd

from store.data.text.csv_options import Unit
from store.data.text.times import ADVICE, Moments, in_nanoseconds, local_days, text_moments
from store.data.trouble import Note, Trouble, refused, unheard
from store.errors import BadBars, shorten

TIME_NAMES = ("time", "date", "datetime", "timestamp")
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
COMPACT_TIMES = r"(?:19|20)\d{2}[01]\d[0-3]\d[0-2]\d[0-5]\d(?:[0-5]\d)?"
"""20210131143000, or without the seconds."""
NUMBER = r"\d+(?:\.\d*)?(?:[eE]\+?\d+)?"
SERIAL_DAYS = (20_000, 73_100)
"""Days of a spreadsheet, counted from the end of 1899: 1954 to 2100."""
SERIAL_START = "1899-12-30"


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
    table = table.set_axis(one_index(table.index, what), axis=0)
    columns = [name for name in table.columns if name in TIME_NAMES]
    if isinstance(table.index, pd.DatetimeIndex) or (not columns and _are_words(table.index)):
        raw, columns = pd.Series(table.index), columns[:0]
    elif len(columns) == 1:
        raw = table[columns[0]].reset_index(drop=True)
    else:
        problem = (
            f"{len(columns)} time columns ({', '.join(columns)})" if columns else "no time column"
        )
        index = "" if columns else ", and the index holds no times"
        raise BadBars(
            f"{what}: {problem} among {column_names(table)}{index}; "
            f"name exactly one of them {', '.join(TIME_NAMES)}"
        )
    return parse_times(raw, what), table.drop(columns=columns)


def one_index(index: pd.Index, what: str) -> pd.Index:
    """The index of rows without their symbol, and periods as the times of their beginning.

    Raises:
        BadBars: the rows are of several symbols.
    """
    if isinstance(index, pd.MultiIndex):
        levels = [index.get_level_values(k) for k in range(index.nlevels)]
        times = [k for k, level in enumerate(levels) if isinstance(level, TIMES)]
        place = times[0] if len(times) == 1 else index.nlevels - 1
        others = index.droplevel(place).unique()
        if len(others) > 1:
            name = others[0]
            raise BadBars(
                f"{what}: its rows are of {len(others)} symbols "
                f"({shorten(', '.join(map(str, others)))}); give one of them, frame.xs({name!r})"
            )
        index = levels[place]
    return index.to_timestamp() if isinstance(index, pd.PeriodIndex) else index


TIMES = (pd.DatetimeIndex, pd.PeriodIndex)


def _are_words(index: pd.Index) -> bool:
    """True for an index of text or Python's dates, which may be times; False for numbers."""
    return not pd.api.types.is_numeric_dtype(index) and not pd.api.types.is_bool_dtype(index)


def parse_times(raw: pd.Series, what: str) -> pd.DatetimeIndex:
    """Parse times: (n,) datetimes, numbers since 1970 or text; without a zone they are UTC."""
    with refused(what):
        return moments(raw).times.tz_localize("UTC").rename("time")


def moments(
    raw: pd.Series,
    date_format: str | None = None,
    unit: Unit | None = None,
    note: Note = unheard,
) -> Moments:
    """Parse times, those of a zone to UTC.

    Args:
        raw: (n,) datetimes, numbers since 1970 or text; index 0 to n - 1.
        date_format: of text; None: found from the text.
        unit: of numbers; None: found from their size.
        note: hears what had to be settled.

    Raises:
        Trouble: a time cannot be read, with its row.
    """
    if not len(raw):
        return Moments(pd.DatetimeIndex([], dtype="datetime64[ns]"), naive=True)
    if pd.api.types.is_bool_dtype(raw):
        raise Trouble("the time column holds true/false; give ISO 8601 times")
    if pd.api.types.is_numeric_dtype(raw):
        parsed = Moments(_numbers(raw, unit, note), naive=False)
    elif isinstance(raw.dtype, pd.DatetimeTZDtype):
        parsed = Moments(local_days(pd.DatetimeIndex(raw)), naive=False)
    elif raw.dtype.kind == "M":
        parsed = Moments(pd.DatetimeIndex(raw), naive=True)
    else:
        text = raw
        if raw.dtype == object:
            text = raw.map(
                lambda value: value.isoformat() if hasattr(value, "isoformat") else value
            )
        text = text.astype("str").str.strip()
        if date_format is None and len(text) and text.str.fullmatch(NUMBER).all():
            return _digits(text, unit, note)
        parsed = text_moments(text, date_format, note)
    return _checked(parsed, raw)


def _checked(parsed: Moments, raw: pd.Series) -> Moments:
    """The same in nanoseconds; Trouble for the first time that could not be read."""
    times = in_nanoseconds(parsed.times)
    good = times.notna()
    if not good.all():
        row = int(np.argmin(good))
        form = f" as data.csv.date_format={parsed.form}; change it, or" if parsed.form else ";"
        cell = shorten(str(raw.iloc[row]))
        raise Trouble(f"row {row + 1}: time {cell} cannot be read{form} {ADVICE}")
    return Moments(times, parsed.naive, parsed.form)


def _digits(text: pd.Series, unit: Unit | None, note: Note) -> Moments:
    """Text of digits only: dates without marks, or numbers."""
    if unit is None and text.str.fullmatch(COMPACT_TIMES).all():
        return text_moments(text.str[:8] + " " + text.str[8:], None, note)
    values = pd.to_numeric(text)
    return _checked(Moments(_numbers(values, unit, note), naive=_are_dates(values)), text)


def _are_dates(values: pd.Series) -> bool:
    """Numbers that are dates, which have no zone: 20200131, or days of a spreadsheet."""
    return bool(values.between(*COMPACT_DATES).all() or values.between(*SERIAL_DAYS).all())


def _numbers(raw: pd.Series, unit: Unit | None, note: Note) -> pd.DatetimeIndex:
    """Times out of numbers, UTC; without a zone."""
    values = raw.astype("float64")
    if unit is not None:
        return _epochs(raw, values, unit)
    if values.between(*COMPACT_DATES).all():  # 20200131: no market has bars of August 1970
        days = values.astype("int64").astype("str")
        return pd.DatetimeIndex(pd.to_datetime(days, format="%Y%m%d", errors="coerce"))
    if len(values) and values.between(*SERIAL_DAYS).all():
        note(f"times are days of a spreadsheet: {values.iloc[0]:g} is {_serial(values)[0].date()}")
        return _serial(values)
    _check_size(values)
    kinds = _kinds(values)
    if (kinds == kinds[-1:]).all():
        return _epochs(raw, values, EPOCHS[int(kinds[-1])][1] if len(kinds) else "s")
    return _mixed(raw, values, kinds, note)


def _serial(values: pd.Series) -> pd.DatetimeIndex:
    """Days since the end of 1899, to the second."""
    seconds = (values * 86_400).round().astype("int64")
    start = pd.Timestamp(SERIAL_START)
    return pd.DatetimeIndex(start + pd.to_timedelta(seconds.to_numpy(), unit="s"))


def _epochs(raw: pd.Series, values: pd.Series, unit: Unit) -> pd.DatetimeIndex:
    """Numbers since 1970. Whole ones stay integers: float64 cannot hold our nanoseconds."""
    exact = raw if raw.dtype.kind in "iu" else values
    times = pd.to_datetime(exact, unit=unit, utc=True, errors="coerce")
    return pd.DatetimeIndex(times).tz_localize(None)


def _check_size(values: pd.Series) -> None:
    """Refuse numbers that are too small for times since 1970."""
    if len(values) and np.nanmax(values.abs().to_numpy(), initial=0) < FIRST_EPOCH:
        raise Trouble(
            f"row 1: time {values.iloc[0]:.20g} is too small for seconds since 1970; a "
            "year, a row number or a spreadsheet's day has to be written as ISO 8601"
        )


def _kinds(values: pd.Series) -> np.ndarray:
    """The unit of each number, as a place in EPOCHS; one for all unless they leap."""
    sizes = values.abs().fillna(0).to_numpy()
    kinds = np.searchsorted([limit for limit, _ in EPOCHS], sizes, "right")
    # Ten years of milliseconds cross such a limit too, but not in one leap.
    ratio = np.maximum(sizes[1:], 1) / np.maximum(sizes[:-1], 1)
    leaps = (np.diff(kinds) != 0) & ((ratio > LEAP) | (ratio < 1 / LEAP))
    return kinds if leaps.any() else np.full(len(kinds), kinds.max(initial=0))


def _mixed(raw: pd.Series, values: pd.Series, kinds: np.ndarray, note: Note) -> pd.DatetimeIndex:
    """Seconds here, milliseconds there: each row by its own size, if time then goes one way."""
    times = np.zeros(len(raw), np.int64)
    for kind in np.unique(kinds):
        rows = kinds == kind
        unit = EPOCHS[int(kind)][1]
        times[rows] = _epochs(raw[rows], values[rows], unit).as_unit("ns").asi8
    steps = np.diff(times)
    if not ((steps > 0).all() or (steps < 0).all()) or values.min() < FIRST_EPOCH:
        row = int(np.argmax(kinds != kinds[0]))
        raise Trouble(
            f"row {row + 1}: time {values.iloc[row]:.20g} is not of the unit of the "
            f"row before, {values.iloc[row - 1]:.20g}; write all times in one unit"
        )
    counts = [f"{int((kinds == kind).sum()):,} in {EPOCHS[int(kind)][1]}" for kind in set(kinds)]
    note(f"times change their unit: {', '.join(counts)}, each row read by its own")
    return pd.DatetimeIndex(times)

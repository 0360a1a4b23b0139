"""Times as people and vendors write them, with or without the time of day and a zone.

A date, a time of day and a zone are cut apart and read one by one, so that none is guessed: the
order of day and month is settled by a part above 12 somewhere in the column, or else refused.
"""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from store.data.trouble import Note, Trouble
from store.errors import shorten

Int64s = NDArray[np.int64]
NS = 1_000_000_000
DAY = 86_400 * NS

PARTS = (
    r"^(?P<date>\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})|\d{8}"
    r"|[A-Za-z]{3,9}\.? \d{1,2},? \d{4}|\d{1,2}[- ][A-Za-z]{3,9}[-, ]+(?:\d{4}|\d{2}))"
    r"(?:[T,; ]+(?P<clock>[\d:.,]+(?:[ -]?[AaPp][Mm])?))?"
    r" *(?P<zone>(?:Z|GMT|UTC)?(?:[+-]\d{2}:?\d{2})?)$"
)
"""Date, time of day, zone."""
CLOCK = r"^(\d{1,2})(?::?(\d{2})(?::?(\d{2})(?:[.,:](\d{1,9}))?)?)?(?:[ -]?([AaPp][Mm]))?$"
"""Hours, minutes, seconds, fraction, half of the day."""
FORMATS = (
    (r"\d{4}-\d{1,2}-\d{1,2}", "%Y-%m-%d"),
    (r"\d{4}/\d{1,2}/\d{1,2}", "%Y/%m/%d"),
    (r"\d{4}\.\d{1,2}\.\d{1,2}", "%Y.%m.%d"),
    (r"\d{8}", "%Y%m%d"),
    (r"[A-Za-z]{3}\.? \d{1,2},? \d{4}", "%b %d %Y"),
    (r"[A-Za-z]{4,9} \d{1,2},? \d{4}", "%B %d %Y"),
    (r"\d{1,2}[- ][A-Za-z]{3}[-, ]+\d{4}", "%d %b %Y"),
    (r"\d{1,2}[- ][A-Za-z]{3}[-, ]+\d{2}", "%d %b %y"),
    (r"\d{1,2}[- ][A-Za-z]{4,9}[-, ]+\d{4}", "%d %B %Y"),
)
ISO = r"\d{4}-\d{2}-\d{2}.*"
OFFSET = r":\d{2}(?:[.,]\d+)?\s*(Z|[+-]\d{2}:?\d{2})$"
YEARS = (1700, 2200)
SUMMER = pd.Timedelta(1, "h")
"""By how much the offsets of one place's clock differ."""
ADVICE = "write ISO 8601 (2020-01-31 or 2020-01-31T14:30:00Z) or seconds or milliseconds since 1970"


@dataclass(frozen=True)
class Moments:
    """Parsed times.

    Attributes:
        times: (n,) without a zone: UTC where `naive` is false, a local clock's where it is true;
            NaT where a cell cannot be read.
        naive: whether nothing in the text says of which zone they are.
        form: what they were read as, for errors.
    """

    times: pd.DatetimeIndex
    naive: bool
    form: str = ""


def text_moments(text: pd.Series, date_format: str | None, note: Note) -> Moments:
    """Times out of text.

    Args:
        text: (n,) cells without blanks round them.
        date_format: of the date, or of the whole time; None: found from the text.
        note: hears how dates were settled.

    Raises:
        Trouble: zones are mixed, or day and month cannot be told apart.
    """
    if date_format is not None:
        return _by_format(text, date_format)
    text = text.str.replace(r"(\d) ?(?:UTC|GMT)$", r"\1Z", regex=True)
    first = str(text.iloc[0]) if len(text) else ""
    if pd.Series([first]).str.fullmatch(ISO).iloc[0]:
        return _iso(text)
    parts = text.str.extract(PARTS)
    if len(text) and pd.isna(parts["date"].iloc[0]):
        return _iso(text)
    return _together(parts, _dates(parts["date"], note), text)


def date_and_clock(dates: pd.Series, clocks: pd.Series) -> pd.Series:
    """Two columns as one text: `20210101` and `930` are 20210101 09:30."""
    clock = clocks.str.strip()
    bare = clock.str.fullmatch(r"\d{1,6}(?:\.0)?")
    if bare.any():
        digits = clock.where(bare).str.removesuffix(".0")
        wide = 6 if (digits.str.len() > 4).any() else 4
        clock = clock.where(~bare, digits.str.zfill(wide))
    return dates.str.strip() + " " + clock


def _iso(text: pd.Series) -> Moments:
    """ISO 8601, as pandas reads it."""
    zones = text.str.extract(OFFSET, expand=False).fillna("none").replace("Z", "+00:00")
    _check_zones(zones, text)
    times = pd.to_datetime(text, format="ISO8601", utc=True, errors="coerce")
    naive = bool(len(zones)) and zones.iloc[0] == "none"
    shift = pd.to_timedelta(np.zeros(len(text)) if naive else _offsets(zones))
    return Moments(_local_days(in_nanoseconds(pd.DatetimeIndex(times)), shift), naive)


def in_nanoseconds(times: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """The same times in nanoseconds; NaT for one that no market has bars of."""
    years = times.year
    return _only(times, (years >= YEARS[0]) & (years <= YEARS[1])).as_unit("ns")


def _only(times: pd.DatetimeIndex, good: NDArray[np.bool_]) -> pd.DatetimeIndex:
    """NaT where a time is not good."""
    return pd.DatetimeIndex(pd.Series(times).where(good))


def _offsets(zones: pd.Series) -> Int64s:
    """Offsets such as -05:00 and GMT+0100 in nanoseconds."""
    codes, kinds = pd.factorize(zones)
    return np.array([_offset(str(kind)) for kind in kinds], np.int64)[codes]


def _offset(zone: str) -> int:
    match = re.search(r"([+-])(\d{2}):?(\d{2})$", zone)
    if match is None:
        return 0
    minutes = 60 * int(match[2]) + int(match[3])
    return (-1 if match[1] == "-" else 1) * minutes * 60 * NS


def _check_zones(zones: pd.Series, text: pd.Series) -> None:
    """Refuse times with and without a zone, and offsets that no place's clock changes between."""
    if not len(zones) or (zones == zones.iloc[0]).all():
        return
    kinds = zones[zones != "none"].drop_duplicates()
    offsets = pd.to_timedelta(_offsets(kinds))
    one_place = offsets.max() - offsets.min() <= SUMMER
    if (zones == "none").any() or not one_place:
        row = int(np.argmax((zones != zones.iloc[0]).to_numpy()))
        raise Trouble(
            f"row {row + 1}: mixed time zones, {shorten(str(text.iloc[0]))} and "
            f"{shorten(str(text.iloc[row]))}; write all times in UTC"
        )


def _local_days(times: pd.DatetimeIndex, shift: pd.TimedeltaIndex) -> pd.DatetimeIndex:
    """UTC without a zone; but where every time is a midnight of its own place, the local date.

    A daily bar means a date: 2021-01-04T00:00+01:00 is the bar of the 4th, though the 3rd in UTC.
    """
    plain = times.tz_localize(None)
    local = plain + shift
    whole = len(plain) > 1 and bool(shift.to_numpy().any()) and (local == local.normalize()).all()
    return local if whole else plain


def local_days(times: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """The same for times of a named zone."""
    local, plain = times.tz_localize(None), times.tz_convert("UTC").tz_localize(None)
    return _local_days(times.tz_convert("UTC"), pd.TimedeltaIndex(local - plain))


def _by_format(text: pd.Series, form: str) -> Moments:
    """With a format that was given: of the whole text, or of its date alone."""
    aware = "%z" in form
    if aware or any(mark in form for mark in ("%H", "%I", "%s", "%c", "%X", "%T")):
        times = pd.to_datetime(text, format=form, utc=True, errors="coerce")
        return Moments(pd.DatetimeIndex(times).tz_localize(None), not aware, form)
    parts = text.str.extract(PARTS)
    whole = pd.to_datetime(text, format=form, errors="coerce")
    if whole.notna().all() or parts["date"].isna().all():
        return Moments(pd.DatetimeIndex(whole), True, form)
    moments = _together(parts, pd.to_datetime(parts["date"], format=form, errors="coerce"), text)
    return Moments(moments.times, moments.naive, form)


def _dates(cells: pd.Series, note: Note) -> pd.Series:
    """The date parts as midnights; NaT where one is not of the form of the first."""
    first = str(cells.iloc[0])
    for pattern, form in FORMATS:
        if pd.Series([first]).str.fullmatch(pattern).iloc[0]:
            text = cells
            if " " in form:
                text = cells.str.replace(r"[-,. ]+", " ", regex=True)
            return pd.to_datetime(text, format=form, errors="coerce")
    return pd.to_datetime(cells, format=_day_or_month(cells, first, note), errors="coerce")


def _day_or_month(cells: pd.Series, first: str, note: Note) -> str:
    """Order of day and month in dates such as 01/02/2020."""
    mark = next(sign for sign in "/.-" if sign in first)
    year = "%Y" if len(first.rpartition(mark)[2]) == 4 else "%y"
    parts = cells.str.extract(r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d+)").astype("float64")
    if year == "%y" and parts[2].nunique() > parts[0].nunique():  # the last part looks like days
        raise Trouble(
            f"row 1: time {first} cannot be read: which part is the year? Set "
            f"data.csv.date_format=%y{mark}%m{mark}%d, or write ISO 8601"
        )
    day_first, month_first = (parts[0] > 12).any(), (parts[1] > 12).any()
    forms = f"%d{mark}%m{mark}{year}", f"%m{mark}%d{mark}{year}"
    if mark == "." and not month_first:  # dots come only after the day
        return forms[0]
    if day_first == month_first:
        why = "both parts exceed 12" if day_first else "no part exceeds 12"
        raise Trouble(
            f"row 1: time {first} cannot be read: day or month first ({why})? Set "
            f"data.csv.date_format={forms[0]} or data.csv.date_format={forms[1]}, or write ISO 8601"
        )
    order = "day" if day_first else "month"
    note(f"dates have the {order} first, as a part above 12 shows")
    return forms[0] if day_first else forms[1]


def _together(parts: pd.DataFrame, dates: pd.Series, text: pd.Series) -> Moments:
    """Dates, times of day and zones as times."""
    zones = parts["zone"].fillna("").where(parts["date"].notna(), "")
    _check_zones(zones.replace("", "none").replace(["Z", "GMT", "UTC"], "+00:00"), text)
    offsets = _offsets(zones)
    clocks, good = _clocks(parts["clock"])
    days = in_nanoseconds(pd.DatetimeIndex(dates))
    times = days.tz_localize("UTC") + pd.to_timedelta(clocks - offsets)
    times = _only(times, good & dates.notna().to_numpy())
    naive = bool((zones == "").all())
    shift = pd.to_timedelta(offsets)
    return Moments(_local_days(times, shift), naive)


def _clocks(cells: pd.Series) -> tuple[Int64s, NDArray[np.bool_]]:
    """Times of day in nanoseconds since midnight, (n,); and which are times of day."""
    if cells.isna().all():
        return np.zeros(len(cells), np.int64), np.ones(len(cells), np.bool_)
    parts = cells.str.extract(CLOCK)
    good = (cells.isna() | parts[0].notna()).to_numpy(np.bool_)
    hour, minute, second = (
        parts[place].fillna("0").astype("int64").to_numpy() for place in (0, 1, 2)
    )
    fraction = parts[3].fillna("0").str.ljust(9, "0").astype("int64").to_numpy()
    half = parts[4].str.upper()
    hour = np.where(half.notna().to_numpy(), hour % 12, hour)
    hour = hour + 12 * (half == "PM").to_numpy(np.bool_, na_value=False)
    good = good & (hour < 24) & (minute < 60) & (second < 60)
    return ((hour * 60 + minute) * 60 + second) * NS + fraction, good


def clock_times(times: pd.DatetimeIndex, zone: str) -> tuple[pd.DatetimeIndex, int | None]:
    """Local times of a place as UTC; dates alone stay dates.

    Args:
        times: (n,) without a zone, ascending but for the hour that a clock goes back.
        zone: of the place.

    Returns:
        UTC times, and the first row whose time does not exist there, if one does not.
    """
    if (times == times.normalize()).all():
        return times.tz_localize("UTC"), None
    summer = ~times.duplicated()  # the second time of a row is that after the change
    aware = times.tz_localize(zone, ambiguous=summer, nonexistent="NaT")
    missing = np.flatnonzero(aware.isna())
    return aware.tz_convert("UTC"), (int(missing[0]) if missing.size else None)

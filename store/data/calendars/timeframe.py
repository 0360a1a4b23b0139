"""Timeframes: how long a bar is, and how lengths of days, weeks and months are numbered.

One spelling each: `15m`, `4h`, `1d`, `3d`, `1w`, `1mo`; `60min` is read as `1h`, `1D` as `1d`. Bars
that no clock cuts (equal volume, Renko, ticks) are `irregular`.
"""

import re

import numpy as np
from numpy.typing import NDArray

DAY = 86_400
WEEK = 7 * DAY
MONTH = 2_629_800
"""Seconds: a twelfth of 365.25 days; no whole number of days, so no length of days equals it."""
UNITS = {"s": 1, "m": 60, "h": 3_600, "d": DAY, "w": WEEK, "mo": MONTH}
NS = 1_000_000_000
IRREGULAR = "irregular"

LONGEST = 24 * MONTH
ALIASES = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes", "t"), "m"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "day", "days"), "d"),
    **dict.fromkeys(("w", "wk", "week", "weeks"), "w"),
    **dict.fromkeys(("mo", "mon", "mth", "month", "months"), "mo"),
}
QUARTERS_AND_YEARS = {"q": 3, "quarter": 3, "quarters": 3, "y": 12, "year": 12, "years": 12}
WORDS = {"hourly": "1h", "daily": "1d", "weekly": "1w", "monthly": "1mo", "quarterly": "3mo"}
LARGER = {"s": (60, "m"), "m": (60, "h"), "h": (24, "d"), "d": (7, "w")}

Times = NDArray[np.int64]
"""(n,) nanoseconds since 1970 in UTC, ascending."""


def timeframe(text: str) -> str:
    """The one spelling of a timeframe: `60min` and `60m` are `1h`, `1440m` is `1d`, `7d` is `1w`.

    Args:
        text: a whole number and a unit of seconds, minutes, hours, days, weeks, months, quarters or
            years in any usual spelling; or irregular.

    Raises:
        ValueError: any other text; `1M`, which some write for a minute and others for a month.
    """
    word = text.strip()
    if word.lower() in (IRREGULAR, "none", "null"):
        return IRREGULAR
    word = WORDS.get(word.lower(), word)
    match = re.fullmatch(r"([1-9][0-9]{0,5})\s*([A-Za-z]+)", word)
    if match is None:
        raise _unreadable(text)
    number, unit = int(match[1]), match[2]
    if unit == "M":
        raise ValueError(
            f"data.timeframe: {text} may be minutes or months; write {number}m or {number}mo"
        )
    if unit.lower() in QUARTERS_AND_YEARS:
        number, unit = number * QUARTERS_AND_YEARS[unit.lower()], "mo"
    else:
        unit = ALIASES.get(unit.lower(), "")
    if not unit or number * UNITS[unit] > LONGEST:
        raise _unreadable(text)
    while unit in LARGER and number % LARGER[unit][0] == 0:
        number, unit = number // LARGER[unit][0], LARGER[unit][1]
    if unit in "smh" and number * UNITS[unit] > DAY:
        raise _unreadable(text)
    return f"{number}{unit}"


def seconds(text: str) -> int:
    """Length of a bar in seconds: of a month the mean, 0 for `irregular`.

    Raises:
        ValueError: see `timeframe`.
    """
    spelt = timeframe(text)
    if spelt == IRREGULAR:
        return 0
    unit = spelt.lstrip("0123456789")
    return int(spelt.removesuffix(unit)) * UNITS[unit]


def in_months(length: int) -> bool:
    """True for a length of whole months."""
    return length > 0 and length % MONTH == 0


def several_days(length: int) -> bool:
    """True for a length of several days and no whole weeks: 2d, 3d."""
    return length > DAY and length % DAY == 0 and length % WEEK != 0


def slot_numbers(days: Times, length: int) -> Times:
    """Number of the bar of so many days, weeks (from Monday) or months that each day is in.

    Args:
        days: (n,) since 1970.
        length: in seconds, a day or more.
    """
    if in_months(length):
        months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        return months // (length // MONTH)
    if length % WEEK == 0:
        return (days + 3) // (length // DAY)  # day 0 was a Thursday
    return days // (length // DAY)


def slot_starts(numbers: Times, length: int) -> Times:
    """Nanoseconds UTC at which those bars begin: the inverse of `slot_numbers`."""
    if in_months(length):
        months = (numbers * (length // MONTH)).astype("datetime64[M]")
        return months.astype("datetime64[D]").astype(np.int64) * DAY * NS
    days = numbers * (length // DAY) - (3 if length % WEEK == 0 else 0)
    return days * DAY * NS


def length_text(length: float) -> str:
    """A time between bars as a timeframe writes it: 7200 is 2h, 28 to 31 days are 1mo."""
    for months in (1, 3, 6, 12):
        if abs(length / (months * MONTH) - 1) < 0.09 and length > 27 * DAY:
            return f"{months}mo"
    unit = next((u for u in ("w", "d", "h", "m") if length % UNITS[u] == 0), "s")
    return f"{length / UNITS[unit]:g}{unit}"


def _unreadable(text: str) -> ValueError:
    return ValueError(
        "data.timeframe: need a bar below a day (30s, 15m, 4h), days (1d, 3d), weeks (1w), months "
        f"(1mo, 3mo) or irregular (bars of equal volume, Renko), got {text!r}"
    )

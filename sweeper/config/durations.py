"""Lengths and places along bars as a config writes them: bars, calendar time, dates, fractions."""

import re
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sweeper.config.error_text import DoesNotFit

Times = NDArray[np.datetime64]
"""(n,) times of bars, UTC, ascending."""

UNITS = {
    "h": lambda n: pd.DateOffset(hours=n),
    "d": lambda n: pd.DateOffset(days=n),
    "w": lambda n: pd.DateOffset(weeks=n),
    "mo": lambda n: pd.DateOffset(months=n),
    "y": lambda n: pd.DateOffset(years=n),
}


@dataclass(frozen=True, slots=True)
class Length:
    """So many bars, or so much of the calendar; `unit` is empty for bars."""

    number: int
    unit: str = ""

    @classmethod
    def parse(cls, key: str, value: object, least: int = 1) -> "Length":
        """Read 250 (bars), 12h, 30d, 8w, 6mo or 4y.

        Raises:
            ValueError: anything else, or less than `least`.
        """
        if isinstance(value, int) and not isinstance(value, bool):
            number, unit = value, ""
        else:
            match = re.fullmatch(r"(\d{1,6})(h|d|w|mo|y)?", str(value))
            if match is None:
                raise ValueError(
                    f"{key}: need whole bars such as 250, or calendar time such as 12h, 30d, 8w, "
                    f"6mo or 4y, got {value!r}"
                )
            number, unit = int(match[1]), match[2] or ""
        if number < least:
            raise ValueError(f"{key}: must be at least {least}, got {value}")
        return cls(number, unit)

    def __str__(self) -> str:
        return f"{self.number}{self.unit}" if self.unit else f"{self.number} bars"

    def __mul__(self, times: int) -> "Length":
        return Length(self.number * times, self.unit)

    def after(self, moment: np.datetime64) -> np.datetime64:
        """The calendar time this much later; 29 February plus a year is 28 February."""
        step = UNITS[self.unit](self.number)
        return (pd.Timestamp(moment) + step).to_datetime64()


def later(times: Times, start: int, length: Length) -> int:
    """The first bar that is at least `length` after bar `start`; len(times) or more: none is."""
    if not length.unit:
        return start + length.number
    if start >= len(times):
        return start
    return first_from(times, length.after(times[start]))


def first_from(times: Times, moment: np.datetime64) -> int:
    """The first bar at or after a moment; len(times) when all are before it."""
    return int(np.searchsorted(times, moment, "left"))


def start_bar(key: str, value: object, times: Times) -> int:
    """The first bar of a window that starts at a date, included, or at a fraction of the bars."""
    if isinstance(value, float):
        return _share(key, value, times)
    first, after = _span(key, value)
    if after <= times[0]:
        raise DoesNotFit(f"{key}: {value} is before the first bar, {_day(times[0])}; null is there")
    return first_from(times, first)


def stop_bar(key: str, value: object, times: Times) -> int:
    """The bar after the last one of a window that ends at a date, included, or at a fraction."""
    if isinstance(value, float):
        return _share(key, value, times)
    first, after = _span(key, value)
    if first > times[-1]:
        raise DoesNotFit(
            f"{key}: {value} is after the last bar that a sweep may read, {_day(times[-1])}; null "
            "is there; lower holdout or load more bars"
        )
    return first_from(times, after)


def _share(key: str, value: float, times: Times) -> int:
    if not 0 <= value <= 1:
        raise ValueError(f"{key}: a fraction of the bars is from 0 to 1, got {value:g}")
    return round(len(times) * value)


def _span(key: str, value: object) -> tuple[np.datetime64, np.datetime64]:
    """The moment that an ISO text names and the one after it: a date is its whole day."""
    text = str(value)
    try:
        moment = datetime.fromisoformat(text)
        whole_day = len(text) <= len("2010-01-31") and date.fromisoformat(text) is not None
    except ValueError:
        raise ValueError(
            f"{key}: need an ISO date such as 2010-01-31, or a fraction of the bars such as 0.7, "
            f"got {value!r}"
        ) from None
    stamp = pd.Timestamp(moment)
    stamp = stamp if stamp.tz is None else stamp.tz_convert("UTC").tz_localize(None)
    last = stamp + (pd.Timedelta(1, "D") if whole_day else pd.Timedelta(1, "us"))
    return stamp.to_datetime64(), last.to_datetime64()


def _day(moment: np.datetime64) -> str:
    return str(moment)[:10]

"""Rules for bars before any backtest reads them, their quality, and what identifies them.

The rules, each refused by name with file, row, value and what to change:

- at least 2 bars, times unique and ascending;
- open, high, low, close finite and above zero; low <= open, close <= high;
- volume finite and not negative;
- any further column is a feature: NaN allowed, infinity not.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from store.data.calendars.calendar import NS, seconds
from store.data.calendars.coverage import Coverage, coverage
from store.data.calendars.timeframe import IRREGULAR, in_months, length_text
from store.data.calendars.times import row_name
from store.data.normalise import OHLCV
from store.errors import BadBars

FLOOR = 0.5
"""Bars with a lower quality score are refused."""
LISTED_REPAIRS = 20
FEW = 4
"""Bars; of fewer the steps do not tell which timeframe they are of."""
MIN_BARS = 2
PRICES = OHLCV[:4]


@dataclass(frozen=True)
class Quality:
    """Quality of a series: how complete and clean it is.

    Attributes:
        score: 0 to 1: (1 - gaps / expected bars) * (1 - repaired / bars)
            * (1 - zero_volume / bars / 4). A series without any volume thus scores at most 0.75:
            usable, but no volume rule will work on it.
        gaps: bars that the calendar expects and that are absent.
        outside: bars at times when the calendar is closed; not part of the score.
        zero_volume: bars without volume.
        repaired: bars whose high or low was clamped.
        repairs: one line for each of the first 20 repaired bars.
        calendar: what gaps were counted against; empty: they were not.
    """

    score: float
    gaps: int
    outside: int
    zero_volume: int
    repaired: int
    repairs: tuple[str, ...]
    calendar: str


class _Rule(NamedTuple):
    """One rule: the rows that break it (n,), what is wrong, the columns to show, what to do."""

    broken: NDArray[np.bool_]
    rule: str
    columns: tuple[str, ...]
    change: str


def check_rules(frame: pd.DataFrame, what: str) -> None:
    """Refuse bars that break a rule.

    Args:
        frame: as `store.data.normalise.shape` gives it.
        what: names the bars in errors: their file or symbol.

    Raises:
        BadBars: naming the first row that breaks the first broken rule.
    """
    if len(frame) < MIN_BARS:
        raise BadBars(
            f"{what}: too little history, got {len(frame)} bars; need at least {MIN_BARS}"
        )
    times = pd.DatetimeIndex(frame.index)
    for broken, rule, columns, change in _rules(frame):
        if not broken.any():
            continue
        row, more = int(np.argmax(broken)), int(broken.sum()) - 1
        values = ", ".join(f"{name}={float(frame[name].iloc[row])!r}" for name in columns)
        raise BadBars(
            f"{what}: {row_name(times, row)}: {rule}{', got ' * bool(values)}{values}"
            f"{f' (and {more} more rows)' if more else ''}; {change}"
        )


def _rules(frame: pd.DataFrame) -> Iterator[_Rule]:
    times = pd.DatetimeIndex(frame.index).asi8
    steps = np.diff(times, prepend=times[0] - 1)
    yield _Rule(steps == 0, "has the time of the row before", (), "keep one row per time")
    yield _Rule(steps < 0, "is earlier than the row before", (), "sort the rows, oldest first")
    values = {str(name): frame[name].to_numpy() for name in frame.columns}
    for name in PRICES:
        good = np.isfinite(values[name]) & (values[name] > 0)
        rule = f"{name} must be finite and above zero"
        yield _Rule(~good, rule, (name,), "correct or remove the row")
    for high, low in (
        ("high", "low"),
        ("open", "low"),
        ("close", "low"),
        ("high", "open"),
        ("high", "close"),
    ):
        rule = f"{low} is above {high}"
        yield _Rule(values[low] > values[high], rule, (low, high), "correct or remove the row")
    good = np.isfinite(values["volume"]) & (values["volume"] >= 0)
    yield _Rule(~good, "volume must be finite and not negative", ("volume",), "zero if unknown")
    for name in list(values)[len(OHLCV) :]:
        rule = f"feature {name} must not be infinite"
        yield _Rule(np.isinf(values[name]), rule, (name,), "leave the cell empty")


def check_bars(
    frame: pd.DataFrame,
    what: str,
    timeframe: str | None = None,
    calendar: str = "",
    repairs: tuple[str, ...] = (),
) -> Quality:
    """Judge bars: refuse those that break a rule or are hopeless, rate the others.

    Args:
        frame: as `store.data.normalise.shape` gives it.
        what: names the bars in errors: their file or symbol.
        timeframe: length of a bar; None: gaps are not counted.
        calendar: what gaps are counted against, with a timeframe.
        repairs: what `repair` said of these bars.

    Raises:
        BadBars: a rule is broken, bars are closer together or further apart than the timeframe
            says, or the score is below 0.5.
    """
    check_rules(frame, what)
    times = pd.DatetimeIndex(frame.index).asi8
    covered = Coverage(len(frame))
    if timeframe is not None and timeframe != IRREGULAR:
        _check_spacing(times, timeframe, what)
        covered = coverage(times, calendar, timeframe)
    zero_volume = int((frame["volume"] == 0).sum())
    bars = len(frame)
    score = 1.0 if not covered.expected else 1 - covered.missing / covered.expected
    score *= (1 - len(repairs) / bars) * (1 - zero_volume / bars / 4)
    if not score >= FLOOR:
        raise BadBars(
            f"{what}: quality {score:.2f} is below {FLOOR}: {covered.missing} of "
            f"{covered.expected} bars are missing (calendar {calendar}, timeframe {timeframe}; "
            "most bars are "
            f"{_spacing_text(times)} apart), {zero_volume} of {bars} have no volume, "
            f"{len(repairs)} are repaired; set data.timeframe or data.calendar, or mend the file"
        )
    return Quality(
        score=score,
        gaps=covered.missing,
        outside=covered.outside,
        zero_volume=zero_volume,
        repaired=len(repairs),
        repairs=repairs[:LISTED_REPAIRS],
        calendar=calendar if timeframe is not None else "",
    )


def fingerprint(frame: pd.DataFrame) -> str:
    """Identify bars by content: SHA-256 in hex over times, column names and values.

    The same on every machine and for every pandas type that holds the same numbers; the order of
    the columns does not count. Values count as float64, every NaN as one, -0.0 as 0.0.

    Args:
        frame: numeric columns, index of UTC times.
    """
    digest = hashlib.sha256(b"bars 1")
    times = pd.DatetimeIndex(frame.index).as_unit("ns").asi8
    digest.update(np.array([times.size, frame.shape[1]], "<i8").tobytes())
    digest.update(times.astype("<i8").tobytes())
    for name in sorted(map(str, frame.columns)):
        values = frame[name].to_numpy("float64", na_value=np.nan) + 0.0  # -0.0 + 0.0 is 0.0
        values[np.isnan(values)] = np.nan
        encoded = name.encode()
        digest.update(len(encoded).to_bytes(8, "little") + encoded)
        digest.update(values.astype("<f8").tobytes())
    return digest.hexdigest()


def _check_spacing(times: NDArray[np.int64], timeframe: str, what: str) -> None:
    """Refuse bars closer together or further apart than their timeframe: they are of another."""
    length, typical = seconds(timeframe), _spacing(times)
    if in_months(length):  # of 28 to 31 days
        wrong = not 0.9 * length < typical < 1.1 * length
    else:
        # Three quarters: a bar that a break or the close cuts short is not of another timeframe.
        # One and a half: holes lengthen some steps, another timeframe all of them.
        wrong = typical < 0.75 * length or (times.size > FEW and typical >= 1.5 * length)
    if wrong:
        own = _spacing_text(times)
        raise BadBars(
            f"{what}: bars are {own} apart, data.timeframe says {timeframe}; these are {own} bars: "
            f"set data.timeframe={own}, or {IRREGULAR} if no clock cuts them"
        )


def _spacing(times: NDArray[np.int64]) -> float:
    """Seconds between bars: the lower quartile, as nights and weekends only lengthen it."""
    return float(np.quantile(np.diff(times), 0.25, method="lower")) / NS


def _spacing_text(times: NDArray[np.int64]) -> str:
    return length_text(_spacing(times))

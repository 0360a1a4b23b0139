"""Specification of an experiment's data: the keys of the config group `data`, checked."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from typing import Any

import pandas as pd

from store.data.calendars.calendar import check_calendar
from store.data.calendars.timeframe import timeframe
from store.files.plug_ins import did_you_mean

SYMBOL = re.compile(r"[A-Za-z0-9^][A-Za-z0-9._=^-]{0,62}")
"""A symbol is also a file name: no slash, no leading dot."""


ACCEPTED = "accepted"
"""Of `survivorship`: the universe may hold survivors only."""


@dataclass(frozen=True)
class DataSpec:
    """Which bars to load.

    Attributes:
        source: a module of `store/data/sources`.
        path: file or folder of a source that reads files, relative to the working directory.
        symbols: a selection; empty: all that the source has.
        timeframe: length of a bar: 30s, 15m, 4h, 1d, 3d, 1w, 1mo, or irregular; other spellings
            (60min, 1D) are brought to these.
        start: ISO date or time (UTC) of the first bar, included; None: from the oldest on.
        end: the same for the last bar; a date includes its whole day.
        periods_per_year: what annual figures are scaled with; None: from calendar and timeframe.
        calendar: 24/7, fx (days end at 17:00 New York) or an exchange (XNYS); None: the source's
            own; for files 24/7 when a bar is on a Saturday, fx when there are bars day and night,
            else XNYS.
        universe: name under which all the symbols are traded with one purse; None: each alone.
        survivorship: accepted: the universe may hold survivors only; None: that is refused.
        detail: timeframe of finer bars that tell which of two prices a bar touched first; None:
            no such bars.
        detail_path: of their file or folder; None: that of the bars.
        options: what only this source knows.
    """

    source: str
    path: str | None = None
    symbols: tuple[str, ...] = ()
    timeframe: str = "1d"
    start: str | None = None
    end: str | None = None
    periods_per_year: float | None = None
    calendar: str | None = None
    universe: str | None = None
    survivorship: str | None = None
    detail: str | None = None
    detail_path: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "timeframe", timeframe(self.timeframe))
        if self.detail is not None:
            object.__setattr__(self, "detail", timeframe(self.detail))
        elif self.detail_path is not None:
            raise ValueError("data.detail_path: needs data.detail, the timeframe of those bars")
        if self.calendar is not None:
            check_calendar(self.calendar)
        if self.survivorship not in (None, ACCEPTED):
            raise ValueError(
                f"data.survivorship: need {ACCEPTED} or null, got {self.survivorship!r}"
            )
        for symbol in self.symbols:
            if not SYMBOL.fullmatch(symbol):
                raise ValueError(
                    f"data.symbols: {symbol!r} is no symbol; use letters, digits and . _ = ^ -"
                )
        first, last = self.bounds()
        if first is not None and last is not None and first > last:
            raise ValueError(
                f"data.start: {self.start} is after data.end {self.end}; swap or widen them"
            )
        periods = self.periods_per_year
        if periods is not None and not (periods > 0 and math.isfinite(periods)):
            raise ValueError(
                f"data.periods_per_year: need a number above zero or null, got {periods}"
            )

    def bounds(self) -> tuple[pd.Timestamp | None, pd.Timestamp | None]:
        """First and last admitted time, both included, UTC; None is open."""
        return _bound("start", self.start), _bound("end", self.end)

    def of_symbol(self, symbol: str) -> "DataSpec":
        """The spec of one of its datasets: that symbol's, or the whole universe's."""
        return self if self.universe else replace(self, symbols=(symbol,))

    def to_config(self) -> dict[str, object]:
        """The keys of the config group: `from_config` makes an equal spec of them."""
        keys = {each.name: getattr(self, each.name) for each in fields(self)}
        options = keys.pop("options")
        for name in ("universe", "survivorship", "detail", "detail_path"):
            if keys[name] is None:  # as records of one symbol have always been
                del keys[name]
        return keys | {"symbols": list(self.symbols)} | dict(options)

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "DataSpec":
        """Read the keys of the config group `data`; those not of every source become options."""
        names = {each.name for each in fields(cls)} - {"options"}
        values = {name: config[name] for name in names & set(config)}
        if not values.get("source"):
            raise ValueError("data.source: none given; choose one, for example data=nasdaq")
        symbols = values.get("symbols") or ()
        periods = values.get("periods_per_year")
        return cls(
            **values
            | {
                "source": str(values["source"]),
                "symbols": (symbols,) if isinstance(symbols, str) else tuple(map(str, symbols)),
                "timeframe": str(values.get("timeframe") or "1d"),
                "start": _text(values.get("start")),
                "end": _text(values.get("end")),
                "universe": _text(values.get("universe")),
                "survivorship": _text(values.get("survivorship")),
                "detail": _text(values.get("detail")),
                "detail_path": _text(values.get("detail_path")),
                "periods_per_year": None if periods is None else _number(periods),
            },
            options={name: value for name, value in config.items() if name not in names},
        )


def choose(wanted: Iterable[str], available: Iterable[str], where: str) -> list[str]:
    """Select symbols in the order wanted; none wanted is all.

    Raises:
        ValueError: one is not available; near matches are named.
    """
    names = list(available)
    chosen = list(wanted) or names
    for name in chosen:
        if name not in names:
            raise ValueError(f"data.symbols: {where} has no {name!r}; {suggest(name, names)}")
    return chosen


def suggest(name: str, names: Iterable[str]) -> str:
    """Hint after an unknown name: near matches, or the first of the names there are."""
    return did_you_mean(name, names, shown=12)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ValueError(f"data.periods_per_year: need a number or null, got {value!r}") from None


def _bound(name: str, text: str | None) -> pd.Timestamp | None:
    if text is None:
        return None
    try:
        parsed = datetime.fromisoformat(text)
        whole_day = len(text) <= len("2010-01-31") and date.fromisoformat(text) is not None
    except ValueError:
        raise ValueError(
            f"data.{name}: need an ISO date such as 2010-01-31, got {text!r}"
        ) from None
    stamp = pd.Timestamp(parsed)
    stamp = stamp.tz_localize("UTC") if stamp.tz is None else stamp.tz_convert("UTC")
    if name == "end" and whole_day:
        stamp += pd.Timedelta(1, "D") - pd.Timedelta(1, "ns")
    return stamp

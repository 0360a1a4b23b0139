"""Ingest: checked bars become a kept series, and it is said what was got."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pandas as pd

from store.data import bar_store
from store.data.append_bars import extended
from store.data.bars import LISTED_REPAIRS, Quality, check_bars, check_rules
from store.data.calendars.calendar import ALWAYS_OPEN, DAY, guess_calendar, seconds
from store.data.calendars.coverage import Gap, coverage, stamped_with_end
from store.data.calendars.timeframe import in_months
from store.data.calendars.times import time_text
from store.data.dataset import Dataset
from store.data.normalise import shape
from store.data.rounding import repair
from store.errors import BadBars
from store.files.paths import bars_record

STAMPS = ("start", "end")


@dataclass(frozen=True, eq=False)
class Fresh:
    """Bars on their way into the store: of one symbol, and every bar keeps the rules.

    Attributes:
        symbol: its name here.
        timeframe: length of a bar.
        frame: in the shape of `store.data.normalise`.
        calendar: of their market.
        stated: whether somebody said so; otherwise it is a guess from the times.
        repairs: one line per clamped bar.
        repaired: how many bars were clamped.
    """

    symbol: str
    timeframe: str
    frame: pd.DataFrame
    calendar: str
    stated: bool
    repairs: tuple[str, ...]
    repaired: int

    @classmethod
    def of_dataset(cls, dataset: Dataset) -> "Fresh":
        """The bars of a source that sweeps can read too."""
        quality, stated = dataset.quality, dataset.spec.calendar is not None
        return cls(
            dataset.symbol,
            dataset.timeframe,
            dataset.frame,
            quality.calendar,
            stated,
            quality.repairs,
            quality.repaired,
        )

    @classmethod
    def of_table(
        cls, table: pd.DataFrame, symbol: str, timeframe: str, calendar: str | None, adjusted: bool
    ) -> "Fresh":
        """The bars that a vendor gave; BadBars where one breaks a rule."""
        frame, repairs = repair(shape(table, symbol, adjusted=adjusted))
        check_rules(frame, symbol)
        market = calendar or guess_calendar(pd.DatetimeIndex(frame.index))
        listed = repairs[:LISTED_REPAIRS]
        return cls(symbol, timeframe, frame, market, calendar is not None, listed, len(repairs))


@dataclass(frozen=True)
class Ingested:
    """Bars of one symbol as an ingest has left them in the store.

    Attributes:
        state: new, extended, unchanged or replaced.
        record: of the series as it is now.
        added: bars that were not there before.
        quality: of the whole series.
        gaps: stretches without bars, oldest first.
        notes: what was done to the data on the way: one line each.
    """

    state: str
    record: bar_store.Record
    added: int
    quality: Quality
    gaps: tuple[Gap, ...]
    notes: tuple[str, ...]

    def row(self) -> dict[str, object]:
        """As JSON types."""
        record = asdict(self.record)
        about = record.pop("about")
        return {
            "state": self.state,
            **record,
            "symbol": about["symbol"],
            "timeframe": about["timeframe"],
            "calendar": about["calendar"],
            "origin": about["origin"],
            "added": self.added,
            "quality": {**asdict(self.quality), "repairs": list(self.quality.repairs)},
            "gaps": [
                {"first": time_text(gap.first), "last": time_text(gap.last), "bars": gap.bars}
                for gap in self.gaps
            ],
            "notes": list(self.notes),
        }


def keep(
    root: Path,
    fresh: Fresh,
    origin: Mapping[str, object],
    *,
    stamp: str = "start",
    replacing: bool = False,
    notes: tuple[str, ...] = (),
) -> Ingested:
    """Keep the bars of a symbol, next to those of it that are kept already.

    Args:
        root: of the store.
        fresh: the bars.
        origin: where they came from, as JSON types.
        stamp: `end` when the times are those of the bars' ends; the starts are kept.
        replacing: keep these bars only, whatever is kept.
        notes: passed on.

    Raises:
        BadBars: the times are not what `stamp` says, the bars are hopeless (see
            `store.data.bars`), or bars that are kept would change.
    """
    path = bars_record(root, fresh.symbol, fresh.timeframe)
    frame, calendar = restamped(fresh, stamp), fresh.calendar
    with bar_store.writing(root):
        there = path.exists()
        old = bar_store.load_record(path) if there and not replacing else None
        if old is not None:
            calendar = _same_market(old, fresh, origin)
            frame = extended(
                bar_store.read(root, old.file, old.name), frame, f"{old.name} of {root}"
            )
        quality = _quality(frame, path.stem, calendar, fresh)
        added = len(frame) - (old.rows if old else 0)
        about = {
            "symbol": fresh.symbol,
            "timeframe": fresh.timeframe,
            "calendar": calendar,
            "repaired": fresh.repaired + (old.about["repaired"] if old else 0),
            "origin": dict(origin),
        }
        record = bar_store.write(root, path, frame, about) if added or not old else old
    state = ("extended" if added else "unchanged") if old else ("replaced" if there else "new")
    gaps = coverage(pd.DatetimeIndex(frame.index).asi8, calendar, fresh.timeframe).gaps()
    return Ingested(state, record, added, quality, tuple(gaps), notes)


def restamped(fresh: Fresh, stamp: str) -> pd.DataFrame:
    """The bars with the times of their starts.

    A wrong reading would let features be seen a bar early, so bars that plainly are stamped
    otherwise are refused. A day of an exchange keeps its date, whatever hour it carries.

    Raises:
        ValueError: `stamp` is neither start nor end.
        BadBars: the bars of an exchange fit the other reading better.
    """
    if stamp not in STAMPS:
        raise ValueError(f"--stamp: need start or end, got {stamp!r}")
    length = seconds(fresh.timeframe)
    if not length or (length >= DAY and fresh.calendar != ALWAYS_OPEN):
        return fresh.frame
    times = pd.DatetimeIndex(fresh.frame.index)
    if stamp == "start" and stamped_with_end(times.asi8, fresh.calendar, fresh.timeframe):
        raise BadBars(
            f"{fresh.symbol}: bars carry the time of their end, the first {time_text(times[0])}; "
            "pass --stamp end"
        )
    if stamp == "end" and in_months(length):
        raise ValueError("--stamp: months are kept by the month of their times; leave --stamp out")
    if stamp == "end":
        return fresh.frame.set_axis(times - pd.Timedelta(length, "s"))
    return fresh.frame


def _quality(frame: pd.DataFrame, name: str, calendar: str, fresh: Fresh) -> Quality:
    """Quality of all bars to be stored, the repairs of the new ones counted."""
    quality = check_bars(frame, name, fresh.timeframe, calendar)
    score = quality.score * (1 - fresh.repaired / len(frame))
    return replace(quality, score=score, repaired=fresh.repaired, repairs=fresh.repairs)


def _same_market(old: bar_store.Record, fresh: Fresh, origin: Mapping[str, object]) -> str:
    """The calendar of a series that is kept; BadBars unless new bars are of the same kind."""
    calendar: str = old.about["calendar"]
    if fresh.stated and fresh.calendar != calendar:
        raise BadBars(
            f"{old.name}: is kept with calendar {calendar}, got {fresh.calendar}; pass --replace "
            "to keep the new bars only"
        )
    before, now = (bool(facts.get("adjusted")) for facts in (old.about["origin"], origin))
    if before != now:
        words = {True: "adjusted", False: "unadjusted"}
        raise BadBars(
            f"{old.name}: is kept with {words[before]} prices, got {words[now]} ones; pass "
            "--replace to keep the new bars only"
        )
    return calendar

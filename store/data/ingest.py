"""Ingest: checked bars become a kept series, and it is said what was got."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from store.data import kept
from store.data.bars import Quality, check_bars
from store.data.calendar import ALWAYS_OPEN, DAY, seconds
from store.data.coverage import Gap, coverage, stamped_with_end
from store.data.load import Dataset
from store.data.merge import extended
from store.data.shape import time_text
from store.errors import BadBars
from store.paths import bars_record

STAMPS = ("start", "end")


@dataclass(frozen=True)
class Ingested:
    """What an ingest of one symbol has left in the store.

    Attributes:
        state: new, extended, unchanged or replaced.
        record: of the series as it is now.
        added: bars that were not there before.
        quality: of the whole series.
        gaps: stretches without bars, oldest first.
        notes: what was done to the data on the way: one line each.
    """

    state: str
    record: kept.Record
    added: int
    quality: Quality
    gaps: tuple[Gap, ...]
    notes: tuple[str, ...]

    def row(self) -> dict[str, Any]:
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
            "sweep": sweep_command(about["symbol"], about["timeframe"]),
        }


def sweep_command(symbol: str, timeframe: str) -> str:
    """The command that sweeps over kept bars, after which the user names what to sweep."""
    return (
        f"python -m sweeper -m strategy=sma data=stored 'data.symbols=[{symbol}]' "
        f"data.timeframe={timeframe}"
    )


def keep(
    root: Path,
    dataset: Dataset,
    origin: Mapping[str, Any],
    *,
    stamp: str = "start",
    replacing: bool = False,
    notes: tuple[str, ...] = (),
) -> Ingested:
    """Keep the bars of a symbol, beside those of it that are kept already.

    Args:
        root: of the store.
        dataset: checked bars.
        origin: where they came from, as JSON types.
        stamp: `end` when the times are those of the bars' ends; the starts are kept.
        replacing: keep these bars only, whatever is kept.
        notes: passed on.

    Raises:
        BadBars: the times are not what `stamp` says, or bars that are kept would change.
    """
    symbol, timeframe = dataset.symbol, dataset.timeframe
    path = bars_record(root, symbol, timeframe)
    frame = restamped(dataset, stamp)
    calendar = dataset.quality.calendar
    with kept.writing(root):
        there = path.exists()
        old = kept.load_record(path) if there and not replacing else None
        if old is not None:
            calendar = _same_market(old, dataset, origin)
            frame = extended(kept.read(root, old.file, old.name), frame, f"{old.name} of {root}")
        quality = check_bars(frame, path.stem, timeframe, calendar, dataset.quality.repairs)
        added = len(frame) - (old.rows if old else 0)
        about = {"symbol": symbol, "timeframe": timeframe, "calendar": calendar, "origin": origin}
        record = kept.write(root, path, frame, about) if added or not old else old
    state = ("extended" if added else "unchanged") if old else ("replaced" if there else "new")
    gaps = coverage(pd.DatetimeIndex(frame.index).asi8, calendar, timeframe).gaps()
    return Ingested(state, record, added, quality, tuple(gaps), notes)


def restamped(dataset: Dataset, stamp: str) -> pd.DataFrame:
    """The bars with the times of their starts.

    A wrong reading would let features be seen a bar early, so bars that plainly are stamped
    otherwise are refused. A day of an exchange keeps its date, whatever hour it carries.

    Raises:
        ValueError: `stamp` is neither start nor end.
        BadBars: the bars of an exchange fit the other reading better.
    """
    if stamp not in STAMPS:
        raise ValueError(f"--stamp: need start or end, got {stamp!r}")
    frame, calendar, timeframe = dataset.frame, dataset.quality.calendar, dataset.timeframe
    length = seconds(timeframe)
    if length >= DAY and calendar != ALWAYS_OPEN:
        return frame
    times = pd.DatetimeIndex(frame.index)
    if stamp == "start" and stamped_with_end(times.asi8, calendar, timeframe):
        raise BadBars(
            f"{dataset.symbol}: bars carry the time of their end, the first {time_text(times[0])}; "
            "pass --stamp end"
        )
    return frame if stamp == "start" else frame.set_axis(times - pd.Timedelta(length, "s"))


def _same_market(old: kept.Record, dataset: Dataset, origin: Mapping[str, Any]) -> str:
    """The calendar of a series that is kept; BadBars unless new bars are of the same kind."""
    calendar: str = old.about["calendar"]
    if dataset.spec.calendar not in (None, calendar):
        raise BadBars(
            f"{old.name}: is kept with calendar {calendar}, got {dataset.spec.calendar}; pass "
            "--replace to keep the new bars only"
        )
    before, now = (bool(one.get("adjusted")) for one in (old.about["origin"], origin))
    if before != now:
        words = {True: "adjusted", False: "unadjusted"}
        raise BadBars(
            f"{old.name}: is kept with {words[before]} prices, got {words[now]} ones; pass "
            "--replace to keep the new bars only"
        )
    return calendar

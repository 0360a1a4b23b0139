"""Two profiles on the same stretch of time, run now."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from promote.profiles.profile import Profile
from promote.profiles.replay import bars_of, metrics_on, replay, series_of
from store.data import Dataset
from store.errors import StoreError
from store.registry import HoldoutUse, open_registry


@dataclass(frozen=True, slots=True)
class Compared:
    """One profile on its bars.

    Attributes:
        profile: which.
        metrics: by name, fractions.
        first: time of the first bar.
        last: time of the last bar, included.
        bars: how many.
        unseen: how many of them no sweep of this profile could read: its holdout, and later bars.
        looks: how often this symbol's holdout has been looked at by now; None when it was not.
    """

    profile: Profile
    metrics: dict[str, float]
    first: str
    last: str
    bars: int
    unseen: int
    looks: int | None


DELTAS = ("sharpe", "total_return", "annual_return", "max_drawdown")


def compare(
    root: Path, profile_a: Profile, other: Profile, start: str | None, end: str | None
) -> tuple[Compared, Compared]:
    """Backtest two profiles from `start` to `end`, both included, each simulated from flat.

    A range that reaches into bars that were kept from the sweep is a look at the holdout: it is
    recorded for each of the two before it is taken.

    Args:
        root: folder of the store.
        profile_a: a profile.
        other: another.
        start: ISO date or time, UTC; None: the first bar that both have.
        end: the same; None: the last bar that a sweep of either could read.

    Raises:
        StoreError: the range leaves fewer than two bars of one of them.
    """
    sets = [bars_of(profile) for profile in (profile_a, other)]
    first = _time("--start", start) or max(data.frame.index[0] for data in sets)
    last = _end(end) or min(_seen_until(profile) for profile in (profile_a, other))
    spans = [_span(data, first, last) for data in sets]
    pairs = list(zip((profile_a, other), sets, spans, strict=True))
    compared = [_compared(root, profile, data, span) for profile, data, span in pairs]
    return compared[0], compared[1]


def deltas(first: Compared, other: Compared) -> dict[str, float]:
    """Differences of the second from the first, by metric; of a drawdown, more is worse."""
    return {f"{name}_delta": other.metrics[name] - first.metrics[name] for name in DELTAS}


def _compared(root: Path, profile: Profile, data: Dataset, span: tuple[int, int]) -> Compared:
    times = pd.DatetimeIndex(data.frame.index)[slice(*span)]
    unseen = int((times > _seen_until(profile)).sum())
    looks = _look(root, profile, data) if unseen else None
    metrics = metrics_on(replay(profile, series_of(data)), span)
    ends = (str(times[0]), str(times[-1]))
    return Compared(profile, metrics, *ends, len(times), unseen, looks)


def _look(root: Path, profile: Profile, data: Dataset) -> int:
    """Record a look at the holdout; how many there are by now."""
    use = HoldoutUse(
        symbol=profile.symbol,
        fingerprint=data.fingerprint,
        experiment=profile.experiment["id"],
        config_hash=profile.config_hash,
        purpose="compare",
    )
    return open_registry(root).use_holdout(use)


def _span(data: Dataset, first: pd.Timestamp, last: pd.Timestamp) -> tuple[int, int]:
    """Bars [start, stop) from `first` to `last`, both included."""
    times = pd.DatetimeIndex(data.frame.index)
    start, stop = int(times.searchsorted(first)), int(times.searchsorted(last, "right"))
    if stop - start < 2:
        raise StoreError(
            f"{data.symbol}: {max(stop - start, 0)} bars from {first} to {last}, need 2 or more; "
            f"it has {times[0]} to {times[-1]}"
        )
    return start, stop


def _seen_until(profile: Profile) -> pd.Timestamp:
    return pd.Timestamp(profile.holdout["after"], tz="UTC")


def _time(option: str, text: str | None) -> pd.Timestamp | None:
    if text is None:
        return None
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise StoreError(f"{option}: need an ISO date such as 2015-01-31, got {text!r}") from None
    return pd.Timestamp(parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).tz_convert("UTC")


def _end(text: str | None) -> pd.Timestamp | None:
    """The last admitted time; a date includes its whole day."""
    end = _time("--end", text)
    if end is not None and text is not None and len(text) <= len("2015-01-31"):
        end += pd.Timedelta(1, "D") - pd.Timedelta(1, "ns")
    return end

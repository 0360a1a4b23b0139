"""The holdout as a config names it: a share of the newest bars, or the day it begins on."""

from collections.abc import Mapping
from datetime import date

import pandas as pd

from kernels.engine.settings import as_percent
from store.records.group import GroupRecord
from store.records.run_numbering import development_bars

FORMS = "a fraction of the bars in [0, 1) or an ISO date such as 2023-01-01"


def read_holdout(value: object) -> float | str:
    """A fraction in [0, 1), or an ISO date, from a value of a config.

    Raises:
        ValueError: one line, for anything else.
    """
    if isinstance(value, str):
        try:
            return date.fromisoformat(value.strip()).isoformat() if "-" in value else _share(value)
        except ValueError:
            raise ValueError(f"holdout: must be {FORMS}, got {value!r}") from None
    if isinstance(value, bool) or not isinstance(value, int | float):
        got = "null" if value is None else repr(value)
        raise ValueError(f"holdout: must be {FORMS}, got {got}")
    if not 0 <= value < 1:
        raise ValueError(
            f"holdout: must be {FORMS}, got {value:g}{as_percent(value)}; 0.2 keeps the newest "
            "fifth out of every sweep"
        )
    return float(value)


def bars_before(times: pd.DatetimeIndex, holdout: float | str) -> int:
    """Number of the oldest bars, which a sweep may read; the holdout is after them.

    Args:
        times: (n,) of all bars, UTC, ascending.
        holdout: as `read_holdout` gives it. A date begins at 00:00 UTC.

    Raises:
        ValueError: a date with no bar before it, or none from it on.
    """
    if not isinstance(holdout, str):
        return development_bars(len(times), holdout)
    kept = int(times.searchsorted(pd.Timestamp(holdout, tz="UTC")))
    if 0 < kept < len(times):
        return kept
    missing = "from that day on" if kept else "before it"
    raise ValueError(
        f"holdout={holdout} leaves no bar {missing}; the bars are from {times[0]:%Y-%m-%d} to "
        f"{times[-1]:%Y-%m-%d}"
    )


def holdout_of(config: Mapping[str, object], group: GroupRecord) -> float | str:
    """The holdout of a recorded group.

    Records of earlier versions hold it as text alone: among the overrides of the group where the
    command swept it, else in the config.
    """
    if group.holdout is not None:
        return read_holdout(group.holdout)
    own: dict[str, object] = dict(word.partition("=")[::2] for word in group.overrides)
    return read_holdout(own.get("holdout", config["holdout"]))


def kept_bars(config: Mapping[str, object], group: GroupRecord, n_bars: int) -> int:
    """Number of the oldest of a recorded group's bars that its sweep could read.

    Args:
        config: of the experiment.
        group: of the experiment; those of earlier versions do not say the number, and have a
            fraction.
        n_bars: all of its bars.
    """
    if group.development_bars is not None:
        return group.development_bars
    holdout = holdout_of(config, group)
    return development_bars(n_bars, holdout) if isinstance(holdout, float) else n_bars


def holdout_note(holdout: float | str) -> str:
    """Which bars are kept unseen: one sentence; empty where none are."""
    if isinstance(holdout, str):
        return f"The bars from {holdout} on are kept unseen; holdout=0 reads all."
    return f"The newest {holdout:.0%} of the bars is kept unseen; holdout=0 reads all." * (
        holdout > 0
    )


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value < 1:
        raise ValueError(text)
    return value

"""Instants in UTC: the clock, or the time that a replay gives instead of it."""

from datetime import UTC, datetime

import pandas as pd


def now_of(text: str | None) -> pd.Timestamp:
    """The instant of an ISO text, read as UTC when it names no zone; the clock's without a text.

    Raises:
        ValueError: the text is no ISO time.
    """
    if text is None:
        return pd.Timestamp(datetime.now(UTC))
    try:
        moment = pd.Timestamp(datetime.fromisoformat(text))
    except ValueError:
        raise ValueError(
            f"--now: need an ISO time such as 2024-03-05T21:00Z, got {text[:60]!r}"
        ) from None
    return moment.tz_localize("UTC") if moment.tz is None else moment.tz_convert("UTC")


def utc(moment: object) -> pd.Timestamp:
    """An instant of a record; one without a zone is in UTC, as all records are."""
    stamp = pd.Timestamp(moment)  # type: ignore[arg-type]
    return stamp.tz_localize("UTC") if stamp.tz is None else stamp.tz_convert("UTC")


def iso(moment: object) -> str:
    """An instant as records write it: seconds, UTC, ending in Z; fixed width."""
    return utc(moment).strftime("%Y-%m-%dT%H:%M:%SZ")

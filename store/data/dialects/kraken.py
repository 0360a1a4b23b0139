"""Kraken's OHLCVT dumps: seven columns without a header, seconds, the last counts trades."""

from store.data.text.file_head import Reading, Sample

NAMES = ("time", "open", "high", "low", "close", "volume", "count")
SECONDS = 10
"""Digits of seconds since 1970, in our days."""


def recognise(sample: Sample) -> Reading | None:
    """By seconds in the first column and whole numbers in the last."""
    first = sample.first
    if sample.names or len(first) != len(NAMES):
        return None
    if not all(time.isdecimal() and len(time) == SECONDS for time in sample.column(0)):
        return None
    if not all(count.isdecimal() for count in sample.column(6)):
        return None
    return Reading("Kraken", {role: role for role in NAMES[:6]}, names=NAMES)

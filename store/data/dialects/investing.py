"""Investing.com: the close is called Price, volumes end in K, M or B, newest first."""

from store.data.text.file_head import Reading, Sample

NAMES = ("date", "price", "open", "high", "low")


def recognise(sample: Sample) -> Reading | None:
    """By the order of its names."""
    if sample.names[: len(NAMES)] != NAMES:
        return None
    columns = {"time": "date", "close": "price", "open": "open", "high": "high", "low": "low"}
    if "vol." in sample.names:
        columns["volume"] = "vol."
    return Reading("Investing.com", columns)

"""Polygon's flat files: ticker,volume,open,close,high,low,window_start,transactions; ns."""

from store.data.text.file_head import Reading, Sample

NAMES = ("open", "high", "low", "close", "volume")


def recognise(sample: Sample) -> Reading | None:
    """By the name of its times."""
    if not {"ticker", "window_start", *NAMES} <= set(sample.names):
        return None
    columns = {role: role for role in NAMES} | {"time": "window_start", "symbol": "ticker"}
    return Reading("Polygon", columns)

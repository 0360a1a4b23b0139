"""Alpha Vantage: timestamp,open,high,low,close,volume (or adjusted_close, volume), newest first."""

from store.data.text.file_head import Reading, Sample

PLAIN = ("timestamp", "open", "high", "low", "close", "volume")
ADJUSTED = (*PLAIN[:5], "adjusted_close", "volume", "dividend_amount", "split_coefficient")


def recognise(sample: Sample) -> Reading | None:
    """By its names and the order of its rows."""
    times = sample.column(0)
    if sample.names not in (PLAIN, ADJUSTED) or times != sorted(times, reverse=True):
        return None
    if len(times) < 2 or not times[0].startswith(("19", "20")) or "-" not in times[0]:
        return None
    columns = {role: role for role in PLAIN[1:]} | {"time": "timestamp"}
    return Reading("Alpha Vantage", columns)

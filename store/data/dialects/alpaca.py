"""Alpaca's bars: symbol,timestamp,open,high,low,close,volume,trade_count,vwap, times in UTC."""

from store.data.text.file_head import Reading, Sample

NAMES = ("open", "high", "low", "close", "volume")


def recognise(sample: Sample) -> Reading | None:
    """By its last columns."""
    if not {"timestamp", "trade_count", "vwap", *NAMES} <= set(sample.names):
        return None
    columns = {role: role for role in NAMES} | {"time": "timestamp"}
    return Reading("Alpaca", columns | ({"symbol": "symbol"} if "symbol" in sample.names else {}))

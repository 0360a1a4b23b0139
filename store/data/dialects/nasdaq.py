"""Nasdaq.com's historical quotes: Close/Last, dollar signs, month/day/year, newest first."""

from store.data.text.file_head import Reading, Sample


def recognise(sample: Sample) -> Reading | None:
    """By the name of its close."""
    if "close/last" not in sample.names or "date" not in sample.names:
        return None
    columns = {"time": "date", "close": "close/last", "open": "open", "high": "high", "low": "low"}
    return Reading("Nasdaq.com", columns, date_format="%m/%d/%Y")

"""Yahoo Finance's downloads: Date,Open,High,Low,Close,Adj Close,Volume; null on holidays."""

from store.data.text.file_head import Reading, Sample

NAMES = ("open", "high", "low", "close", "adj close", "volume")


def recognise(sample: Sample) -> Reading | None:
    """By its names in their order."""
    if sample.names[:1] not in (("date",), ("datetime",)) or sample.names[1:] != NAMES:
        return None
    return Reading("Yahoo", {"time": sample.names[0]})

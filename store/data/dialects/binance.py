"""Binance's klines, spot and futures: twelve columns, often without a header, times in ms or us."""

from store.data.text.file_head import Reading, Sample

NAMES = (
    "open_time",
    "open",
    "high",
    "low",
    "close",
    "volume",
    "close_time",
    "quote_volume",
    "count",
    "taker_buy_volume",
    "taker_buy_quote_volume",
    "ignore",
)
EPOCHS = (13, 16)
"""Digits of milliseconds and microseconds since 1970, in our days."""


def recognise(sample: Sample) -> Reading | None:
    """By the two times of the first row: the close is one unit before the next open."""
    first = sample.first
    if len(first) != len(NAMES) or not (first[0].isdecimal() and first[6].isdecimal()):
        return None
    if len(first[0]) not in EPOCHS or len(first[6]) != len(first[0]):
        return None
    if sample.names and "open" not in (sample.names[1], sample.names[1].replace(" ", "_")):
        return None
    if (int(first[6]) + 1) % 1000 or int(first[6]) <= int(first[0]):
        return None
    columns = {role: role for role in NAMES[1:6]} | {"time": "open_time"}
    return Reading("Binance", columns, names=NAMES)

"""MetaTrader 4: 2021.01.31,00:00 and five numbers, no header, times of the broker's server."""

import re

from store.data.text.file_head import Reading, Sample

NAMES = ("date", "time", "open", "high", "low", "close", "volume")
DATE = re.compile(r"\d{4}\.\d{2}\.\d{2}")
CLOCK = re.compile(r"\d{2}:\d{2}")


def recognise(sample: Sample) -> Reading | None:
    """By the two cells of a time."""
    first = sample.first
    if sample.names or len(first) != len(NAMES):
        return None
    if not (DATE.fullmatch(first[0]) and CLOCK.fullmatch(first[1])):
        return None
    notes = ("volume is ticks", "its times are of the broker's server")
    return Reading("MetaTrader 4", {role: role for role in NAMES}, names=NAMES, notes=notes)

"""HistData's minutes: 20120201 000000;open;high;low;close;0, New York's winter time all year."""

import re

from store.data.text.file_head import Reading, Sample

NAMES = ("time", "open", "high", "low", "close", "volume")
TIME = re.compile(r"\d{8} \d{6}")
ZONE = "Etc/GMT+5"
"""Five hours behind UTC: EST without daylight saving."""


def recognise(sample: Sample) -> Reading | None:
    """By the time and the semicolons."""
    first = sample.first
    if sample.names or sample.separator != ";" or len(first) != len(NAMES):
        return None
    if not TIME.fullmatch(first[0]):
        return None
    columns = {role: role for role in NAMES}
    return Reading("HistData", columns, names=NAMES, date_format="%Y%m%d %H%M%S", timezone=ZONE)

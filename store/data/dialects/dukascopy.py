"""Dukascopy's historical data feed: Gmt time (or Local time), day.month.year, milliseconds."""

from store.data.text.file_head import Reading, Sample


def recognise(sample: Sample) -> Reading | None:
    """By the name of its times."""
    for name, zone in (("gmt time", "UTC"), ("local time", None)):
        if name in sample.names:
            columns = {role: role for role in ("open", "high", "low", "close", "volume")}
            columns["time"] = name
            return Reading("Dukascopy", columns, date_format="%d.%m.%Y", timezone=zone)
    return None

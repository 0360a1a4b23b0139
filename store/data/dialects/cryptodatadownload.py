"""CryptoDataDownload: an address above the header, seconds or milliseconds, newest first."""

from store.data.text.file_head import Reading, Sample

PRICES = ("open", "high", "low", "close")
UNIX = ("unix", "unix timestamp")
HOURS = "%Y-%m-%d %I-%p"
"""Of its older files: 2019-10-17 09-AM."""


def recognise(sample: Sample) -> Reading | None:
    """By a column of symbols and a volume for each of the two currencies."""
    volumes = [name for name in sample.names if name.startswith("volume ")]
    if not {"date", "symbol", *PRICES} <= set(sample.names) or not volumes:
        return None
    columns = {role: role for role in PRICES} | {"symbol": "symbol", "volume": volumes[0]}
    times = [name for name in UNIX if name in sample.names] or ["date"]
    columns["time"] = times[0]
    at = sample.names.index("date")
    in_hours = times == ["date"] and all(cell.endswith(("AM", "PM")) for cell in sample.column(at))
    what = f"volume is {volumes[0]!r}"
    return Reading(
        "CryptoDataDownload", columns, date_format=HOURS if in_hours else None, notes=(what,)
    )

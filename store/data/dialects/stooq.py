"""Stooq's bulk files: <TICKER>,<PER>,<DATE>,<TIME>,..., times in digits without marks."""

from store.data.text.file_head import Reading, Sample


def recognise(sample: Sample) -> Reading | None:
    """By the header, in angle brackets."""
    if not {"<ticker>", "<per>", "<date>", "<open>"} <= set(sample.names):
        return None
    columns = {role: f"<{role}>" for role in ("date", "open", "high", "low", "close")}
    columns |= {"symbol": "<ticker>", "volume": "<vol>"}
    if "<time>" in sample.names:
        columns["time"] = "<time>"
    return Reading("Stooq", columns)

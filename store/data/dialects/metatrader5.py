"""MetaTrader 5: tabs, <DATE> and <TIME> of the broker's server, ticks counted as volume."""

from store.data.text.file_head import Reading, Sample


def recognise(sample: Sample) -> Reading | None:
    """By the header, in angle brackets and without a ticker."""
    names = sample.names
    if not {"<date>", "<open>", "<tickvol>"} <= set(names):
        return None
    columns = {role: f"<{role}>" for role in ("date", "open", "high", "low", "close")}
    if "<time>" in names:
        columns["time"] = "<time>"
    traded = "<vol>" in names and any(
        cell.strip("0.") for cell in sample.column(names.index("<vol>"))
    )
    columns["volume"] = "<vol>" if traded else "<tickvol>"
    unit = "what was traded" if traded else "ticks"
    server = ("its times are of the broker's server",) if "<time>" in names else ()
    return Reading("MetaTrader 5", columns, notes=(f"volume is {unit}", *server))

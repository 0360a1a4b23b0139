"""TradingView's exports: time,open,high,low,close in small letters, Volume and indicators after."""

from store.data.reading import Reading, Sample

NAMES = ("time", "open", "high", "low", "close")


def recognise(sample: Sample) -> Reading | None:
    """By its names, and what it always has after them: Volume, plots, or nothing at all."""
    if sample.names[:5] != NAMES or sample.separator != ",":
        return None
    others = sample.names[5:]
    if "volume" in others and "volume ma" not in others and len(others) < 2:
        return None  # plain bars, whoever wrote them
    return Reading("TradingView", {role: role for role in NAMES}, features=True)

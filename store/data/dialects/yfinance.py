"""yfinance's frames written to CSV: one line of names, or three (price, ticker, date)."""

from collections.abc import Sequence

from store.data.text.file_head import Reading, Sample


def recognise(sample: Sample) -> Reading | None:
    """By the columns of dividends and splits, or by the line of tickers by that of prices."""
    names = sample.names
    if names[:1] in (("date",), ("datetime",)) and {"dividends", "stock splits"} <= set(names):
        return Reading("yfinance", {"time": names[0]}, features=True)
    if names[:1] != ("price",):
        return None
    if sample.first[:1] == ("Ticker",):
        return _two_level(names[1:], sample.first[1:], 2 if _is_title(sample, 1) else 1)
    above = (sample.above or ("",))[-1].split(sample.separator)
    if above[0] == "Ticker":  # of download(..., group_by="ticker")
        return _two_level(names[1:], above[1:], 1 if _is_title(sample, 0) else 0)
    return None


def _is_title(sample: Sample, row: int) -> bool:
    return sample.column(0)[row : row + 1] in (["Date"], ["Datetime"])


def _two_level(prices: Sequence[str], tickers: Sequence[str], below: int) -> Reading:
    wide: dict[str, dict[str, str]] = {ticker: {} for ticker in tickers}
    for price, ticker in zip(prices, tickers, strict=False):
        wide[ticker][price.replace(" ", "_")] = f"{price} {ticker}"
    columns = (f"{price} {ticker}" for price, ticker in zip(prices, tickers, strict=False))
    names = ("time", *columns)
    return Reading("yfinance, two-level", {"time": "time"}, names=names, wide=wide, below=below)
